"""Graphs of loops, branches, arrays and lists. A builder returns the outputs; feeds are given by name, several runs of each graph."""
import numpy as np
from support import tf, tf1

GRAPHS = {}


def graph(*runs):
    """Registers a builder with what each run feeds: {name: array}."""
    def register(build):
        GRAPHS[build.__name__] = (build, runs)
        return build
    return register


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def fed(name, shape, dtype=tf.float32):
    return tf1.placeholder(dtype, shape, name)


def weights(*shape):
    return tf.constant(numbers(*shape, seed=sum(shape)))


def loop(condition, body, variables, **more):
    return tf1.while_loop(condition, body, variables, **more)


TRUTHS = [{"x": numbers(3, 4), "p": np.array(p)} for p in (True, False)]
TWO_TRUTHS = [{**run, "q": np.array(q)} for run in TRUTHS for q in (True, False)]
ROWS = [{"x": numbers(3, 4)}, {"x": numbers(1, 4, seed=1)}]
COUNTS = [{"x": numbers(2, 4), "n": np.int32(n)} for n in (0, 1, 5)]
SEQUENCES = [{"x": numbers(3, 5, 4), "length": np.array([5, 0, 2], np.int32)}, {"x": numbers(1, 5, 4, seed=2), "length": np.array([4], np.int32)}]


@graph(*ROWS)
def counted():
    x, w = fed("x", [None, 4]), weights(4, 4)
    return loop(lambda i, t: i < 4, lambda i, t: (i + 1, tf.tanh(tf.matmul(t, w))), [0, x])


@graph(*COUNTS)
def counted_by_data():
    x, n = fed("x", [2, 4]), fed("n", [], tf.int32)
    return loop(lambda i, t: n > i, lambda i, t: (i + 1, t * 0.5 + tf.cast(i, tf.float32)), [0, x])


@graph(*COUNTS)
def counted_including_its_end():
    x, n = fed("x", [2, 4]), fed("n", [], tf.int32)
    return loop(lambda i, t: tf.logical_and(i <= n, i < 4), lambda i, t: (i + 1, t + 1.0), [1, x])


@graph({"x": np.abs(numbers(2, 3))})
def until_data():
    x = fed("x", [2, 3])
    return loop(lambda i, t: tf.reduce_sum(t) < 100.0, lambda i, t: (i + 1, t * 2.0 + 1.0), [0, x])


@graph(*[{"n": np.int32(n)} for n in (0, 1, 7)])
def exchanged():
    n = fed("n", [], tf.int32)
    return loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b, a + b), [0, tf.constant(0.0), tf.constant(1.0)])


@graph(*[{"x": numbers(3), "n": np.int32(n)} for n in (0, 1, 2)])
def rotated_by_data():
    x, n = fed("x", [3]), fed("n", [], tf.int32)
    return loop(lambda i, a, b, c: tf.cast(i, tf.float32) * 1.5 < tf.cast(n, tf.float32),
                lambda i, a, b, c: (i + 1, b, c, a), [0, x, x * 2.0, x * 3.0])[1:]


@graph(*ROWS)
def nested():
    x = fed("x", [None, 4])

    def inner(t):
        return loop(lambda j, u: j < 2, lambda j, u: (j + 1, u + t), [0, t])[1]

    return loop(lambda i, t: i < 3, lambda i, t: (i + 1, inner(t)), [0, x])[1:]


@graph(*COUNTS)
def triangle():
    x, n = fed("x", [2, 4]), fed("n", [], tf.int32)

    def row(i, t):
        return loop(lambda j, u: j < i, lambda j, u: (j + 1, u + 1.0), [0, t])[1]

    return loop(lambda i, t: i < n, lambda i, t: (i + 1, row(i, t) * 0.5), [0, x])


@graph(*TRUTHS)
def branches():
    x, p, w = fed("x", [None, 4]), fed("p", [], tf.bool), weights(4, 4)
    a, b, c = tf1.cond(p, lambda: (tf.matmul(x, w), x, tf.constant(1)), lambda: (x * 2.0, x + 1.0, tf.constant(2)))
    return a, b, c


@graph(*TRUTHS)
def chosen():
    x, p = fed("x", [None, 4]), fed("p", [], tf.bool)
    y = tf.tanh(x)
    return [tf1.cond(p, lambda: x, lambda: y)]


@graph(*TWO_TRUTHS)
def nested_branches():
    x, p, q = fed("x", [None, 4]), fed("p", [], tf.bool), fed("q", [], tf.bool)
    return [tf1.cond(p, lambda: tf1.cond(q, lambda: x * 2.0, lambda: x * 3.0), lambda: tf1.cond(p, lambda: x, lambda: x * 5.0))]


@graph(*TWO_TRUTHS)
def branches_in_turn():
    x, p, q = fed("x", [None, 4]), fed("p", [], tf.bool), fed("q", [], tf.bool)
    for _ in range(3):
        x = tf.tanh(tf1.cond(p, lambda: x * 2.0, lambda: x + 1.0))
        x = tf1.cond(q, lambda: x * 3.0, lambda: x - 1.0)
    return [x]


