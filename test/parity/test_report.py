"""`firn freeze --report`: what it says of variables, folding and what was kept is true; JSON.md has every key that firn writes."""
import json
import os
import re
import unittest

import numpy as np
from support import ROOT, ParityTest, firn, need_firn, read_graph, tf, tf1

KEYS = ["schema", "graph", "checkpoint", "output", "mode", "optimize", "inputs", "outputs", "variables", "bound", "removed",
        "rewritten", "folded", "kept", "renamed", "warnings", "nodes", "bytes"]


def setUpModule():
    need_firn()


class Report(ParityTest):

    def save(self, build):
        with tf.Graph().as_default(), tf1.Session() as session:
            tf1.set_random_seed(5)
            build()
            session.run(tf1.global_variables_initializer())
            tf1.train.Saver().save(session, self.path("model.ckpt"))

    def freeze(self, *flags):
        self.done = self.firn_good("freeze", self.path("model.ckpt"), "--outputs", "out", "--report", self.path("r.json"), *flags,
                                   "-o", self.path("f.pb"))
        with open(self.path("r.json")) as f:
            return json.load(f)

    def names(self, report, key):
        return [entry["name"] for entry in report[key]]

    def test_folded_variables(self):
        """A variable keeps its shape in the report where its constant was folded away; what folding made is listed."""
        def build():
            x = tf1.placeholder(tf.float32, [None, 6], name="x")
            table = tf1.get_variable("table", [2, 6, 3])
            tf.matmul(x, table[1] * 2.0, name="out")
        self.save(build)
        for level in (0, 1, 2):
            report = self.freeze("--optimize", level)
            self.assertEqual(list(report), KEYS)
            self.assertEqual([(v["name"], v["key"], v["shape"], v["bytes"]) for v in report["variables"]],
                             [("table", "table", [2, 6, 3], 144)])
            self.assertIn("36 parameters", self.done.err)
            self.assertEqual("mul" in self.names(report, "folded"), level > 0)
            self.assertEqual("table" in {n.name for n in read_graph(self.path("f.pb")).node}, level == 0)
            self.assertEqual(report["bytes"]["after"], os.path.getsize(self.path("f.pb")))
            self.assertEqual(report["bytes"]["before"], sum(
                os.path.getsize(self.path("model.ckpt" + end)) for end in (".meta", ".index", ".data-00000-of-00001")))

    def test_kept(self):
        """Noise that is no dropout is kept with a warning; asked for, without one."""
        def build():
            x = tf1.placeholder(tf.float32, [None, 4], name="x")
            tf.add(x * tf1.get_variable("w", [4]), tf.random.normal([4], name="noise"), name="out")
        self.save(build)
        for flags, asked in ((), False), (("--keep-random", "noise/*"), True):
            report = self.freeze(*flags)
            self.assertEqual([k["asked"] for k in report["kept"]], [asked])
            self.assertIn("noise/", report["kept"][0]["name"])
            self.assertEqual(report["warnings"] == [], asked)

    def test_patterns_that_match_nothing(self):
        self.save(lambda: tf.identity(tf1.placeholder(tf.float32, [2], name="x") * tf1.get_variable("w", [2]), name="out"))
        for flag in ("keep-random", "keep-batch-statistics", "keep-names"):
            report = self.freeze("--" + flag, "no/such*")
            self.assertEqual(len(report["warnings"]), 1)
            self.assertIn("--%s 'no/such*'" % flag, report["warnings"][0])

    def norm(self, form, mean, variance):
        def build():
            x = tf1.placeholder(tf.float32, [None, 3], name="x")
            m = tf1.get_variable("mean", initializer=np.float32(mean))
            v = tf1.get_variable("variance", initializer=np.float32(variance))
            gamma = tf1.get_variable("gamma", initializer=np.float32([0, 0, 0]))
            y = {"library": lambda: tf.nn.batch_normalization(x, m, v, gamma, gamma, 1e-3, name="norm"),
                 "plain": lambda: tf.nn.batch_normalization(x, m, v, gamma, None, 1e-3, name="norm"),
                 "divided": lambda: tf.divide(x - m, tf.sqrt(v + 1e-3, name="norm")) * gamma,
                 "fused": lambda: tf1.nn.fused_batch_norm(x[:, None, None], gamma, gamma, m, v, is_training=False, name="norm")[0]}[form]()
            tf.identity(y, name="out")
        tf1.reset_default_graph()
        self.save(build)
        return self.freeze()["warnings"]

    def test_averages_never_updated(self):
        """Means of 0 and variances of 1, whatever the norm is made of, are named; other values are not."""
        for form in ("library", "plain", "divided", "fused"):
            with self.subTest(form):
                warnings = self.norm(form, [0, 0, 0], [1, 1, 1])
                self.assertEqual(len(warnings), 1)
                for name in ("norm", "mean", "variance"):
                    self.assertIn(name, warnings[0])
                self.assertEqual(self.norm(form, [0, 0, 0.5], [1, 1, 1]), [])
                self.assertEqual(self.norm(form, [0, 0, 0], [1, 1, 0.5]), [])


