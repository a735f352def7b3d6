"""What every parity test needs: running firn, running TensorFlow the same way each time, comparing numbers.

Environment: FIRN_BINARY names the firn to test (firn-translate is looked for beside it), FIRN_ZOO a generated zoo, FIRN_CORPUS the
third-party corpus. TensorFlow is imported once per process, silent, with TensorFlow 1 semantics.
"""
import contextlib
import importlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("PYTHONWARNINGS", "ignore")
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import rewriter_config_pb2

tf1 = tf.compat.v1
tf1.logging.set_verbosity(tf1.logging.ERROR)
tf1.disable_v2_behavior()

# TensorFlow 2.15.1 looks for its layers under a name that no release of tf_keras has; Keras 2.15 holds them.
for part in ("", ".base", ".convolutional", ".core", ".normalization", ".pooling"):
    sys.modules["tf_keras.legacy_tf_layers" + part] = importlib.import_module("keras.src.legacy_tf_layers" + part)
sys.modules["tf_keras"] = importlib.import_module("keras")

FIRN = os.environ.get("FIRN_BINARY", "")
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def slim():
    """tf_slim 1.1.0, with the two names that TensorFlow 2.15.1 moved."""
    from tensorflow.python.framework import ops
    from tensorflow.python.ops import control_flow_ops
    ops.Tensor, control_flow_ops.cond = tf.Tensor, tf1.cond
    return importlib.import_module("tf_slim")


class Finished:
    """A finished process: rc (negative: killed by that signal), out (bytes), err (text)."""

    def __init__(self, argv, rc, out, err):
        self.argv, self.rc, self.out, self.err = argv, rc, out, err

    def text(self):
        return self.out.decode("utf-8", "replace")

    def __str__(self):
        return "$ %s\n-> %d\n%s%s" % (" ".join(self.argv), self.rc, self.text()[-2000:], self.err[-4000:])


