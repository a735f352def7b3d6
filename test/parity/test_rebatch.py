"""--batch: a graph made for 50 rows runs 1, 7 and any number of them, each row as the original gives it."""
import os
import unittest

import numpy as np
from rebatch_models import BATCH, MODELS
from support import ParityTest, need_firn, read_graph, run_frozen, tf, tf1

ZOO = os.environ.get("FIRN_ZOO", "")


def setUpModule():
    need_firn()


class RebatchTest(ParityTest):
    def save(self, build, shape):
        """The checkpoint prefix of a model."""
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.set_random_seed(7)
            x = tf1.placeholder(tf.float32, shape, name="x")
            tf.identity(build(x), "y")
            session.run(tf1.global_variables_initializer())
            if not tf1.global_variables():
                tf1.get_variable("unused", [1])
                session.run(tf1.global_variables_initializer())
            return tf1.train.Saver().save(session, self.path("m.ckpt"))

    def check(self, meta, name, shape, output, *flags):
        feed = np.random.RandomState(3).uniform(-1, 1, shape).astype(np.float32)
        self.firn_good("freeze", meta, "--outputs", output, "-o", self.path("whole.pb"), *flags)
        want = run_frozen(read_graph(self.path("whole.pb")), {name + ":0": feed}, [output + ":0"])[0]
        for batch, rows in ((1, (1,)), (7, (7,)), (-1, (1, 3, 50, 64))):
            for level in ("0", "1"):
                path = self.path("b.pb")
                self.firn_good("freeze", meta, "--outputs", output, "--batch=%d" % batch, "--optimize", level, "-o", path, *flags)
                for count in rows:
                    some = np.resize(feed, [count] + list(shape[1:]))
                    got = run_frozen(read_graph(path), {name + ":0": some}, [output + ":0"])[0]
                    self.assertEqual(got.shape, (count,) + want.shape[1:])
                    self.assert_close([got], [np.resize(want, got.shape)], "batch %d, %d rows, level %s" % (batch, count, level))

    def test_rows_that_are_data(self):
        """A row of its own for each of the batch: an error that names reader and constant, nothing is written; with --best-effort it is."""
        table = np.random.RandomState(5).uniform(-1, 1, [BATCH, 3]).astype(np.float32)
        meta = self.save(lambda x: tf.add(x, tf.constant(table, name="table"), name="sum"), [BATCH, 3]) + ".meta"
        out = self.path("b.pb")
        self.firn_refuses("freeze", meta, "--outputs", "y", "--batch", "7", "-o", out, output=out, says=("'table'", "'sum'", "--best-effort"))
        done = self.firn_good("freeze", meta, "--outputs", "y", "--batch", "7", "--best-effort", "-o", out)
        self.assertIn("'table'", done.err)

    def test_another_height(self):
        """Flattened, the height is in a size that is no multiple of the old one."""
        meta = self.save(lambda x: tf.reshape(tf1.nn.max_pool2d(x, 2, 2, "SAME"), [-1, 4 * 4 * 3]), [None, 8, 8, 3]) + ".meta"
        out = self.path("b.pb")
        self.firn_refuses("freeze", meta, "--outputs", "y", "--input-shape", "x=-1,12,8,3", "-o", out, output=out, says=("Reshape/shape",))
        self.firn_good("freeze", meta, "--outputs", "y", "--input-shape", "x=2,8,8,3", "-o", out)
        self.assertEqual(run_frozen(read_graph(out), {"x:0": np.zeros([2, 8, 8, 3], np.float32)}, ["y:0"])[0].shape, (2, 48))

    @unittest.skipUnless(os.path.isdir(os.path.join(ZOO, "fixed_batch_dropout")), "no zoo")
    def test_fixed_batch_dropout(self):
        self.check(os.path.join(ZOO, "fixed_batch_dropout", "model.ckpt.meta"), "images", [BATCH, 28, 28, 1], "logits")


def add_case(name, shape, build):
    def test(self):
        self.check(self.save(build, shape) + ".meta", "x", shape, "y")
    setattr(RebatchTest, "test_" + name, test)


for name, (shape, build) in MODELS.items():
    add_case(name, shape, build)


if __name__ == "__main__":
    unittest.main()
