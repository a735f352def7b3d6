"""The interpreter's kernels of neural nets held to TensorFlow's, op by op."""
import unittest

import nn_matmul_cases
from op_cases import Cases, mismatch
from support import ParityTest, need_firn, np


class ReferenceOps(ParityTest):
    """One test for each family."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def check(self, add):
        cases = Cases()
        add(cases, np.random.default_rng(7))
        want, got = cases.run_tensorflow(), cases.run_firn(self.dir)
        for case in cases.list:
            with self.subTest(case.name):
                why = mismatch(got[case.name], want[case.name], case.bound)
                self.assertFalse(why, "%s\n%s" % (describe(case), why))

    def test_matmul(self):
        self.check(nn_matmul_cases.add)


def describe(case):
    """The op with its attributes and the types and shapes of its inputs."""
    op, arguments = case.got
    def text(value):
        if isinstance(value, list) and value and hasattr(value[0], "shape"):
            return "[" + ", ".join(map(text, value)) + "]"
        return "%s%s" % (value.dtype, list(value.shape)) if hasattr(value, "shape") and hasattr(value, "dtype") else repr(value)
    return "%s(%s)" % (op, ", ".join("%s=%s" % (k, text(v)) for k, v in arguments.items()))


if __name__ == "__main__":
    unittest.main()
