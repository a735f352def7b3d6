"""The interpreter's kernels of strings, tables and sparse tensors held to TensorFlow's, op by op."""
import unittest

import string_cases
from op_cases import check_cases
from support import ParityTest, need_firn


class ReferenceDataOps(ParityTest):

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_strings(self):
        check_cases(self, string_cases.add)


if __name__ == "__main__":
    unittest.main()
