// Random masks: values that are 1 (or true) with a probability that an expression tells.
#pragma once

#include <optional>

#include "compiler/transforms/graph/mode/ScalarValues.h"

namespace firn::graph {

/// A mask of dropout: `mask` is true, or 1, where a uniform random number says so.
struct Mask {
  mlir::Value mask;
  Node random;
  /// What decides: the probability to keep an element, or to drop it.
  mlir::Value threshold;
  bool thresholdKeeps = true;

  /// The probability that an element is kept; nothing where its expression is not known.
  std::optional<double> keepProbability(ScalarValues &scalars) const;
};

/// An op that draws random numbers.
bool isRandom(Node node);

/// Masks made of the uniform numbers in [0, 1) that `random` draws: `floor(keep + u)`, `u >= rate`,
/// `u < keep` and their mirror images. Other users of the numbers have none.
llvm::SmallVector<Mask> masksOf(Node random, ScalarValues &scalars);

} // namespace firn::graph