def run_program(argv, stdin=None, timeout=300):
    done = subprocess.run(argv, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
    return Finished(argv, done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


def firn(*argv, stdin=None, timeout=300):
    """Runs firn with these arguments (anything with a str())."""
    return run_program([FIRN] + [str(a) for a in argv], stdin, timeout)


def translate(direction, data=None, path="-"):
    """firn-translate --`direction` on bytes or a path."""
    return run_program([os.path.join(os.path.dirname(FIRN), "firn-translate"), "--" + direction, str(path)], data)


def run_passes(graph_def, outputs, *passes):
    """The GraphDef after passes of firn-opt, or the finished firn-opt where one failed. Files go beside each other in a directory of its own."""
    with tempfile.TemporaryDirectory(prefix="firn-passes-") as scratch:
        def tool(name, *argv):
            return run_program([os.path.join(os.path.dirname(FIRN), name)] + list(argv))
        given, mlir = os.path.join(scratch, "given.pb"), os.path.join(scratch, "given.mlir")
        with open(given, "wb") as f:
            f.write(graph_def.SerializeToString())
        done = tool("firn-translate", "--graphdef-to-mlir", given, "-o", mlir)
        assert done.rc == 0, str(done)
        select = "--graph-select-outputs=outputs=" + ",".join(outputs)
        done = tool("firn-opt", mlir, select, *passes, "--graph-verify", "-o", mlir + ".out")
        if done.rc:
            return done
        done = tool("firn-translate", "--mlir-to-graphdef", mlir + ".out")
        assert done.rc == 0, str(done)
        result = tf1.GraphDef()
        result.ParseFromString(done.out)
        return result


def bind_flags(binds):
    """{tensor: value} as --bind flags."""
    flags = []
    for name, value in binds.items():
        value = np.asarray(value)
        flags += ["--bind", "%s=%s" % (name, str(value.item()).lower() if value.ndim == 0 else value.tolist())]
    return flags


def session_config(**extra):
    """One thread and no optimisation, so that two graphs of the same operations give the same bits."""
    config = tf1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1, allow_soft_placement=True,
                             **extra)
    config.graph_options.rewrite_options.CopyFrom(rewriter_config_pb2.RewriterConfig(disable_meta_optimizer=True))
    config.graph_options.optimizer_options.opt_level = tf1.OptimizerOptions.L0
    return config


def run_training(meta, checkpoint, feeds, outputs):
    """First run of a fresh session on the training graph, restored by its own Saver."""
    with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
        saver = tf1.train.import_meta_graph(meta, clear_devices=True)
        if saver is not None:
            saver.restore(session, checkpoint)
        return session.run(outputs, feeds)


def run_frozen(graph_def, feeds, outputs):
    """First run of a fresh session on a frozen graph."""
    with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
        tf.import_graph_def(graph_def, name="")
        return session.run(outputs, feeds)


def read_graph(path):
    graph_def = tf1.GraphDef()
    with open(path, "rb") as f:
        graph_def.ParseFromString(f.read())
    return graph_def


def read_meta(path):
    meta = tf1.MetaGraphDef()
    with open(path, "rb") as f:
        meta.ParseFromString(f.read())
    return meta


def freeze_graph(argv):
    """TensorFlow's own `python -m tensorflow.python.tools.freeze_graph ARGV`, in this process; the exception where it fails, or None."""
    from tensorflow.python.tools import freeze_graph as tool
    before, sys.argv = sys.argv, ["freeze_graph"] + [str(a) for a in argv]
    run = tool.app.run
    tool.app.run = lambda main, argv: main(argv)
    try:
        with tf.Graph().as_default(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            tool.run_main()
        return None
    except Exception as error:  # the tool's failure is what is asked for
        return error
    finally:
        sys.argv, tool.app.run = before, run


class ParityTest(unittest.TestCase):
    """A test with a scratch directory (self.dir) and the comparisons of this suite."""

    maxDiff = None

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="firn-parity-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.dir, *parts)

    def firn_good(self, *argv, **more):
        done = firn(*argv, **more)
        self.assertEqual(done.rc, 0, str(done))
        return done

    def firn_refuses(self, *argv, rc=1, output=None, says=(), timeout=300):
        """firn ends with `rc` and one clear message that has every part of `says` (a tuple inside: any of them); nothing is written."""
        before = set(os.listdir(self.dir))
        done = firn(*argv, timeout=timeout)
        self.assertEqual(done.rc, rc, str(done))
        self.assert_clear_message(done)
        for part in says:
            options = part if isinstance(part, tuple) else (part,)
            self.assertTrue(any(o.lower() in done.err.lower() for o in options), "expected %r in:\n%s" % (part, done))
        if output is not None:
            self.assertFalse(os.path.exists(output), "an output was left: %s" % done)
        self.assertEqual(set(os.listdir(self.dir)), before, "files were left behind: %s" % done)
        return done

    def assert_clear_message(self, done):
        self.assertTrue(done.err.strip(), "no message: %s" % done)
        self.assertLessEqual(len(done.err.strip().splitlines()), 40, "a message, not a dump: %s" % done)
        for sign in ("Stack dump", "PLEASE submit a bug report", "Assertion", "terminate called", "AddressSanitizer",
                     "runtime error:", "LLVM ERROR", "#0 0x", "bad_alloc"):
            self.assertNotIn(sign, done.err, str(done))
        self.assertEqual(done.err.lower().count("error:"), 1, "one error, said once: %s" % done)

    def assert_same_bits(self, got, want, what):
        """Same shapes, dtypes and bits (a NaN equals itself)."""
        self.assertEqual(len(got), len(want), what)
        for i, (g, w) in enumerate(zip(got, want)):
            g, w = np.asarray(g), np.asarray(w)
            self.assertEqual((g.dtype, g.shape), (w.dtype, w.shape), "%s, output %d" % (what, i))
            same = (g == w).all() if g.dtype == object else g.tobytes() == w.tobytes()
            if not same:
                self.fail("%s, output %d: bits differ, %s" % (what, i, difference(g, w)))

    def assert_close(self, got, want, what, bound=1e-5):
        """max|d| <= bound * max|want|, integers and strings equal."""
        for i, (g, w) in enumerate(zip(got, want)):
            g, w = np.asarray(g), np.asarray(w)
            self.assertEqual(g.shape, w.shape, "%s, output %d" % (what, i))
            if w.dtype.kind not in "fc":
                self.assertTrue((g == w).all(), "%s, output %d" % (what, i))
            elif w.size:
                self.assertTrue((np.isfinite(g) == np.isfinite(w)).all(), "%s, output %d: not finite" % (what, i))
                ok = np.isfinite(w)
                largest = np.abs(w[ok]).max(initial=0)
                self.assertLessEqual(np.abs(g[ok] - w[ok]).max(initial=0), bound * largest,
                                     "%s, output %d: %s" % (what, i, difference(g, w)))


def difference(got, want):
    if got.dtype.kind not in "fciub":
        return "%r != %r" % (got.ravel()[:4], want.ravel()[:4])
    delta = np.abs(got.astype(np.float64) - want.astype(np.float64)) if got.dtype.kind != "c" else np.abs(got - want)
    return "max|d| = %g of max|want| = %g" % (delta.max(initial=0), np.abs(want.astype(np.float64)).max(initial=0))


def need_firn():
    if not os.access(FIRN, os.X_OK):
        raise unittest.SkipTest("FIRN_BINARY names no executable: %r" % FIRN)


def corpus_directory():
    """FIRN_CORPUS, else ../shared/corpus beside the project, else None."""
    for candidate in (os.environ.get("FIRN_CORPUS"), os.path.join(ROOT, "..", "shared", "corpus")):
        if candidate and os.path.isfile(os.path.join(candidate, "INDEX.md")):
            return os.path.abspath(candidate)
    return None
