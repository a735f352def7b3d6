"""Third-party models, where a corpus is found (FIRN_CORPUS, or ../shared/corpus beside the project): every checkpoint, graph, training
pair and frozen graph reads, round-trips, freezes, with TensorFlow's values. Label `corpus`; firn runs two at a time."""
import concurrent.futures
import glob
import json
import os
import tempfile
import unittest

import graphs
import numpy as np
from google.protobuf import text_format
from google.protobuf.message import DecodeError
from support import (ParityTest, corpus_directory, firn, freeze_graph, need_firn, read_graph, run_frozen, tf, tf1, translate)

CORPUS = corpus_directory()
# the runs of a recorded case that TensorFlow does not reproduce run by run: they draw random numbers without a seed
UNSEEDED = {"RandomUniform", "RandomStandardNormal", "RandomUniformInt", "TruncatedNormal", "Multinomial", "RandomShuffle",
            "RandomGamma", "RandomPoissonV2", "ParameterizedTruncatedNormal"}


def setUpModule():
    need_firn()
    if not CORPUS:
        raise unittest.SkipTest("no corpus")


def in_pairs(work, items):
    """[(item, work(item))], two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(zip(items, pool.map(work, items)))


def files(*patterns):
    return sorted(p for pattern in patterns for p in glob.glob(os.path.join(CORPUS, pattern), recursive=True) if os.path.isfile(p))


def short(path):
    return os.path.relpath(path, CORPUS)


def parse(path):
    """(GraphDef, whether it is text) of a GraphDef or MetaGraphDef file of either encoding."""
    with open(path, "rb") as f:
        data = f.read()
    for kind in (tf1.GraphDef, tf1.MetaGraphDef):
        for text in (False, True):
            message = kind()
            try:
                text_format.Parse(data.decode(), message) if text else message.ParseFromString(data)
            except (ValueError, DecodeError, text_format.ParseError):
                continue
            graph = message if kind is tf1.GraphDef else message.graph_def
            if graph.node and all(n.op for n in graph.node):
                return graph, text
    return None, False


def bytes_of(graph):
    return graph.SerializeToString(deterministic=True)


def tensorflow_refuses(graph):
    """Why TensorFlow cannot import this graph, or None. An op that it does not know is no reason: firn carries it."""
    try:
        with tf.Graph().as_default():
            tf.import_graph_def(graph, name="")
        return None
    except Exception as error:
        return None if "not registered" in str(error) else str(error)


class RoundTrip(ParityTest):

    def test_graphs(self):
        """GraphDef → graph dialect (text) → GraphDef is the same message, node order kept; or the graph is refused as TensorFlow does."""
        paths = files("graphs/**/*.pb", "graphs/**/*.pbtxt", "graphs/**/*.meta", "graphs/**/*.graphdef", "cases/*/*.pb",
                      "cases/*/*.graphdef", "cases/*/*.meta", "pairs/*/*.meta", "dl4j/*/frozen_model.pb")

        def there_and_back(path):
            there = translate("graphdef-to-mlir", path=path)
            return there, translate("mlir-to-graphdef", there.out) if there.rc == 0 else None

        for path, (there, back) in in_pairs(there_and_back, paths):
            with self.subTest(short(path)):
                want, _ = parse(path)
                self.assertIn(there.rc, (0, 1), str(there)[-3000:])
                if there.rc == 1:
                    self.assert_clear_message(there)
                    self.assertTrue(want is None or tensorflow_refuses(want), "TensorFlow imports it: %s" % there)
                    continue
                self.assertEqual(back.rc, 0, back.err[-3000:])
                got = tf1.GraphDef()
                got.ParseFromString(back.out)
                if bytes_of(got) != bytes_of(want):
                    self.assertEqual([n.name for n in got.node], [n.name for n in want.node])
                    for a, b in zip(got.node, want.node):
                        self.assertEqual(bytes_of(a), bytes_of(b), "%s\n--- expected\n%s" % (str(a)[:600], str(b)[:600]))
                    self.fail("versions or library differ")


def checkpoints():
    """[(what TensorFlow is given)] of every checkpoint: V2 prefixes, and V1 files beside a MetaGraph."""
    found = [p[:-len(".index")] for p in files("**/*.index")]
    for meta in files("**/*.meta"):
        prefix = meta[:-len(".meta")]
        if not os.path.exists(prefix + ".index"):
            if os.path.exists(prefix):
                found.append(prefix)
            elif glob.glob(prefix + "-?????-of-?????"):
                found.append(prefix + "-?????-of-%s" % glob.glob(prefix + "-?????-of-?????")[0][-5:])
    return sorted(found)


def plain(prefix):
    """A sharded V1 pattern as users name it."""
    return prefix.split("-?????")[0]


class Checkpoints(ParityTest):

    def show(self, prefix, key):
        out = self.path("%d.npy" % abs(hash((prefix, key))))
        done = firn("checkpoint", "show", plain(prefix), key, "--out", out)
        return done, out

    def test_values(self):
        for prefix in checkpoints():
            with self.subTest(short(prefix)):
                reader = tf.train.load_checkpoint(prefix)
                shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
                listed = json.loads(self.firn_good("checkpoint", "list", plain(prefix), "--json").text())
                entries = {e["key"]: e for e in listed["tensors"]}
                self.assertEqual(set(entries), set(shapes))
                for key in shapes:
                    self.assertEqual(list(entries[key]["shape"]), list(shapes[key]), key)
                for key, (done, out) in in_pairs(lambda k: self.show(prefix, k), sorted(shapes)):
                    self.assertEqual(done.rc, 0, str(done))
                    self.same_value(np.load(out), reader, key, dtypes[key])

    def same_value(self, got, reader, key, dtype):
        try:
            want = reader.get_tensor(key)
        except Exception:  # TensorFlow cannot read slices and half of V1 whole; the shape was compared
            return
        if dtype == tf.string:
            want = np.asarray(want, object)
            self.assertEqual([bytes(v).rstrip(b"\0") for v in got.ravel()], [bytes(v).rstrip(b"\0") for v in want.ravel()], key)
        else:
            self.assertEqual(got.shape, want.shape, key)
            self.assertEqual(got.tobytes(), np.ascontiguousarray(want).tobytes(), key)


def near(got, want, case):
    """Within the tolerances that the case was recorded with; what is no floating-point number is equal."""
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        return False
    if want.dtype.kind in "fc":
        return np.allclose(got, want, rtol=case["rtol"], atol=case["atol"], equal_nan=True)
    return bool((got.astype(want.dtype) == want).all())


class Recorded(ParityTest):
    """cases/ and dl4j/: inputs and outputs were recorded."""

    def check(self, paths, structural):
        cases = []
        for path in paths:
            with open(path) as f:
                cases.append((os.path.dirname(path), json.load(f)))

        def freeze(item):
            directory, case = item
            model, out = os.path.join(directory, case["model"]), self.path(str(abs(hash(directory))) + ".pb")
            flags = ["--outputs", ",".join(case["outputs"]), "--mode", "as-is"]
            if case.get("checkpoint"):
                flags += ["--checkpoint", os.path.join(directory, case["checkpoint"])]
            first = firn("freeze", model, *flags, "-o", out)
            if first.rc:
                return first, None, out
            return first, firn("freeze", out, *flags[:4], "-o", out + ".again"), out

        for (directory, case), (first, second, out) in in_pairs(freeze, cases):
            with self.subTest(short(directory)):
                self.assertEqual(first.rc, 0, str(first))
                self.assertEqual(second.rc, 0, str(second))
                with open(out, "rb") as a, open(out + ".again", "rb") as b:
                    self.assertTrue(a.read() == b.read(), "freezing a frozen graph changed it")
                frozen = read_graph(out)
                self.assertEqual(graphs.defects(frozen), [])
                if structural:
                    self.same_nodes(frozen, os.path.join(directory, case["model"]), case)
                self.same_numbers(frozen, directory, case)
                os.unlink(out), os.unlink(out + ".again")

    def same_nodes(self, frozen, path, case):
        original = read_graph(path)
        for node in original.node:
            node.device = ""
        self.assertEqual(graphs.differences(frozen, original, case["outputs"]), [])
        self.assertEqual(frozen.versions, original.versions)

    def same_numbers(self, frozen, directory, case):
        recorded = np.load(os.path.join(directory, "io.npz"), allow_pickle=True)
        feeds = {k[3:]: recorded[k] for k in recorded if k.startswith("in:")}
        nodes = {n.name for n in frozen.node}
        feeds = {k: v for k, v in feeds.items() if graphs.node_of(k) in nodes}
        got = run_frozen(frozen, feeds, case.get("fetch", case["outputs"]))
        if UNSEEDED & {n.op for n in frozen.node}:
            return
        wants = [recorded["out:" + name] for name in case["outputs"]]
        if case["kind"] == "frozen" and not all(near(g, w, case) for g, w in zip(got, wants)):
            # within one process TensorFlow mistakes a pooling of SAME padding for an earlier one of VALID: ask the original here too
            wants = run_frozen(read_graph(os.path.join(directory, case["model"])), feeds, case["outputs"])
        for name, value, want in zip(case["outputs"], got, wants):
            self.assertTrue(near(value, want, case), "%s\n%s\n%s" % (name, value, want))

    def paths(self, folder, *kinds):
        found = []
        for path in files(folder + "/*/case.json"):
            with open(path) as f:
                if json.load(f)["kind"] in kinds:
                    found.append(path)
        return found

    def test_training(self):
        self.check(self.paths("cases", "training"), structural=False)

    def test_frozen(self):
        self.check(self.paths("cases", "frozen"), structural=True)

    def test_frozen_dl4j(self):
        self.check(self.paths("dl4j", "frozen"), structural=True)

    def test_saved_models(self):
        self.check(self.paths("cases", "saved_model"), structural=False)


RANDOM = UNSEEDED | {"RandomUniformInt", "StatelessRandomUniform", "StatelessRandomNormal"}


class Folded(Recorded):
    """The same, by the interpreter, and by TensorFlow on what firn simplified."""

    def cases(self):
        for path in self.paths("cases", "frozen", "saved_model", "training") + self.paths("dl4j", "frozen"):
            with open(path) as f:
                yield os.path.dirname(path), json.load(f)

    def flags(self, directory, case):
        checkpoint = case.get("checkpoint")
        return ["--checkpoint", os.path.join(directory, checkpoint)] if checkpoint else []

    def recorded(self, directory):
        data = np.load(os.path.join(directory, "io.npz"), allow_pickle=True)
        return {k[3:]: data[k] for k in data if k.startswith("in:")}, {k[4:]: data[k] for k in data if k.startswith("out:")}

    def test_interpreter(self):
        """firn run gives what was recorded, masks that are live included."""
        def run(item):
            directory, case = item
            feeds, _ = self.recorded(directory)
            with tempfile.TemporaryDirectory() as scratch:
                argv, out = [], os.path.join(scratch, "out.npz")
                for i, (name, value) in enumerate(feeds.items()):
                    path = os.path.join(scratch, "%d.npy" % i)
                    np.save(path, value.astype("S") if value.dtype == object else value)
                    argv += ["--feed", "%s=@%s" % (name, path)]
                done = firn("run", os.path.join(directory, case["model"]), *self.flags(directory, case), "--mode", "as-is",
                            "--fetch", ",".join(case["outputs"]), *argv, "--out", out, "--quiet")
                return done, dict(np.load(out)) if done.rc == 0 else {}

        for (directory, case), (done, got) in in_pairs(run, list(self.cases())):
            with self.subTest(short(directory)):
                self.assertEqual(done.rc, 0, str(done))
                _, want = self.recorded(directory)
                if case["kind"] != "frozen":  # nets that add up the last bits of long sums, which are in another order here
                    case = dict(case, rtol=case["rtol"] * 3)
                for name, value in zip(case["outputs"], got.values()):
                    self.assertTrue(near(value, want[name], case), "%s\n%s\n%s" % (name, value, want[name]))

    def test_simplified(self):
        """Freezing folds and strips; where a mask was recorded live, in the graph's own mode."""
        for level in (1, 2):
            def freeze(item, level=level):
                directory, case = item
                model, out = os.path.join(directory, case["model"]), self.path("%d.pb" % abs(hash((directory, level))))
                mode = "as-is" if self.is_random(directory, case) else "inference"
                inputs = ["--inputs", ",".join(case["inputs"])] if case["kind"] == "frozen" and case["inputs"] else []
                return firn("freeze", model, *self.flags(directory, case), *inputs, "--outputs", ",".join(case["outputs"]), "--mode", mode,
                            "--optimize", level, "-o", out, "--report", out + ".json", "--quiet"), out

            for (directory, case), (done, out) in in_pairs(freeze, list(self.cases())):
                with self.subTest(short(directory), level=level):
                    self.assertEqual(done.rc, 0, str(done))
                    frozen = read_graph(out)
                    self.assertEqual(graphs.defects(frozen), [])
                    with open(out + ".json") as f:
                        names = [tensor["name"] for tensor in json.load(f)["outputs"]]
                    self.same_numbers(frozen, directory, dict(case, fetch=names))
                    os.unlink(out), os.unlink(out + ".json")

    @staticmethod
    def is_random(directory, case):
        if case["kind"] != "frozen":
            return False
        return bool(RANDOM & {n.op for n in read_graph(os.path.join(directory, case["model"])).node})


