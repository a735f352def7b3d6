"""`firn run` held to TensorFlow: the recorded numbers of the digits and of a generated zoo, every dtype that NumPy has in and out of .npy
and .npz files."""
import glob
import io
import json
import os
import unittest
import zipfile

import numpy as np
from support import ParityTest, firn, need_firn, run_frozen, tf, tf1

HERE = os.path.dirname(os.path.abspath(__file__))
DIGITS = os.path.join(HERE, "..", "data", "digits")
ZOO = os.environ.get("FIRN_ZOO", "")
DTYPES = "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 bool complex64 complex128".split()


def setUpModule():
    need_firn()


def graph_of(build):
    with tf.Graph().as_default() as graph:
        build()
        return graph.as_graph_def()


class Run(ParityTest):

    def write(self, graph_def, name="graph.pb"):
        with open(self.path(name), "wb") as f:
            f.write(graph_def.SerializeToString())
        return self.path(name)

    def run_npz(self, *argv):
        """firn run … --out; what np.load finds in the file."""
        out = self.path("out.npz")
        self.firn_good("run", *argv, "--out", out)
        self.assertIsNone(zipfile.ZipFile(out).testzip())
        with np.load(out) as arrays:
            return dict(arrays)

    def test_digits_as_recorded(self):
        recorded = np.load(os.path.join(DIGITS, "io.npz"))
        got = self.run_npz(DIGITS, "--fetch", "probabilities", "--feeds", os.path.join(DIGITS, "io.npz"))
        self.assertEqual(list(got), ["probabilities:0"])
        self.assert_close([got["probabilities:0"]], [recorded["out:probabilities:0"]], "digits")

    def test_every_dtype_in_and_out(self):
        """Through stored and deflated archives, in any byte and array order."""
        def build():
            for dtype in DTYPES:
                tf.identity(tf1.placeholder(dtype, [None, 3], name="in_" + dtype), name="out_" + dtype)
        graph = self.write(graph_of(build))
        arrays = {"in_" + d: (np.arange(12).reshape(4, 3) % 2 if d == "bool" else np.arange(12).reshape(4, 3) - 5).astype(d)
                  for d in DTYPES}
        foreign = {k: np.asfortranarray(v.astype(v.dtype.newbyteorder(">"))) for k, v in arrays.items()}
        for save, given in ((np.savez, arrays), (np.savez_compressed, arrays), (np.savez, foreign)):
            save(self.path("in.npz"), **given)
            got = self.run_npz(graph, "--feeds", self.path("in.npz"), "--fetch", ",".join("out_" + d for d in DTYPES))
            for dtype in DTYPES:
                self.assert_same_bits([got["out_%s:0" % dtype]], [arrays["in_" + dtype]], dtype)

    def test_strings(self):
        graph = self.write(graph_of(lambda: tf.identity(tf1.placeholder("string", [None], name="s"), name="out")))
        words = np.array([b"snow", b"", b"glacier ice"])
        np.save(self.path("s.npy"), words)
        got = self.run_npz(graph, "--fetch", "out", "--feed", "s=@" + self.path("s.npy"))
        self.assertEqual(got["out:0"].tolist(), words.tolist())

    def test_empty_and_scalar(self):
        def build():
            tf.identity(tf1.placeholder("float32", [None, 3], name="e"), name="out_e")
            tf.identity(tf1.placeholder("int64", [], name="n"), name="out_n")
        graph = self.write(graph_of(build))
        got = self.run_npz(graph, "--fetch", "out_e,out_n", "--feed", "e=random[0,3]", "--feed", "n=7")
        self.assertEqual(got["out_e:0"].shape, (0, 3))
        self.assertEqual(got["out_n:0"].tolist(), 7)

    def test_many_entries(self):
        """More than a ZIP archive without ZIP64 can count."""
        entries = {"k%d" % i: np.zeros((), np.int8) for i in range(66000)}
        np.savez(self.path("in.npz"), **{"in:x": np.array([3], np.float32)}, **entries)
        graph = self.write(graph_of(lambda: tf.identity(tf1.placeholder("float32", [None], name="x"), name="out")))
        self.assertEqual(self.run_npz(graph, "--fetch", "out", "--feeds", self.path("in.npz"))["out:0"].tolist(), [3])

    def test_random_inputs_are_reproducible(self):
        """TensorFlow gives the same on what firn made up."""
        def build():
            x = tf1.placeholder("float32", [None, 4], name="x")
            n = tf1.placeholder("int32", [4], name="n")
            tf.add(x * 2, tf.cast(n, "float32"), name="out")
        graph_def = graph_of(build)
        graph = self.write(graph_def)
        got = self.run_npz(graph, "--fetch", "out,x,n", "--feed", "x=random[5,4]", "--feed", "n=random")
        self.assertTrue(set(got["n:0"]) <= {0, 1})
        want = run_frozen(graph_def, {"x:0": got["x:0"], "n:0": got["n:0"]}, ["out:0"])
        self.assert_same_bits([got["out:0"]], want, "random")

    def test_an_intermediate_tensor_is_fed(self):
        """Every output of a node, the others still computed."""
        def build():
            parts = tf.split(tf1.placeholder("float32", [4], name="x"), 2, name="parts")
            tf.subtract(parts[0], parts[1], name="out")
        graph = self.write(graph_of(build))
        got = self.run_npz(graph, "--fetch", "out", "--feed", "x=[1,2,3,4]", "--feed", "parts:1=[10,20]", "--mode", "as-is")
        self.assertEqual(got["out:0"].tolist(), [-9, -18])
        got = self.run_npz(graph, "--fetch", "out", "--feed", "parts=[1,2]", "--feed", "parts:1=[10,20]")
        self.assertEqual(got["out:0"].tolist(), [-9, -18])

    def test_defaults_are_taken(self):
        graph = self.write(graph_of(lambda: tf.multiply(tf1.placeholder("float32", [], name="x"),
                                                        tf1.placeholder_with_default(4.0, [], name="d"), name="out")))
        for feeds, want in ((["x=2"], 8), (["x=2", "d=3"], 6)):
            flags = [f for feed in feeds for f in ("--feed", feed)]
            self.assertEqual(self.run_npz(graph, "--fetch", "out", *flags)["out:0"].tolist(), want)

    def test_standard_output_is_an_archive(self):
        graph = self.write(graph_of(lambda: tf.identity(tf1.placeholder("float32", [2], name="x"), name="out")))
        done = self.firn_good("run", graph, "--fetch", "out", "--feed", "x=[1,2]", "--out", "-")
        self.assertEqual(np.load(io.BytesIO(done.out))["out:0"].tolist(), [1, 2])

    def test_damaged_feeds(self):
        graph = self.write(graph_of(lambda: tf.identity(tf1.placeholder("float32", [2], name="x"), name="out")))
        np.savez(self.path("in.npz"), x=np.array([1, 2], np.float32))
        with open(self.path("in.npz"), "rb") as f:
            good = f.read()
        for cut in (0, 10, 100, len(good) - 1):
            with open(self.path("cut.npz"), "wb") as f:
                f.write(good[:cut])
            self.firn_refuses("run", graph, "--fetch", "out", "--feeds", self.path("cut.npz"), says=["cut.npz"])


@unittest.skipUnless(glob.glob(os.path.join(ZOO, "*", "case.json")), "FIRN_ZOO names no generated zoo: %r" % ZOO)
class RunZoo(ParityTest):

    def test_as_recorded(self):
        for path in sorted(glob.glob(os.path.join(ZOO, "*", "case.json"))):
            directory = os.path.dirname(path)
            with self.subTest(os.path.basename(directory)), open(path) as f:
                outputs = json.load(f)["outputs"]
                recorded = np.load(os.path.join(directory, "io.npz"))
                out = self.path("out.npz")
                self.firn_good("run", directory, "--fetch", ",".join(outputs), "--feeds", os.path.join(directory, "io.npz"),
                               "--out", out)
                got = np.load(out)
                self.assert_close([got[o] for o in outputs], [recorded["out:" + o] for o in outputs], directory)


if __name__ == "__main__":
    unittest.main()
