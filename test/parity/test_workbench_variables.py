"""Where variables get their values from: what people do with tf.train.Saver's var_list, its {'name': variable} maps, init_from_checkpoint
and variables_to_restore, done with the flags of `firn freeze` and held to the same session."""
import unittest

import numpy as np
from support import ParityTest, firn, need_firn, read_graph, run_frozen, session_config, tf, tf1


def setUpModule():
    need_firn()


def variable(name, shape, resource, start=0.0, trainable=True):
    return tf1.get_variable(name, initializer=tf.constant(np.full(shape, start, np.float32)), use_resource=resource,
                            trainable=trainable)


class Variables(ParityTest):

    X = np.arange(6, dtype=np.float32).reshape(2, 3) / 7

    def save(self, build, prefix="old.ckpt", seed=3, saver=None):
        """Builds, gives every variable random values, saves; {name: value}."""
        with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
            build()
            session.run(tf1.global_variables_initializer())
            random = np.random.RandomState(seed)
            for v in tf1.global_variables():
                v.load(random.uniform(-1, 1, v.shape).astype(v.dtype.base_dtype.as_numpy_dtype), session)
            (saver() if saver else tf1.train.Saver()).save(session, self.path(prefix), write_meta_graph=False)
            return {v.op.name: session.run(v) for v in tf1.global_variables()}

    def new_graph(self, build, restore, saver=None):
        """Builds the graph that is frozen (its .meta at new.meta) and what a session that `restore`s gives for 'out'."""
        with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
            build()
            if saver != "none":
                tf1.train.export_meta_graph(self.path("new.meta"), saver_def=(saver() if saver else tf1.train.Saver()).saver_def)
            else:
                tf1.train.export_meta_graph(self.path("new.meta"))
            return restore and restore(session) is None and session.run("out:0", {"x:0": self.X})

    def check(self, want, *flags):
        done = self.firn_good("freeze", self.path("new.meta"), "--outputs", "out", "-o", self.path("f.pb"), *flags)
        got = run_frozen(read_graph(self.path("f.pb")), {"x:0": self.X}, ["out:0"])
        self.assert_same_bits(got, [want], str(done))
        return done

    def both(self, action):
        for resource in (False, True):
            with self.subTest(resource=resource):
                action(resource)

    def two(self, a="v1", b="v2", start=0.5):
        def build(resource):
            x = tf1.placeholder(tf.float32, [None, 3], "x")
            w = variable(a, [3, 4], resource, start)
            bias = variable(b, [4], resource, start)
            tf.add(tf.matmul(x, w), bias, name="out")
        return build

    def test_subset_by_listed_names(self):
        def run(resource):
            build = lambda: self.two()(resource)
            self.save(build)

            def restore(session):
                session.run(tf1.global_variables_initializer())
                tf1.train.Saver([v for v in tf1.global_variables() if v.op.name == "v1"]).restore(session, self.path("old.ckpt"))
            want = self.new_graph(build, restore)
            self.check(want, "--checkpoint", self.path("old.ckpt"), "--only", "v1", "--init-missing")
            self.check(want, "--checkpoint", self.path("old.ckpt"), "--skip", "v2", "--init-missing")
        self.both(run)

    def test_what_is_not_chosen_stays_a_variable(self):
        self.save(lambda: self.two()(False))
        self.new_graph(lambda: self.two()(False), None)
        self.firn_good("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--outputs", "out", "--only", "v1",
                       "-o", self.path("f.pb"))
        ops = {n.name: n.op for n in read_graph(self.path("f.pb")).node}
        self.assertEqual(ops["v2"], "VariableV2")
        self.assertNotIn("v1", [n for n, op in ops.items() if op == "VariableV2"])

    def test_map_from_v3_to_a_new_variable(self):
        def run(resource):
            self.save(lambda: self.two("v1", "v3")(resource))

            def restore(session):
                by_name = {v.op.name: v for v in tf1.global_variables()}
                tf1.train.Saver({"v1": by_name["v1"], "v3": by_name["mine"]}).restore(session, self.path("old.ckpt"))
            want = self.new_graph(lambda: self.two("v1", "mine")(resource), restore)
            self.check(want, "--checkpoint", self.path("old.ckpt"), "--rename", "v3=mine")
            with open(self.path("map.json"), "w") as f:
                f.write('{"v3": "mine"}')
            self.check(want, "--checkpoint", self.path("old.ckpt"), "--rename", self.path("map.json"))
        self.both(run)

    def test_two_missing_are_both_named(self):
        self.save(lambda: self.two("v1", "v2")(False))
        with self.assertRaises(tf.errors.NotFoundError):
            self.new_graph(lambda: self.two("w1", "w2")(False),
                           lambda session: tf1.train.Saver().restore(session, self.path("old.ckpt")))
        out = self.path("f.pb")
        self.firn_refuses("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--outputs", "out", "-o", out,
                          output=out, says=["2 variables", "'w1' (float [3,4])", "'w2' (float [4])", "nearest: 'v1'"])

    def test_scope_for_fine_tuning(self):
        def run(resource):
            def net(scope):
                x = tf1.placeholder(tf.float32, [None, 3], "x")
                with tf1.variable_scope(scope):
                    h = tf.matmul(x, variable("w", [3, 4], resource))
                    return tf.add(h, variable("b", [4], resource))

            self.save(lambda: net("old"))

            def build():
                h = net("tower/new")
                with tf1.variable_scope("head"):
                    h = tf.matmul(h, variable("w", [4, 2], resource, 0.25))
                tf.add(h, variable("bias", [2], resource, 0.5), name="out")

            def restore(session):
                tf1.train.init_from_checkpoint(self.path("old.ckpt"), {"old/": "tower/new/"})
                session.run(tf1.global_variables_initializer())
            want = self.new_graph(build, restore)
            done = self.check(want, "--checkpoint", self.path("old.ckpt"), "--scope", "old=tower/new", "--init-missing")
            self.assertIn("2 variables have initial values: ", done.err)
            self.firn_refuses("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--scope", "old=tower/new",
                              "--outputs", "out", "-o", self.path("no.pb"), says=["'head/w' (float [4,2])", "'bias' (float [2])"])
        self.both(run)

    def test_saved_under_another_name(self):
        def run(resource):
            build = lambda: self.two()(resource)
            named = lambda: tf1.train.Saver({"v1": [v for v in tf1.global_variables() if v.op.name == "v1"][0],
                                             "my_v2": [v for v in tf1.global_variables() if v.op.name == "v2"][0]})
            self.save(build, saver=named)
            want = self.new_graph(build, lambda session: named().restore(session, self.path("old.ckpt")), saver=named)
            self.check(want, "--checkpoint", self.path("old.ckpt"))
            self.check(want, "--checkpoint", self.path("old.ckpt"), "--rename", "my_v2=v2")
            self.new_graph(build, None, saver="none")
            self.check(want, "--checkpoint", self.path("old.ckpt"), "--rename", "my_v2=v2")
        self.both(run)

    def test_a_rule_wins_over_the_saver(self):
        values = self.save(lambda: self.two("v1", "b")(False))

        def build():
            self.two("v1", "b")(False)
            variable("unused", [4], False)
        self.save(build, "both.ckpt", seed=5)
        self.new_graph(build, None)
        reader = tf.train.load_checkpoint(self.path("both.ckpt"))
        want = self.X @ reader.get_tensor("v1") + reader.get_tensor("unused")
        self.firn_good("freeze", self.path("new.meta"), "--checkpoint", self.path("both.ckpt"), "--rename", "unused=b", "--rename",
                       "b=unused", "--outputs", "out", "-o", self.path("f.pb"))
        got = run_frozen(read_graph(self.path("f.pb")), {"x:0": self.X}, ["out:0"])[0]
        np.testing.assert_allclose(got, want, rtol=1e-6)

    def averaged(self, resource, partitioned=False, scope=""):
        x = tf1.placeholder(tf.float32, [None, 3], "x")
        part = tf1.fixed_size_partitioner(2, axis=1) if partitioned else None
        w = tf1.get_variable("w", [3, 4], partitioner=part, use_resource=resource)
        b = variable("b", [4], resource)
        step = variable("not_trained", [4], resource, trainable=False)
        tf.add(tf.matmul(x, tf.convert_to_tensor(w)), b + step, name="out")
        average = tf.train.ExponentialMovingAverage(0.9)
        with tf1.variable_scope(scope) if scope else tf1.name_scope("train"):
            average.apply(list(w) if partitioned else [w] + [b])
        return average

    def test_moving_averages_in_place_of_weights(self):
        def run(resource):
            self.save(lambda: self.averaged(resource))
            holder = []
            want = self.new_graph(lambda: holder.append(self.averaged(resource)),
                                  lambda session: tf1.train.Saver(holder[0].variables_to_restore()).restore(session, self.path("old.ckpt")))
            done = self.check(want, "--checkpoint", self.path("old.ckpt"), "--moving-averages", "--report", self.path("r.json"))
            self.assertNotIn("warning", done.err)
            raw = firn("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--outputs", "out", "-o", self.path("g.pb"))
            self.assertIn("moving averages of 2 of 3 variables; --moving-averages takes them", raw.err)
        self.both(run)

    def test_moving_averages_of_parts_and_in_a_scope(self):
        for partitioned, scope in ((True, ""), (False, "train")):
            with self.subTest(partitioned=partitioned, scope=scope):
                values = self.save(lambda: self.averaged(False, partitioned, scope))
                self.new_graph(lambda: self.averaged(False, partitioned, scope), None)
                reader = tf.train.load_checkpoint(self.path("old.ckpt"))
                key = [k for k in reader.get_variable_to_shape_map() if k.endswith("w/ExponentialMovingAverage")]
                if not key:
                    self.skipTest("this TensorFlow names averages of parts in another way")
                bias = [k for k in reader.get_variable_to_shape_map() if k.endswith("b/ExponentialMovingAverage")] or ["b"]
                want = self.X @ reader.get_tensor(key[0]) + (reader.get_tensor(bias[0]) + reader.get_tensor("not_trained"))
                self.firn_good("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--moving-averages",
                               "--outputs", "out", "-o", self.path("f.pb"))
                got = run_frozen(read_graph(self.path("f.pb")), {"x:0": self.X}, ["out:0"])[0]
                np.testing.assert_allclose(got, want, rtol=1e-5)

    def test_averages_that_are_not_there(self):
        self.save(lambda: self.two()(False))
        self.new_graph(lambda: self.two()(False), None)
        self.firn_refuses("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--moving-averages", "--outputs",
                          "out", "-o", self.path("f.pb"), says=["no moving averages", "/ExponentialMovingAverage"])

    def test_several_checkpoints_lie_over_each_other(self):
        def run(resource):
            build = lambda: self.two()(resource)
            self.save(build)
            self.save(lambda: variable("v2", [4], resource), "later.ckpt", seed=9)

            def restore(session):
                tf1.train.Saver().restore(session, self.path("old.ckpt"))
                tf1.train.Saver([v for v in tf1.global_variables() if v.op.name == "v2"]).restore(session, self.path("later.ckpt"))
            want = self.new_graph(build, restore)
            done = self.check(want, "--checkpoint", self.path("old.ckpt"), "--checkpoint", self.path("later.ckpt"))
            self.assertIn("later.ckpt", done.err)
        self.both(run)

    def test_a_random_initial_value_is_refused(self):
        def build():
            x = tf1.placeholder(tf.float32, [None, 3], "x")
            w = tf1.get_variable("w", [3, 4], initializer=tf1.glorot_uniform_initializer())
            tf.add(tf.matmul(x, w), variable("v2", [4], False), name="out")
        self.save(lambda: variable("v2", [4], False))
        self.new_graph(build, None)
        self.firn_refuses("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), "--init-missing", "--outputs", "out",
                          "-o", self.path("f.pb"), says=["'w' (float [3,4])", "random", "RandomUniform"])

    def test_mistakes_in_rules(self):
        self.save(lambda: self.two()(False))
        self.new_graph(lambda: self.two()(False), None)
        cases = [(["--rename", "(=b"], 1, ["no regular expression"]), (["--rename", "nothing=b"], 1, ["matches no name"]),
                 (["--rename", "v1=v2"], 1, ["'v1' and 'v2' would both be 'v2'"]), (["--scope", "old"], 2, ["--scope FROM=TO"]),
                 (["--rename", self.path("nowhere.txt")], 1, ["nowhere.txt"])]
        for flags, rc, says in cases:
            with self.subTest(flags=flags):
                self.firn_refuses("freeze", self.path("new.meta"), "--checkpoint", self.path("old.ckpt"), *flags, "--outputs", "out",
                                  "-o", self.path("f.pb"), rc=rc, says=says)

    def test_select_for_a_graph(self):
        """What the outputs need: enough to freeze with, nothing of the optimizer, nothing of other outputs."""
        def run(resource):
            def build():
                self.two("v1", "v2")(resource)
                other = variable("other", [3], resource)
                loss = tf.reduce_sum(tf1.get_default_graph().get_tensor_by_name("out:0")) + tf.reduce_sum(other)
                tf1.train.AdamOptimizer().minimize(loss)
            self.save(build)
            want = self.new_graph(build, lambda session: tf1.train.Saver().restore(session, self.path("old.ckpt")))
            self.firn_good("checkpoint", "select", self.path("old.ckpt"), "-o", self.path("few.ckpt"), "--for-graph", self.path("new.meta"),
                           "--outputs", "out")
            reader = tf.train.load_checkpoint(self.path("few.ckpt"))
            self.assertEqual(sorted(reader.get_variable_to_shape_map()), ["v1", "v2"])
            self.check(want, "--checkpoint", self.path("few.ckpt"))
            self.firn_refuses("checkpoint", "select", self.path("old.ckpt"), "-o", self.path("none.ckpt"), "--for-graph",
                              self.path("new.meta"), "--outputs", "nothing", says=["'nothing'"])
        self.both(run)

    def test_match_tells_what_freeze_would(self):
        self.save(lambda: self.two("v1", "v3")(False))
        self.new_graph(lambda: self.two("v1", "v2")(False), None)
        done = firn("checkpoint", "match", self.path("new.meta"), self.path("old.ckpt"))
        self.assertEqual(done.rc, 1, str(done))
        self.assertIn("missing  v2", done.text())
        self.assertIn("nearest: v3", done.text())
        self.assertIn("unused  v3", done.text())
        done = self.firn_good("checkpoint", "match", self.path("new.meta"), self.path("old.ckpt"), "--rename", "v3=v2", "--all")
        self.assertIn("2 variables: 2 matched; 0 unused keys", done.text())


if __name__ == "__main__":
    unittest.main()
