// Loops of TensorFlow 1 while they run.
#pragma once

#include "compiler/reference/Tensor.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace firn::reference {

/// A tensor on its way: absent when it comes from a branch that was not taken.
struct Token {
  Tensor tensor;
  bool dead = false;
};

/// What has arrived at a node.
struct Arrivals {
  std::vector<Token> inputs;
  unsigned data = 0, controls = 0, deadData = 0;
  bool dead = false, started = false;
  int live = -1; // of a Merge: the input that came first
};

/// What a node gave: its outputs, then its control token.
using Given = std::pair<mlir::Operation *, std::vector<Token>>;

/// A loop that runs; the outermost frame runs once. Iterations follow one after the other, as with
/// `parallel_iterations` of 1: an iteration is over when nothing in it, nor in a loop inside it,
/// runs or is still to be entered.
struct Frame {
  Frame *parent = nullptr;
  std::string name;
  /// Nodes that have started and loops inside that are not over.
  unsigned running = 0;
  unsigned missingEnters = 0;
  llvm::DenseMap<mlir::Operation *, Arrivals> nodes;
  /// Loop invariants: what every iteration receives.
  std::vector<Given> constants;
  /// What NextIteration nodes gave.
  std::vector<Given> next;
  /// Exit nodes that were reached, and whether one gave a value.
  llvm::MapVector<mlir::Operation *, bool> exits;
  llvm::StringMap<std::unique_ptr<Frame>> children;
};

} // namespace firn::reference
