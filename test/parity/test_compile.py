"""Compiled modules give the numbers that TensorFlow recorded: of the digits and of a generated zoo (FIRN_ZOO), at every CPU level that this
machine has, with batches that are fixed and open, and the same bits on any number of threads."""
import glob
import json
import os
import unittest

import numpy as np
from support import ParityTest, firn, need_firn

ZOO = os.environ.get("FIRN_ZOO", "")
DIGITS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "digits")
MODELS = ("awkward_modes baked_training bert_mini fixed_batch_dropout inception_v1 inception_v3 lenet_keep_prob lstm_dynamic "
          "mobilenet_v1 mobilenet_v2 partitioned_embedding phase_train_cond queue_input resnet_v1_50 resource_mlp "
          "v1_checkpoint_mlp").split()
BOUND = 1e-4
THREADS = (1, 2, 4)
FIXED, OPEN = (1, 3), (1, 2, 8)


def levels():
    """Those that this machine has code for."""
    with open("/proc/cpuinfo") as f:
        flags = next((line for line in f if line.startswith("flags")), "").split()
    return ["v2"] + ["v3"] * ("avx2" in flags and "fma" in flags) + ["v4"] * ("avx512bw" in flags and "avx512vl" in flags)


class Case:
    """A model with values of its inputs and outputs; the first dimension of each is the batch, and rows do not depend on each other."""

    def __init__(self, model, recorded, inputs, outputs, flags=()):
        self.model, self.flags = model, list(flags)
        self.feeds = {name: recorded["in:" + name] for name in inputs}
        self.wanted = {name: recorded["out:" + name] for name in outputs}

    def rows(self, arrays, batch):
        """The recorded rows again and again, as many as `batch`."""
        return {name: np.take(array, np.arange(batch) % len(array), axis=0) for name, array in arrays.items()}


def zoo_case(name):
    directory = os.path.join(ZOO, name)
    with open(os.path.join(directory, "case.json")) as f:
        case = json.load(f)
    inputs = [i["tensor"] for i in case["inputs"]]
    cut = ["--inputs", ",".join(inputs)] if any(i["op"] == "Identity" for i in case["inputs"]) else []
    return Case(os.path.join(directory, "model.ckpt.meta"), np.load(os.path.join(directory, "io.npz")), inputs, case["outputs"], cut)


class CompileTest(ParityTest):

    @classmethod
    def setUpClass(cls):
        need_firn()

    def compile(self, case, batch):
        module = self.path("batch%d.firn" % batch)
        self.firn_good("compile", case.model, "--outputs", ",".join(case.wanted), "--batch", batch, *case.flags, "-o", module, timeout=1200)
        return module

    def run_module(self, module, feeds, level, threads):
        given, result = self.path("in.npz"), self.path("out.npz")
        np.savez(given, **feeds)
        os.environ["FIRN_CPU_LEVEL"] = level
        self.addCleanup(os.environ.pop, "FIRN_CPU_LEVEL", None)
        self.firn_good("run", module, "--feeds", given, "--out", result, "--threads", threads)
        return dict(np.load(result))

    def check(self, case, module, batch):
        feeds, wanted = case.rows(case.feeds, batch), case.rows(case.wanted, batch)
        for level in levels():
            what = "batch %d, %s" % (batch, level)
            first = self.run_module(module, feeds, level, THREADS[0])
            self.assert_close([first[name] for name in wanted], list(wanted.values()), what, BOUND)
            for threads in THREADS[1:]:
                again = self.run_module(module, feeds, level, threads)
                self.assert_same_bits([again[name] for name in wanted], [first[name] for name in wanted],
                                      "%s, %d threads" % (what, threads))

    def check_open(self, case):
        module = self.compile(case, -1)
        for batch in OPEN:
            self.check(case, module, batch)

    def check_fixed(self, case):
        for batch in FIXED:
            self.check(case, self.compile(case, batch), batch)


class Digits(CompileTest):

    def case(self):
        return Case(DIGITS, np.load(os.path.join(DIGITS, "io.npz")), ["images:0"], ["probabilities:0"])

    def test_open_batch(self):
        self.check_open(self.case())

    def test_fixed_batch(self):
        self.check_fixed(self.case())

    def test_same_bytes_each_time(self):
        first, second = self.compile(self.case(), 2), self.path("again.firn")
        self.firn_good("compile", DIGITS, "--outputs", "probabilities:0", "--batch", "2", "--threads", "1", "-o", second)
        with open(first, "rb") as a, open(second, "rb") as b:
            self.assertTrue(a.read() == b.read(), "two compilations wrote different bytes")

    def test_verify_agrees(self):
        module = self.compile(self.case(), -1)
        done = self.firn_good("verify", DIGITS, module, "--outputs", "probabilities", "--keep-all", "--batch", "3")
        self.assertIn("equal", done.text())
        self.assertNotIn("parts", done.text())

    def test_damage_is_an_error(self):
        module = self.compile(self.case(), 1)
        with open(module, "rb") as f:
            good = f.read()
        for name, bad in (("short", good[:len(good) // 2]), ("flipped", good[:5000] + bytes([good[5000] ^ 1]) + good[5001:])):
            path = self.path(name + ".firn")
            with open(path, "wb") as f:
                f.write(bad)
            for command in (["run", path, "--feed", "images=random"], ["bench", path], ["inspect", path]):
                done = firn(*command)
                if done.rc:
                    self.assertEqual(done.rc, 1, str(done))
                    self.assert_clear_message(done)
                else:
                    self.assertEqual(name, "flipped", "a cut file was taken: %s" % done)


class Zoo(CompileTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not glob.glob(os.path.join(ZOO, "*", "case.json")):
            raise unittest.SkipTest("FIRN_ZOO names no generated zoo: %r" % ZOO)

    def load(self, name):
        if not os.path.exists(os.path.join(ZOO, name, "case.json")):
            self.skipTest("not in this zoo")
        return zoo_case(name)


def add_tests():
    for name in MODELS:
        setattr(Zoo, "test_%s_open_batch" % name, lambda self, name=name: self.check_open(self.load(name)))
        setattr(Zoo, "test_%s_fixed_batch" % name, lambda self, name=name: self.check_fixed(self.load(name)))


add_tests()

if __name__ == "__main__":
    unittest.main()
