"""The cases of op_cases.py compiled: each op's tensors are fed to a module, what says shapes and axes stays a constant."""
import concurrent.futures
import os

from op_cases import Case, Cases, bits_of, mismatch
from support import firn, np, tf, tf1

# Inputs that graphs give as constants: they decide shapes.
KEPT = {
    "axis", "begin", "block_shape", "boxes_shape", "concat_dim", "crops", "depth", "diagonal_index", "dim", "dims", "end", "filter_sizes",
    "input_sizes", "k", "ksize", "limit", "delta", "multiples", "num", "num_bins", "num_cols", "num_lower", "num_rows", "num_segments", "num_upper",
    "paddings", "perm", "reduction_indices", "shape", "shift", "size", "size_splits", "split_dim", "strides", "start", "s0", "s1",
}
FED = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "complex64", "complex128")


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic))


class Fed:
    """One case as a graph of its own. `dynamic`: the first dimensions of what is fed are not known."""

    def __init__(self, case, kept=(), dynamic=False):
        self.case, self.kept, self.dynamic, self.feeds = case, KEPT | set(kept), dynamic, {}
        op, arguments = case.got
        with tf.Graph().as_default() as graph:
            inputs = {key: [self.tensor(key + str(i), v) for i, v in enumerate(value)] if isinstance(value, list) and value and is_array(value[0])
                      else self.tensor(key, value) for key, value in arguments.items()}
            result = getattr(tf.raw_ops, op)(name="case", **inputs)
            self.outputs = [t.name for t in tf.nest.flatten(result)[0].op.outputs]
            self.graph = graph.as_graph_def()

    def tensor(self, key, value):
        if not is_array(value):
            return value
        value = np.asarray(value)
        if key.rstrip("0123456789") in self.kept or key in self.kept or value.dtype.name not in FED:
            return tf.constant(value)
        shape = [None] + list(value.shape[1:]) if self.dynamic and value.ndim > 1 and key != "filter" else value.shape
        self.feeds["in_" + key] = value
        return tf1.placeholder(value.dtype, shape, "in_" + key)

    def run(self, directory):
        """Arrays, or the message."""
        path = os.path.join(directory, self.case.name)
        with open(path + ".pb", "wb") as f:
            f.write(self.graph.SerializeToString())
        done = firn("compile", path + ".pb", "--outputs", ",".join(self.outputs), "--levels", "v3", "--optimize", "1", "--quiet", "--threads", 1,
                    "-o", path + ".firn")
        if done.rc:
            return str(done)
        np.savez(path + ".npz", **{k: bits_of(v) for k, v in self.feeds.items()})
        done = firn("run", path + ".firn", "--feeds", path + ".npz", "--threads", 2, "--out", path + ".out.npz")
        if done.rc:
            return str(done)
        arrays = np.load(path + ".out.npz")
        return self.case.after([arrays[n if n in arrays.files else n.removesuffix(":0")] for n in self.outputs])


def check_compiled(test, add, every=1, kept=(), dynamic=False, wanted=lambda case: True):
    """A sub-test for each `every`th case that `add(cases, random)` adds, but for those that TensorFlow refuses."""
    cases = Cases()
    add(cases, np.random.default_rng(7))
    cases.list = [case for case in cases.list[::every] if wanted(case)]
    want = cases.run_tensorflow()
    good = [case for case in cases.list if not isinstance(want[case.name], Exception)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda fed: fed.run(test.dir), [Fed(case, kept, dynamic) for case in good])
        for case, got in zip(good, results):
            with test.subTest(case.name):
                why = mismatch(case, got, want[case.name])
                test.assertFalse(why, "%s\n%s" % (case.describe(), why))
