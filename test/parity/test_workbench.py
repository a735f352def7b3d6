#!/usr/bin/env python3
"""`firn checkpoint`: TensorFlow reads what firn writes, in every format and cut; what goes wrong leaves nothing behind."""
import json
import os
import signal
import struct
import subprocess
import sys
import time
import unittest

import numpy as np

from support import FIRN, ParityTest, firn, need_firn, tf, tf1

need_firn()

V1, V2 = tf1.train.SaverDef.V1, tf1.train.SaverDef.V2
KINDS = [tf.float32, tf.float64, tf.float16, tf.int8, tf.int16, tf.int32, tf.int64, tf.uint8, tf.uint16, tf.bool, tf.complex64,
         tf.complex128, tf.string]


def value_of(kind, shape):
    count = int(np.prod(shape, dtype=int))
    if kind == tf.string:
        return np.array([b"word %d\0" % i * (i % 3) for i in range(count)], object).reshape(shape)
    values = (np.arange(count) * 37 % 251 - 125).reshape(shape)
    if kind.is_complex:
        return (values * (1 - 2j)).astype(kind.as_numpy_dtype)
    return (values / 8 if kind.is_floating else values).astype(kind.as_numpy_dtype)


def save(prefix, values, version=V2, sharded=False):
    """values: {name: array}. The prefix that TensorFlow reads."""
    with tf.Graph().as_default(), tf1.Session() as session:
        variables = [tf1.get_variable(name, initializer=tf.constant(np.asarray(value), shape=np.shape(value)), use_resource=False)
                     for name, value in values.items()]
        session.run(tf1.global_variables_initializer())
        return tf1.train.Saver(variables, write_version=version, sharded=sharded).save(session, prefix, write_meta_graph=False,
                                                                                         write_state=False)


def restore(prefix, values, partitioner=None, partitioned=()):
    """What a Saver restores into variables like `values`, those named `partitioned` cut by `partitioner`."""
    with tf.Graph().as_default(), tf1.Session() as session:
        variables = {name: tf1.get_variable(name, np.shape(value), tf.as_dtype(value.dtype) if value.dtype != object else tf.string,
                                            partitioner=partitioner if name in partitioned else None, use_resource=False)
                     for name, value in values.items()}
        tf1.train.Saver().restore(session, prefix)
        return {name: session.run(tf.convert_to_tensor(v) if name in partitioned else v)
                for name, v in variables.items()}


def checkpoint_values(prefix):
    reader = tf.train.load_checkpoint(prefix)
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


class Workbench(ParityTest):

    def assert_same(self, got, want):
        self.assertEqual(sorted(got), sorted(want))
        for name, value in want.items():
            self.assert_same_bits([got[name]], [np.asarray(value)], name)

    def edit(self, command, *argv, out="out", **more):
        self.firn_good("checkpoint", command, *argv, "-o", self.path(out), "--quiet", **more)
        return self.path(out)

    def all_kinds(self):
        values = {"kind/%s" % k.name: value_of(k, [3, 5]) for k in KINDS}
        values.update({"scalar/%s" % k.name: value_of(k, []) for k in (tf.float32, tf.int64, tf.bool, tf.string)})
        values.update({"none/%s" % k.name: value_of(k, [0, 4]) for k in (tf.float32, tf.int32, tf.string)})
        return values


