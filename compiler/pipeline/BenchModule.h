// How long a module takes, as a whole and by dispatch.
#pragma once

#include "compiler/pipeline/LoadedModule.h"
#include "compiler/pipeline/ModuleProgram.h"

namespace firn {

struct BenchOptions {
  double seconds = 1; ///< of measuring the whole; half as long for the dispatches
};

struct BenchResult {
  /// A step of the program: dispatch or copy.
  struct Step {
    uint32_t index;
    double microseconds; ///< in a run, median over runs; all iterations of loops together
    double share;        ///< of all steps
    double iterations;   ///< in a run
    double flops, bytes; ///< in a run
  };
  double firstMicroseconds = 0; ///< the first run, memory included
  double minimum = 0, median = 0, mean = 0, p99 = 0; // microseconds
  uint64_t runs = 0;
  int level = 0;
  unsigned threads = 0;
  double peakFlops = 0; ///< of all threads, measured beside the runs
  double flops = 0;     ///< in a run, as far as known
  firn_memory memory = {};
  std::vector<Step> steps; ///< in their order
};

/// Runs a module that has been fed. Errors as of `LoadedModule::run`.
absl::StatusOr<BenchResult> benchModule(LoadedModule &module, const ModuleProgram &program,
                                        const BenchOptions &options);

} // namespace firn
