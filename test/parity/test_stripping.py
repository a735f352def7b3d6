"""What belongs to training alone is taken out of the way of the data, and the numbers stay the training graph's, bit for bit: checks,
prints, summaries, gradient stops, Identity chains, train ops; names of what is fetched survive."""
import unittest

import graphs
import inference
import numpy as np
from small_models import Model, dense, randomise, uniform, weight
from support import ParityTest, need_firn, read_graph, run_frozen, run_training, slim, tf, tf1

CASES = {}


def setUpModule():
    need_firn()


class StrippingTest(ParityTest):
    """Saves a training graph, freezes it at each level."""

    def save(self, build, resource=False, functional=False):
        (tf1.enable_control_flow_v2 if functional else tf1.disable_control_flow_v2)()
        (tf1.enable_resource_variables if resource else tf1.disable_resource_variables)()
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.set_random_seed(11)
            made = build()
            if not tf1.global_variables():
                weight("unused")  # a Saver needs one
            session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
            randomise(session)
            tf1.train.Saver().save(session, self.path("model.ckpt"))
            self.inputs = {getattr(t, "name", t): v for t, v in made.inputs.items()}
            self.outputs = [getattr(t, "name", t) for t in made.outputs]
        self.meta = self.path("model.ckpt.meta")

    def freeze(self, level, *flags, outputs=None):
        out = self.path("f.pb")
        self.done = self.firn_good("freeze", self.meta, "--outputs", ",".join(outputs or self.outputs), "--optimize", level, *flags, "-o", out)
        frozen = read_graph(out)
        self.assertEqual(graphs.defects(frozen), [])
        return frozen

    def check(self, conds=False, levels=(0, 1, 2)):
        """At each level nothing of training is left and the bits are the training graph's; at 2 a sum may be ordered anew."""
        want = run_training(self.meta, self.path("model.ckpt"), self.inputs, self.outputs)
        for level in levels:
            with self.subTest(level=level):
                frozen = self.freeze(level)
                stays = [n.name for n in frozen.node if conds and n.op in ("Switch", "Merge")]
                self.assertEqual(inference.leftovers(frozen, self.inputs, stays), [])
                got = run_frozen(frozen, self.inputs, self.outputs)
                if level < 2:
                    self.assert_same_bits(got, want, "level %d" % level)
                self.assert_close(got, want, "level %d" % level)
        return frozen


def case(resource=False, functional=False, conds=False):
    """Registers a builder of a Model: the numbers of its training graph are those of inference."""
    def register(build):
        CASES[build.__name__] = (build, resource, functional, conds)
        return build
    return register


