"""The argv of `python -m tensorflow.python.tools.freeze_graph` given to both tools: same nodes, edges and values where the old one succeeds."""
import shutil
import tempfile
import unittest

import graphs
import small_models
from google.protobuf import text_format
from support import ParityTest, firn, freeze_graph, need_firn, read_graph, read_meta, run_frozen, run_training, tf, tf1

SAVED = {}


def setUpModule():
    global DIRECTORY
    need_firn()
    DIRECTORY = tempfile.mkdtemp(prefix="firn-flags-")


def tearDownModule():
    shutil.rmtree(DIRECTORY, ignore_errors=True)


def saved(name):
    if name not in SAVED:
        SAVED[name] = small_models.save(name, DIRECTORY)
    return SAVED[name]


def nodes(case):
    return ",".join(dict.fromkeys(graphs.node_of(o) for o in case.outputs))


class BothTools(ParityTest):

    def both(self, argv, outputs, want_tool=True):
        """Runs both tools on `argv`, which ends with the output's flag; compares what they wrote."""
        ours, theirs = self.path("ours.pb"), self.path("theirs.pb")
        error = freeze_graph(argv + ["--output_graph=" + theirs])
        if want_tool:
            self.assertIsNone(error, "freeze_graph was expected to succeed")
        done = self.firn_good("freeze", *argv, "--output_graph=" + ours)
        if error is None:
            self.assertEqual(graphs.differences(read_graph(ours), read_graph(theirs), outputs), [], str(done))
        return read_graph(ours)

    def from_meta(self, name):
        case = saved(name)
        return ["--input_meta_graph", case.meta, "--input_binary=true", "--input_checkpoint", case.restore_path,
                "--output_node_names", nodes(case)]

    def from_graph(self, name):
        case = saved(name)
        return ["--input_graph=" + case.pbtxt, "--input_checkpoint=" + case.restore_path, "--output_node_names=" + nodes(case)]


class SameArgv(BothTools):
    """Every small model, by its MetaGraph and by its text graph."""

    def test_meta_graph(self):
        for name, entry in small_models.all_models().items():
            if entry[3] is None:
                with self.subTest(name):
                    self.both(self.from_meta(name), saved(name).outputs)

    def test_text_graph(self):
        """freeze_graph matches by name here, so it cannot serve slices, and takes the wrong values for a Saver's own keys."""
        for name, entry in small_models.all_models().items():
            if entry[3] is None and not name.startswith("renamed_keys"):
                with self.subTest(name):
                    self.both(self.from_graph(name), saved(name).outputs, want_tool=False)

    def test_text_graph_of_renamed_keys(self):
        for name in ("renamed_keys", "renamed_keys_resource"):
            with self.subTest(name):
                case, out = saved(name), self.path(name + ".pb")
                self.firn_good("freeze", *self.from_graph(name), "--output_graph", out)
                want = run_training(case.meta, case.restore_path, case.inputs, case.outputs)
                self.assert_same_bits(run_frozen(read_graph(out), case.inputs, case.outputs), want, name)

    def test_where_the_old_tool_breaks_the_graph(self):
        """The same argv gives a sound graph: writes that only order are dropped."""
        for name in ("counted", "counted_resource", "initialised_reads", "embedding_while_resource", "resource_reads"):
            with self.subTest(name):
                case, out = saved(name), self.path(name + ".pb")
                self.firn_good("freeze", *self.from_meta(name), "--output_graph", out)
                self.assertEqual(graphs.defects(read_graph(out)), [])
                run_frozen(read_graph(out), case.inputs, case.outputs)


