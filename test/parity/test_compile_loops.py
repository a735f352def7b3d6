"""Compiled loops, branches, arrays and lists held to TensorFlow's, in the control flow of both its versions."""
import unittest

import loop_graphs
from support import ParityTest, firn, need_firn, np, session_config, tf, tf1


class CompiledLoops(ParityTest):
    """One test for each graph: written with frames, and with functions."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def check(self, name):
        for functional in (False, True):
            with self.subTest("functions" if functional else "frames"):
                self.check_form(*loop_graphs.GRAPHS[name], functional)

    def check_form(self, build, runs, functional):
        (tf1.enable_control_flow_v2 if functional else tf1.disable_control_flow_v2)()
        with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
            tf1.set_random_seed(5)
            tensors = [tf.identity(t, name="out%d" % i) for i, t in enumerate(build())]
            session.run(tf1.global_variables_initializer())
            model = self.save(session)
            want = [session.run(tensors, {k + ":0": v for k, v in run.items()}) for run in runs]
        names = [t.name for t in tensors]
        module = self.path("model.firn")
        self.firn_good("compile", model, "--outputs", ",".join(names), "--mode", "as-is", "--optimize", 2, "--levels", "v3", "--quiet",
                       "-o", module)
        for run, arrays in zip(runs, want):
            self.assert_close(self.run_module(module, run, names), arrays, "feeds %s" % {k: v.shape or v for k, v in run.items()}, 1e-4)

    def save(self, session):
        if tf1.global_variables():
            return tf1.train.Saver().save(session, self.path("model.ckpt"))
        path = self.path("model.pb")
        with open(path, "wb") as f:
            f.write(session.graph_def.SerializeToString())
        return path

    def run_module(self, module, feeds, names):
        np.savez(self.path("feeds.npz"), **feeds)
        self.firn_good("run", module, "--feeds", self.path("feeds.npz"), "--out", self.path("out.npz"))
        with np.load(self.path("out.npz")) as arrays:
            return [arrays[n if n in arrays.files else n.removesuffix(":0")] for n in names]


def add_tests():
    for name in loop_graphs.GRAPHS:
        def test(self, name=name):
            self.check(name)
        setattr(CompiledLoops, "test_" + name, test)


add_tests()

if __name__ == "__main__":
    unittest.main()