def rows(change):
    """A net on rows of numbers with `change` between its layers."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    out = tf.multiply(change(dense(x, 4, "h")), 2.0, name="out")
    return Model({x: uniform(2, 3)}, [out])


def finite(net):
    return tf.reduce_all(tf.math.is_finite(net))


@case()
def r17_check_numerics():
    """The consumer takes what the check took."""
    return rows(lambda net: tf1.check_numerics(net, "not finite"))


@case()
def chain_of_checks():
    return rows(lambda net: tf.stop_gradient(tf1.check_numerics(tf.identity(tf1.Print(tf1.check_numerics(net, "a"), [net])), "b")))


@case()
def check_is_the_output():
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    return Model({x: uniform(2, 3)}, [tf1.check_numerics(tf.tanh(dense(x, 2, "h")), "not finite", name="out")])


@case()
def assertion_before():
    """tf.Assert with a predicate of the data, and the raw op."""
    def change(net):
        with tf1.control_dependencies([tf1.Assert(finite(net), [net]), tf1.assert_greater(tf.shape(net)[0], 0)]):
            net = tf.identity(net)
        with tf1.control_dependencies([tf.raw_ops.Assert(condition=finite(net), data=[net])]):
            return tf.identity(net)
    return rows(change)


@case(functional=True)
def assertion_as_function():
    def change(net):
        with tf1.control_dependencies([tf1.Assert(finite(net), [net])]):
            return tf.identity(net)
    return rows(change)


@case()
def assertion_before_a_constant():
    """What waits for a check may be a constant, whose only inputs are control edges."""
    def change(net):
        with tf1.control_dependencies([tf1.Assert(finite(net), [net])]):
            return net + tf.constant([1.0, 2.0, 3.0, 4.0])
    return rows(change)


@case()
def prints():
    def change(net):
        with tf1.control_dependencies([tf.print("net", net)]):
            return tf1.Print(net, [tf.shape(net)], "shape of net")
    return rows(change)


@case()
def summaries_before():
    """A summary on which the output waits."""
    def change(net):
        merged = [tf1.summary.histogram("net", net), tf1.summary.scalar("mean", tf.reduce_mean(net))]
        with tf1.control_dependencies([tf1.summary.merge(merged)]):
            return tf.identity(net)
    return rows(change)


@case()
def gradient_stops():
    return rows(lambda net: tf.raw_ops.PreventGradient(input=tf.stop_gradient(net), message="none"))


@case()
def gradient_stop_of_a_weight():
    return rows(lambda net: net * tf.stop_gradient(weight("scale", 4)))


@case()
def straight_through():
    """A rounding whose gradient is passed by: x + stop_gradient(round(x) - x)."""
    return rows(lambda net: net + tf.stop_gradient(tf.round(net * 4) / 4 - net))


def trained(net, optimizer):
    step = optimizer.minimize(tf.reduce_sum(net * net), tf1.train.get_or_create_global_step())
    with tf1.control_dependencies([step]):
        return tf.identity(net)


@case()
def train_op_before():
    return rows(lambda net: trained(net, tf1.train.AdamOptimizer()))


@case(resource=True)
def train_op_before_resource():
    return rows(lambda net: trained(net, tf1.train.MomentumOptimizer(0.1, 0.9)))


@case()
def counter_before():
    def change(net):
        with tf1.control_dependencies([tf1.assign_add(tf1.train.get_or_create_global_step(), 1)]):
            return tf.identity(net)
    return rows(change)


def checked_loop():
    """Checks inside the body of a loop, whose constants are held there by control edges."""
    def body(i, net):
        with tf1.control_dependencies([tf1.Assert(finite(net), [net]), tf1.check_numerics(net, "in loop")]):
            return i + 1, tf.identity(net) * 0.5 + 1.0
    return rows(lambda net: tf1.while_loop(lambda i, _: i < 3, body, [0, net])[1])


case()(checked_loop)


@case(functional=True)
def checked_loop_functional():
    return checked_loop()


def checked_branches():
    """Checks in a branch that the data decides."""
    def change(net):
        return tf1.cond(tf.reduce_sum(net) > 0, lambda: tf1.check_numerics(net, "branch") * 3.0, lambda: tf.stop_gradient(net))
    return rows(change)


@case(conds=True)
def branches():
    return checked_branches()


@case(functional=True)
def branches_functional():
    return checked_branches()


@case()
def identity_chain():
    """Every link is fetched and keeps its name."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    links = [tf.tanh(dense(x, 2, "h"), name="first")]
    for name in ("second", "third", "fourth"):
        links.append(tf.identity(links[-1], name=name))
    return Model({x: uniform(2, 3)}, links)


@case()
def output_is_an_input():
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    return Model({x: uniform(2, 3)}, [x, tf.identity(x, name="same"), tf.tanh(x, name="out")])


@case()
def outputs_are_constants():
    """Folded, an output is a constant of its name; a node of several outputs too."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    w = weight("w", 6)
    parts = tf.split(w, 3, name="parts")
    shape = tf.shape(tf.zeros([2, 3]), name="shape")
    return Model({x: uniform(2, 3)}, [tf.add(tf.constant(1), 2, name="three"), shape, parts[1], parts[2], tf.multiply(w, 1.0, name="w_read"),
                                      tf.add(x, parts[0][0], name="out")])


@case()
def bypassed_nodes_of_several_outputs():
    x = tf1.placeholder(tf.float32, [None, 4], name="x")
    net = tf.tanh(x)
    pair = tf.raw_ops.IdentityN(input=[net, tf.stop_gradient(x)], name="pair")
    (whole,) = tf.split(net, 1, axis=1, name="whole")
    taken = tf.raw_ops.Switch(data=net, pred=tf.constant(True), name="taken")
    return Model({x: uniform(2, 4)}, [pair[0], pair[1], whole, taken[1], tf.add(pair[1], whole, name="out")])


@case()
def two_names_of_one_value():
    """Duplicates are merged, both names are fetched."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    return Model({x: uniform(2, 3)}, [tf.tanh(x, name="one"), tf.tanh(x, name="two"), tf.tanh(tf.identity(x), name="three")])


class Stripping(StrippingTest):
    """One test for each case."""


def add_tests():
    for name, (build, resource, functional, conds) in CASES.items():
        def test(self, build=build, resource=resource, functional=functional, conds=conds):
            self.save(build, resource, functional)
            self.check(conds)
        test.__doc__ = build.__doc__
        setattr(Stripping, "test_" + name, test)


add_tests()


