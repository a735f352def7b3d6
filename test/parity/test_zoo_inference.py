"""The sixteen models of a generated zoo (FIRN_ZOO) without being told their mode: firn finds it, strips what training left and folds,
and TensorFlow gives the recorded numbers."""
import glob
import json
import os
import unittest

import graphs
import inference
import numpy as np
from support import ParityTest, bind_flags, need_firn, read_graph, run_frozen

ZOO = os.environ.get("FIRN_ZOO", "")
MODELS = ("awkward_modes baked_training bert_mini fixed_batch_dropout inception_v1 inception_v3 lenet_keep_prob lstm_dynamic "
          "mobilenet_v1 mobilenet_v2 partitioned_embedding phase_train_cond queue_input resnet_v1_50 resource_mlp "
          "v1_checkpoint_mlp").split()
BAKED = ("resource_mlp", "baked_training", "awkward_modes")  # no feed makes the training graph an inference graph
BOUNDS = {1: 1e-5, 2: 1e-4}


def setUpModule():
    need_firn()
    if not glob.glob(os.path.join(ZOO, "*", "case.json")):
        raise unittest.SkipTest("FIRN_ZOO names no generated zoo: %r" % ZOO)


class ZooInference(ParityTest):

    def load(self, name):
        directory = os.path.join(ZOO, name)
        if not os.path.exists(os.path.join(directory, "case.json")):
            self.skipTest("not in this zoo")
        with open(os.path.join(directory, "case.json")) as f:
            case = json.load(f)
        recorded = np.load(os.path.join(directory, "io.npz"))
        self.meta = os.path.join(directory, "model.ckpt.meta")
        self.feeds = {i["tensor"]: recorded["in:" + i["tensor"]] for i in case["inputs"]}
        self.outputs, self.binds = case["outputs"], case["training_only"]
        self.recorded = [recorded["out:" + o] for o in self.outputs]
        self.cut = ["--inputs", ",".join(self.feeds)] if any(i["op"] == "Identity" for i in case["inputs"]) else []

    def freeze(self, *flags):
        out = self.path("frozen.pb")
        self.firn_good("freeze", self.meta, "--outputs", ",".join(self.outputs), *flags, "-o", out)
        return read_graph(out)

    def check_sound(self, frozen, inputs):
        self.assertEqual(graphs.defects(frozen), [])
        self.assertEqual(inference.leftovers(frozen, inputs), [])
        self.assertEqual(sorted(inference.placeholders(frozen)), sorted(inputs), "the inputs")

    def check_level(self, name, level):
        self.load(name)
        frozen = self.freeze("--optimize", level, *self.cut)
        self.check_sound(frozen, self.feeds)
        self.assert_close(run_frozen(frozen, self.feeds, self.outputs), self.recorded, name, BOUNDS[level])

    def check_bits(self, name):
        """Where no arithmetic changed: bit for bit the graph that was frozen as it is, its flags bound by hand."""
        self.load(name)
        if name in BAKED:
            self.skipTest("the mode is written into its arithmetic")
        frozen = self.freeze("--optimize", 1, *self.cut)
        plain = self.freeze("--mode", "as-is", "--optimize", 0, *bind_flags(self.binds), *self.cut)
        self.assert_same_bits(run_frozen(frozen, self.feeds, self.outputs), run_frozen(plain, self.feeds, self.outputs), name)

    def check_twice(self, name):
        """The same command writes the same bytes; freezing an inference graph again changes no number and makes no new node."""
        self.load(name)
        flags = ("--outputs", ",".join(self.outputs))
        first, again, second = (self.path(n) for n in ("first.pb", "again.pb", "second.pb"))
        self.firn_good("freeze", self.meta, *flags, *self.cut, "-o", first)
        self.firn_good("freeze", self.meta, *flags, *self.cut, "-o", again)
        self.firn_good("freeze", first, *flags, "-o", second)
        with open(first, "rb") as a, open(again, "rb") as b:
            self.assertTrue(a.read() == b.read(), "two runs wrote different bytes")
        frozen, refrozen = read_graph(first), read_graph(second)
        self.check_sound(refrozen, self.feeds)
        self.assertLessEqual({n.name for n in refrozen.node}, {n.name for n in frozen.node})
        self.assert_same_bits(run_frozen(refrozen, self.feeds, self.outputs), run_frozen(frozen, self.feeds, self.outputs), name)

    def test_queue_input_without_inputs(self):
        """The dequeue itself is where the graph is cut, and its component can be fed."""
        self.load("queue_input")
        for level in BOUNDS:
            with self.subTest(level):
                frozen = self.freeze("--optimize", level)
                (fed,) = inference.placeholders(frozen)
                self.check_sound(frozen, [fed])
                (batch,) = self.feeds.values()
                self.assert_close(run_frozen(frozen, {fed: batch}, self.outputs), self.recorded, "queue_input", BOUNDS[level])


def add_tests():
    checks = {"exact": lambda test, name: test.check_level(name, 1), "folded": lambda test, name: test.check_level(name, 2),
              "bits": ZooInference.check_bits, "twice": ZooInference.check_twice}
    for name in MODELS:
        for what, check in checks.items():
            setattr(ZooInference, "test_%s_%s" % (name, what), lambda self, name=name, check=check: check(self, name))


add_tests()

if __name__ == "__main__":
    unittest.main()
