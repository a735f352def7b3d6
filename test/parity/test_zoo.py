"""The sixteen models of a generated zoo (FIRN_ZOO; see its make_zoo.py): frozen by firn, held to TensorFlow's numbers and to its old tool."""
import glob
import json
import os
import unittest

import graphs
import numpy as np
from support import ParityTest, bind_flags, freeze_graph, need_firn, read_graph, read_meta, run_frozen, run_training

ZOO = os.environ.get("FIRN_ZOO", "")
LIVE_DROPOUT = ("resource_mlp", "baked_training", "awkward_modes")  # no feed turns it off: io.npz was made without it
OLD_TOOL_FAILS = ("phase_train_cond",)


def setUpModule():
    need_firn()
    if not glob.glob(os.path.join(ZOO, "*", "case.json")):
        raise unittest.SkipTest("FIRN_ZOO names no generated zoo: %r" % ZOO)


class Zoo(ParityTest):


    def load(self, name):
        directory = os.path.join(ZOO, name)
        if not os.path.exists(os.path.join(directory, "case.json")):
            self.skipTest("not in this zoo")
        with open(os.path.join(directory, "case.json")) as f:
            case = json.load(f)
        recorded = np.load(os.path.join(directory, "io.npz"))
        self.meta, self.checkpoint = (os.path.join(directory, "model.ckpt" + s) for s in (".meta", ""))
        self.feeds = {i["tensor"]: recorded["in:" + i["tensor"]] for i in case["inputs"]}
        self.outputs, self.binds = case["outputs"], case["training_only"]
        self.recorded = [recorded["out:" + o] for o in self.outputs]

    def seed_random_ops(self):
        """Two runs of a random operation without seeds differ; with seeds, the first run of a fresh session is always the same."""
        meta, seed = read_meta(self.meta), 0
        for node in meta.graph_def.node:
            if "seed" in node.attr and not node.attr["seed"].i and not node.attr["seed2"].i:
                seed += 1
                node.attr["seed"].i, node.attr["seed2"].i = 7, seed
        self.meta = self.path("seeded.meta")
        with open(self.meta, "wb") as f:
            f.write(meta.SerializeToString())

    def freeze(self, name, mode="as-is"):
        self.load(name)
        if name in LIVE_DROPOUT:
            self.seed_random_ops()
        out = self.path("frozen.pb")
        flags = ["--outputs", ",".join(self.outputs), "--mode", mode] + bind_flags(self.binds)
        if name == "queue_input":
            flags += ["--inputs", "batch"]
        self.firn_good("freeze", self.meta, "--checkpoint", self.checkpoint, *flags, "-o", out)
        return out

    def check_numbers(self, name):
        frozen = read_graph(self.freeze(name))
        self.assertEqual(graphs.defects(frozen), [])
        got = run_frozen(frozen, self.feeds, self.outputs)
        self.assert_same_bits(got, run_training(self.meta, self.checkpoint, {**self.feeds, **self.binds}, self.outputs), name)
        if name not in LIVE_DROPOUT:
            self.assert_close(got, self.recorded, name)

    def check_again(self, name):
        for mode in ("as-is", "inference"):
            out = self.freeze(name, mode)
            self.firn_good("freeze", out, "--outputs", ",".join(self.outputs), "--mode", mode, "-o", self.path("again.pb"))
            with open(out, "rb") as first, open(self.path("again.pb"), "rb") as second:
                self.assertTrue(first.read() == second.read(), "freezing a frozen graph changed it: --mode " + mode)

    def check_old_tool(self, name):
        self.load(name)
        ours, theirs = self.path("ours.pb"), self.path("theirs.pb")
        argv = ["--input_meta_graph=" + self.meta, "--input_binary=true", "--input_checkpoint=" + self.checkpoint,
                "--output_node_names=" + ",".join(graphs.node_of(o) for o in self.outputs)]
        self.assertIsNone(freeze_graph(argv + ["--output_graph=" + theirs]))
        self.firn_good("freeze", *argv, "--output_graph=" + ours)
        if name in OLD_TOOL_FAILS:
            self.assertNotEqual(graphs.defects(read_graph(theirs)), [])
        else:
            self.assertEqual(graphs.differences(read_graph(ours), read_graph(theirs), self.outputs), [])


def add_tests():
    names = ("awkward_modes baked_training bert_mini fixed_batch_dropout inception_v1 inception_v3 lenet_keep_prob lstm_dynamic "
             "mobilenet_v1 mobilenet_v2 partitioned_embedding phase_train_cond queue_input resnet_v1_50 resource_mlp "
             "v1_checkpoint_mlp").split()
    for name in names:
        for what in ("numbers", "again", "old_tool"):
            def test(self, name=name, check="check_" + what):
                getattr(self, check)(name)
            setattr(Zoo, "test_%s_%s" % (name, what), test)


add_tests()

if __name__ == "__main__":
    unittest.main()