class Formats(Workbench):

    def test_v2_to_v1_and_back(self):
        values = self.all_kinds()
        given = save(self.path("given"), values)
        v1 = self.edit("convert", given, "--format", "v1", out="v1")
        self.assertFalse(os.path.exists(v1 + ".index"))
        self.assert_same(restore(v1, values), values)
        self.assert_same(checkpoint_values(self.edit("convert", v1, out="back")), values)
        for prefix in (given, v1, self.path("back")):
            self.assertIn("good", self.firn_good("checkpoint", "verify", prefix).text())

    def test_v1_of_tensorflow(self):
        values = {name: v for name, v in self.all_kinds().items() if not name.startswith("none")}
        given = save(self.path("given"), values, V1)
        self.assert_same(checkpoint_values(self.edit("convert", given)), values)
        again = self.edit("convert", given, "--format", "v1", out="again")
        self.assert_same(restore(again, values), values)

    def test_v1_large_negative_and_extreme_numbers(self):
        values = {"i32": np.int32([-2**31, -1, 0, 127, 128, 2**31 - 1]), "i64": np.int64([-2**63, -1, 2**63 - 1]),
                  "u16": np.uint16([0, 65535]), "i8": np.int8([-128, 127]), "many": np.arange(-300000, 300000, dtype=np.int32),
                  "f": np.float32([np.nan, -np.inf, -0.0, 1e-45])}
        v1 = self.edit("convert", save(self.path("given"), values), "--format", "v1")
        self.assert_same(restore(v1, values), values)

    def test_shards(self):
        values = self.all_kinds()
        given = save(self.path("given"), values)
        for shards in (1, 2, 7, 40):
            out = self.edit("convert", given, "--shards", shards, out="out%d" % shards)
            self.assertTrue(os.path.exists("%s.data-%05d-of-%05d" % (out, shards - 1, shards)))
            self.assert_same(checkpoint_values(out), values)
        self.assert_same(checkpoint_values(self.edit("convert", out, out="one")), values)
        with open(out + ".index", "rb") as a, open(self.edit("convert", given, "--shards", 40, out="same") + ".index", "rb") as b:
            self.assertEqual(a.read(), b.read())

    def test_npz(self):
        values = self.all_kinds()
        arrays = np.load(self.edit("convert", save(self.path("given"), values), "--format", "npz", out="a.npz"))
        self.assertEqual(sorted(arrays.files), sorted(values))
        for name, value in values.items():
            if value.dtype != object:
                self.assert_same_bits([arrays[name]], [value], name)
            else:
                self.assertEqual(arrays[name].tolist(), np.vectorize(lambda s: s.rstrip(b"\0"), otypes=[object])(value).tolist())

    def test_safetensors(self):
        values = {n: v for n, v in self.all_kinds().items() if v.dtype.kind not in "cO"}
        out = self.edit("convert", save(self.path("given"), values), "--format", "safetensors", out="a.safetensors")
        self.assert_same(read_safetensors(out), values)
        self.firn_refuses("checkpoint", "convert", save(self.path("more"), self.all_kinds()), "--format", "safetensors",
                          "-o", self.path("b"), output=self.path("b"), says=("kind/string", "kind/complex64"))

    def test_object_checkpoint(self):
        """Keys become full names; slots of Keras's optimizer too."""
        script = """
import sys, tensorflow as tf
class Net(tf.Module):
    def __init__(self):
        self.kernel = tf.Variable([[1., 2.]], name="dense/kernel")
        self.more = [tf.Variable(3., name="scale"), tf.Variable(7, dtype=tf.int64, name="steps")]
net = Net()
tf.train.Checkpoint(net=net).save(sys.argv[1])
"""
        subprocess.run([sys.executable, "-c", script, self.path("given")], check=True, stderr=subprocess.DEVNULL)
        want = {"dense/kernel": np.float32([[1, 2]]), "scale": np.float32(3), "steps": np.int64(7), "save_counter": np.int64(1)}
        for i, flags in enumerate((["--format", "object→v2"], ["--full-names"], ["--format", "object->v2"])):
            out = self.edit("convert", self.path("given-1"), *flags, out="out%d" % i)
            self.assert_same(checkpoint_values(out), want)
        self.assert_same({n: v for n, v in restore(out, want).items()}, want)
        names = read_safetensors(self.edit("convert", self.path("given-1"), "--format", "safetensors", out="s"))
        self.assertIn("net/kernel/.ATTRIBUTES/VARIABLE_VALUE", names)
        self.firn_refuses("checkpoint", "convert", out, "--full-names", "-o", self.path("no"), says=["expected an object checkpoint"])


def read_safetensors(path):
    kinds = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "I16": np.int16, "I8": np.int8,
             "U8": np.uint8, "U16": np.uint16, "BOOL": np.bool_, "BF16": np.uint16}
    with open(path, "rb") as f:
        data = f.read()
    size = struct.unpack("<Q", data[:8])[0]
    header, body, end = json.loads(data[8:8 + size]), data[8 + size:], 0
    result = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        kind = np.dtype(kinds[entry["dtype"]])
        assert begin == end and (8 + size + begin) % kind.itemsize == 0, name
        end = stop
        result[name] = np.frombuffer(body[begin:stop], kind).reshape(entry["shape"])
    assert end == len(body)
    return result


