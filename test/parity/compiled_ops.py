"""The cases of op_cases.py compiled: many in one module, each op's tensors fed to it; what says shapes and axes stays a constant."""
import os

from op_cases import Cases, bits_of, mismatch
from support import firn, np, tf, tf1

# Inputs that graphs give as constants.
KEPT = {"axis", "dimension", "k", "max_output_size", "n", "num_segments", "size"}
# Many small cases are quicker in one module, but one that fails has to be found.
TOGETHER = 40


def is_array(value):
    return isinstance(value, (np.ndarray, np.generic))


class Module:
    """A graph of these cases. `dynamic`: first dimensions of what is fed are not known, but those of 1."""

    def __init__(self, cases, dynamic):
        self.cases, self.dynamic, self.feeds, self.outputs = cases, dynamic, {}, {}
        with tf.Graph().as_default() as graph:
            for case in cases:
                op, arguments = case.got
                inputs = {key: [self.tensor("%s_%s_%d" % (case.name, key, i), "", v) for i, v in enumerate(value)]
                          if isinstance(value, list) and value and is_array(value[0]) else self.tensor(case.name + "_" + key, key, value)
                          for key, value in arguments.items()}
                result = getattr(tf.raw_ops, op)(name=case.name, **inputs)
                self.outputs[case.name] = [t.name for t in tf.nest.flatten(result)[0].op.outputs]
            self.graph = graph.as_graph_def()

    def tensor(self, name, key, value):
        if not is_array(value):
            return value
        value = np.asarray(value)
        if key in KEPT:
            return tf.constant(value)
        shape = [None if i == 0 and self.dynamic and d > 1 else d for i, d in enumerate(value.shape)]
        self.feeds[name] = value
        return tf1.placeholder(value.dtype, shape, name)

    def run(self, directory):
        """{case: arrays}, or the finished firn that failed."""
        path = os.path.join(directory, self.cases[0].name)
        with open(path + ".pb", "wb") as f:
            f.write(self.graph.SerializeToString())
        names = [t for case in self.cases for t in self.outputs[case.name]]
        np.savez(path + ".npz", **{k: bits_of(v) for k, v in self.feeds.items()})
        done = firn("compile", path + ".pb", "--outputs", ",".join(names), "--levels", "v3", "--mode", "as-is", "--quiet", "-o", path + ".firn")
        if done.rc == 0:
            done = firn("run", path + ".firn", "--feeds", path + ".npz", "--out", path + ".out.npz")
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


def check_compiled(test, adds, dynamic=False, every=1):
    """A sub-test for each `every`th case that one of `adds` adds, but for those that TensorFlow refuses."""
    cases = Cases()
    random = np.random.default_rng(7)
    for add in adds:
        add(cases, random)
    cases.list = cases.list[::every]
    want = cases.run_tensorflow()
    good = [case for case in cases.list if not isinstance(want[case.name], Exception)]
    for first in range(0, len(good), TOGETHER):
        part = good[first:first + TOGETHER]
        got = results_of(part, dynamic, test.dir)
        for case in part:
            with test.subTest(case.name):
                why = mismatch(case, got[case.name], want[case.name])
                test.assertFalse(why, "%s\n%s" % (case.describe(), why))
