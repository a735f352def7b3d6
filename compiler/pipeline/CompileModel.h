// The whole of `firn compile`: a training graph and its checkpoint in, a module out.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/pipeline/Freeze.h"

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace firn {

/// What `firn compile` writes: the module, or a form on the way to it for people to read.
enum class Emit { Module, Graph, Kernel, Linalg, Schedule, Llvm, Assembly, Object };

struct CompileOptions {
  /// Which graph is compiled; `output` is not looked at.
  FreezeOptions freeze;
  /// x86-64 levels that the module has code for: 2, 3, 4.
  std::vector<int> levels = {2, 3, 4};
  /// Of the compiler; 0: as many as the machine has processors.
  unsigned threads = 0;
  Emit emit = Emit::Module;
  /// Where it goes; "-" for standard output, unless it is a module.
  std::string output;
  /// Lines of the module's section of facts: "flags" → "--outputs prob".
  std::vector<std::pair<std::string, std::string>> build;
  /// Called when a stage begins and while it goes on: its name, done, total.
  std::function<void(const std::string &stage, uint64_t done, uint64_t total)> progress;
};

struct CompileReport {
  struct Code {
    int level;
    uint64_t bytes;
  };
  struct Time {
    std::string stage;
    double milliseconds;
  };
  FreezeReport freeze;
  uint64_t moduleBytes = 0, weightBytes = 0, programBytes = 0;
  uint32_t weights = 0, dispatches = 0, functions = 0, steps = 0;
  std::vector<Code> code;
  /// All sizes are constants: the arena is planned. Otherwise the numbers are 0.
  bool isPlanned = false;
  uint64_t arenaBytes = 0, arenaBound = 0;
  /// Stages in their order; of passes and of stages of code generation as "code generation:
  /// optimise", summed over threads.
  std::vector<Time> times;
};

/// Errors as of `freeze`; on any error nothing is left under `output`.
absl::StatusOr<CompileReport> compileModel(const CompileOptions &options);

} // namespace firn