class Slices(Workbench):

    def partitioned(self, version=V2, axis=0):
        """A checkpoint with an embedding in three slices."""
        whole = value_of(tf.float32, [10, 6])
        with tf.Graph().as_default(), tf1.Session() as session:
            v = tf1.get_variable("emb", initializer=whole, partitioner=tf1.fixed_size_partitioner(3, axis), use_resource=False)
            w = tf1.get_variable("w", initializer=np.float32([1, 2]))
            session.run(tf1.global_variables_initializer())
            prefix = tf1.train.Saver([v, w], write_version=version).save(session, self.path("parts"), write_meta_graph=False,
                                                                           write_state=False)
        return prefix, {"emb": whole, "w": np.float32([1, 2])}

    def slices(self, prefix):
        done = json.loads(self.firn_good("checkpoint", "list", prefix, "--json", "--filter", "emb").out)
        return done["tensors"][0]["slices"]

    def test_kept(self):
        for axis in (0, 1):
            prefix, values = self.partitioned(axis=axis)
            out = self.edit("convert", prefix)
            self.assertEqual(len(self.slices(out)), 3)
            self.assert_same(checkpoint_values(out), values)
            self.assert_same(restore(out, values, tf1.fixed_size_partitioner(3, axis), {"emb"}), values)
            v1 = self.edit("convert", prefix, "--format", "v1", out="v1")
            self.assertEqual(self.slices(v1), self.slices(out))
            self.assert_same(restore(v1, values, tf1.fixed_size_partitioner(3, axis), {"emb"}), values)
            self.assert_same(checkpoint_values(self.edit("convert", v1, "--shards", 2, out="back")), values)

    def test_joined(self):
        for axis in (0, 1):
            prefix, values = self.partitioned(axis=axis)
            for more in ([], ["--format", "v1"]):
                out = self.edit("convert", prefix, "--join-slices", *more, out="out" + "".join(more))
                self.assertEqual(self.slices(out), [])
                self.assert_same(restore(out, values), values)

    def test_split(self):
        prefix, values = self.partitioned()
        whole = self.edit("convert", prefix, "--join-slices", out="whole")
        for axis, parts in ((0, 4), (1, 6), (1, 4)):
            for given in (prefix, whole):
                for i, more in enumerate(([], ["--format", "v1"], ["--shards", 3])):
                    out = self.edit("convert", given, "--split", "emb=%d,%d" % (parts, axis), *more, out="out%d%d%d" % (axis, parts, i))
                    self.assertEqual(len(self.slices(out)), parts)
                    self.assert_same(restore(out, values, tf1.fixed_size_partitioner(parts, axis), {"emb"}), values)
        self.firn_refuses("checkpoint", "convert", prefix, "--split", "emb=11", "-o", self.path("no"), says=["11 parts"])
        self.firn_refuses("checkpoint", "convert", prefix, "--split", "emp=2", "-o", self.path("no"), says=["nearest: emb"])

    def test_v1_slices_of_tensorflow(self):
        prefix, values = self.partitioned(V1)
        out = self.edit("convert", prefix)
        self.assertEqual(len(self.slices(out)), 3)
        self.assert_same(checkpoint_values(out), values)