class Pairs(ParityTest):
    """pairs/: MetaGraph and checkpoint without recorded values."""

    def pairs(self):
        return [(m, c) for c in checkpoints() for m in [plain(c) + ".meta"] if "/pairs/" in m and os.path.exists(m)]

    def reads(self, graph):
        """{variable: a node that reads it whole}."""
        variables = {n.name for n in graph.node if n.op in ("Variable", "VariableV2", "VarHandleOp")}
        found = {}
        for node in graph.node:
            if node.op in ("Identity", "ReadVariableOp") and node.input[0] in variables and len(node.input) == 1:
                found.setdefault(node.input[0], node.name)
        return found

    def test_every_variable(self):
        """All variables that the checkpoint has, slots and slices too, are frozen to what TensorFlow reads."""
        for meta, checkpoint in self.pairs():
            with self.subTest(short(meta)):
                graph, _ = parse(meta)
                reader = tf.train.load_checkpoint(checkpoint)
                keys, reads = reader.get_variable_to_shape_map(), self.reads(graph)
                whole = {v: r for v, r in reads.items() if v in keys}
                sliced = {v: r for v, r in reads.items() if v not in keys and without_part(v) in keys}
                self.assertTrue(whole or sliced, "no variable of the graph is in the checkpoint")
                out = self.path("reads.pb")
                self.firn_good("freeze", meta, "--checkpoint", plain(checkpoint), "--outputs",
                               ",".join(list(whole.values()) + list(sliced.values())), "-o", out)
                frozen = read_graph(out)
                self.assertEqual(graphs.defects(frozen), [])
                values = run_frozen(frozen, {}, {v: r + ":0" for v, r in {**whole, **sliced}.items()})
                for name in whole:
                    self.assertEqual(values[name].tobytes(), np.ascontiguousarray(reader.get_tensor(name)).tobytes(), name)
                for key in {without_part(v) for v in sliced}:
                    parts = sorted((v for v in sliced if without_part(v) == key), key=part_number)
                    self.assertEqual(joined([values[p] for p in parts], keys[key]).tobytes(), reader.get_tensor(key).tobytes(), key)

    def test_outputs(self):
        """Where TensorFlow's own tool freezes a plausible output to a sound graph, firn writes the same nodes."""
        compared = 0
        for meta, checkpoint in self.pairs():
            graph, _ = parse(meta)
            for output in plausible_outputs(graph):
                with self.subTest(short(meta), output=output):
                    argv = ["--input_meta_graph", meta, "--input_binary=true", "--input_checkpoint", checkpoint,
                            "--output_node_names", output]
                    error = freeze_graph(argv + ["--output_graph", self.path("theirs.pb")])
                    if error is None and not graphs.defects(read_graph(self.path("theirs.pb"))):
                        self.firn_good("freeze", *argv, "--output_graph", self.path("ours.pb"))
                        self.assertEqual(graphs.differences(read_graph(self.path("ours.pb")), read_graph(self.path("theirs.pb")),
                                                            [output]), [])
                        compared += 1
                    else:
                        done = firn("freeze", *argv, "--output_graph", self.path("ours.pb"))
                        self.assertIn(done.rc, (0, 1), str(done))
        self.assertGreater(compared, 10)


def part_number(name):
    return int(next(p for p in name.split("/") if p.startswith("part_"))[5:])


def without_part(name):
    return "/".join(p for p in name.split("/") if not (p.startswith("part_") and p[5:].isdigit()))


def joined(parts, shape):
    """Slices in order, along the axis in which they are smaller than the whole."""
    axis = next((i for i, (a, b) in enumerate(zip(parts[0].shape, shape)) if a != b), 0)
    return np.ascontiguousarray(np.concatenate(parts, axis))


def plausible_outputs(graph, most=4):
    """Nodes of the forward part that nothing but training consumes, a few."""
    aside = ("save", "gradients", "train", "report_", "init", "metrics", "Momentum", "Adam", "summary", "Assert", "dnn/head/metrics")
    used = {graphs.node_of(e) for n in graph.node for e in n.input if not n.name.startswith(aside)}
    kinds = {"Softmax", "Sigmoid", "BiasAdd", "MatMul", "Add", "AddV2", "Identity", "ArgMax", "Relu", "Tanh", "Reshape", "Mul"}
    return [n.name for n in graph.node if n.op in kinds and n.name not in used and not n.name.startswith(aside)][:most]


if __name__ == "__main__":
    unittest.main()
