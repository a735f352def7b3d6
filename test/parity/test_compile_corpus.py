"""The corpus compiled (FIRN_CORPUS, or ../shared/corpus beside the project): recorded graphs give what was recorded, or are refused with all
that can't be compiled; nine in ten compile. Label `corpus`; firn runs two at a time."""
import json
import os
import tempfile
import unittest

import numpy as np
import test_corpus as corpus
from support import ParityTest, firn, need_firn, read_graph, tf
from tensorflow.python.framework import op_def_registry

LEAST = 0.9
LEVEL = "v3"  # of the machine's levels the others are the work of test_compile


def setUpModule():
    corpus.setUpModule()


class Case:
    """A recorded model, and what became of it."""

    def __init__(self, path):
        self.directory = os.path.dirname(path)
        with open(path) as f:
            self.case = json.load(f)
        data = np.load(os.path.join(self.directory, "io.npz"), allow_pickle=True)
        self.feeds = {k[3:]: data[k] for k in data if k.startswith("in:")}
        self.wanted = [data["out:" + name] for name in self.case["outputs"]]
        self.is_frozen = self.case["kind"] == "frozen"
        self.ops = {n.op for n in read_graph(self.model()).node} if self.is_frozen else set()

    def model(self):
        return os.path.join(self.directory, self.case["model"])

    def flags(self):
        flags = ["--outputs", ",".join(self.case["outputs"])]
        if self.case.get("checkpoint"):
            flags += ["--checkpoint", os.path.join(self.directory, self.case["checkpoint"])]
        if self.is_frozen and self.case["inputs"]:
            flags += ["--inputs", ",".join(self.case["inputs"])]
        # masks were recorded live
        return flags + ["--mode", "as-is" if corpus.RANDOM & self.ops else "inference"]

    def shapes(self, message):
        """The remedy for the inputs that a message says to be of unknown rank."""
        names = [name for line in message.splitlines() if "unknown rank" in line for name in line.split(" (")[0].strip().split(", ")]
        return [flag for name in names for flag in ("--input-shape", "%s=%s" % (name, ",".join(["-1"] * self.feeds[name + ":0"].ndim)))]

    def compile(self, module, *more):
        return firn("compile", self.model(), *self.flags(), "--optimize", 2, "--levels", LEVEL, "--threads", 1, "--quiet", "-o", module, *more)

    def run(self, scratch):
        """(compiling, running or None, outputs)."""
        module, given, result = (os.path.join(scratch, name) for name in ("m.firn", "in.npz", "out.npz"))
        compiling = self.compile(module)
        if "--input-shape" in compiling.err and compiling.rc == 1:
            compiling = self.compile(module, *self.shapes(compiling.err))
        if compiling.rc:
            return compiling, None, []
        np.savez(given, **self.feeds)
        running = firn("run", module, "--feeds", given, "--threads", 1, "--out", result)
        return compiling, running, [] if running.rc else list(np.load(result).values())

    def differences(self, got):
        """What differs from the recorded outputs; of random numbers without a seed only the shape is known."""
        case = self.case if self.is_frozen else dict(self.case, rtol=self.case["rtol"] * 3)
        if len(got) != len(self.wanted):
            return "%d outputs for %d" % (len(got), len(self.wanted))
        for name, value, want in zip(self.case["outputs"], got, self.wanted):
            if corpus.UNSEEDED & self.ops and value.shape == want.shape:
                continue
            if not corpus.near(value, want, case):
                return "%s\n%s\n%s" % (name, value, want)
        return ""


def takes_strings(node):
    known = op_def_registry.get(node.op)
    return known is not None and any(arg.type in (tf.string.as_datatype_enum, tf.resource.as_datatype_enum)
                                     for arg in list(known.input_arg) + list(known.output_arg))


class CompileCorpus(ParityTest):

    @classmethod
    def setUpClass(cls):
        need_firn()

    def check_refusal(self, case, done):
        """One message with each node that can't be compiled, and what to do."""
        self.assertEqual(done.rc, 1, str(done))
        self.assert_clear_message(done)
        self.assertIn("these nodes can't be compiled:", done.err)
        self.assertRegex(done.err, "--inputs|--input-shape")
        frozen = self.path("refused.pb")
        self.firn_good("freeze", case.model(), *case.flags(), "--optimize", 2, "-o", frozen)
        for node in read_graph(frozen).node:
            if takes_strings(node):
                self.assertIn(node.name, done.err)

    def test_recorded(self):
        cases = [Case(path) for path in corpus.files("cases/*/case.json", "dl4j/*/case.json")]

        def work(case):
            with tempfile.TemporaryDirectory(dir=self.dir) as scratch:
                return case.run(scratch)

        compiled = 0
        for case, (compiling, running, got) in corpus.in_pairs(work, cases):
            with self.subTest(corpus.short(case.directory)):
                if compiling.rc:
                    self.check_refusal(case, compiling)
                    continue
                compiled += 1
                self.assertEqual(running.rc, 0, str(running))
                self.assertEqual(case.differences(got), "")
        print("%d of %d compile" % (compiled, len(cases)))
        self.assertGreaterEqual(compiled, LEAST * len(cases))


if __name__ == "__main__":
    unittest.main()
