"""`firn checkpoint rename`: of a checkpoint alone, and of a graph with it. TensorFlow restores and trains what comes out."""
import os
import unittest

import numpy as np
from support import ParityTest, firn, need_firn, read_meta, session_config, tf, tf1


def setUpModule():
    need_firn()


def tensors(prefix):
    reader = tf.train.load_checkpoint(prefix)
    return {k: reader.get_tensor(k) for k in reader.get_variable_to_shape_map()}


def names_in(message, found):
    """Every string of a message and below."""
    for field, value in message.ListFields():
        for one in value if field.label == field.LABEL_REPEATED else [value]:
            if field.type == field.TYPE_MESSAGE and hasattr(one, "ListFields"):
                names_in(one, found)
            elif isinstance(one, str):
                found.append(one)


class RenameTest(ParityTest):

    X = np.arange(6, dtype=np.float32).reshape(2, 3) / 7

    def save(self, build, prefix="in.ckpt", seed=3, train=0, **saver):
        """Builds, gives variables random values, saves with its .meta; {key: value}."""
        with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
            build()
            session.run(tf1.global_variables_initializer())
            random = np.random.RandomState(seed)
            for v in tf1.trainable_variables():
                v.load(random.uniform(-1, 1, v.shape).astype(np.float32), session)
            for _ in range(train):
                session.run("train", {"x:0": self.X})
            tf1.train.Saver(**saver).save(session, self.path(prefix))
        return tensors(self.path(prefix))

    def small(self, parts=3):
        tf1.get_variable("tower/fc/w", [3, 4])
        tf1.get_variable("tower/fc/b", [4])
        tf1.get_variable("step", initializer=tf.constant(7, tf.int64))
        tf1.get_variable("parts", [5, 4], partitioner=tf1.fixed_size_partitioner(parts))

    def renamed(self, *flags, given="in.ckpt"):
        done = self.firn_good("checkpoint", "rename", self.path(given), "-o", self.path("out.ckpt"), *flags)
        return done, tensors(self.path("out.ckpt"))

    def assert_same(self, got, want):
        self.assertEqual(sorted(got), sorted(want))
        for key in want:
            np.testing.assert_array_equal(got[key], want[key], err_msg=key)
            self.assertEqual(np.asarray(got[key]).dtype, np.asarray(want[key]).dtype, key)


