#!/usr/bin/env python3
"""Writes dialects/graph/OpVersions.inc: which ops, attributes and dtypes the TensorFlows know for which firn writes.

    python make_op_versions.py OUT.inc --v1-4 FOLDER --v1-15 PYTHON

Run it with the oracle's Python, which stands for 2.x. --v1-4: an unpacked wheel of TensorFlow 1.4 (`pip download tensorflow==1.4.1
--no-deps --only-binary=:all: --python-version 36 --abi cp36m --platform manylinux1_x86_64`), whose generated modules hold its op
registry; it need not run. --v1-15: the Python of a TensorFlow 1.15. The table is data: regenerate it, don't edit it.
"""
import argparse
import ast
import glob
import os
import re
import sys

from make_op_table import op_list, quoted

ALL_TYPES = 0xffffffff


def ops_of_wheel(folder):
    """The ops of all generated modules, contrib's included."""
    from tensorflow.core.framework import op_def_pb2
    ops = {}
    for path in sorted(glob.glob(os.path.join(folder, "**", "gen_*.py"), recursive=True)):
        with open(path, encoding="utf-8") as f:
            for literal in re.findall(r'_InitOpDefLibrary\((b".*")\)$', f.read(), re.M):
                listed = op_def_pb2.OpList()
                listed.ParseFromString(ast.literal_eval(literal))
                ops.update({op.name: op for op in listed.op})
    if "Conv2D" not in ops:
        sys.exit("expected the generated modules of TensorFlow 1.4 under %s" % folder)
    return ops


def attrs_of(ops, name):
    return {a.name: a for a in ops[name].attr} if name in ops else {}


def mask(flags):
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def types_of(attr):
    """The allowed dtypes as bits; 0: there is no such attribute."""
    if attr is None:
        return 0
    return mask(t in attr.allowed_values.list.type for t in range(32)) or ALL_TYPES


def rows(readers):
    ops, attrs, types = [], [], []
    for name in sorted(set().union(*readers), key=lambda n: n.encode()):
        knowing = mask(name in r for r in readers)
        if knowing != mask([True] * len(readers)):
            ops.append("{%s, %d}," % (quoted(name), knowing))
        of = [attrs_of(r, name) for r in readers]
        for attr in sorted(set().union(*of)):
            having = mask(attr in a for a in of)
            if having != knowing:
                attrs.append("{%s, %s, %d}," % (quoted(name), quoted(attr), having))
            sets = [types_of(a.get(attr)) for a in of]
            if any(a[attr].type in ("type", "list(type)") for a in of if attr in a) and len({s for s in sets if s}) > 1:
                types.append("{%s, %s, {%s}}," % (quoted(name), quoted(attr), ", ".join("0x%xu" % s for s in sets)))
    return ops, attrs, types


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--v1-4", required=True)
    parser.add_argument("--v1-15", required=True)
    options = parser.parse_args()
    ops, attrs, types = rows([ops_of_wheel(options.v1_4), op_list(options.v1_15), op_list(sys.executable)])
    with open(options.out, "w") as f:
        f.write("// Made by tools/dev/make_op_versions.py. Regenerate it, don't edit it.\n")
        for kind, name, lines in (("OpReaders", "kOps", ops), ("AttrReaders", "kAttrs", attrs), ("TypeReaders", "kTypes", types)):
            f.write("constexpr %s %s[] = {\n%s\n};\n" % (kind, name, "\n".join(lines)))
    print("%d ops, %d attributes, %d lists of dtypes that differ" % (len(ops), len(attrs), len(types)))


if __name__ == "__main__":
    main()
