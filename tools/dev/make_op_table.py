#!/usr/bin/env python3
"""Writes dialects/graph/OpTable.inc: the signatures of all ops that the given TensorFlows register.

    python make_op_table.py OUT.inc [--also PYTHON …]

Run it with the oracle's Python. --also names the Python of another TensorFlow (1.15), whose ops are added where this one lacks
them: contrib ops and ops that were removed. The table is data: regenerate it, don't edit it.
"""
import argparse
import os
import re
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

DUMP = r"""
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import warnings; warnings.filterwarnings("ignore")
import tensorflow as tf
from tensorflow.core.framework import op_def_pb2
try:
    import importlib, tensorflow.contrib as contrib
    for name in ("rnn", "image", "resampler", "nccl", "tensor_forest", "layers", "seq2seq", "framework", "text", "ffmpeg",
                 "memory_stats", "input_pipeline", "periodic_resample", "factorization", "boosted_trees", "rpc", "cudnn_rnn"):
        try:
            importlib.import_module("tensorflow.contrib." + name)
        except Exception:
            pass
except Exception:
    pass
from tensorflow.python.framework import c_api_util
try:
    from tensorflow.python.client import pywrap_tf_session as session
    data = session.TF_GetBuffer(session.TF_GetAllOpList())
except Exception:
    from tensorflow.python import pywrap_tensorflow as session
    data = session.TF_GetBuffer(session.TF_GetAllOpList())
sys.stdout.buffer.write(b"FIRN" + data)
"""

KINDS = {"string": "String", "int": "Int", "float": "Float", "bool": "Bool", "type": "Type", "shape": "Shape",
         "tensor": "Tensor", "func": "Func"}

# Writes of variables: the first operand, or optimizer slots behind it.
WRITES = re.compile(
    r"^(Assign(Add|Sub)?|AssignVariableOp|Assign(Add|Sub)VariableOp|AssignVariableXlaConcatND|Resource.*CountUpTo|CountUpTo"
    r"|Scatter(Add|Sub|Mul|Div|Min|Max|Update)|ScatterNd(Add|Sub|Min|Max|Update)|StridedSliceAssign"
    r"|Resource(Scatter|StridedSliceAssign|Apply|SparseApply).*|(Sparse)?Apply[A-Z].*|DestroyTemporaryVariable"
    r")$")
RANDOM = re.compile(r"(^Random|Multinomial|^TruncatedNormal$|^ParameterizedTruncatedNormal$|CandidateSampler$|^StatefulRandom"
                    r"|^StatefulStandardNormal|^StatefulTruncatedNormal|^StatefulUniform|^StatefulBinomial)")
READS = re.compile(r"^(ReadVariableOp|ResourceGather|ResourceGatherNd|VariableShape|VarIsInitializedOp|VarHandleOp|Variable"
                   r"|VariableV2|IsVariableInitialized|LookupTableFind.*|LookupTableSize.*|LookupTableExport.*)$")


def op_list(python):
    from tensorflow.core.framework import op_def_pb2
    data = subprocess.run([python, "-c", DUMP], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    ops = op_def_pb2.OpList()
    ops.ParseFromString(data[data.index(b"FIRN") + 4:])
    return {op.name: op for op in ops.op}


def quoted(text):
    if isinstance(text, str):
        text = text.encode()
    return '"' + "".join(chr(c) if 32 <= c < 127 and c not in b'"\\?' else "\\%03o" % c for c in text) + '"'


class Pool:
    """Runs of elements in one array, equal runs kept once."""

    def __init__(self, name, kind):
        self.name, self.kind, self.items, self.runs = name, kind, [], {}

    def span(self, run):
        run = tuple(run)
        if not run:
            return "{}"
        if run not in self.runs:
            self.runs[run] = len(self.items)
            self.items.extend(run)
        return "{%s + %d, %d}" % (self.name, self.runs[run], len(run))

    def text(self):
        return "constexpr %s %s[] = {\n%s\n};\n" % (self.kind, self.name, "\n".join(i + "," for i in self.items))


def attr_text(attr, numbers):
    is_list = attr.type.startswith("list(")
    kind = KINDS[attr.type[5:-1] if is_list else attr.type] + ("List" if is_list else "")
    number, real, text, values = 0, "0", "", []
    default = attr.default_value
    if attr.HasField("default_value"):
        if kind == "Int":
            number = default.i
        elif kind == "Bool":
            number = int(default.b)
        elif kind == "Type":
            number = default.type
        elif kind == "Float":
            real = repr(default.f) + ("" if any(c in repr(default.f) for c in ".e") else ".0") + "f"
            real = {"inff": "__builtin_inff()", "-inff": "-__builtin_inff()"}.get(real.replace(".0", ""), real)
        elif kind == "String":
            text = default.s
        elif kind == "Shape":
            number = -1 if default.shape.unknown_rank else 0
            values = [d.size for d in default.shape.dim]
        elif kind == "IntList":
            values = default.list.i
        elif kind == "BoolList":
            values = [int(b) for b in default.list.b]
        elif kind == "TypeList":
            values = default.list.type
        elif default.ByteSize() > 2:
            text = re.sub(r"\s+", " ", str(default)).strip()
    number = "INT64_MIN" if number == -2**63 else "%dll" % number if abs(number) >= 2**31 else str(number)
    return "{%s, AttrKind::%s, %s, %s, %s, %s, %s}" % (
        quoted(attr.name), kind, "true" if attr.HasField("default_value") else "false", number, real, quoted(text),
        numbers.span([str(v) for v in values]))


def arg_text(arg):
    return "{%s, %d, %s, %s, %s, %s}" % (quoted(arg.name), arg.type, quoted(arg.type_attr), quoted(arg.number_attr),
                                         quoted(arg.type_list_attr), "true" if arg.is_ref else "false")


def effect_of(op):
    if WRITES.match(op.name):
        return "WritesState"
    if READS.match(op.name):
        return "ReadsState"
    if RANDOM.search(op.name) and op.is_stateful:
        return "Random"
    return "Other" if op.is_stateful or any(a.is_ref for a in op.input_arg) and not op.name.startswith("Ref") else "Pure"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--also", action="append", default=[])
    options = parser.parse_args()
    ops = op_list(sys.executable)
    own = len(ops)
    for python in options.also:
        for name, op in op_list(python).items():
            ops.setdefault(name, op)
    args, attrs, numbers = Pool("kArgs", "OpArg"), Pool("kAttrs", "OpAttr"), Pool("kNumbers", "int64_t")
    rows = []
    for name in sorted(ops, key=lambda n: n.encode()):
        op = ops[name]
        rows.append("{%s, %s, %s, %s, OpEffect::%s, %s, %s, %d}," % (
            quoted(name), args.span(map(arg_text, op.input_arg)), args.span(map(arg_text, op.output_arg)),
            attrs.span([attr_text(a, numbers) for a in op.attr]), effect_of(op), str(op.is_stateful).lower(),
            str(op.is_commutative).lower(), op.deprecation.version if op.HasField("deprecation") else 0))
    with open(options.out, "w") as f:
        f.write("// Made by tools/dev/make_op_table.py. Regenerate it, don't edit it.\n")
        f.write(numbers.text() + args.text() + attrs.text())
        f.write("constexpr OpSignature kOps[] = {\n%s\n};\n" % "\n".join(rows))
    print("%d ops, %d of them from this TensorFlow" % (len(rows), own))


if __name__ == "__main__":
    main()