class Rename(RenameTest):

    def test_exact_prefix_expression_file(self):
        before = self.save(self.small)
        with open(self.path("map.txt"), "w") as f:
            f.write("# names of the paper\ntower/=net/\nstep=global_step\n")
        with open(self.path("map.json"), "w") as f:
            f.write('{"tower/fc/w": "net/fc/w", "tower/fc/b": "net/fc/b", "step": "global_step"}')
        want = {k.replace("tower/", "net/").replace("step", "global_step"): v for k, v in before.items()}
        for flags in (["--map", "tower/=net/", "--map", "step=global_step"],
                      ["--map", "tower/(.*)=net/\\1", "--map", "s(te)p=global_s\\1p"],
                      ["--map-file", self.path("map.txt")], ["--map-file", self.path("map.json")]):
            with self.subTest(flags=flags):
                done, after = self.renamed(*flags)
                self.assert_same(after, want)
                self.assertIn("3 keys", done.err)

    def test_saver_restores_the_new_names(self):
        before = self.save(self.small)
        self.renamed("--map", "tower/fc/(.*)=dense/\\1", "--map", "parts=table")
        with tf.Graph().as_default(), tf1.Session() as session:
            w, table = tf1.get_variable("dense/w", [3, 4]), tf1.get_variable("table", [5, 4], partitioner=tf1.fixed_size_partitioner(3))
            tf1.train.Saver([w, table]).restore(session, self.path("out.ckpt"))
            np.testing.assert_array_equal(session.run(w), before["tower/fc/w"])
            np.testing.assert_array_equal(session.run(tf.convert_to_tensor(table)), before["parts"])

    def test_v1_in_and_out(self):
        # TensorFlow's own reader of V1 knows no slices.
        before = self.save(lambda: self.small(parts=1), write_version=tf1.train.SaverDef.V1)
        _, after = self.renamed("--map", "tower/=net/")
        self.assert_same(after, {k.replace("tower/", "net/"): v for k, v in before.items()})
        for name in os.listdir(self.dir):
            if name.startswith("out.ckpt"):
                os.remove(self.path(name))
        _, after = self.renamed("--map", "tower/=net/", "--format", "v1")
        self.assert_same(after, {k.replace("tower/", "net/"): v for k, v in before.items()})

    def test_in_place(self):
        """The old files are replaced only when the new ones are complete."""
        before = self.save(self.small)
        self.firn_good("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("in.ckpt"), "--map", "tower/=net/")
        self.assert_same(tensors(self.path("in.ckpt")), {k.replace("tower/", "net/"): v for k, v in before.items()})

    def test_keys_of_objects(self):
        with tf.Graph().as_default(), tf1.Session() as session:
            v, w = tf.Variable([1.0, 2.0], name="a"), tf.Variable([3.0], name="b")
            session.run(tf1.global_variables_initializer())
            tf1.train.Checkpoint(first=v, second=w).save(self.path("in.ckpt"), session=session)
        self.renamed("--map", "first/(.*)=one/\\1", given="in.ckpt-1")
        with tf.Graph().as_default(), tf1.Session() as session:
            v, w = tf.Variable([0.0, 0.0], name="a"), tf.Variable([0.0], name="b")
            tf1.train.Checkpoint(first=v, second=w).restore(self.path("out.ckpt")).assert_consumed().run_restore_ops(session)
            np.testing.assert_array_equal(session.run(v), [1, 2])
        self.assertIn("one/.ATTRIBUTES/VARIABLE_VALUE", tensors(self.path("out.ckpt")))

    def test_mistakes(self):
        self.save(self.small)
        cases = [(["--map", "tower/fc/v=x"], 1, ["matches no name", "nearest: 'tower/fc/"]),
                 (["--map", "tower/fc/(w|b)=x"], 1, ["'tower/fc/b' and 'tower/fc/w' would both be 'x'"]),
                 (["--map", "step=parts", "--map", "tower/fc/w=parts"], 1, ["would all be 'parts'"]),
                 (["--map", "tower/([=x"], 1, ["no regular expression"]), (["--map", "tower/(.*)=x\\2"], 1, ["can't be filled"]),
                 (["--map", "step()="], 1, ["leaves nothing of 'step'"]), (["--map-file", self.path("none")], 1, ["can't be read"]),
                 ([], 2, ["--map"]), (["--map", "step=s", "--graph", self.path("in.ckpt.meta")], 2, ["--graph-out"]),
                 (["--map", "step=s", "--graph-out", self.path("out.meta")], 2, ["--graph"])]
        for flags, rc, says in cases:
            with self.subTest(flags=flags):
                self.firn_refuses("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), *flags, rc=rc, says=says)

    def test_dry_run(self):
        self.save(self.small)
        before = sorted(os.listdir(self.dir))
        done = self.firn_good("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), "--map", "tower/=net/",
                              "--graph", self.path("in.ckpt.meta"), "--dry-run")
        self.assertIn("net/fc/w", done.text())
        self.assertIn("from tower/fc/w", done.text())
        self.assertIn("tower/fc/w/read", done.text())
        self.assertEqual(sorted(os.listdir(self.dir)), before)


class RenameGraph(RenameTest):

    def training(self, resource, control_v2=False):
        """Variables read in a cond and in a loop, partitioned, averaged, with slots, some in branches of their own."""
        (tf1.enable_control_flow_v2 if control_v2 else tf1.disable_control_flow_v2)()
        x = tf1.placeholder(tf.float32, [None, 3], "x")
        w = tf1.get_variable("net/w", [3, 4], use_resource=resource)
        parts = tf1.get_variable("net/table", [5, 4], partitioner=tf1.fixed_size_partitioner(2), use_resource=resource)
        scale = tf1.get_variable("net/scale", initializer=tf.constant(0.5), use_resource=resource)
        h = tf.matmul(x, w)
        h = tf1.cond(tf.reduce_sum(x) > 0, lambda: h * scale, lambda: h - scale)
        _, h = tf1.while_loop(lambda i, v: i < 2, lambda i, v: (i + 1, v * scale + tf.reduce_sum(w)), [tf.constant(0), h])
        out = tf.matmul(h, tf.convert_to_tensor(parts), transpose_b=True, name="out")
        step = tf1.train.get_or_create_global_step()
        loss = tf.reduce_sum(out * out)
        update = tf1.train.AdamOptimizer(0.01).minimize(loss, global_step=step)
        average = tf.train.ExponentialMovingAverage(0.9)
        with tf.control_dependencies([update]):
            tf.group(average.apply([w, scale]), name="train")
        tf1.add_to_collection("mine", w)
        tf1.add_to_collection("mine", h)
        if resource and not control_v2:
            tf1.add_to_collection("texts", b"net/w")

    def run_on(self, meta, prefix, steps):
        """Restored and trained some steps: outputs, variables, collections."""
        with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
            saver = tf1.train.import_meta_graph(meta)
            saver.restore(session, prefix)
            first = session.run("out:0", {"x:0": self.X})
            for _ in range(steps):
                session.run("train", {"x:0": self.X})
            values = {v.op.name: session.run(v) for v in tf1.global_variables()}
            saver.save(session, self.path("again.ckpt"))
            session.run(tf1.global_variables_initializer())
            collections = {key: [getattr(e, "name", e) for e in tf1.get_collection(key)]
                           for key in tf1.get_default_graph().get_all_collection_keys()}
            return first, session.run("out:0", {"x:0": self.X}).shape, values, tensors(self.path("again.ckpt")), collections

    def check(self, build, flags, change, absent):
        """The graph and its checkpoint renamed, `change` being what the rules do to a name: the same training under other names."""
        before = self.save(build, train=2)
        self.firn_good("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), "--graph",
                       self.path("in.ckpt.meta"), "--graph-out", self.path("out.ckpt.meta"), *flags)
        self.assert_same(tensors(self.path("out.ckpt")), {change(k): v for k, v in before.items()})
        old = self.run_on(self.path("in.ckpt.meta"), self.path("in.ckpt"), 3)
        new = self.run_on(self.path("out.ckpt.meta"), self.path("out.ckpt"), 3)
        self.assert_same_bits([new[0]], [old[0]], "restored")
        self.assertEqual(new[1], old[1])
        self.assert_same(new[3], {change(k): v for k, v in old[3].items()})
        self.assertEqual(len(new[2]), len(old[2]))
        self.assertEqual({k: len(v) for k, v in new[4].items()}, {k: len(v) for k, v in old[4].items()})
        meta = read_meta(self.path("out.ckpt.meta"))
        for collection in meta.collection_def.values():
            for data in collection.bytes_list.value:
                self.assertNotIn(absent.encode(), data)
        found = []
        names_in(meta.graph_def, found)
        self.assertEqual([n for n in found if n.startswith(absent) or "@" + absent in n], [])
        return new

    def test_scope_follows_everywhere(self):
        for resource, control_v2 in ((False, False), (True, False), (True, True)):
            with self.subTest(resource=resource, control_v2=control_v2):
                new = self.check(lambda: self.training(resource, control_v2), ["--map", "net/=model/deep/"],
                                 lambda k: "model/deep/" + k[4:] if k.startswith("net/") else k, "net/w:")
                self.assertIn("model/deep/w:0", new[4]["trainable_variables"])

    def test_exact_rule_of_parts(self):
        self.check(lambda: self.training(False), ["--map", "net/table=rows", "--map", "net/table/(.*)=rows/\\1"],
                   lambda k: "rows" + k[9:] if k.startswith("net/table") else k, "net/table")

    def test_saver_with_names_of_its_own(self):
        def build():
            x = tf1.placeholder(tf.float32, [None, 3], "x")
            tf.matmul(x, tf1.get_variable("w", [3, 4]), name="out")
        with tf.Graph().as_default(), tf1.Session() as session:
            build()
            saver = tf1.train.Saver({"v3": tf1.global_variables()[0]})
            session.run(tf1.global_variables_initializer())
            saver.save(session, self.path("in.ckpt"))
            want = session.run("out:0", {"x:0": self.X})
        self.firn_good("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), "--map", "v3=w", "--graph",
                       self.path("in.ckpt.meta"), "--graph-out", self.path("out.ckpt.meta"))
        self.assertEqual(list(tensors(self.path("out.ckpt"))), ["w"])
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.train.import_meta_graph(self.path("out.ckpt.meta")).restore(session, self.path("out.ckpt"))
            np.testing.assert_array_equal(session.run("out:0", {"x:0": self.X}), want)

    def test_restores_of_other_files_stay(self):
        self.save(lambda: tf1.get_variable("w", [3, 4]), "base.ckpt")

        def build():
            x = tf1.placeholder(tf.float32, [None, 3], "x")
            tf.matmul(x, tf1.get_variable("w", [3, 4]), name="out")
            tf1.train.init_from_checkpoint(self.path("base.ckpt"), {"w": "w"})
        with tf.Graph().as_default(), tf1.Session() as session:
            build()
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, self.path("in.ckpt"))
        self.firn_good("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), "--map", "w=v", "--graph",
                       self.path("in.ckpt.meta"), "--graph-out", self.path("out.ckpt.meta"))
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.train.import_meta_graph(self.path("out.ckpt.meta"))
            session.run(tf1.global_variables_initializer())
            np.testing.assert_array_equal(session.run("v:0"), tensors(self.path("base.ckpt"))["w"])

    def test_a_name_that_another_node_has(self):
        def build():
            x = tf1.placeholder(tf.float32, [None, 3], "x")
            tf.matmul(x, tf1.get_variable("w", [3, 4]), name="out")
        self.save(build)
        self.firn_refuses("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), "--map", "w=x", "--graph",
                          self.path("in.ckpt.meta"), "--graph-out", self.path("out.ckpt.meta"), says=["'w' and 'x' would both be 'x'"])

    def test_text_and_plain_graphs(self):
        self.save(self.small)
        meta = read_meta(self.path("in.ckpt.meta"))
        for name, data in (("g.pbtxt", str(meta.graph_def)), ("g.pb", meta.graph_def.SerializeToString()), ("m.pbtxt", str(meta))):
            with open(self.path(name), "wb") as f:
                f.write(data.encode() if isinstance(data, str) else data)
            with self.subTest(name=name):
                self.firn_good("checkpoint", "rename", self.path("in.ckpt"), "-o", self.path("out.ckpt"), "--map", "tower/=net/",
                               "--graph", self.path(name), "--graph-out", self.path("out_" + name))
                self.firn_good("inspect", self.path("out_" + name))
                done = firn("checkpoint", "match", self.path("out_" + name), self.path("out.ckpt"))
                self.assertEqual(done.rc, 0, str(done))


if __name__ == "__main__":
    unittest.main()
