"""Recurrent cells as one op."""
from nn_matmul_cases import numbers
from support import np


def add_lstm(cases, random):
    for dtype in ("float32", "float16"):
        for batch, inputs, units in ((2, 3, 4), (1, 1, 1), (5, 8, 8)) if dtype == "float32" else ((2, 3, 4),):
            x = numbers(random, (6, batch, inputs), dtype)
            names = ("cs_prev", "h_prev", "w", "wci", "wcf", "wco", "b")
            shapes = ((batch, units), (batch, units), (inputs + units, 4 * units), (units,), (units,), (units,), (4 * units,))
            given = {name: numbers(random, shape, dtype) for name, shape in zip(names, shapes)}
            for peephole in (False, True):
                for clip in (-1., 0., .3):
                    form = dict(given, use_peephole=peephole, cell_clip=clip, bound=.02 if dtype == "float16" else None)
                    for bias in (0., 1.):
                        cases.add("LSTMBlockCell", x=x[0], forget_bias=bias, **form)
                        cases.add("BlockLSTM", seq_len_max=np.int64(6), x=x, forget_bias=bias, **form)
                    for count in (6, 3, 0):
                        ignored = () if count == 6 else (0, 2, 3, 4, 5)  # of which TensorFlow leaves the rest as it found the memory
                        cases.add("BlockLSTMV2", seq_len_max=np.int64(count), x=x, ignored=ignored, **form)


def add_gru(cases, random):
    for batch, inputs, units in ((2, 3, 4), (1, 1, 1), (5, 8, 8)):
        shapes = dict(x=(batch, inputs), h_prev=(batch, units), w_ru=(inputs + units, 2 * units), w_c=(inputs + units, units),
                      b_ru=(2 * units,), b_c=(units,))
        cases.add("GRUBlockCell", **{name: numbers(random, shape, "float32") for name, shape in shapes.items()})



def add(cases, random):
    add_lstm(cases, random)
    add_gru(cases, random)
