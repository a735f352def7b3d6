"""The cases of op_cases.py compiled: many in one module, each op's tensors fed to it; what says shapes and axes stays a constant."""
import collections
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
# Inputs whose first dimension is known: filters, and shapes.
KNOWN = {"diagonal", "filter", "filters", "s0", "s1"}
# With rows of unknown number TensorFlow takes the diagonals of this one for a single one.
FIXED = {"MatrixSetDiagV3"}
# Many small cases are quicker in one module, but one that fails has to be found.
TOGETHER = 40


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic))


def has_text(case):
    given = [v for value in case.got[1].values() for v in (value if isinstance(value, list) else [value])]
    return any(is_array(v) and v.dtype.kind in "OSU" for v in given)


class Module:
    """A graph of these cases. `dynamic`: first dimensions of what is fed are not known, but those of 1 and of KNOWN."""

    def __init__(self, cases, dynamic):
        self.cases, self.dynamic, self.feeds, self.outputs = cases, dynamic, {}, {}
        with tf.Graph().as_default() as graph:
            for case in cases:
                op, arguments = case.got
                inputs = {key: self.tensors(case, key, value) for key, value in arguments.items()}
                result = getattr(tf.raw_ops, op)(name=case.name, **inputs)
                self.outputs[case.name] = [t.name for t in tf.nest.flatten(result)[0].op.outputs]
            self.graph = graph.as_graph_def()

    def tensors(self, case, key, value):
        """An attribute as it is; an input, or a list of inputs, to be fed or kept."""
        if isinstance(value, list) and value and is_array(value[0]):
            return [self.tensor(case, key, "%s_%s_%d" % (case.name, key, i), v) for i, v in enumerate(value)]
        return self.tensor(case, key, "%s_%s" % (case.name, key), value) if is_array(value) else value

    def tensor(self, case, key, name, value):
        value = np.asarray(value)
        if key in KEPT or value.dtype.names:
            return tf.constant(value)
        is_open = self.dynamic and key not in KNOWN and case.got[0] not in FIXED
        shape = [None if i == 0 and is_open and d > 1 else d for i, d in enumerate(value.shape)]
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


def results_of(cases, dynamic, directory):
    """{case: arrays, or the message}. A module that fails is cut in two."""
    done = Module(cases, dynamic).run(directory)
    if isinstance(done, dict):
        return done
    if len(cases) == 1:
        return {cases[0].name: str(done)}
    half = len(cases) // 2
    return {**results_of(cases[:half], dynamic, directory), **results_of(cases[half:], dynamic, directory)}


def some_of(cases, every):
    """Each `every`th case of each op, its first one among them."""
    counts = collections.Counter()
    for case in cases:
        if counts[case.got[0]] % every == 0:
            yield case
        counts[case.got[0]] += 1


def check_compiled(test, adds, every=1, dynamic=False):
    """A sub-test for `some_of` the cases that `adds` add, but for those that TensorFlow refuses and those of strings."""
    cases = Cases()
    random = np.random.default_rng(7)
    for add in adds:
        add(cases, random)
    cases.list = list(some_of([case for case in cases.list if not has_text(case)], every))
    want = cases.run_tensorflow()
    good = [case for case in cases.list if not isinstance(want[case.name], Exception)]
    parts = [good[first:first + TOGETHER] for first in range(0, len(good), TOGETHER)]
    got = {}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for some in pool.map(lambda part: results_of(part, dynamic, test.dir), parts):
            got.update(some)
    for case in good:
        with test.subTest(case.name):
            why = mismatch(case, got[case.name], want[case.name])
            test.assertFalse(why, "%s\n%s" % (case.describe(), why))
