"""The interpreter's kernels of neural nets and their like held to TensorFlow's, op by op."""
import unittest

from op_cases import Cases, mismatch  # before TensorFlow: it chooses TensorFlow's kernels
import nn_audio_cases
import nn_conv_cases
import nn_image_cases
import nn_linalg_cases
import nn_matmul_cases
import nn_norm_cases
import nn_pool_cases
import nn_quantized_cases
import nn_recurrent_cases
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
                why = mismatch(case, got[case.name], want[case.name])
                self.assertFalse(why, "%s\n%s" % (case.describe(), why))

    def test_matmul(self):
        self.check(nn_matmul_cases.add)

    def test_conv(self):
        self.check(nn_conv_cases.add)

    def test_norm(self):
        self.check(nn_norm_cases.add)

    def test_pool(self):
        self.check(nn_pool_cases.add)

    def test_images(self):
        self.check(nn_image_cases.add)

    def test_linalg(self):
        self.check(nn_linalg_cases.add)

    def test_recurrent(self):
        self.check(nn_recurrent_cases.add)

    def test_quantized(self):
        self.check(nn_quantized_cases.add)

    def test_audio(self):
        self.check(nn_audio_cases.add)


if __name__ == "__main__":
    unittest.main()