class Edits(Workbench):

    def test_select(self):
        values = {"a/w": np.float32([1]), "a/w/Adam": np.float32([2]), "a/w/ExponentialMovingAverage": np.float32([3]),
                  "b/m": np.float32([4]), "beta1_power": np.float32(5), "b/v:0": np.float32([6]), "global_step": np.int64(7)}
        given = save(self.path("given"), {n: v for n, v in values.items() if ":" not in n})
        got = checkpoint_values(self.edit("select", given, "--weights-only"))
        self.assertEqual(sorted(got), ["a/w", "a/w/ExponentialMovingAverage", "b/m", "global_step"])
        got = checkpoint_values(self.edit("select", given, "--keep", "a/*", "--keep", "global*", "--drop", "*/Adam"))
        self.assertEqual(sorted(got), ["a/w", "a/w/ExponentialMovingAverage", "global_step"])
        self.firn_refuses("checkpoint", "select", given, "--keep", "c/*", "-o", self.path("no"), says=["matches no key"])
        self.firn_refuses("checkpoint", "select", given, "--drop", "*", "-o", self.path("no"), says=["nothing is left"])
        self.firn_refuses("checkpoint", "select", given, "-o", self.path("no"), rc=2, says=["--keep"])
        before = set(os.listdir(self.dir))
        table = self.firn_good("checkpoint", "select", given, "--weights-only", "--dry-run").text()
        self.assertIn("a/w/Adam", table.split("left out")[1])
        self.assertEqual(set(os.listdir(self.dir)), before)

    def test_merge(self):
        a = save(self.path("a"), {"x": np.float32([1]), "step": np.int64(1), "same": np.float32([9, 9])})
        b = save(self.path("b"), {"y": np.float32([2]), "step": np.int64(2), "same": np.float32([9, 9])}, V1)
        self.firn_refuses("checkpoint", "merge", a, b, "-o", self.path("no"), says=["step", "--on-conflict"])
        for choice, step in (("first", 1), ("last", 2)):
            got = checkpoint_values(self.edit("merge", a, b, "--on-conflict", choice))
            self.assert_same(got, {"x": np.float32([1]), "y": np.float32([2]), "step": np.int64(step), "same": np.float32([9, 9])})
        only = self.edit("select", b, "--drop", "step", out="only")
        self.assertEqual(len(checkpoint_values(self.edit("merge", a, only))), 4)

    def test_average(self):
        rows = [np.float32([1, 2, 1e30]), np.float32([2, 4, 1e30]), np.float32([6, 0, 1e30])]
        given = [save(self.path("c%d" % i), {"w": row, "h": row[:2].astype(np.float16), "step": np.int64(i)}, V1 if i == 1 else V2)
                 for i, row in enumerate(rows)]
        got = checkpoint_values(self.edit("average", *given))
        self.assert_same(got, {"w": np.mean(np.float64(rows), 0).astype(np.float32), "h": np.float16([3, 2]), "step": np.int64(2)})
        other = save(self.path("other"), {"w": np.float32([1]), "q": np.float32(0)})
        self.firn_refuses("checkpoint", "average", given[0], other, "-o", self.path("no"), says=["'q'", "'h'", "'step'", "[3]"])

    def test_cast(self):
        w = np.concatenate([np.random.RandomState(0).randn(100000) * 10.0 ** np.random.RandomState(1).randint(-9, 4, 100000),
                            [np.nan, np.inf, -np.inf, 0, -0.0, 65519, 65520, 3e-8]]).astype(np.float32)
        given = save(self.path("given"), {"w": w, "d": w.astype(np.float64) * 1.1, "i": np.int32([1]), "s": np.array([b"x"], object)})
        with tf1.Session() as session:
            for flag, kind in (("bf16", tf.bfloat16), ("f16", tf.float16), ("f64", tf.float64), ("float32", tf.float32)):
                got = checkpoint_values(self.edit("cast", given, "--dtype", flag, out=flag))
                for name, value in (("w", w), ("d", w.astype(np.float64) * 1.1)):
                    want = session.run(tf.cast(tf.constant(value), kind))
                    nan = np.isnan(value)
                    self.assertEqual(got[name].dtype, want.dtype)
                    self.assertEqual(got[name][~nan].tobytes(), want[~nan].tobytes(), name + flag)
                    self.assertTrue(np.isnan(got[name][nan].astype(np.float32)).all())
                self.assertEqual((got["i"].dtype, got["s"].tolist()), (np.int32, [b"x"]))
        got = checkpoint_values(self.edit("cast", given, "--dtype", "f16", "--filter", "w"))
        self.assertEqual((got["w"].dtype, got["d"].dtype), (np.float16, np.float64))
        done = firn("checkpoint", "cast", given, "--dtype", "f16", "-o", self.path("loud"))
        self.assertIn("became infinite", done.err)
        back = checkpoint_values(self.edit("cast", self.path("bf16"), "--dtype", "f32"))
        self.assertEqual(back["w"].dtype, np.float32)

    def test_in_place(self):
        values = self.all_kinds()
        given = save(self.path("given"), values)
        for _ in range(2):
            self.edit("convert", given, "--shards", 2, out="given")
            self.assert_same(checkpoint_values(given), values)


