"""`firn freeze --target-version`: what is written has only ops, attributes and dtypes that the reader's table has, gives TensorFlow the numbers
that it gave before, and loads in TensorFlow 1.15 where FIRN_TF115 names the Python of one."""
import os
import re
import unittest

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # of two versions of an op oneDNN takes one only
import small_models
import target_cases
from support import ROOT, ParityTest, need_firn, np, read_graph, run_frozen, run_program, run_training, tf1

VERSIONS = ("1.4", "1.15", "2.x")
PRODUCERS = {"1.4": 24, "1.15": 134, "2.x": 1645}
MODELS = ("keep_prob_conv", "batch_norm_layer", "batch_norm_layer_resource", "recurrent_ref", "cond_resource", "while_ref", "embedding_while_resource",
          "many_outputs", "queue_input", "phase_cond_ema")
OLD = os.environ.get("FIRN_TF115", "")


def setUpModule():
    need_firn()


def table(name):
    """{key: numbers} of one table of dialects/graph/OpVersions.inc."""
    with open(os.path.join(ROOT, "dialects", "graph", "OpVersions.inc")) as f:
        text = re.search(r"%s\[\] = \{\n(.*?)\n\};" % name, f.read(), re.S).group(1)
    rows = (re.match(r'\{((?:"[^"]*", ?)+)\{?([^}]*)\}', line).groups() for line in text.splitlines())
    return {tuple(re.findall(r'"([^"]*)"', k)): [int(n.rstrip("u"), 0) for n in v.split(",")] for k, v in rows}


OPS, ATTRS, TYPES = table("kOps"), table("kAttrs"), table("kTypes")


def strangers(graph_def, version):
    """What the reader does not know, a line each."""
    bit, found = VERSIONS.index(version), []
    functions = {f.signature.name for f in graph_def.library.function}
    for node in list(graph_def.node) + [n for f in graph_def.library.function for n in f.node_def]:
        if node.op in functions:
            continue
        if not OPS.get((node.op,), [7])[0] >> bit & 1:
            found.append(node.op)
        for attr, value in node.attr.items():
            key = (node.op, attr)
            if not ATTRS.get(key, [7])[0] >> bit & 1 and not attr.startswith("_"):
                found.append("%s.%s" % key)
            allowed = TYPES.get(key, [0, 0, 0])[bit]
            if allowed and not allowed >> value.type & 1:
                found.append("%s.%s = %d" % (key + (value.type,)))
    return found


class TargetVersion(ParityTest):

    def freeze(self, model, outputs, version, *flags):
        out = self.path("out.pb")
        self.firn_good("freeze", model, "--outputs", ",".join(outputs), "--target-version", version, "-o", out, *flags)
        return read_graph(out)

    def check(self, frozen, version):
        self.assertEqual(strangers(frozen, version), [])
        self.assertLessEqual(frozen.versions.producer, PRODUCERS[version])

    def assert_equal_numbers(self, got, want, what):
        for i, (g, w) in enumerate(zip(got, want)):
            self.assertEqual((g.dtype, g.shape), (w.dtype, w.shape), "%s, output %d" % (what, i))
            np.testing.assert_array_equal(g, w, "%s, output %d" % (what, i))

    def for_old(self, name, frozen, feeds, outputs):
        """Puts a graph where run_old.py finds it. Before it is run here: importing fills in attributes of today."""
        base = os.path.join(self.dir, "old", name)
        os.makedirs(os.path.dirname(base), exist_ok=True)
        with open(base + ".pb", "wb") as f:
            f.write(frozen.SerializeToString())
        with open(base + ".txt", "w") as f:
            f.write("\n".join(outputs))
        np.savez(base + ".npz", **feeds)

    def run_old(self, wanted):
        """TensorFlow 1.15 on all of them. Its kernels may sum in another order."""
        if not OLD:
            self.skipTest("FIRN_TF115 names no Python of TensorFlow 1.15")
        folder = self.path("old")
        done = run_program([OLD, os.path.join(os.path.dirname(__file__), "run_old.py"), folder])
        self.assertEqual(done.rc, 0, str(done))
        for name, want in wanted.items():
            with self.subTest(name):
                error = os.path.join(folder, name + ".error")
                self.assertFalse(os.path.exists(error) and open(error).read())
                got = np.load(os.path.join(folder, name + ".out.npz"))
                self.assert_close([got["arr_%d" % i] for i in range(len(want))], want, name)

    def test_ops(self):
        wanted = {}
        for name in target_cases.CASES:
            graph_def, feeds = target_cases.build(name)
            outputs, given = target_cases.outputs_of(graph_def), self.path("given.pb")
            want = run_frozen(graph_def, feeds, outputs)
            with open(given, "wb") as f:
                f.write(graph_def.SerializeToString())
            for version in VERSIONS:
                with self.subTest(name, version=version):
                    frozen = self.freeze(given, outputs, version, "--mode", "as-is")
                    self.check(frozen, version)
                    if version != "2.x":
                        wanted[name + version] = want
                        self.for_old(name + version, frozen, feeds, outputs)
                    self.assert_equal_numbers(run_frozen(frozen, feeds, outputs), want, name)
        self.run_old(wanted)

    def test_models(self):
        wanted = {}
        for name in MODELS:
            case = small_models.save(name, self.dir)
            want = run_training(case.meta, case.restore_path, {**case.inputs, **case.binds}, case.outputs)
            for version in ("1.4", "1.15"):
                with self.subTest(name, version=version):
                    frozen = self.freeze(case.meta, case.outputs, version, *case.flags()[2:])
                    self.check(frozen, version)
                    left = {n.name + ":0" for n in frozen.node if n.op.startswith("Placeholder")}
                    feeds = {k: v for k, v in case.inputs.items() if k in left}
                    wanted[name + version] = want
                    self.for_old(name + version, frozen, feeds, case.outputs)
                    self.assert_close(run_frozen(frozen, feeds, case.outputs), want, name)
        self.run_old(wanted)

    def test_refused(self):
        """Each node, its op and which target knows it first; other attributes than the default; a batch product that broadcasts."""
        with tf1.Graph().as_default() as graph:
            x, y = tf1.placeholder(tf1.float32, [2, 3, 3], name="x"), tf1.placeholder(tf1.float32, [3, 3], name="y")
            product = target_cases.raw.BatchMatMulV2(x=x, y=y, name="product")
            resized = target_cases.raw.ResizeBilinear(images=x[..., None], size=[5, 5], half_pixel_centers=True, name="resized")
            segments = target_cases.raw.DenseBincount(input=[1], size=3, weights=tf1.reshape(y, [-1])[:1], name="bins")
        given = self.path("given.pb")
        with open(given, "wb") as f:
            f.write(graph.as_graph_def().SerializeToString())
        flags = ("--outputs", ",".join(t.op.name for t in (product, resized, segments)), "-o", self.path("no.pb"), "--target-version")
        self.firn_refuses("freeze", given, *flags, "1.4", says=(
            "'product' (BatchMatMulV2)", "known from target version 1.15 on", "'resized' (ResizeBilinear): its attribute half_pixel_centers",
            "'bins' (DenseBincount): an op known from target version 2.x on"), output=self.path("no.pb"))
        done = self.firn_refuses("freeze", given, *flags, "1.15", says=("'bins' (DenseBincount)",))
        self.assertNotIn("product", done.err)
        self.firn_good("freeze", given, *flags, "2.x")
        self.firn_refuses("freeze", given, *flags, "1.5", rc=2, says=("expected --target-version 1.4, 1.15 or 2.x, got '1.5'",))


if __name__ == "__main__":
    unittest.main()
