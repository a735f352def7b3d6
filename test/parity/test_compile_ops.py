"""Compiled ops held to TensorFlow's: elementwise, reductions, orders."""
import unittest

from op_cases import Cases  # first: it decides which kernels TensorFlow uses
import elementwise_cases
import nn_norm_cases
import order_cases
import reduction_cases
from compiled_ops import check_compiled
from support import ParityTest, need_firn


class CompiledOps(ParityTest):

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_elementwise(self):
        check_compiled(self, elementwise_cases.ALL)

    def test_reductions(self):
        check_compiled(self, reduction_cases.ALL)

    def test_orders(self):
        check_compiled(self, order_cases.ALL)

    def test_norm(self):
        check_compiled(self, (nn_norm_cases.add_bias, nn_norm_cases.add_softmax, nn_norm_cases.add_top))

    def test_sizes_of_run_time(self):
        check_compiled(self, elementwise_cases.ALL + reduction_cases.ALL + order_cases.ALL, dynamic=True, every=3)


if __name__ == "__main__":
    unittest.main()
