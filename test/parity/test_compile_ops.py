"""Compiled ops held to TensorFlow's: of each op some of the cases that the interpreter is held to, and with sizes of run time fewer."""
import unittest

from op_cases import Cases  # first: it decides which kernels TensorFlow uses
import elementwise_cases
import movement_cases
import nn_audio_cases
import nn_conv_cases
import nn_image_cases
import nn_linalg_cases
import nn_matmul_cases
import nn_norm_cases
import nn_pool_cases
import nn_quantized_cases
import nn_recurrent_cases
import order_cases
import random_cases
import reduction_cases
import sparse_cases
from compiled_ops import check_compiled
from support import ParityTest, need_firn

# Families, and which of their cases there is time for.
FAMILIES = {
    "elementwise": (elementwise_cases.ALL, 8), "reductions": (reduction_cases.ALL, 6), "orders": (order_cases.ALL, 4),
    "movement": ((movement_cases.add,), 4), "sparse": ((sparse_cases.add,), 3), "matmul": ((nn_matmul_cases.add,), 4),
    "conv": ((nn_conv_cases.add,), 16), "norm": ((nn_norm_cases.add,), 6), "pool": ((nn_pool_cases.add,), 16),
    "images": ((nn_image_cases.add,), 24), "linalg": ((nn_linalg_cases.add,), 16), "recurrent": ((nn_recurrent_cases.add,), 12),
    "quantized": ((nn_quantized_cases.add,), 24), "audio": ((nn_audio_cases.add,), 6), "random": ((random_cases.add,), 5),
}


class CompiledOps(ParityTest):
    """A test for each family, and one with sizes of run time."""

    @classmethod
    def setUpClass(cls):
        need_firn()


def add_tests(name, adds, every):
    setattr(CompiledOps, "test_" + name, lambda self: check_compiled(self, adds, every))
    setattr(CompiledOps, "test_%s_of_any_size" % name, lambda self: check_compiled(self, adds, every * 4, dynamic=True))


for family, (adds, every) in FAMILIES.items():
    add_tests(family, adds, every)


if __name__ == "__main__":
    unittest.main()
