"""One test for each way in which TensorFlow's own tools are known to break a model or to fail without saying why, with the result or
the error that a user should get. Each makes its training graph here; what is already a small model is used as it is."""
import os
import unittest

import graphs
import numpy as np
import small_models
from support import ParityTest, bind_flags, freeze_graph, need_firn, read_graph, run_frozen, run_training, slim, tf, tf1
from small_models import dense, uniform, weight


def setUpModule():
    need_firn()


class Recipe(ParityTest):

    def save(self, build, resource=False):
        """Builds in a fresh graph; build() gives (inputs, outputs); saves to model.ckpt; keeps names."""
        tf1.disable_control_flow_v2()
        (tf1.enable_resource_variables if resource else tf1.disable_resource_variables)()
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.set_random_seed(11)
            inputs, outputs = build()
            session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
            small_models.randomise(session)
            tf1.train.Saver().save(session, self.path("model.ckpt"))
            self.inputs, self.outputs = {t.name: v for t, v in inputs.items()}, [t.name for t in outputs]
        self.meta = self.path("model.ckpt.meta")

    def rewrite_checkpoint(self, build):
        """Another graph's variables saved over the checkpoint of this one."""
        with tf.Graph().as_default(), tf1.Session() as session:
            build()
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, self.path("model.ckpt"), write_meta_graph=False)

    def check(self, binds=None, mode="inference"):
        """Frozen, loaded, run: the training graph's bits."""
        binds = binds or {}
        want = run_training(self.meta, self.path("model.ckpt"), {**self.inputs, **binds}, self.outputs)
        done = self.firn_good("freeze", self.meta, "--outputs", ",".join(self.outputs), *bind_flags(binds), "--mode", mode,
                              "-o", self.path("f.pb"))
        frozen = read_graph(self.path("f.pb"))
        self.assertEqual(graphs.defects(frozen), [])
        self.assert_same_bits(run_frozen(frozen, self.inputs, self.outputs), want, "frozen")
        return done

    def refuse(self, *says, outputs="out", more=()):
        out = self.path("refused.pb")
        return self.firn_refuses("freeze", self.meta, "--outputs", outputs, *more, "-o", out, output=out, says=says)

    def small(self, name):
        case = small_models.save(name, self.dir)
        self.meta, self.inputs, self.outputs = case.meta, case.inputs, case.outputs
        want = run_training(case.meta, case.restore_path, {**case.inputs, **case.binds}, case.outputs)
        self.firn_good("freeze", case.meta, *case.flags(), "-o", self.path("f.pb"))
        frozen = read_graph(self.path("f.pb"))
        self.assertEqual(graphs.defects(frozen), [])
        self.assert_same_bits(run_frozen(frozen, case.inputs, case.outputs), want, name)


class Writes(Recipe):
    """R1–R5: writes of variables on the way to the output."""

    def batch_norm(self, **options):
        x, phase = tf1.placeholder(tf.float32, [None, 4, 4, 2], name="x"), tf1.placeholder(tf.bool, [], name="phase")
        out = slim().batch_norm(x, is_training=phase, scale=True, **options)
        return {x: uniform(3, 4, 4, 2)}, out, phase

    def test_r1_updates_in_place(self):
        for fused in (True, False):
            for resource in (False, True):
                with self.subTest(fused=fused, resource=resource):
                    def build():
                        inputs, out, _ = self.batch_norm(updates_collections=None, fused=fused)
                        return inputs, [tf.identity(out, name="out")]
                    self.save(build, resource)
                    self.check({"phase:0": False})

    def test_r2_average_in_cond(self):
        self.small("phase_cond_ema")

    def test_r3_update_ops_before_the_output(self):
        for resource in (False, True):
            with self.subTest(resource=resource):
                def build():
                    inputs, net, _ = self.batch_norm(fused=False)
                    with tf1.control_dependencies(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)):
                        return inputs, [tf.identity(net, name="out")]
                self.save(build, resource)
                self.check({"phase:0": False})

    def test_r4_optimizer_before_the_output(self):
        for resource in (False, True):
            with self.subTest(resource=resource):
                def build():
                    x = tf1.placeholder(tf.float32, [None, 3], name="x")
                    net = dense(x, 2, "h")
                    step = tf1.train.AdamOptimizer().minimize(tf.reduce_sum(net * net), tf1.train.get_or_create_global_step())
                    with tf1.control_dependencies([step]):
                        return {x: uniform(2, 3)}, [tf.identity(net, name="out")]
                self.save(build, resource)
                self.check()

    def test_r5_counter_on_the_way(self):
        self.small("counted")
        self.small("counted_resource")

    def test_r5_value_of_a_write(self):
        """The output is what was written: dropping the write would change it, so it is refused by name."""
        for resource in (False, True):
            with self.subTest(resource=resource):
                def build():
                    x = tf1.placeholder(tf.float32, [None, 3], name="x")
                    seen = tf1.assign_add(weight("seen", 3), tf.reduce_sum(x, 0), name="accumulate")
                    return {x: uniform(2, 3)}, [tf.add(x, seen, name="out")]
                self.save(build, resource)
                self.refuse("seen")

    def test_r5_read_after_a_write(self):
        """A read that waits for a write of the same variable gives the written value."""
        def build():
            x, w = tf1.placeholder(tf.float32, [None, 3], name="x"), weight("w", 3)
            with tf1.control_dependencies([w.assign_add([1.0, 2.0, 3.0])]):
                return {x: uniform(2, 3)}, [tf.add(x, w.read_value(), name="out")]
        self.save(build, resource=True)
        self.refuse("w")


