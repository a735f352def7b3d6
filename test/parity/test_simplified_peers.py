"""The convolutional models of the zoo, frozen without --bind and folded: OpenCV, OpenVINO and tf2onnx load them, and the first two give
TensorFlow's numbers. FIRN_PEERS names a python that has the three, if the oracle's own is another one."""
import glob
import json
import os
import sys
import unittest

import inference
import numpy as np
from support import ParityTest, need_firn, read_graph, run_program

ZOO = os.environ.get("FIRN_ZOO", "")
PEERS = os.environ.get("FIRN_PEERS", sys.executable)
MODELS = "lenet_keep_prob fixed_batch_dropout mobilenet_v1 mobilenet_v2 resnet_v1_50 inception_v1 inception_v3 baked_training".split()
# OpenCV reads a Reshape from or to other than images as one of channels-first data: it loads these, and can't run them
LOADED_ONLY = {"lenet_keep_prob", "fixed_batch_dropout"}
# OpenCV has no Rsqrt, which --optimize 1 does not compute: its result is not the same on all machines
NOT_AT_LEVEL_1 = {("opencv", "baked_training")}
RANDOM_LAYERS = {"RandomUniform", "RandomUniformLike", "Dropout", "Floor", "SelectV2"}


def setUpModule():
    need_firn()
    if not glob.glob(os.path.join(ZOO, "*", "case.json")):
        raise unittest.SkipTest("FIRN_ZOO names no generated zoo: %r" % ZOO)
    if not os.access(PEERS, os.X_OK):
        raise unittest.SkipTest("FIRN_PEERS names no executable: %r" % PEERS)
    modules = "import cv2, openvino, tf2onnx"
    if run_program([PEERS, "-c", modules]).rc:
        raise unittest.SkipTest("%s fails in %s" % (modules, PEERS))


class Peers(ParityTest):

    def freeze(self, name, level):
        directory = os.path.join(ZOO, name)
        if not os.path.exists(os.path.join(directory, "case.json")):
            self.skipTest("not in this zoo")
        with open(os.path.join(directory, "case.json")) as f:
            case = json.load(f)
        recorded = np.load(os.path.join(directory, "io.npz"))
        (self.feed,), (self.fetch,) = [i["tensor"] for i in case["inputs"]], case["outputs"]
        np.savez(self.path("in.npz"), x=recorded["in:" + self.feed])
        self.want, self.model = recorded["out:" + self.fetch], self.path("frozen.pb")
        self.firn_good("freeze", os.path.join(directory, "model.ckpt.meta"), "--outputs", self.fetch, "--optimize", level, "-o", self.model)
        self.assertEqual(inference.leftovers(read_graph(self.model), [self.feed]), [])

    def run_peer(self, tool):
        """(y, the ops that the tool sees)."""
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peer_run.py")
        done = run_program([PEERS, script, tool, self.model, self.path("in.npz"), self.path("out.npz"), self.feed, self.fetch])
        self.assertEqual(done.rc, 0, str(done))
        result = np.load(self.path("out.npz"))
        return result["y"], set(result["ops"])

    def check(self, tool, name, level):
        if level == 1 and (tool, name) in NOT_AT_LEVEL_1:
            return
        self.freeze(name, level)
        if tool == "opencv" and name in LOADED_ONLY:
            tool = "opencv-load"
        y, ops = self.run_peer(tool)
        self.assertFalse(ops & RANDOM_LAYERS, "dropout is still there")
        if tool in ("opencv", "openvino"):
            self.assertEqual(y.size, self.want.size)
            self.assert_close([y.reshape(self.want.shape)], [self.want], "%s, %s" % (tool, name), 1e-3)


def add_tests():
    for name in MODELS:
        for tool in ("opencv", "openvino", "tf2onnx"):
            def test(self, tool=tool, name=name):
                for level in (1, 2):
                    with self.subTest(level=level):
                        self.check(tool, name, level)
            setattr(Peers, "test_%s_%s" % (name, tool), test)


add_tests()

if __name__ == "__main__":
    unittest.main()
