"""The cases of op_cases.py compiled: many in one module, each op's tensors fed to it; what says shapes and axes stays a constant."""
import concurrent.futures
import os

from op_cases import Cases, bits_of, mismatch
from support import firn, np, tf, tf1

# Inputs that graphs give as constants or as sums over shapes: they decide what shapes come out.
KEPT = {
    "a_shape", "axis", "begin", "block_shape", "concat_dim", "crop_size", "crops", "delta", "dense_shape", "depth", "diagonal_index", "dim", "dimension", "dims", "end", "fft_length",
    "filter_sizes", "input_shape", "input_sizes", "k", "ksize", "limit", "lower_frequency_limit", "max_output_size", "multiples", "n", "new_shape", "num", "num_bits", "num_bins", "num_cols",
    "num_lower", "num_rows", "num_segments", "num_upper", "out_shape", "output_shape", "paddings", "perm", "reduction_axes", "reduction_indices",
    "shape", "shapes", "shift", "size", "size_splits", "sp_shape", "split_dim", "start", "strides",
}
# Many small cases are quicker in one module, but one that fails has to be found.
TOGETHER = 40


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic))


def is_text(value):
    return isinstance(value, (bytes, str)) or is_array(value) and value.dtype.kind in "OSU"


def has_text(case):
    return any(is_text(v) for value in case.got[1].values() for v in (value if isinstance(value, list) else [value]) if is_array(v))


class Module:
    """A graph of these cases. `dynamic`: first dimensions of what is fed are not known, but those of 1 and of filters."""

    def __init__(self, cases, dynamic):
        self.cases, self.dynamic, self.feeds, self.outputs = cases, dynamic, {}, {}
        with tf.Graph().as_default() as graph:
            for case in cases:
                op, arguments = case.got
                inputs = {key: [self.tensor("%s_%s_%d" % (case.name, key, i), key, v) for i, v in enumerate(value)]
                          if isinstance(value, list) and value and is_array(value[0]) else self.tensor(case.name + "_" + key, key, value)
                          for key, value in arguments.items()}
                result = getattr(tf.raw_ops, op)(name=case.name, **inputs)
                self.outputs[case.name] = [t.name for t in tf.nest.flatten(result)[0].op.outputs]
            self.graph = graph.as_graph_def()

    def tensor(self, name, key, value):
        if not is_array(value):
            return value
        value = np.asarray(value)
        if key in KEPT or value.dtype.names:
            return tf.constant(value)
        open_rank = self.dynamic and key not in ("filter", "filters")
        shape = [None if i == 0 and open_rank and d > 1 else d for i, d in enumerate(value.shape)]
        self.feeds[name] = value
        return tf1.placeholder(value.dtype, shape, name)

    def run(self, directory):
        """{case: arrays}, or the finished firn that failed."""
        path = os.path.join(directory, "%s_%d" % (self.cases[0].name, len(self.cases)))
        with open(path + ".pb", "wb") as f:
            f.write(self.graph.SerializeToString())
        names = [t for case in self.cases for t in self.outputs[case.name]]
        np.savez(path + ".npz", **{k: bits_of(v) for k, v in self.feeds.items()})
        done = firn("compile", path + ".pb", "--outputs", ",".join(names), "--levels", "v3", "--mode", "as-is", "--quiet", "--threads", 1,
                    "-o", path + ".firn")
        if done.rc == 0:
            done = firn("run", path + ".firn", "--feeds", path + ".npz", "--threads", 1, "--out", path + ".out.npz")
        if done.rc:
            return done
        with np.load(path + ".out.npz") as arrays:
            return {case.name: case.after([arrays[n if n in arrays.files else n.removesuffix(":0")] for n in self.outputs[case.name]])
                    for case in self.cases}


def results_of(modules, directory):
    """{case: arrays, or the message} of a list of cases and whether their sizes are dynamic. A module that fails is cut in two."""
    cases, dynamic = modules
    done = Module(cases, dynamic).run(directory)
    if isinstance(done, dict):
        return done
    if len(cases) == 1:
        return {cases[0].name: str(done)}
    half = len(cases) // 2
    return {**results_of((cases[:half], dynamic), directory), **results_of((cases[half:], dynamic), directory)}


def check_compiled(test, adds, every=1, dynamic=False, wanted=lambda case: True):
    """A sub-test for each `every`th case that one of `adds` adds, but for those that TensorFlow refuses and those of strings."""
    cases = Cases()
    random = np.random.default_rng(7)
    for add in adds:
        add(cases, random)
    cases.list = [case for case in cases.list if wanted(case) and not has_text(case)][::every]
    want = cases.run_tensorflow()
    good = [case for case in cases.list if not isinstance(want[case.name], Exception)]
    parts = [good[first:first + TOGETHER] for first in range(0, len(good), TOGETHER)]
    got = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for some in pool.map(lambda part: results_of((part, dynamic), test.dir), parts):
            got.update(some)
    for case in good:
        with test.subTest(case.name):
            why = mismatch(case, got[case.name], want[case.name])
            test.assertFalse(why, "%s\n%s" % (case.describe(), why))
