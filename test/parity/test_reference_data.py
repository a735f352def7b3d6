"""The interpreter's kernels of strings, tables and sparse tensors held to TensorFlow's, op by op."""
import unittest

from op_cases import check_cases  # first: it decides which kernels TensorFlow uses
import sparse_cases
import string_cases
import table_graphs
from support import ParityTest, need_firn, np, run_frozen, tf


class ReferenceDataOps(ParityTest):

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_strings(self):
        check_cases(self, string_cases.add)

    def test_sparse(self):
        check_cases(self, sparse_cases.add)

    def test_tables(self):
        for build in table_graphs.ALL:
            with self.subTest(build.__name__), tf.Graph().as_default() as graph:
                names = [t.name for t in build(self.path("words.txt"))]
                want = run_frozen(graph.as_graph_def(), {}, names)
                with open(self.path("graph.pb"), "wb") as f:
                    f.write(graph.as_graph_def().SerializeToString())
                self.firn_good("run", self.path("graph.pb"), "--fetch", ",".join(names), "--out", self.path("out.npz"))
                with np.load(self.path("out.npz")) as got:
                    for name, value in zip(names, want):
                        self.assertEqual(got[name].tolist(), np.asarray(value).tolist(), name)

    def test_refused_tables(self):
        for build, says in table_graphs.REFUSED:
            with self.subTest(build.__name__), tf.Graph().as_default() as graph:
                name = build(self.path("words.txt")).name
                with open(self.path("graph.pb"), "wb") as f:
                    f.write(graph.as_graph_def().SerializeToString())
                self.firn_refuses("run", self.path("graph.pb"), "--fetch", name, "--out", self.path("out.npz"), says=says)


if __name__ == "__main__":
    unittest.main()
