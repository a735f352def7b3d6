"""Where the mode cannot be told firn says what it found and which flag decides; the flags decide; the report lists what was done."""
import json
import os
import unittest

import graphs
import inference
import mode_models
from mode_dropout import floor_mask
from mode_models import Case, dense, flag, run_reference, uniform, weight
from mode_norm_forms import assign_average, averages, fused
from support import ParityTest, need_firn, read_graph, run_frozen, run_training, tf, tf1


def setUpModule():
    need_firn()


class ModeTest(ParityTest):

    def save(self, build, **more):
        self.case, self.build = mode_models.save_case(build, self.dir, **more), build
        self.checkpoint = os.path.join(self.dir, "model.ckpt")

    def argv(self, *flags):
        return ["freeze", self.case.meta, "--outputs", ",".join(self.case.outputs), *flags, "-o", self.path("f.pb")]

    def freeze(self, *flags):
        self.done = self.firn_good(*self.argv("--report", self.path("report.json"), *flags))
        with open(self.path("report.json")) as f:
            self.report = json.load(f)
        self.frozen = read_graph(self.path("f.pb"))
        self.assertEqual(graphs.defects(self.frozen), [])
        return self.frozen

    def refuse(self, *says, flags=()):
        return self.firn_refuses(*self.argv(*flags), output=self.path("f.pb"), says=says)

    def numbers(self, **more):
        return run_frozen(self.frozen, {**self.case.inputs, **more}, self.case.outputs)

    def check_numbers(self, want=None):
        self.assert_close(self.numbers(), self.case.want if want is None else want, "frozen")

    def warnings(self):
        return " ".join(self.report["warnings"])


def two_masks(training):
    """Two masks with constant probabilities, of which a user may want to keep one."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    net = x
    for name in ("first", "second") if training else ():
        with tf1.name_scope(name):
            net = tf.multiply(net / 0.5, floor_mask(0.5, tf.shape(net)), name="out")
    return Case({x: uniform(40, 6)}, [tf.identity(dense(net, 3, "o"), name="out")])


def opposed_uses(training):
    """What drops in one place while the flag is set drops in the other while it is not."""
    x, phase = tf1.placeholder(tf.float32, [None, 6], name="x"), flag(training, False, "Placeholder_7")
    net, other = dense(x, 4, "a"), dense(x, 4, "b")
    if training:
        net = tf1.cond(phase, lambda: tf1.nn.dropout(net, rate=0.5), lambda: tf.identity(net))
        other = tf1.cond(phase, lambda: tf.identity(other), lambda: tf1.nn.dropout(other, rate=0.5))
    return Case({x: uniform(4, 6)}, [tf.add(net, other, name="out")])


class Flags(ModeTest):

    def test_opposed_uses(self):
        """The error names the placeholder and the flag; either value may be chosen, and what it leaves is a mask like any other."""
        self.save(opposed_uses)
        self.refuse("Placeholder_7", "--bind")
        for value in ("true", "false"):
            self.freeze("--bind", "Placeholder_7=" + value)
            self.assertEqual(inference.leftovers(self.frozen, self.case.inputs), [])
            self.check_numbers()

    def test_listed_inputs_are_never_bound(self):
        def build(training):
            x, keep = tf1.placeholder(tf.float32, [None, 6], name="x"), tf1.placeholder(tf.float32, [], name="keep")
            net = dense(x, 4, "h")
            return Case({x: uniform(4, 6), keep: 1.0}, [tf.multiply(net / keep, floor_mask(keep, tf.shape(net)), name="out")])
        self.save(build)
        self.freeze("--inputs", "x,keep")
        self.assertEqual(self.report["bound"], [])
        feeds = {k: v for k, v in self.case.inputs.items() if k in inference.placeholders(self.frozen)}
        self.assert_close(run_frozen(self.frozen, feeds, self.case.outputs), self.case.want, "fed")
        self.freeze("--inputs", "x")
        self.assertEqual(inference.placeholders(self.frozen), ["x:0"])
        self.assertEqual(self.report["bound"][0]["name"], "keep")
        self.assert_close(run_frozen(self.frozen, {"x:0": self.case.inputs["x:0"]}, self.case.outputs), self.case.want, "bound")

    def test_bind_wins(self):
        """A probability bound by hand is a constant like any other: x·mask is x·p."""
        def build(training):
            x, keep = tf1.placeholder(tf.float32, [None, 6], name="x"), flag(training, 0.25, "keep")
            net = dense(x, 4, "h")
            return Case({x: uniform(4, 6)}, [tf.multiply(net, floor_mask(keep, tf.shape(net)) if training else keep, name="out")])
        self.save(build)
        self.freeze("--bind", "keep=0.25")
        self.assertEqual(inference.leftovers(self.frozen, self.case.inputs), [])
        self.check_numbers()

    def test_as_is_binds_nothing(self):
        self.save(two_masks)
        self.freeze("--mode", "as-is")
        self.assertEqual(len(inference.random_nodes(self.frozen)), 2)
        self.assertEqual(self.report["bound"], [])

    def test_old_flags_are_as_is(self):
        """freeze_graph's own flags give the numbers of the old tool, with a hint."""
        self.save(two_masks)
        done = self.firn_good("freeze", "--input_meta_graph", self.case.meta, "--input_binary=true", "--input_checkpoint",
                              self.checkpoint, "--output_node_names", "out", "--output_graph", self.path("f.pb"))
        self.assertEqual(len(inference.random_nodes(read_graph(self.path("f.pb")))), 2)
        self.assertIn("--mode", done.err)

    def test_usage(self):
        self.save(two_masks)
        for flags, says in ((("--mode", "training"), "inference"), (("--optimize", "3"), "--optimize"), (("--optimize", "-1"), "--optimize")):
            self.firn_refuses(*self.argv(*flags), rc=2, output=self.path("f.pb"), says=[says])


