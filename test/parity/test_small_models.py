"""Freezes every small model with firn and holds the result to TensorFlow: it loads, gives the training graph's bits, holds no variable,
is the same bytes each time, and freezing it again gives it back."""
import json
import shutil
import tempfile
import unittest

import graphs
import small_models
from google.protobuf import text_format
from support import ParityTest, need_firn, read_graph, run_frozen, run_training, tf1

SAVED = {}
PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")


def setUpModule():
    global DIRECTORY
    DIRECTORY = tempfile.mkdtemp(prefix="firn-small-")


def tearDownModule():
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def saved(name):
    if name not in SAVED:
        SAVED[name] = small_models.save(name, DIRECTORY)
    return SAVED[name]


class TrainingGraphs(ParityTest):
    """The models themselves: TensorFlow runs each (needs no firn)."""

    def test_training_graphs_run(self):
        for name in small_models.all_models():
            with self.subTest(name):
                case = saved(name)
                first = run_training(case.meta, case.restore_path, {**case.inputs, **case.binds}, case.outputs)
                again = run_training(case.meta, case.restore_path, {**case.inputs, **case.binds}, case.outputs)
                self.assert_same_bits(again, first, "the training graph, run twice")


class SmallModels(ParityTest):
    """One test for each model."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def read(self, path):
        with open(path, "rb") as f:
            return f.read()

    def check(self, name):
        case, out = saved(name), self.path("frozen.pb")
        self.firn_good("freeze", case.meta, *case.flags(), "-o", out)
        frozen = read_graph(out)
        self.assertEqual(graphs.defects(frozen), [])
        left = {n.name + ":0" for n in frozen.node if n.op in PLACEHOLDERS}
        self.assertLessEqual(left, set(self.feeds_by_report(case, case.inputs)), "placeholders that are no inputs are left")
        want = run_training(case.meta, case.restore_path, {**case.inputs, **case.binds}, case.outputs)
        feeds = {k: v for k, v in case.inputs.items() if case.cut or k in left}
        got = run_frozen(frozen, self.feeds_by_report(case, feeds), case.outputs)
        self.assert_same_bits(got, want, name)
        self.firn_good("freeze", case.meta, *case.flags(), "-o", self.path("second.pb"))
        self.assertEqual(self.read(self.path("second.pb")), self.read(out), "two runs wrote different bytes")
        self.firn_good("freeze", out, "--outputs", ",".join(case.outputs), "-o", self.path("again.pb"))
        self.assertEqual(self.read(self.path("again.pb")), self.read(out), "freezing a frozen graph changed it")

    def feeds_by_report(self, case, feeds):
        """A cut at output k > 0, or beside other uses of its node, makes a placeholder of a new name, which --report tells."""
        if not case.cut:
            return feeds
        report = self.path("report.json")
        self.firn_good("freeze", case.meta, *case.flags(), "--report", report, "-o", self.path("reported.pb"))
        with open(report) as f:
            renamed = dict((pair["from"], pair["to"]) if isinstance(pair, dict) else pair
                           for pair in json.load(f).get("renamed", []))
        new_name = {k if ":" in k else k + ":0": v for k, v in renamed.items()}
        return {(new_name.get(k, k).split(":")[0] + (":0" if k in new_name else k[len(k.split(":")[0]):])): v
                for k, v in feeds.items()}


def add_tests():
    for name in small_models.all_models():
        def test(self, name=name):
            self.check(name)
        test.__doc__ = small_models.all_models()[name][0].__doc__
        setattr(SmallModels, "test_" + name, test)


add_tests()


class Forms(ParityTest):
    """Every way to name a model and its checkpoint gives the same graph."""

    @classmethod
    def setUpClass(cls):
        need_firn()

    def test_text_graph_and_checkpoint(self):
        for name in small_models.all_models():
            with self.subTest(name):
                case = saved(name)
                from_meta, from_text = self.path(name + ".a.pb"), self.path(name + ".b.pb")
                self.firn_good("freeze", case.meta, *case.flags(), "-o", from_meta)
                self.firn_good("freeze", case.pbtxt, "--checkpoint", case.checkpoint, *case.flags(), "-o", from_text)
                if case.cut:
                    continue  # the shape of a cut tensor is known from the MetaGraph's _output_shapes only
                outputs = read_graph(from_meta).node  # all of them
                self.assertEqual(graphs.differences(read_graph(from_text), read_graph(from_meta), [n.name for n in outputs]), [])

    def test_names_of_a_model(self):
        case = saved("keep_prob_conv")
        want = self.path("want.pb")
        self.firn_good("freeze", case.meta, *case.flags(), "-o", want)
        for i, name in enumerate((case.checkpoint, case.directory, case.directory + "/", case.checkpoint + ".index")):
            with self.subTest(name):
                self.firn_good("freeze", name, *case.flags(), "-o", self.path("%d.pb" % i))
                self.assertEqual(self.read_bytes("%d.pb" % i), self.read_bytes("want.pb"))

    def test_names_of_a_checkpoint(self):
        case = saved("keep_prob_conv")
        self.firn_good("freeze", case.meta, *case.flags(), "-o", self.path("want.pb"))
        names = (case.checkpoint, case.meta, case.directory, case.checkpoint + ".index",
                 case.checkpoint + ".data-00000-of-00001")
        for i, name in enumerate(names):
            with self.subTest(name):
                self.firn_good("freeze", case.pbtxt, "--checkpoint", name, *case.flags(), "-o", self.path("%d.pb" % i))
                self.assertEqual(graphs.differences(read_graph(self.path("%d.pb" % i)), read_graph(self.path("want.pb")),
                                                    case.outputs), [])

    def read_bytes(self, name):
        with open(self.path(name), "rb") as f:
            return f.read()

    def test_standard_output_and_text(self):
        case, binary, text = saved("partitioned_rows"), self.path("frozen.pb"), self.path("frozen.pbtxt")
        self.firn_good("freeze", case.meta, *case.flags(), "-o", binary)
        self.assertEqual(self.firn_good("freeze", case.meta, *case.flags(), "-o", "-").out, self.read_bytes("frozen.pb"))
        self.firn_good("freeze", case.meta, *case.flags(), "--text", "-o", text)
        parsed = text_format.Parse(self.read_bytes("frozen.pbtxt").decode(), tf1.GraphDef())
        self.assertEqual(parsed, read_graph(binary))
        self.firn_good("freeze", text, "--outputs", ",".join(case.outputs), "-o", self.path("again.pb"))
        self.assertEqual(self.read_bytes("again.pb"), self.read_bytes("frozen.pb"))

    def test_devices(self):
        case = saved("devices_and_colocations")
        self.firn_good("freeze", case.meta, *case.flags(), "-o", self.path("without.pb"))
        self.assertEqual({n.device for n in read_graph(self.path("without.pb")).node}, {""})
        self.firn_good("freeze", case.meta, *case.flags(), "--keep-devices", "-o", self.path("with.pb"))
        self.assertIn("/device:GPU:0", {n.device for n in read_graph(self.path("with.pb")).node})

    def test_report(self):
        case, report = saved("phase_cond_ema"), self.path("report.json")
        self.firn_good("freeze", case.meta, *case.flags(), "--report", report, "-o", self.path("frozen.pb"))
        with open(report) as f:
            told = json.load(f)
        self.assertIn("phase_train", json.dumps(told["bound"]))
        self.assertIn("gamma", json.dumps(told["variables"]))

    def test_names_with_and_without_index(self):
        case = saved("keep_prob_conv")
        self.firn_good("freeze", case.meta, "--outputs", "prob:0", "--bind", "keep:0=1", "-o", self.path("a.pb"))
        self.firn_good("freeze", case.meta, "--outputs=prob", "--bind=keep=1.0", "-o", self.path("b.pb"))
        self.assertEqual(self.read_bytes("a.pb"), self.read_bytes("b.pb"))

    def test_inputs_are_exhaustive(self):
        case = saved("defaults_and_checks")
        self.firn_good("freeze", case.meta, "--outputs", "out", "--inputs", "x", "-o", self.path("fed.pb"))
        self.assertEqual([n.op for n in read_graph(self.path("fed.pb")).node if n.name == "x"][:1], ["PlaceholderWithDefault"])
        case = saved("fixed_batch")
        self.firn_good("freeze", case.meta, "--outputs", "out", "--inputs", "images", "-o", self.path("default.pb"))
        ops = {n.op for n in read_graph(self.path("default.pb")).node}
        self.assertNotIn("PlaceholderWithDefault", ops, "an unlisted placeholder with default takes its default")
        case = saved("cond_ref")
        self.firn_refuses("freeze", case.meta, "--outputs", "out", "--inputs", "x", "-o", self.path("no.pb"),
                          output=self.path("no.pb"), says=["flag"])


if __name__ == "__main__":
    unittest.main()
