// What scalar expressions are worth: predicates, keep probabilities and rates, as functions of
// placeholders.
#pragma once

#include <functional>

#include "dialects/graph/Node.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace firn::graph {

/// A scalar at a point of the graph: not known, on a branch that is not taken, or a number (a bool
/// is 0 or 1).
struct Scalar {
  enum Kind { Unknown, Dead, Known } kind = Unknown;
  double number = 0;

  static Scalar dead() { return {Dead, 0}; }
  static Scalar known(double number) { return {Known, number}; }
  bool isKnown() const { return kind == Known; }
  bool isDead() const { return kind == Dead; }
};

/// Evaluates scalars through arithmetic, comparisons, Switch, Merge, Enter, Select and If.
/// Elementwise ops of tensors are evaluated as of one element.
class ScalarValues {
public:
  using Assignment = llvm::DenseMap<mlir::Value, double>;

  ScalarValues() = default;
  explicit ScalarValues(Assignment assignment) : assignment(std::move(assignment)) {}
  /// Asked for each value that nothing else tells.
  void setFallback(std::function<Scalar(mlir::Value)> function) { fallback = std::move(function); }

  Scalar of(mlir::Value value);
  /// True when a node, or the token that comes from it, lies on a branch that is not taken.
  bool isDead(mlir::Operation *op);
  /// The known value of a predicate.
  std::optional<bool> truthOf(mlir::Value value);

private:
  Scalar evaluate(Node node, unsigned output);
  Scalar evaluateSwitch(Node node, unsigned output);
  Scalar evaluateMerge(Node node, unsigned output);
  Scalar evaluateIf(Node node, unsigned output);
  Scalar arithmetic(Node node);
  bool computeDead(mlir::Operation *op);

  Assignment assignment;
  std::function<Scalar(mlir::Value)> fallback;
  llvm::DenseMap<mlir::Value, Scalar> known;
  llvm::DenseMap<mlir::Operation *, bool> deadOps;
  llvm::DenseSet<mlir::Value> open;
  llvm::DenseSet<mlir::Operation *> openOps;
};

/// The number that a constant of one element (or of equal elements) is; nothing for others and for
/// references.
std::optional<double> splatNumber(TensorAttr tensor);

/// True for an op that hands its first input on as it is: Identity, Enter, StopGradient …
bool isForward(Node node);

/// True for a Merge that closes a loop: one of its inputs is a NextIteration.
bool isLoopMerge(Node node);

} // namespace firn::graph
