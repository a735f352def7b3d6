"""`firn verify`: what firn froze agrees with its training graph, and where someone changed a weight, that weight is named."""
import json
import os
import unittest

import numpy as np
from support import ParityTest, firn, need_firn, read_graph, tf, tf1

DIGITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "digits")
IO = os.path.join(DIGITS, "io.npz")


def setUpModule():
    need_firn()


class Verify(ParityTest):

    def freeze(self, name, *flags):
        out = self.path(name)
        self.firn_good("freeze", DIGITS, "--outputs", "probabilities", *flags, "-o", out)
        return out

    def verify(self, a, b, *flags, rc=0):
        done = firn("verify", a, b, "--json", *flags)
        self.assertEqual(done.rc, rc, str(done))
        return json.loads(done.out)

    def change(self, path, node, change):
        """Writes the graph with another value of a constant."""
        graph_def = read_graph(path)
        for n in graph_def.node:
            if n.name == node:
                value = tf.make_ndarray(n.attr["value"].tensor).copy()
                change(value)
                n.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        out = self.path("changed.pb")
        with open(out, "wb") as f:
            f.write(graph_def.SerializeToString())
        return out

    def test_every_level_agrees(self):
        for level in 0, 1, 2:
            frozen = self.freeze("frozen.pb", "--optimize", level)
            for feeds in ["--feeds", IO], []:
                result = self.verify(DIGITS, frozen, *feeds)
                self.assertTrue(result["good"])
                self.assertEqual([o["a"] for o in result["outputs"]], ["probabilities:0"])

    def test_a_changed_weight_is_named(self):
        frozen = self.freeze("frozen.pb", "--optimize", 0)

        def change(value):
            value[3, 7] += 0.5
        changed = self.change(frozen, "logits/weights", change)
        result = self.verify(DIGITS, changed, "--feeds", IO, rc=1)
        first = result["first_difference"]
        self.assertEqual((first["node"], first["op"]), ("logits/weights", "Const"))
        self.assertEqual(first["at"], [3, 7])
        self.assertAlmostEqual(first["max_abs_difference"], 0.5, places=5)
        self.assertTrue(self.verify(DIGITS, changed, "--feeds", IO, "--rtol", 2)["good"])

    def test_folded_weights_are_not_to_blame(self):
        """Batch norm folded into the convolutions changes weights; the change behind them is what is named."""
        folded = self.freeze("folded.pb", "--optimize", 2)
        names = {n.name for n in read_graph(folded).node}
        self.assertIn("logits/biases", names)

        def change(value):
            value[2] += 1
        changed = self.change(folded, "logits/biases", change)
        result = self.verify(DIGITS, changed, "--feeds", IO, rc=1)
        self.assertEqual(result["first_difference"]["node"], "logits/biases")

    def test_live_dropout_is_found(self):
        """A graph that stands alone runs as it is: what freeze_graph would have left in it shows."""
        frozen = self.freeze("live.pb", "--mode", "as-is", "--bind", "keep_prob=0.5", "--bind", "is_training=false")
        result = self.verify(DIGITS, frozen, "--feeds", IO, rc=1)
        self.assertFalse(result["good"])
        frozen = self.freeze("dead.pb", "--mode", "as-is", "--bind", "keep_prob=1", "--bind", "is_training=false")
        self.assertTrue(self.verify(DIGITS, frozen, "--feeds", IO)["good"])

    def test_two_checkpoints_of_a_graph(self):
        result = self.verify(DIGITS, DIGITS, "--fetch", "probabilities", "--checkpoint-b", os.path.join(DIGITS, "model.ckpt-2000"))
        self.assertTrue(result["good"])
        self.assertEqual(result["outputs"][0]["max_abs_difference"], 0)

    def test_saved_model(self):
        """Inputs go by the keys of the signature or by their tensors; what the model was frozen to has only the tensors."""
        directory = self.path("saved")
        with tf.Graph().as_default(), tf1.Session() as session:
            x, y = (tf1.placeholder(tf.float32, [None, 4], name="net/" + name) for name in "xy")
            p = tf.nn.softmax(tf.matmul(x - y, tf1.get_variable("w", [4, 3])), name="p")
            session.run(tf1.global_variables_initializer())
            tf1.saved_model.simple_save(session, directory, {"first": x, "second": y}, {"prob": p})
        frozen = self.path("frozen.pb")
        self.firn_good("freeze", directory, "--inputs", "first,second", "-o", frozen)
        for feeds in [], ["--feed", "second=[[1,2,3,4]]"], ["--feed", "net/x=random[3,4]", "--feed", "net/y=random[3,4]"]:
            for a, b in (directory, frozen), (frozen, directory):
                result = self.verify(a, b, *feeds)
                self.assertEqual([o["a"] for o in result["outputs"]], ["p:0"])
                self.assertEqual(len(result["inputs"]), 2)
                self.assertEqual([("a" in i, "b" in i) for i in result["inputs"]], [(True, True)] * 2)
        done = self.firn_good("run", directory, "--feed", "first=[[1,2,3,4]]", "--feed", "second=random", "--fetch", "prob")
        self.assertIn("p:0  float [1,3]", done.text())

    def test_a_queue_that_was_cut(self):
        """The training graph is fed behind its queue, the frozen one where the queue was: one input each, under two names."""
        with tf.Graph().as_default(), tf1.Session() as session:
            queue = tf1.FIFOQueue(10, [tf.float32], [[3]])
            batch = tf.identity(queue.dequeue_many(4, name="dequeue"), name="batch")
            tf.matmul(batch, tf1.get_variable("w", [3, 2]), name="out")
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, self.path("model.ckpt"))
        frozen = self.path("frozen.pb")
        self.firn_good("freeze", self.path("model.ckpt"), "--outputs", "out", "-o", frozen)
        result = self.verify(self.path("model.ckpt"), frozen, "--feed", "batch=random[4,3]")
        self.assertEqual([(i["a"], i["b"]) for i in result["inputs"]], [("batch:0", "dequeue:0")])

    def test_exit_codes(self):
        frozen = self.freeze("frozen.pb")
        self.firn_refuses("verify", DIGITS, self.path("none.pb"), says=["B:", "none.pb"])
        self.firn_refuses("verify", DIGITS, frozen, "--rtol", "much", rc=2, says=["--rtol"])
        self.firn_refuses("verify", DIGITS, rc=2, says=["A B"])


if __name__ == "__main__":
    unittest.main()
