"""What is missing, damaged, contradictory or mistyped: exit 1 (2 for usage), one clear message, no output file, nothing left behind."""
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

import bundle
import small_models
from support import FIRN, ParityTest, firn, need_firn, tf, tf1


def setUpModule():
    global DIRECTORY, CASE
    need_firn()
    DIRECTORY = tempfile.mkdtemp(prefix="firn-bad-")
    CASE = small_models.save("keep_prob_conv", DIRECTORY)


def tearDownModule():
    shutil.rmtree(DIRECTORY, ignore_errors=True)


class BadInput(ParityTest):

    def copy(self):
        """A copy of the good model in this test's directory; its MetaGraph's path."""
        for name in os.listdir(CASE.directory):
            shutil.copy(os.path.join(CASE.directory, name), self.dir)
        return self.path("model.ckpt.meta")

    def refuse(self, model, *says, more=("--outputs", "prob"), rc=1):
        out = self.path("refused.pb")
        return self.firn_refuses("freeze", model, *more, "-o", out, rc=rc, output=out, says=says)

    def damage(self, name, change):
        with open(self.path(name), "rb") as f:
            good = f.read()
        with open(self.path(name), "wb") as f:
            f.write(change(good))

    def survives(self, model, good=None):
        """Damage that may go unseen: exit 0 (then, where `good` is given, those bytes) or 1 with a clear message; never anything else."""
        before = set(os.listdir(self.dir))
        done = firn("freeze", model, "--outputs", "prob", "-o", self.path("maybe.pb"))
        self.assertIn(done.rc, (0, 1), str(done))
        if done.rc == 1:
            self.assert_clear_message(done)
        elif good is not None:
            with open(self.path("maybe.pb"), "rb") as f:
                self.assertTrue(f.read() == good, "damage went unseen and changed the result")
        if done.rc == 0:
            os.unlink(self.path("maybe.pb"))
        self.assertEqual(set(os.listdir(self.dir)), before, "files were left behind: %s" % done)
        return done.rc

    def good_bytes(self):
        self.firn_good("freeze", CASE.meta, "--outputs", "prob", "-o", self.path("good.pb"))
        with open(self.path("good.pb"), "rb") as f:
            return f.read()


