"""The interpreter's kernels of neural nets held to TensorFlow's, op by op."""
import unittest

from op_cases import check_cases  # first: it decides which kernels TensorFlow uses
import nn_conv_cases
import nn_matmul_cases
import nn_norm_cases
import nn_pool_cases
from support import ParityTest, need_firn


class ReferenceOps(ParityTest):
    """One test for each family."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_matmul(self):
        check_cases(self, nn_matmul_cases.add)

    def test_conv(self):
        check_cases(self, nn_conv_cases.add)

    def test_norm(self):
        check_cases(self, nn_norm_cases.add)

    def test_pool(self):
        check_cases(self, nn_pool_cases.add)


if __name__ == "__main__":
    unittest.main()