class Failures(Workbench):

    def large(self, name="large", megabytes=40, seed=0):
        """A checkpoint of 1 MB tensors."""
        rows = np.random.RandomState(seed).randint(0, 255, [megabytes, 1 << 18]).astype(np.float32)
        return save(self.path(name), {"w%02d" % i: row for i, row in enumerate(rows)})

    def test_damage(self):
        given = save(self.path("given"), {"a": np.float32([1, 2]), "b": np.arange(1000, dtype=np.float32)})
        data = given + ".data-00000-of-00001"
        with open(data, "r+b") as f:
            f.seek(100)
            f.write(b"\xff")
        done = firn("checkpoint", "verify", given)
        self.assertEqual(done.rc, 1)
        self.assertIn("'b'", done.text())
        self.assertIn("1 problem", done.text())
        for command in (["convert"], ["convert", "--format", "npz"], ["cast", "--dtype", "f16"]):
            self.firn_refuses("checkpoint", command[0], given, *command[1:], "-o", self.path("no"), says=["checksum", "'b'"])
        self.assert_same(checkpoint_values(self.edit("select", given, "--keep", "a")), {"a": np.float32([1, 2])})
        os.truncate(data, 50)
        self.firn_refuses("checkpoint", "convert", given, "-o", self.path("no"), says=["cut short"])
        os.remove(data)
        self.firn_refuses("checkpoint", "convert", given, "-o", self.path("no"), says=["given.data-00000-of-00001"])
        self.assertEqual(firn("checkpoint", "verify", given).rc, 1)

    def test_directory_and_names(self):
        given = save(self.path("given"), {"a": np.float32([1, 2])})
        os.mkdir(self.path("there"))
        self.firn_refuses("checkpoint", "convert", given, "-o", self.path("there"), says=["model.ckpt"])
        self.firn_refuses("checkpoint", "convert", given, "-o", self.path("no", "such", "x"), says=["can't create"])
        self.firn_refuses("checkpoint", "convert", given, "-o", given, "--format", "v1", says=["given.index"])
        self.firn_refuses("checkpoint", "convert", given, "-o", self.path("x"), "--format", "v3", rc=2, says=["v3"])
        self.firn_refuses("checkpoint", "convert", given, rc=2, says=["-o OUT"])

    def test_full_disk(self):
        """On a file system of 4 MB: one message, nothing left, an older checkpoint whole."""
        given = self.large()
        os.mkdir(self.path("small"))
        for flags in (["--shards", "3"], ["--format", "v1"], ["--format", "npz"], ["--format", "safetensors"]):
            script = """mount -t tmpfs -o size=4m none "$1" || exit 77
"$2" checkpoint select "$3" --keep w00 -o "$1/out" --quiet || exit 78
shift 3
"$@"; code=$?
"$FIRN_BINARY" checkpoint verify "$OLD" >/dev/null || exit 79
ls -A "$(dirname "$OLD")" >&2
exit $code"""
            name = "out" if flags[0] == "--shards" else "other"
            argv = ["unshare", "-m", "bash", "-c", script, "bash", self.path("small"), FIRN, given, FIRN, "checkpoint", "convert", given,
                    "-o", self.path("small", name), "--quiet", *flags]
            done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  env=dict(os.environ, FIRN_BINARY=FIRN, OLD=self.path("small", "out")))
            if done.returncode == 77 or "unshare failed" in done.stderr:
                self.skipTest("mounting a tmpfs is not allowed here")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("No space left", done.stderr)
            self.assertEqual(done.stderr.split("\n")[1:-1], ["out.data-00000-of-00001", "out.index"], done.stderr)

    def test_killed(self):
        """Killed at any moment: the old checkpoint or the new one, never a part of one, no other file."""
        given, out = self.large(), self.path("out", "m")
        os.mkdir(self.path("out"))
        self.firn_good("checkpoint", "select", given, "--keep", "w00", "-o", out, "--quiet")
        started = time.time()
        self.firn_good("checkpoint", "convert", given, "-o", self.path("timed"), "--quiet")
        whole, kills = time.time() - started, 0
        for i in range(12):
            child = subprocess.Popen([FIRN, "checkpoint", "convert", given, "-o", out, "--quiet"])
            time.sleep(whole * i / 12)
            child.send_signal((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)[i % 3])
            kills += child.wait() < 0
            self.assertEqual(sorted(os.listdir(self.path("out"))), ["m.data-00000-of-00001", "m.index"])
            self.assertIn("good", self.firn_good("checkpoint", "verify", out).text())
        self.assertGreater(kills, 0)

    def test_memory(self):
        """Less than 30 MB and one tensor above a firn that does nothing."""
        def peak(*argv):
            child = subprocess.Popen([FIRN, *argv], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = status
            self.assertEqual(status, 0, argv)
            return usage.ru_maxrss * 1024
        tensor = 48 << 20
        given = save(self.path("given"), {"w%d" % i: np.full([tensor // 4], i, np.float32) for i in range(4)})
        base = peak("--version")
        v1 = self.path("v1")
        for argv in (["convert", given, "-o", self.path("a")], ["convert", given, "-o", self.path("b"), "--shards", "4"],
                     ["convert", given, "-o", v1, "--format", "v1"], ["convert", given, "-o", self.path("n"), "--format", "npz"],
                     ["convert", v1, "-o", self.path("c")], ["convert", v1, "-o", self.path("d"), "--shards", "4"],
                     ["cast", given, "-o", self.path("e"), "--dtype", "bf16"], ["average", given, given, "-o", self.path("f")],
                     ["verify", v1], ["convert", given, "-o", self.path("s"), "--split", "*=3"],
                     ["convert", self.path("s"), "-o", self.path("j"), "--join-slices", "--shards", "2"]):
            with self.subTest(" ".join(a.replace(self.dir + "/", "") for a in argv)):
                self.assertLess(peak("checkpoint", *argv) - base, (30 << 20) + tensor)


if __name__ == "__main__":
    unittest.main()