class Flags(BothTools):
    """One test for each of the old flags."""

    def test_unused_flags_are_accepted(self):
        self.both(self.from_meta("keep_prob_conv") + ["--restore_op_name=save/restore_all", "--filename_tensor_name=save/Const:0",
                                                      "--checkpoint_version=2", "--saved_model_tags=serve"], ["prob"])

    def test_binary_flag_alone(self):
        case = saved("fixed_batch")
        self.both(["--input_meta_graph", case.meta, "--input_checkpoint", case.checkpoint, "--output_node_names", "out",
                   "--input_binary"], ["out"])

    def test_dashes_for_underscores(self):
        case, out = saved("fixed_batch"), self.path("dashes.pb")
        self.firn_good("freeze", "--input-meta-graph", case.meta, "--input-checkpoint", case.checkpoint,
                       "--output-node-names=out", "--output-graph", out, "--input-binary=true")
        want = self.both(self.from_meta("fixed_batch"), ["out"])
        self.assertEqual(graphs.differences(read_graph(out), want, ["out"]), [])

    def test_spaces_between_output_names(self):
        case = saved("many_outputs")
        argv = self.from_meta("many_outputs")
        argv[-1] = argv[-1].replace(",", ", ")
        self.both(argv, case.outputs)

    def test_keep_devices(self):
        # freeze_graph runs the graph and so needs the devices; firn does not.
        out = self.path("devices.pb")
        self.firn_good(*["freeze"] + self.from_graph("devices_and_colocations") + ["--clear_devices=false", "--output_graph", out])
        self.assertIn("/device:GPU:0", {n.device for n in read_graph(out).node})

    def test_text_meta_graph(self):
        case, text = saved("fixed_batch"), self.path("model.meta.pbtxt")
        with open(text, "w") as f:
            f.write(text_format.MessageToString(read_meta(case.meta)))
        self.both(["--input_meta_graph", text, "--input_checkpoint", case.checkpoint, "--output_node_names", "out"], ["out"])

    def test_binary_graph_with_saver(self):
        case, graph, saver = saved("renamed_keys"), self.path("graph.pb"), self.path("saver.pb")
        meta = read_meta(case.meta)
        for path, message in ((graph, meta.graph_def), (saver, meta.saver_def)):
            with open(path, "wb") as f:
                f.write(message.SerializeToString())
        self.both(["--input_graph", graph, "--input_saver", saver, "--input_binary=true", "--input_checkpoint", case.checkpoint,
                   "--output_node_names", "out"], ["out"])

    def test_some_variables_only(self):
        for flag in ("--variable_names_whitelist=fc1/w,fc1/b", "--variable_names_denylist=fc1/w,c/b",
                     "--variable_names_blacklist=fc1/w,c/b"):
            with self.subTest(flag):
                old = flag.replace("blacklist", "denylist")
                theirs, ours = self.path("theirs.pb"), self.path("ours.pb")
                self.assertIsNone(freeze_graph(self.from_meta("keep_prob_conv") + [old, "--output_graph", theirs]))
                self.firn_good("freeze", *self.from_meta("keep_prob_conv"), flag, "--output_graph", ours)
                self.assertEqual(graphs.differences(read_graph(ours), read_graph(theirs), ["prob"]), [])

    def test_initializer_nodes(self):
        """Their effect on variables cannot be had without running them: an empty list is accepted, another refused or said to be ignored."""
        self.both(self.from_meta("fixed_batch") + ["--initializer_nodes="], ["out"])
        done = firn("freeze", *self.from_meta("fixed_batch"), "--initializer_nodes=init", "--output_graph", self.path("init.pb"))
        self.assertIn(done.rc, (0, 1), str(done))
        self.assertIn("initializer_nodes", done.err)

    def test_saved_model(self):
        for tags in (["serve"], ["serve", "gpu"]):
            with self.subTest(tags):
                directory = self.path("saved-" + "-".join(tags))
                with tf.Graph().as_default(), tf1.Session() as session:
                    x = tf1.placeholder(tf.float32, [None, 3], name="x")
                    out = tf.identity(small_models.dense(x, 2, "h"), name="out")
                    session.run(tf1.global_variables_initializer())
                    signature = tf1.saved_model.predict_signature_def({"x": x}, {"y": out})
                    builder = tf1.saved_model.Builder(directory)
                    builder.add_meta_graph_and_variables(session, tags, {"serving_default": signature})
                    builder.save()
                self.both(["--input_saved_model_dir", directory, "--output_node_names", "out",
                           "--saved_model_tags", ",".join(tags)], ["out"])

    def test_unknown_output(self):
        out = self.path("no.pb")
        argv = self.from_meta("fixed_batch")[:-1] + ["ouut", "--output_graph", out]
        self.firn_refuses("freeze", *argv, output=out, says=["ouut", "'out'"])


if __name__ == "__main__":
    unittest.main()
