"""The interpreter's kernels of neural nets and their like held to TensorFlow's, op by op."""
import unittest

from op_cases import check_cases  # first: it decides which kernels TensorFlow uses
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
from support import ParityTest, need_firn


class ReferenceOps(ParityTest):
    """One test for each family."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_elementwise(self):
        for add in elementwise_cases.ALL:
            check_cases(self, add)

    def test_reductions(self):
        for add in reduction_cases.ALL + order_cases.ALL:
            check_cases(self, add)

    def test_matmul(self):
        check_cases(self, nn_matmul_cases.add)

    def test_conv(self):
        check_cases(self, nn_conv_cases.add)

    def test_norm(self):
        check_cases(self, nn_norm_cases.add)

    def test_pool(self):
        check_cases(self, nn_pool_cases.add)

    def test_images(self):
        check_cases(self, nn_image_cases.add)

    def test_linalg(self):
        check_cases(self, nn_linalg_cases.add)

    def test_recurrent(self):
        check_cases(self, nn_recurrent_cases.add)

    def test_random(self):
        check_cases(self, random_cases.add)

    def test_movement(self):
        check_cases(self, movement_cases.add)

    def test_quantized(self):
        check_cases(self, nn_quantized_cases.add)

    def test_audio(self):
        check_cases(self, nn_audio_cases.add)


if __name__ == "__main__":
    unittest.main()