# Objects whose keys are names.
MAPS = {"ops", "devices", "collections", "signatures"}


def keys_of(value, found):
    if isinstance(value, list):
        for part in value:
            keys_of(part, found)
    elif isinstance(value, dict):
        for key, part in value.items():
            found.add(key)
            for inner in (part.values() if key in MAPS else [part]):
                if key == "signatures":
                    found.update(inner)
                    for tensors in (inner["inputs"], inner["outputs"]):
                        keys_of(list(tensors.values()), found)
                else:
                    keys_of(inner, found)
    return found


class Page(ParityTest):

    def test_every_key_is_described(self):
        """JSON.md names every key, those of the report in their order."""
        digits = os.path.join(ROOT, "test", "data", "digits")
        with open(os.path.join(ROOT, "compiler", "driver", "JSON.md")) as f:
            page = f.read()
        with tf.Graph().as_default(), tf1.Session() as session:
            x = tf1.placeholder(tf.float32, [None, 4], name="x")
            tf1.saved_model.simple_save(session, self.path("saved"), {"x": x}, {"y": tf.exp(x, name="y")})
        frozen, other, report, module = (self.path(n) for n in ("f.pb", "other.pb", "r.json", "m.firn"))
        self.firn_good("freeze", digits, "--outputs", "probabilities", "--report", report, "-o", frozen)
        self.firn_good("freeze", digits, "--outputs", "probabilities", "--mode", "as-is", "--bind", "keep_prob=0.5", "-o", other)
        self.firn_good("compile", digits, "--outputs", "probabilities", "--levels", "v2", "-o", module)
        found = set()
        with open(report) as f:
            keys_of(json.load(f), found)
        for argv in (["inspect", digits], ["inspect", self.path("saved")], ["checkpoint", "list", digits],
                     ["checkpoint", "show", digits, "logits/biases"], ["checkpoint", "show", digits, "logits/biases", "--stats"],
                     ["checkpoint", "verify", digits], ["diff", frozen, other],
                     ["verify", frozen, other, "--feed", "is_training=false"], ["verify", frozen, module, "--keep-all"],
                     ["inspect", module], ["bench", module, "--seconds", "0"]):
            value = json.loads(firn(*argv, "--json").out)
            self.assertEqual((list(value)[0], value["schema"]), ("schema", 1))
            keys_of(value, found)
        self.assertEqual(sorted(key for key in found if '"%s"' % key not in page), [])
        columns = " ".join(re.findall(r"^\| (.*?) \|", page, re.M))
        self.assertEqual(re.findall(r'"(\w+)"', columns)[:len(KEYS) - 1], KEYS[1:])


if __name__ == "__main__":
    unittest.main()
