"""The training run in the repository: what tools/demo does gives TensorFlow's own numbers."""
import os
import unittest

import graphs
import numpy as np
from support import ParityTest, need_firn, read_graph, run_frozen

DIGITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "digits")


class Digits(ParityTest):

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_frozen_as_recorded(self):
        out = self.path("digits.pb")
        self.firn_good("freeze", DIGITS, "--bind", "keep_prob=1", "--bind", "is_training=false", "--outputs", "probabilities", "-o", out)
        frozen = read_graph(out)
        self.assertEqual(graphs.defects(frozen), [])
        io = np.load(os.path.join(DIGITS, "io.npz"))
        (got,) = run_frozen(frozen, {"images:0": io["in:images:0"]}, ["probabilities:0"])
        self.assert_close([got], [io["out:probabilities:0"]], "digits")


if __name__ == "__main__":
    unittest.main()