class Forms(Recipe):
    """R6–R9, R11, R15–R18, R20."""

    def test_r6_resource_in_loop(self):
        self.small("while_resource")

    def test_r7_variable_shape(self):
        self.small("resource_reads")

    def test_r8_partitioned_by_name(self):
        """freeze_graph refuses partitioned variables without a MetaGraph; the text graph and the checkpoint are enough."""
        case, out = small_models.save("partitioned_columns", self.dir), self.path("f.pb")
        self.assertIsNotNone(freeze_graph(["--input_graph", case.pbtxt, "--input_checkpoint", case.checkpoint,
                                           "--output_node_names", "out", "--output_graph", self.path("theirs.pb")]))
        self.firn_good("freeze", case.pbtxt, "--checkpoint", case.checkpoint, "--outputs", "out", "-o", out)
        want = run_training(case.meta, case.checkpoint, case.inputs, case.outputs)
        self.assert_same_bits(run_frozen(read_graph(out), case.inputs, case.outputs), want, "partitioned")

    def table(self):
        x = tf1.placeholder(tf.string, [None], name="x")
        keys, values = tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64)
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys, values), -1)
        scores = tf.gather(weight("scores", 4), table.lookup(x) + 1, name="out")
        tf1.tables_initializer(name="init_tables")
        return {x: np.array([b"b", b"zz"], object)}, [scores]

    def test_r9_hash_table(self):
        """The table's initialiser is kept when asked for; when it is not, firn says that the table stays empty."""
        self.save(self.table)
        out = self.path("with.pb")
        self.firn_good("freeze", self.meta, "--outputs", "out,^init_tables", "-o", out)
        with tf.Graph().as_default(), tf1.Session() as session:
            tf.import_graph_def(read_graph(out), name="")
            session.run("init_tables")
            self.assertEqual(session.run("out:0", self.inputs).shape, (2,))
        done = self.firn_good("freeze", self.meta, "--outputs", "out", "-o", self.path("without.pb"))
        self.assertIn("table", done.err.lower())

    def test_r11_name_of_the_index(self):
        case, out = small_models.save("fixed_batch", self.dir), self.path("f.pb")
        for name in (case.checkpoint + ".index", case.checkpoint + ".data-00000-of-00001"):
            argv = ["--input_meta_graph", case.meta, "--input_binary=true", "--input_checkpoint", name, "--output_node_names", "out"]
            self.assertIsNotNone(freeze_graph(argv + ["--output_graph", self.path("theirs.pb")]))
            self.firn_good("freeze", *argv, "--output_graph", out)

    def test_r15_r16_shared_convolution(self):
        def build():
            x, w = tf1.placeholder(tf.float32, [None, 4, 4, 2], name="x"), weight("w", 3, 3, 2, 2)
            conv = tf1.nn.conv2d(x, w, [1, 1, 1, 1], "SAME")
            again = tf1.nn.conv2d(tf.nn.relu(conv), w, [1, 1, 1, 1], "SAME")
            norm, _, _ = tf1.nn.fused_batch_norm(conv, weight("g", 2), weight("b", 2), weight("m", 2), weight("v", 2), is_training=False)
            return {x: uniform(2, 4, 4, 2)}, [tf.add_n([conv, norm, again], name="out")]
        self.save(build)
        self.check()

    def test_r17_check_numerics(self):
        def build():
            x = tf1.placeholder(tf.float32, [None, 3], name="x")
            return {x: uniform(2, 3)}, [tf.multiply(tf1.check_numerics(dense(x, 2, "h"), "not finite"), 2.0, name="mul")]
        self.save(build)
        self.check(mode="as-is")
        self.assertIn("CheckNumerics", {n.op for n in read_graph(self.path("f.pb")).node}, "--mode as-is keeps it")

    def test_r18_embedding_in_while(self):
        for name in ("embedding_while_ref", "embedding_while_resource", "embedding_functional_while"):
            with self.subTest(name):
                self.small(name)

    def test_r20_packed_bundle(self):
        """A string, a half that pushes what follows to an odd offset, and slices, in one bundle."""
        def build():
            x = tf1.placeholder(tf.float32, [], name="x")
            words = tf1.get_variable("a", initializer=np.array([b"ab", b"", b"xyz"], object))
            half = tf1.get_variable("b", initializer=np.array([0.5], np.float16))
            flags = tf1.get_variable("c", initializer=np.array([True, False, True]))
            parts = tf1.get_variable("p/w", [4, 3], partitioner=tf1.fixed_size_partitioner(2))
            wide = weight("z", 5)
            return {x: np.float32(2)}, [tf.identity(words, "words"), tf.identity(half, "half"), tf.identity(flags, "flags"),
                                        tf.identity(tf.convert_to_tensor(parts), "joined"), tf.multiply(wide, x, "wide")]
        self.save(build)
        self.check()

    def test_r19_scalar_placeholder_of_old_producers(self):
        """`shape {}` is an unknown shape up to producer 21 and a scalar after: the versions must survive."""
        for producer, rank in ((21, None), (22, 0)):
            with self.subTest(producer):
                graph = tf1.GraphDef()
                graph.versions.producer = producer
                x = graph.node.add(name="x", op="Placeholder")
                x.attr["dtype"].type = 1
                x.attr["shape"].shape.SetInParent()
                y = graph.node.add(name="y", op="Neg", input=["x"])
                y.attr["T"].type = 1
                with open(self.path("old.pb"), "wb") as f:
                    f.write(graph.SerializeToString())
                self.firn_good("freeze", self.path("old.pb"), "--outputs", "y", "-o", self.path("f.pb"))
                frozen = read_graph(self.path("f.pb"))
                self.assertEqual(frozen.versions.producer, producer)
                with tf.Graph().as_default() as loaded:
                    tf.import_graph_def(frozen, name="")
                    self.assertEqual(loaded.get_tensor_by_name("x:0").shape.rank, rank)


