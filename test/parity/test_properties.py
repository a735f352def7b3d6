"""Random small graphs, the same each time: TensorFlow gives the same before and after folding. Exact folding (--optimize 1) changes no bit,
full folding (2) rounds differently at most.

FIRN_SEED=17 runs one graph and keeps its files; FIRN_GRAPHS=2000 runs more of them.
"""
import os
import shutil
import unittest

import graphs
import numpy as np
import random_graphs
from support import ParityTest, difference, firn, need_firn, read_graph, run_frozen

COUNT = int(os.environ.get("FIRN_GRAPHS", "200"))
SEEDS = [int(os.environ["FIRN_SEED"])] if "FIRN_SEED" in os.environ else range(COUNT)
BOUNDS = {1: 0.0, 2: 1e-5}


def setUpModule():
    need_firn()


def differs(got, want, bound):
    """What is wrong with `got`, or None. bound 0: the same bits, where a NaN equals any."""
    if (got.dtype, got.shape) != (want.dtype, want.shape):
        return "%s %s, expected %s %s" % (got.dtype, got.shape, want.dtype, want.shape)
    if got.dtype.kind != "f":
        return None if (got == want).all() else difference(got, want)
    if bound == 0:
        same = (got.view(np.int32) == want.view(np.int32)) | (np.isnan(got) & np.isnan(want))
        return None if same.all() else difference(got, want)
    finite = np.isfinite(want)
    if (np.isfinite(got) != finite).any():
        return "not finite in other places"
    largest = np.abs(want[finite]).max(initial=0)
    return None if np.abs(got[finite] - want[finite]).max(initial=0) <= bound * largest else difference(got, want)


class Properties(ParityTest):

    def frozen(self, level, outputs):
        out = self.path("%d.pb" % level)
        done = firn("freeze", self.path("graph.pb"), "--outputs", ",".join(outputs), "--optimize", level, "-o", out)
        return (read_graph(out), None) if done.rc == 0 else (None, str(done))

    def problem(self, level, outputs, feeds, want):
        """What is wrong with these outputs at this level, or None."""
        frozen, failed = self.frozen(level, outputs)
        if failed:
            return failed
        found = graphs.defects(frozen)
        if found:
            return found[0]
        left = {n.name + ":0" for n in frozen.node if n.op == "Placeholder"}
        try:
            got = run_frozen(frozen, {k: v for k, v in feeds.items() if k in left}, outputs)
        except Exception as error:  # whatever TensorFlow finds wrong with the graph
            return str(error)[:600]
        wrong = (differs(np.asarray(g), np.asarray(w), BOUNDS[level]) for g, w in zip(got, want))
        return next((w for w in wrong if w), None)

    def smallest(self, level, graph_def, feeds, made):
        """The first value that goes wrong when it alone is wanted, and the nodes behind it."""
        for name, want in zip(made, run_frozen(graph_def, feeds, made)):
            wrong = self.problem(level, [name], feeds, [want])
            if wrong:
                nodes = graphs.reachable(graph_def, [name])
                return "%s: %s\n%s" % (name, wrong, "\n".join(
                    "  %s = %s(%s)" % (n, node.op, ", ".join(node.input)) for n, node in list(nodes.items())[:40]))
        return "each value alone is right"

    def check(self, seed):
        graph_def, feeds, outputs, made = random_graphs.make(seed)
        with open(self.path("graph.pb"), "wb") as f:
            f.write(graph_def.SerializeToString())
        want = run_frozen(graph_def, feeds, outputs)
        for level in BOUNDS:
            wrong = self.problem(level, outputs, feeds, want)
            if wrong:
                self.fail("FIRN_SEED=%d, --optimize %d: %s\n%s" % (seed, level, wrong, self.smallest(level, graph_def, feeds, made)))

    def test_random_graphs(self):
        for seed in SEEDS:
            with self.subTest(seed=seed):
                self.check(seed)
        if "FIRN_SEED" in os.environ:
            kept = "firn-seed-%d" % SEEDS[0]
            shutil.copytree(self.dir, kept, dirs_exist_ok=True)
            print("files are in %s" % os.path.abspath(kept))


if __name__ == "__main__":
    unittest.main()
