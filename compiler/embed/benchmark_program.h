// A program that tells how long a model takes that is linked in, as `firn bench` does of a module.
#pragma once

#include <string>
#include <vector>

#include "compiler/embed/header.h"

namespace firn {

/// A dispatch or copy. Slots are those of the program.
struct BenchmarkStep {
  /// What is added to a sum, or with a negative sign taken from it.
  struct Term {
    uint32_t slot;
    int sign;
  };
  uint32_t index;
  std::string kernel, nodes; ///< for its reader
  uint32_t flops;            ///< a slot; 0: not known
  std::vector<Term> bytes;   ///< that it is given
};

struct BenchmarkProgramOptions {
  std::string header;    ///< as the source includes it
  std::string generator; ///< "firn 0.1.0"
};

/// The source, C and C++ as well.
std::string benchmarkProgram(const Interface &model, const std::vector<BenchmarkStep> &steps,
                             const BenchmarkProgramOptions &options);

} // namespace firn