class Checkpoints(Recipe):
    """R10 and R12: the checkpoint and the graph do not fit; everything that is wrong is said at once."""

    def graph(self):
        x = tf1.placeholder(tf.float32, [None, 3], name="x")
        net = tf.matmul(tf.matmul(x, weight("layer1/weights", 3, 4)), weight("layer2/weights", 4, 2))
        return {x: uniform(2, 3)}, [tf.add(net, weight("layer2/bias", 2), name="out")]

    def test_r10_missing_keys(self):
        for resource in (False, True):
            with self.subTest(resource=resource):
                self.save(self.graph, resource)
                self.rewrite_checkpoint(lambda: (weight("layer1/weights", 3, 4), weight("layer2/weight", 4, 2), weight("layer_2/bias", 2)))
                done = self.refuse("layer2/weights", "layer2/bias", "layer2/weight", "layer_2/bias", "[4,2]")
                self.assertNotIn("layer1/weights", done.err, "nothing is wrong with it")

    def test_r10_only_what_outputs_need(self):
        self.save(self.graph)
        self.rewrite_checkpoint(lambda: weight("layer1/weights", 3, 4))
        out = self.path("part.pb")
        self.firn_good("freeze", self.meta, "--outputs", "MatMul", "-o", out)
        self.assertEqual(graphs.defects(read_graph(out)), [])

    def test_r12_shapes(self):
        for resource in (False, True):
            with self.subTest(resource=resource):
                self.save(self.graph, resource)
                self.rewrite_checkpoint(lambda: (weight("layer1/weights", 3, 5), weight("layer2/weights", 4, 2), weight("layer2/bias", 1, 2)))
                self.refuse("layer1/weights", "[3,4]", "[3,5]", "layer2/bias", "[2]", "[1,2]")

    def test_dtypes(self):
        for resource in (False, True):
            with self.subTest(resource=resource):
                self.save(self.graph, resource)
                self.rewrite_checkpoint(lambda: (tf1.get_variable("layer1/weights", [3, 4], tf.float64), weight("layer2/weights", 4, 2),
                                                 tf1.get_variable("layer2/bias", [2], tf.float16)))
                self.refuse("layer1/weights", ("f64", "double", "float64"), ("f32", "float"), "layer2/bias", ("f16", "half", "float16"))

    def test_no_checkpoint(self):
        self.save(self.graph)
        for name in os.listdir(self.dir):
            if name != "model.ckpt.meta":
                os.unlink(self.path(name))
        self.refuse("checkpoint", "model.ckpt")

    def test_outputs_are_not_guessed(self):
        """No flag, signature or collection: firn stops and lists the plausible ones with the command line."""
        self.save(self.graph)
        out = self.path("no.pb")
        self.firn_refuses("freeze", self.meta, "-o", out, output=out, says=["--outputs", "out"])


if __name__ == "__main__":
    unittest.main()
