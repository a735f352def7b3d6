// A loop in terms of the graph's values, however it is written.
#pragma once

#include <functional>

#include "compiler/conversion/graph_to_kernel/GraphLowering.h"

namespace firn::kernel {

struct Loop {
  struct Variable {
    llvm::StringRef name;
    /// What it begins with, what it is called in the condition and in the body, and what the next
    /// round gets.
    mlir::Value start, inCondition, inBody, next;
  };

  graph::Node node;
  llvm::SmallVector<Variable> variables;
  mlir::Value condition;
  /// Values of the condition that the loop ends with, and what they are called behind it.
  Values results, outputs;
  /// Where the nodes of the two regions stand.
  std::function<void(Scope &)> markCondition, markBody;
  /// Known of the results.
  llvm::SmallVector<graph::Condition> atEnd;
};

/// Behind what hands a value on inside of a loop.
mlir::Value handedOn(mlir::Value value);

/// True for a variable that is the same in each round.
bool isInvariant(const Loop::Variable &variable);

/// A variable that counts: `step` more in each round.
struct Counter {
  const Loop::Variable *variable;
  int64_t step;
};

/// What a counter stays below, or with `isIncluded` does not exceed.
struct Limit {
  const Loop::Variable *variable;
  mlir::Value value;
  bool isIncluded;
};

/// How a loop counts whose condition asks for nothing but counters below limits that are the same
/// in each round. Nothing for other loops.
struct Counting {
  llvm::SmallVector<Counter> counters;
  llvm::SmallVector<Limit> limits;
};
std::optional<Counting> countingOf(const GraphLowering &lowering, const Loop &loop);

/// Makes the loop and gives its outputs.
void lowerLoop(GraphLowering &lowering, const Loop &loop);

} // namespace firn::kernel