class Random(ModeTest):

    def test_keep_random(self):
        """Monte-Carlo dropout: the mask that is named stays, the other goes."""
        self.save(two_masks)
        for glob in ("first/*", "*irst*", "first/RandomUniform"):
            with self.subTest(glob):
                self.freeze("--keep-random", glob)
                self.assertEqual([n.split("/")[0] for n in inference.random_nodes(self.frozen)], ["first"])
        self.freeze("--keep-random", "*")
        self.assertEqual(len(inference.random_nodes(self.frozen)), 2)
        self.assertEqual(self.warnings(), "", "what was asked for is no warning")

    def test_keep_random_matches_nothing(self):
        self.save(two_masks)
        done = self.firn_good(*self.argv("--keep-random", "frist/*"))
        self.assertIn("frist/*", done.err)

    def test_expectation_is_reported(self):
        def build(training):
            x = tf1.placeholder(tf.float32, [None, 6], name="x")
            return Case({x: uniform(4, 6)}, [tf.multiply(dense(x, 4, "h"), floor_mask(0.8, [4, 4]) if training else 0.8, name="masked")])
        self.save(build)
        self.freeze()
        self.check_numbers()
        self.assertIn("masked", json.dumps(self.report["rewritten"]))


def two_norms(training, updates=("a", "b"), of=lambda name: (fused(""), assign_average), one_too_many=False):
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    net = x
    for name in ("a", "b"):
        with tf1.name_scope(name):
            mean, var = averages(name, 2)
            batch = training or name not in updates
            net, *found = of(name)[0](net, weight(name + "/gamma", 2), weight(name + "/beta", 2), *((None, None) if batch else (mean, var)))
            for v, s in zip((mean, var), found) if training and name in updates else ():
                tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, of(name)[1](v, s))
            if one_too_many and training:
                tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, of(name)[1](averages(name + "/other", 2)[0], found[0]))
    out = tf.reduce_mean(net, [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out * out))


class Statistics(ModeTest):

    def test_only_some_found(self):
        """One layer has no update: nothing is guessed; named, it keeps the statistics of the batch and the other has its own."""
        self.save(lambda training: two_norms(training, updates=("a",)))
        self.refuse("b/FusedBatchNorm", "--keep-batch-statistics")
        self.freeze("--keep-batch-statistics", "b/*")
        self.assertEqual([n.split(" ")[0] for n in inference.leftovers(self.frozen, self.case.inputs)], ["b/FusedBatchNorm"])
        self.check_numbers()
        self.freeze("--keep-batch-statistics", "*")
        self.check_numbers(run_training(self.case.meta, self.checkpoint, self.case.inputs, self.case.outputs))

    def test_best_effort(self):
        """Written although a layer could not be told, and reported."""
        self.save(lambda training: two_norms(training, updates=("a",)))
        self.freeze("--best-effort")
        self.assertIn("b/FusedBatchNorm", self.warnings())
        self.check_numbers()

    def test_one_statistic_in_two_variables(self):
        self.save(lambda training: two_norms(training, one_too_many=True))
        self.refuse("a/average_of_mean", "a/other/average_of_mean")

    def test_mean_without_variance(self):
        def update(v, s):
            return assign_average(v, s) if "mean" in v.name else tf1.assign(v, tf.ones_like(v))
        self.save(lambda training: two_norms(training, of=lambda name: (fused(""), update)))
        self.refuse("a/FusedBatchNorm", "variance")

    def test_never_updated(self):
        """All means 0 and all variances 1: training never ran the updates, which nobody would notice from the numbers."""
        self.save(lambda training: two_norms(training))
        with tf.Graph().as_default(), tf1.Session() as session:
            two_norms(True)
            session.run(tf1.global_variables_initializer())
            for v in tf1.global_variables():
                v.load([1.0 if "var" in v.name or "gamma" in v.name else 0.0] * 2, session)
            tf1.train.Saver().save(session, self.checkpoint, write_meta_graph=False)
        self.freeze()
        self.assertIn("a/average_of_mean", self.warnings() + self.done.err)
        self.check_numbers(run_reference(self.build, self.checkpoint))

    def test_updated_is_not_warned_of(self):
        self.save(two_norms)
        self.freeze()
        self.assertEqual(self.report["warnings"], [])
        rewritten = json.dumps(self.report["rewritten"])
        for name in ("a/FusedBatchNorm", "a/average_of_mean", "b/average_of_var"):
            self.assertIn(name, rewritten)

    def test_sizes_are_reported(self):
        self.save(two_norms)
        self.freeze()
        self.assertEqual(self.report["bytes"]["after"], os.path.getsize(self.path("f.pb")))
        self.assertGreater(self.report["bytes"]["before"], 0)


if __name__ == "__main__":
    unittest.main()