class Fetches(StrippingTest):
    """Outputs that are no tensors, names that are protected, recipes that need more than numbers."""

    def grouped(self):
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        out = tf.tanh(dense(x, 2, "h"), name="out")
        tf.group(out, tf1.Assert(finite(out), [out]), name="everything")
        with tf1.control_dependencies([out]):
            tf.no_op(name="after")
        return Model({x: uniform(2, 3)}, [out])

    def test_no_op_and_control_fetches(self):
        self.save(self.grouped)
        for fetch in ("^after", "after", "^everything"):
            for level in (0, 1, 2):
                with self.subTest(fetch=fetch, level=level):
                    frozen = self.freeze(level, outputs=["out:0", fetch])
                    nodes = graphs.reachable(frozen, [fetch])
                    self.assertEqual(nodes[fetch.lstrip("^")].op, "NoOp")
                    self.assertIn("out", nodes, "what it waits for is kept")
                    with tf.Graph().as_default(), tf1.Session() as session:
                        tf.import_graph_def(frozen, name="")
                        self.assertIsNone(session.run(fetch.lstrip("^"), self.inputs))

    def test_keep_names(self):
        self.save(lambda: rows(lambda net: tf.identity(tf.stop_gradient(net, name="keep/me"), name="and/me")))
        frozen = self.freeze(1)
        self.assertFalse({"keep/me", "and/me"} & {n.name for n in frozen.node})
        frozen = self.freeze(1, "--keep-names", "keep/*,and/me")
        self.assertLessEqual({"keep/me", "and/me"}, {n.name for n in frozen.node})

    def test_report_of_what_went(self):
        import json
        self.save(r17_check_numerics)
        self.freeze(1, "--report", self.path("r.json"))
        with open(self.path("r.json")) as f:
            self.assertIn("CheckNumerics", json.dumps(json.load(f)["removed"]))

    def test_r14_default_phase(self):
        """slim with a PlaceholderWithDefault phase: no cond, no placeholder is left."""
        def build():
            x, phase = tf1.placeholder(tf.float32, [None, 4, 4, 2], name="x"), tf1.placeholder_with_default(False, [], name="phase")
            net = slim().batch_norm(x, is_training=phase, scale=True)
            return Model({x: uniform(3, 4, 4, 2)}, [tf.identity(slim().dropout(net, is_training=phase), name="out")])
        self.save(build)
        self.check()

    def test_r15_r16_shared_convolution(self):
        """A second consumer of the convolution and a second use of its weights: neither may be rescaled."""
        def build():
            x, w = tf1.placeholder(tf.float32, [None, 4, 4, 2], name="x"), weight("w", 3, 3, 2, 2)
            conv = tf1.nn.conv2d(x, w, [1, 1, 1, 1], "SAME")
            again = tf1.nn.conv2d(tf.nn.relu(conv), w, [1, 1, 1, 1], "SAME")
            norm, _, _ = tf1.nn.fused_batch_norm(again, weight("g", 2), weight("b", 2), weight("m", 2), weight("v", 2), is_training=False)
            more, _, _ = tf1.nn.fused_batch_norm(conv, weight("g2", 2), weight("b2", 2), weight("m2", 2), weight("v2", 2), is_training=False)
            return Model({x: uniform(2, 4, 4, 2)}, [tf.add_n([conv, norm, more, again], name="out")])
        self.save(build)
        self.check()

    def test_r13_constant_keep_of_one(self):
        """No tool takes out a mask that keeps everything, though it is known to."""
        from mode_dropout import GENERATIONS, Probability
        for form, drop in GENERATIONS.items():
            for source in ({"keep": 1.0}, {"rate": 0.0}):
                with self.subTest(form=form, **source):
                    def build():
                        constant = {k: tf.constant(v) for k, v in source.items()}
                        return rows(lambda net: drop(net, Probability(**constant), tf.shape(net)))
                    self.save(build)
                    self.check(levels=(1,))


class Tables(StrippingTest):

    def build(self):
        x = tf1.placeholder(tf.string, [None], name="x")
        keys, values = tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64)
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), -1)
        found = tf1.check_numerics(tf.gather(weight("scores", 4), table.lookup(tf.identity(x)) + 1), "scores")
        tf1.tables_initializer(name="init_tables")
        return Model({x: np.array([b"b", b"zz"], object)}, [tf.identity(found, name="out")])

    def test_table_is_kept_runnable(self):
        """Its initializer is fetched, survives every level and fills the table."""
        self.save(self.build)
        with tf.Graph().as_default(), tf1.Session() as session:
            saver = tf1.train.import_meta_graph(self.meta)
            saver.restore(session, self.path("model.ckpt"))
            session.run("init_tables")
            want = session.run("out:0", self.inputs)
        for level in (0, 1, 2):
            with self.subTest(level), tf.Graph().as_default(), tf1.Session() as session:
                frozen = self.freeze(level, outputs=["out", "^init_tables"])
                self.assertEqual(inference.leftovers(frozen, self.inputs), [])
                tf.import_graph_def(frozen, name="")
                session.run("init_tables")
                self.assert_same_bits([session.run("out:0", self.inputs)], [want], "out")


if __name__ == "__main__":
    unittest.main()