@graph(*ROWS)
def branch_by_size():
    x = fed("x", [None, 4])
    return [tf1.cond(tf.shape(x)[0] > 2, lambda: x * 2.0, lambda: x - 1.0)]


@graph(*ROWS)
def branch_in_loop():
    x = fed("x", [None, 4])
    return loop(lambda i, t: i < 5, lambda i, t: (i + 1, tf1.cond(tf.equal(i % 2, 0), lambda: t * 2.0, lambda: t + 1.0)), [0, x])[1:]


@graph(*TRUTHS)
def loop_in_branch():
    x, p = fed("x", [None, 4]), fed("p", [], tf.bool)
    return [tf1.cond(p, lambda: loop(lambda i, t: i < 4, lambda i, t: (i + 1, t + x), [0, x])[1], lambda: x * 2.0)]


@graph(*[{"x": numbers(2, 3), "k": np.int32(k)} for k in (0, 1, 2, 3, -1)])
def one_of_three():
    x, k = fed("x", [None, 3]), fed("k", [], tf.int32)
    return [tf.switch_case(k, [lambda: x * 2.0, lambda: tf.tanh(x), lambda: x - 1.0])]


@graph(*ROWS)
def array_of_rounds():
    x = fed("x", [None, 4])
    array = tf.TensorArray(tf.float32, 4, element_shape=[None, 4], clear_after_read=False)
    _, array, _ = loop(lambda i, *_: i < 4, lambda i, a, t: (i + 1, a.write(i, t), t * 2.0), [0, array, x])
    return array.stack(), array.read(2), array.gather([3, 0]), array.size()


@graph(*[{"x": numbers(4, 3), "i": np.int32(i)} for i in (0, 3)])
def array_of_rows():
    x, i = fed("x", [4, 3]), fed("i", [], tf.int32)
    array = tf.TensorArray(tf.float32, 4, clear_after_read=False).unstack(x)
    return array.read(i), array.stack()


@graph({"x": numbers(6, 3)})
def array_of_parts():
    x = fed("x", [6, 3])
    array = tf.TensorArray(tf.float32, 3, infer_shape=False).split(x, [2, 2, 2])
    return [array.concat() * 2.0]


@graph(*ROWS)
def mapped():
    x = fed("x", [None, 4])
    return [tf1.map_fn(lambda row: (tf.tanh(row), tf.reduce_sum(row)), x, dtype=(tf.float32, tf.float32))[i] for i in (0, 1)]


@graph(*ROWS)
def scanned():
    x = fed("x", [None, 4])
    return tf1.scan(lambda so_far, row: tf.tanh(so_far + row), x), tf1.scan(lambda s, r: s + tf.reduce_sum(r), x, tf.constant(0.5))


@graph({"x": numbers(6, 5)})
def folded():
    x = fed("x", [6, 5])
    return tf1.foldl(lambda so_far, row: tf.tanh(so_far + row), x), tf1.foldr(lambda so_far, row: so_far * 0.5 + row, x)


def cell(kind, units=3):
    return kind(units, kernel_initializer=tf1.random_normal_initializer(seed=3))


@graph(*SEQUENCES)
def dynamic_lstm():
    x, length = fed("x", [None, 5, 4]), fed("length", [None], tf.int32)
    out, state = tf1.nn.dynamic_rnn(tf1.nn.rnn_cell.LSTMCell(3, initializer=tf1.random_normal_initializer(seed=3)), x, length, dtype=tf.float32)
    return out, state.h, state.c


@graph({"x": numbers(2, 5, 4)}, {"x": numbers(1, 1, 4)})
def dynamic_gru():
    x = fed("x", [None, None, 4])
    return tf1.nn.dynamic_rnn(cell(tf1.nn.rnn_cell.GRUCell), x, dtype=tf.float32)


@graph(*SEQUENCES)
def both_directions():
    x, length = fed("x", [None, 5, 4]), fed("length", [None], tf.int32)
    cells = [tf1.nn.rnn_cell.BasicRNNCell(3, name=n) for n in ("a", "b")]
    return tf1.nn.bidirectional_dynamic_rnn(*cells, x, length, dtype=tf.float32)[0]


@graph({"x": numbers(2, 5, 4)}, {"x": numbers(1, 5, 4)})
def keras_lstm():
    x = fed("x", [None, 5, 4])
    return [tf.keras.layers.RNN(tf.keras.layers.LSTMCell(3), return_sequences=True)(x)]


@graph({"x": numbers(2, 5, 4)})
def unrolled():
    x = fed("x", [None, 5, 4])
    outs, _ = tf1.nn.static_rnn(tf1.nn.rnn_cell.BasicLSTMCell(3), tf.unstack(x, axis=1), dtype=tf.float32)
    return [outs[-1]]
