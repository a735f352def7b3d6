"""Freezes every graph of mode_*.py without telling firn its mode and holds it to the same net that Python built for inference."""
import json
import shutil
import tempfile
import unittest

import graphs
import inference
import mode_models
from support import ParityTest, need_firn, read_graph, run_frozen

SAVED = {}


def setUpModule():
    global DIRECTORY
    DIRECTORY = tempfile.mkdtemp(prefix="firn-modes-")


def tearDownModule():
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def saved(name):
    if name not in SAVED:
        SAVED[name] = mode_models.save(name, DIRECTORY)
    return SAVED[name]


class References(ParityTest):
    """The graphs themselves: each is saved, and its form for inference restores and runs (needs no firn)."""

    def test_references_run(self):
        for name in mode_models.all_cases():
            with self.subTest(name):
                case = saved(name)
                self.assertEqual(len(case.want), len(case.outputs))
                self.assertTrue(all(abs(w).max() > 0 for w in case.want), "a result of zeros shows nothing")


class Modes(ParityTest):
    """One test for each case: at each level nothing of training is left and the numbers are the reference's."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def check(self, name):
        case = saved(name)
        for level in (0, 1, 2):
            with self.subTest(level):
                self.check_level(case, level)

    def check_level(self, case, level):
        out, report = self.path("frozen.pb"), self.path("report.json")
        done = self.firn_good("freeze", case.meta, "--outputs", ",".join(case.outputs), "--optimize", level, *case.freeze,
                              "--report", report, "-o", out)
        frozen = read_graph(out)
        self.assertEqual(graphs.defects(frozen), [])
        self.assertEqual(inference.leftovers(frozen, case.inputs, case.stays), [])
        feeds = {k: v for k, v in case.inputs.items() if k in inference.placeholders(frozen)}
        self.assert_close(run_frozen(frozen, feeds, case.outputs), case.want, "level %d" % level)
        self.check_told(case, done, report)

    def check_told(self, case, done, report):
        """The report has every flag with its value; the messages what is to be said, and nothing where there is nothing to say."""
        with open(report) as f:
            told = json.load(f)
        self.assertEqual({pair["name"] + ":0": json.loads(pair["value"]) for pair in told["bound"]}, case.flags)
        for part in case.says:
            options = part if isinstance(part, tuple) else (part,)
            self.assertTrue(any(o.lower() in done.err.lower() for o in options), "expected %r in:\n%s" % (part, done))
        if not case.says:
            self.assertEqual(told["warnings"], [])


def add_tests():
    for name, (build, *_) in mode_models.all_cases().items():
        def test(self, name=name):
            self.check(name)
        test.__doc__ = build.__doc__
        setattr(Modes, "test_" + name, test)


add_tests()

if __name__ == "__main__":
    unittest.main()