class Files(BadInput):

    def test_missing_files(self):
        self.refuse(self.path("none.meta"), "none.meta")
        self.refuse(self.path("none.pb"), "none.pb")
        self.refuse(CASE.pbtxt, "elsewhere", more=("--checkpoint", self.path("elsewhere/model"), "--outputs", "prob"))
        self.copy()
        os.unlink(self.path("model.ckpt.data-00000-of-00001"))
        self.refuse(self.path("model.ckpt.meta"), "model.ckpt.data-00000-of-00001")

    def test_state_file_of_nothing(self):
        with open(self.path("checkpoint"), "w") as f:
            f.write('model_checkpoint_path: "/no/such/place/model.ckpt-7"\n')
        self.refuse(self.dir, "model.ckpt-7")

    def test_another_machines_path(self):
        """The state file names a path of the training machine; the same basename lies beside it."""
        self.copy()
        with open(self.path("checkpoint"), "w") as f:
            f.write('model_checkpoint_path: "/no/such/place/model.ckpt"\n')
        done = self.firn_good("freeze", self.dir, "--outputs", "prob", "-o", self.path("out.pb"))
        self.assertIn("model.ckpt", done.err + done.text())

    def test_no_model(self):
        for name, content in (("empty.pb", b""), ("noise.pb", random.Random(1).randbytes(4096)), ("zeros.meta", bytes(512)),
                              ("words.pbtxt", b"node { name: 'x' op: }"), ("page.pb", b"<html><body>404</body></html>")):
            with self.subTest(name):
                with open(self.path(name), "wb") as f:
                    f.write(content)
                self.refuse(self.path(name), name)

    def test_truncated_index(self):
        self.copy()
        with open(self.path("model.ckpt.index"), "rb") as f:
            whole = f.read()
        for size in (0, 1, 40, 47, 48, len(whole) // 2, len(whole) - 48, len(whole) - 1):
            with self.subTest(size):
                self.damage("model.ckpt.index", lambda _: whole[:size])
                self.refuse(self.path("model.ckpt.meta"), "model.ckpt.index")

    def test_flipped_index(self):
        good, whole, seen = self.good_bytes(), None, 0
        self.copy()
        with open(self.path("model.ckpt.index"), "rb") as f:
            whole = f.read()
        positions = list(range(0, len(whole), max(1, len(whole) // 60))) + list(range(len(whole) - 48, len(whole)))
        for at in positions:
            with self.subTest(at):
                self.damage("model.ckpt.index", lambda _: whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1:])
                seen += self.survives(self.path("model.ckpt.meta"), good)
        self.assertGreater(seen, len(positions) // 2)

    def test_truncated_shard(self):
        self.copy()
        name = "model.ckpt.data-00000-of-00001"
        for keep in (0, 1, 100):
            with self.subTest(keep):
                self.damage(name, lambda data: data[:keep])
                self.refuse(self.path("model.ckpt.meta"), name)

    def test_flipped_shard(self):
        """Every tensor that is read has its checksum compared; the message names the key or the file."""
        good, name = self.good_bytes(), "model.ckpt.data-00000-of-00001"
        self.copy()
        with open(self.path(name), "rb") as f:
            whole = f.read()
        seen = 0
        for at in range(5, len(whole), len(whole) // 40):
            with self.subTest(at):
                self.damage(name, lambda _: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
                seen += self.survives(self.path("model.ckpt.meta"), good)
        self.assertGreater(seen, 5)
        self.firn_good("freeze", self.path("model.ckpt.meta"), "--outputs", "prob", "--no-verify", "-o", self.path("out.pb"))

    def test_truncated_and_flipped_graph(self):
        self.copy()
        with open(self.path("model.ckpt.meta"), "rb") as f:
            whole = f.read()
        rng = random.Random(2)
        for _ in range(40):
            at, kind = rng.randrange(len(whole)), rng.randrange(2)
            with self.subTest(at=at, kind=kind):
                flipped = whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1:]
                self.damage("model.ckpt.meta", lambda _: whole[:at] if kind else flipped)
                self.survives(self.path("model.ckpt.meta"))
        self.damage("model.ckpt.meta", lambda _: whole[:len(whole) // 2])
        self.refuse(self.path("model.ckpt.meta"), "model.ckpt.meta")

    def test_unwritable_output(self):
        with open(self.path("file"), "w"):
            pass
        os.mkdir(self.path("folder"))
        for out in (self.path("nowhere/out.pb"), self.path("file/out.pb"), self.path("folder")):
            with self.subTest(out):
                self.firn_refuses("freeze", CASE.meta, "--outputs", "prob", "-o", out, says=[out])
        self.assertEqual(os.listdir(self.path("folder")), [])

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([FIRN, "freeze", CASE.meta, "--outputs", "prob", "-o", "-"], stdout=full,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr.decode())
        self.assertIn("error", done.stderr.decode())

    def test_an_old_output_survives_a_failure(self):
        self.copy()
        self.damage("model.ckpt.data-00000-of-00001", lambda data: bytes(len(data)))
        with open(self.path("out.pb"), "w") as f:
            f.write("precious")
        self.firn_refuses("freeze", self.path("model.ckpt.meta"), "--outputs", "prob", "-o", self.path("out.pb"))
        with open(self.path("out.pb")) as f:
            self.assertEqual(f.read(), "precious")


NODE = 'node { name: "%s" op: "%s" %s }\n'
FLOAT = 'attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { dim { size: 2 } } } }'
T = 'attr { key: "T" value { type: %s } }'
X = NODE % ("x", "Placeholder", FLOAT)


class Graphs(BadInput):
    """One malformed graph for each defect."""

    def broken(self, text, *says):
        with open(self.path("broken.pbtxt"), "w") as f:
            f.write(text + 'versions { producer: 1645 }\n')
        self.refuse(self.path("broken.pbtxt"), *says, more=("--outputs", "y"))

    def test_missing_input(self):
        self.broken(X + NODE % ("y", "Neg", 'input: "z" ' + T % "DT_FLOAT"), "y", "z")

    def test_missing_control_input(self):
        self.broken(X + NODE % ("y", "Neg", 'input: "x" input: "^ghost" ' + T % "DT_FLOAT"), "y", "ghost")

    def test_duplicate_name(self):
        self.broken(X + X + NODE % ("y", "Neg", 'input: "x" ' + T % "DT_FLOAT"), "x", ("duplicate", "twice", "two nodes", "already"))

    def test_output_that_does_not_exist(self):
        self.broken(X + NODE % ("y", "Neg", 'input: "x:1" ' + T % "DT_FLOAT"), "y", "x:1")

    def test_type_clash(self):
        self.broken(X + NODE % ("y", "Neg", 'input: "x" ' + T % "DT_INT32"), "y", "x", ("int32", "i32"), ("float", "f32"))

    def test_too_few_inputs(self):
        self.broken(X + NODE % ("y", "AddV2", 'input: "x" ' + T % "DT_FLOAT"), "y", "2")

    def test_too_many_inputs(self):
        self.broken(X + NODE % ("y", "Neg", 'input: "x" input: "x" ' + T % "DT_FLOAT"), "y", "1")

    def test_missing_attribute(self):
        self.broken(X + NODE % ("y", "Neg", 'input: "x"'), "y", "'T'")

    def test_cycle_without_a_loop(self):
        self.broken(X + NODE % ("y", "AddV2", 'input: "x" input: "z" ' + T % "DT_FLOAT")
                    + NODE % ("z", "Neg", 'input: "y" ' + T % "DT_FLOAT"), "cycle")

    def test_node_without_name_or_op(self):
        self.broken(X + 'node { op: "Neg" input: "x" }\n' + NODE % ("y", "Neg", 'input: "x" ' + T % "DT_FLOAT"), "name")
        self.broken(X + 'node { name: "y" input: "x" }\n', "y", "op")

    def test_variable_without_checkpoint(self):
        self.broken(NODE % ("v", "VariableV2", FLOAT) + NODE % ("y", "Identity", 'input: "v" ' + T % "DT_FLOAT"), "v", "checkpoint")


class Flags(BadInput):

    def test_unknown_output(self):
        self.refuse(CASE.meta, "probb", "prob", more=("--outputs", "probb"))
        self.refuse(CASE.meta, "probb", "fc3/w", more=("--outputs", "probb,fc3/w"))
        self.refuse(CASE.meta, "prob:1", more=("--outputs", "prob:1"))

    def test_unknown_input_and_bind(self):
        self.refuse(CASE.meta, "xx", more=("--outputs", "prob", "--inputs", "xx"))
        self.refuse(CASE.meta, "kep", "keep", more=("--outputs", "prob", "--bind", "kep=1"))

    def test_bad_binds(self):
        self.refuse(CASE.meta, "keep", "maybe", more=("--outputs", "prob", "--bind", "keep=maybe"))
        self.refuse(CASE.meta, "fc1/w", more=("--outputs", "prob", "--bind", "fc1/w=1"))
        self.refuse(CASE.meta, "nothing.npy", more=("--outputs", "prob", "--bind", "keep=@nothing.npy"))

    def test_lossy_bind(self):
        case = small_models.save("while_ref", self.dir)
        self.refuse(case.meta, "steps", "0.5", more=("--outputs", "out", "--bind", "steps=0.5"))
        self.refuse(case.meta, "steps", "5000000000", more=("--outputs", "out", "--bind", "steps=5000000000"))

    def test_bind_of_another_shape(self):
        case = small_models.save("fixed_batch", self.dir)
        self.refuse(case.meta, "images", more=("--outputs", "out", "--bind", "images=[1,2,3]"))

    def test_usage(self):
        out = self.path("out.pb")
        for argv, says in ((["freeze", CASE.meta, "--outptus", "prob", "-o", out], "--outputs"),
                           (["freez", CASE.meta, "-o", out], "freeze"),
                           (["freeze", CASE.meta, "--outputs", "prob"], "-o"),
                           (["freeze", "-o", out], "model"),
                           (["freeze", CASE.meta, "--outputs", "prob", "-o"], "-o"),
                           (["freeze", CASE.meta, "--outputs", "prob", "--bind", "keep", "-o", out], "--bind"),
                           ([], "freeze")):
            with self.subTest(argv=argv):
                self.firn_refuses(*argv, rc=2, output=out, says=[says])

    def test_help(self):
        for argv in (["--help"], ["freeze", "--help"], ["inspect", "--help"], ["checkpoint", "--help"], ["diff", "--help"]):
            with self.subTest(argv=argv):
                self.assertIn("firn", self.firn_good(*argv).text())


class TooLarge(BadInput):

    def test_above_two_gigabytes(self):
        """Said before any work: the data file is a hole of 2.4 GB whose checksum would not hold."""
        with tf.Graph().as_default():
            tf1.disable_resource_variables()
            x = tf1.placeholder(tf.float32, [None, 600], name="x")
            tf.matmul(x, tf1.get_variable("w", [600, 1 << 20]), name="y")
            tf1.train.Saver().export_meta_graph(self.path("big.meta"))
        bundle.write_index(self.path("big.index"), {"w": bundle.entry([600, 1 << 20], crc=1)})
        with open(self.path("big.data-00000-of-00001"), "wb") as f:
            f.truncate(600 * (1 << 20) * 4)
        self.assertEqual(tf.train.list_variables(self.path("big")), [("w", [600, 1 << 20])])
        started = time.time()
        self.refuse(self.path("big.meta"), "2 GB", more=("--outputs", "y"))
        self.assertLess(time.time() - started, 2, "it was said before any work")
        self.assertLess(os.stat(self.path("big.data-00000-of-00001")).st_blocks * 512, 1 << 20)


if __name__ == "__main__":
    unittest.main()
