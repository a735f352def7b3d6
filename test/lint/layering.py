"""Who may include whom (design: rooms know only the rooms below them)."""
import re

from tree import files, finish, read

# Room → what its files may include: rooms by path, libraries by the beginning of the include.
MLIR = ("mlir/", "llvm/")
ABSL = ("absl/",)
FORMATS = ("compiler/formats/", "google/protobuf/") + ABSL
CROSSING = ("runtime/abi/", "runtime/schema/", "runtime/module/format.h")
GRAPH = ("dialects/graph/",) + MLIR
KERNEL = ("dialects/kernel/",) + GRAPH
SCHEDULE = ("dialects/schedule/",) + GRAPH
SUPPORT = ("compiler/support/",)
MAY_INCLUDE = {
    "dialects/graph/": GRAPH,
    "dialects/kernel/": KERNEL,
    "dialects/schedule/": SCHEDULE,
    "compiler/formats/": FORMATS + ("leveldb/", "snappy", "runtime/module/"),
    "compiler/workbench/": ("compiler/workbench/", "compiler/reference/HalfTypes.h", "re2/") + FORMATS,
    "compiler/support/": SUPPORT + MLIR + ABSL,
    "compiler/import/": ("compiler/import/",) + GRAPH + FORMATS + SUPPORT,
    "compiler/export/": ("compiler/export/",) + GRAPH + FORMATS + SUPPORT,
    "compiler/reference/": ("compiler/reference/",) + GRAPH,
    "compiler/transforms/graph/": ("compiler/transforms/graph/", "compiler/reference/") + GRAPH,
    "compiler/transforms/kernel/": ("compiler/transforms/kernel/",) + KERNEL,
    "compiler/conversion/graph_to_kernel/": ("compiler/conversion/graph_to_kernel/", "compiler/transforms/graph/", "compiler/reference/",
                                             "runtime/kernels/") + KERNEL,
    "compiler/conversion/kernel_to_schedule/": ("compiler/conversion/kernel_to_schedule/", "compiler/transforms/kernel/",
                                                "compiler/codegen/", "runtime/kernels/") + KERNEL + SCHEDULE,
    "compiler/module/": ("compiler/module/", "compiler/codegen/", "runtime/", "flatbuffers/") + SCHEDULE + FORMATS + SUPPORT,
    "compiler/codegen/": ("compiler/codegen/", "runtime/abi/", "runtime/module/", "runtime/kernels/", "lld/") + SUPPORT + MLIR + ABSL,
    "compiler/pipeline/": ("compiler/", "google/protobuf/", "runtime/firn/") + CROSSING + KERNEL + SCHEDULE + ABSL,
    "compiler/embed/": ("compiler/embed/", "runtime/firn/", "runtime/module/") + CROSSING + FORMATS,
    "compiler/driver/": ("compiler/driver/", "compiler/embed/", "compiler/pipeline/", "compiler/workbench/", "runtime/firn/", "llvm/") + FORMATS,
    "runtime/firn/": ("firn/runtime.h",),
    "runtime/abi/": (),
    "runtime/plan/": ("runtime/plan/", "runtime/module/memory.h"),
    "runtime/module/": ("runtime/module/", "runtime/firn/", "flatbuffers/") + CROSSING,
    "runtime/context/": ("runtime/",),
    "runtime/kernels/": ("runtime/kernels/", "runtime/abi/"),
    "tools/": ("compiler/", "dialects/") + MLIR + ABSL,
}
INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.M)
RAW_STRING = re.compile(r'R"(\w*)\(.*?\)\1"', re.S)  # what stands in one is another program's
STANDARD = re.compile(r"^(sys/|linux/)?[a-z0-9_]+(\.h)?$")


def main():
    problems = []
    for path in files(".h", ".hpp", ".cpp", under=("compiler", "dialects", "runtime", "tools")):
        room = max((r for r in MAY_INCLUDE if path.startswith(r)), key=len, default=None)
        if room is None:
            problems.append("%s: expected a room of the table in test/lint/layering.py" % path)
            continue
        for include in INCLUDE.findall(RAW_STRING.sub("", read(path))):
            if not include.startswith(MAY_INCLUDE[room]) and not STANDARD.match(include):
                problems.append("%s: '%s' may not include '%s'" % (path, room, include))
    finish(problems)


main()
