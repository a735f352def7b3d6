# lit tests of passes and tools: FileCheck over what firn-opt, firn-translate and firn print. No Python packages are needed.
import os

import lit.formats

config.name = "firn"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".mlir", ".pbtxt", ".test"]
config.excludes = ["Inputs", "data", "parity", "bench", "lint"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.firn_test_dir

config.environment["PATH"] = os.pathsep.join([config.firn_tools_dir, config.llvm_tools_dir, os.environ.get("PATH", "")])
# Sanitizers' options and the like reach the tools.
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%data", os.path.join(config.test_source_root, "data")))
# FIRN_ROUNDTRIP=1 sends every test's IR through text and bytecode as well.
if os.environ.get("FIRN_ROUNDTRIP") == "1":
    config.substitutions.append((r"\bfirn-opt\b", "firn-opt --verify-roundtrip"))
