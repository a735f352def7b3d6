#!/usr/bin/env python3
"""Time and memory of `firn freeze` beside TensorFlow's own tool, and of a 1.9 GB checkpoint beside copying it.

    freeze.py --firn build/bin/firn [--zoo ZOO] [--model resnet_v1_50] [--rounds 5] [--gigabytes 1.9] [--skip-tool]

Run it with the oracle's python (tools/setup --oracle). The rounds of what is compared are interleaved, files are in the page cache, no
fsync; a figure is the median. Memory is the largest resident set of the child. It prints; it never fails on a figure.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


def measure(argv):
    """(seconds, resident bytes) of one child, which must succeed."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as err:
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            err.seek(0)
            sys.exit("%s\nended with %d:\n%s" % (" ".join(argv), child.returncode, err.read().decode()[-2000:]))
    return time.perf_counter() - started, usage.ru_maxrss * 1024


def compare(title, contenders, rounds, output_bytes):
    """Interleaved rounds of {name: argv}; ratios to the first."""
    runs = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, argv in contenders.items():
            runs[name].append(measure(argv))
    size = output_bytes()
    print("%s (output %.1f MB, %d rounds)" % (title, size / 1e6, rounds))
    base = None
    for name, figures in runs.items():
        seconds = statistics.median(s for s, _ in figures)
        memory = max(m for _, m in figures)
        base = base or (seconds, memory)
        print("  %-14s %8.3f s  (%.3f–%.3f)  %8.1f MB resident = %.2f × output   time × %.2f, memory × %.2f of the first"
              % (name, seconds, min(s for s, _ in figures), max(s for s, _ in figures), memory / 1e6, memory / size,
                 seconds / base[0], memory / base[1]), flush=True)


def zoo_model(options, scratch):
    directory = os.path.join(options.zoo, options.model)
    with open(os.path.join(directory, "case.json")) as f:
        case = json.load(f)
    prefix, out = os.path.join(directory, "model.ckpt"), os.path.join(scratch, "frozen.pb")
    nodes = ",".join(o.split(":")[0] for o in case["outputs"])
    contenders = {"firn freeze": [options.firn, "freeze", prefix + ".meta", "--outputs", nodes, "-o", out]}
    if not options.skip_tool:
        contenders["freeze_graph"] = [
            sys.executable, "-m", "tensorflow.python.tools.freeze_graph", "--input_meta_graph=" + prefix + ".meta",
            "--input_binary=true", "--input_checkpoint=" + prefix, "--output_node_names=" + nodes,
            "--output_graph=" + os.path.join(scratch, "theirs.pb")]
    read_all(directory)
    compare(options.model, contenders, options.rounds, lambda: os.path.getsize(out))


MAKE_LARGE = """
import sys, numpy as np, tensorflow as tf
tf1 = tf.compat.v1
tf1.disable_v2_behavior(); tf1.disable_resource_variables()
prefix, total = sys.argv[1], int(float(sys.argv[2]) * 1e9)
x = tf1.placeholder(tf.float32, [None, 4096], name="x")
rows, count = 6000, max(1, total // (6000 * 4096 * 4))
block = np.random.RandomState(1).uniform(-1, 1, [rows, 4096]).astype(np.float32)
parts = [tf1.get_variable("w%d" % i, [rows, 4096]) for i in range(count)]
tf.add_n([tf.matmul(x, w, transpose_b=True) for w in parts], name="y")
with tf1.Session() as session:
    for w in parts:
        w.load(block, session)
    tf1.train.Saver().save(session, prefix)
"""


def large_checkpoint(options, scratch):
    prefix, out = os.path.join(scratch, "large"), os.path.join(scratch, "large.pb")
    data = prefix + ".data-00000-of-00001"
    subprocess.run([sys.executable, "-c", MAKE_LARGE, prefix, str(options.gigabytes)], check=True, stderr=subprocess.DEVNULL)
    read_all(scratch)
    compare("%.1f GB checkpoint" % options.gigabytes, {
        "firn freeze": [options.firn, "freeze", prefix + ".meta", "--outputs", "y", "-o", out],
        "no checksums": [options.firn, "freeze", prefix + ".meta", "--outputs", "y", "--no-verify", "-o", out],
        "cp": ["cp", "--reflink=never", data, os.path.join(scratch, "copy")],
    }, min(options.rounds, 3), lambda: os.path.getsize(out))


def read_all(directory):
    """Brings the files of a directory into the page cache."""
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), "rb") as f:
            while f.read(1 << 24):
                pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firn", default=os.environ.get("FIRN_BINARY"), required="FIRN_BINARY" not in os.environ)
    parser.add_argument("--zoo", default=os.environ.get("FIRN_ZOO"))
    parser.add_argument("--model", default="resnet_v1_50")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gigabytes", type=float, default=1.9, help="0: leave the large checkpoint out")
    parser.add_argument("--skip-tool", action="store_true", help="do not run TensorFlow's tool")
    options = parser.parse_args()
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    scratch = tempfile.mkdtemp(prefix="firn-bench-")
    try:
        if options.zoo:
            zoo_model(options, scratch)
        if options.gigabytes:
            large_checkpoint(options, scratch)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
