#!/usr/bin/env python3
"""Time and memory of `firn checkpoint` beside copying the files that it writes.

    checkpoint.py --firn build/bin/firn [--checkpoint ZOO/resnet_v1_50/model.ckpt] [--rounds 7]

Rounds of what is compared are interleaved, files are in the page cache, no fsync; a figure is the median, a ratio is of medians of one
run. It prints; it never fails on a figure.
"""
import argparse
import glob
import os
import shutil
import statistics
import sys
import tempfile

from freeze import measure


def files_of(prefix):
    return sorted(glob.glob(glob.escape(prefix) + ".data-*") + glob.glob(glob.escape(prefix) + ".index")) or [prefix]


def compare(title, edit, copied, scratch, rounds):
    """An edit beside `cp` of the files `copied`, which are what it wrote."""
    runs = {"firn": [], "cp": []}
    for _ in range(rounds):
        for name in copied() if runs["firn"] else ():
            os.remove(name)  # both write new files
        runs["firn"].append(measure(edit))
        target = os.path.join(scratch, "copies")
        shutil.rmtree(target, ignore_errors=True)  # writing over a file, ext4 waits for the disk
        os.makedirs(target)
        runs["cp"].append(measure(["cp", "--reflink=never", *copied(), target + "/"]))
    seconds = {name: statistics.median(s for s, _ in figures) for name, figures in runs.items()}
    size = sum(os.path.getsize(f) for f in copied())
    print("%-32s %8.1f MB  firn %6.3f s  cp %6.3f s  x %.2f   %6.1f MB resident"
          % (title, size / 1e6, seconds["firn"], seconds["cp"], seconds["firn"] / seconds["cp"],
             max(m for _, m in runs["firn"]) / 1e6), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firn", default=os.environ.get("FIRN_BINARY"), required="FIRN_BINARY" not in os.environ)
    zoo = os.environ.get("FIRN_ZOO")
    parser.add_argument("--checkpoint", default=zoo and os.path.join(zoo, "resnet_v1_50", "model.ckpt"), required=not zoo)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    for name in files_of(options.checkpoint):
        with open(name, "rb") as f:
            while f.read(1 << 24):
                pass
    scratch = tempfile.mkdtemp(prefix="firn-bench-", dir=os.environ.get("TMPDIR"))
    command = [options.firn, "checkpoint"]
    try:
        nothing = statistics.median(measure([options.firn, "--version"])[0] for _ in range(options.rounds))
        listing = statistics.median(measure(command + ["list", options.checkpoint])[0] for _ in range(options.rounds))
        print("--version %.0f ms, list %.0f ms, memory of --version %.1f MB"
              % (nothing * 1e3, listing * 1e3, measure([options.firn, "--version"])[1] / 1e6))
        for title, flags in (("select --weights-only", ["select", options.checkpoint, "--weights-only"]),
                             ("convert", ["convert", options.checkpoint]),
                             ("convert --shards 4", ["convert", options.checkpoint, "--shards", "4"]),
                             ("convert --format v1", ["convert", options.checkpoint, "--format", "v1"]),
                             ("convert --format npz", ["convert", options.checkpoint, "--format", "npz"]),
                             ("convert --format safetensors", ["convert", options.checkpoint, "--format", "safetensors"]),
                             ("cast --dtype bf16", ["cast", options.checkpoint, "--dtype", "bf16"])):
            out = os.path.join(scratch, "".join(c for c in title if c.isalnum()))
            compare(title, command + flags + ["-o", out, "--quiet"], lambda: files_of(out), scratch, options.rounds)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
