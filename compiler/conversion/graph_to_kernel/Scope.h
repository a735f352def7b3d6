// What is known where: the code of a region sees what stands in it and in the regions around it.
#pragma once

#include <map>
#include <string>

#include "compiler/conversion/graph_to_kernel/ControlFlow.h"
#include "compiler/conversion/graph_to_kernel/Tensors.h"
#include "compiler/transforms/graph/shapes/Dim.h"
#include "mlir/IR/Block.h"

namespace firn::kernel {

/// Code is added at the end of `block`. Values of the graph, sizes and results of arithmetic that
/// were made there are known as long as the scope lives.
struct Scope {
  Scope(Scope *parent, mlir::Block *block) : parent(parent), block(block) {}

  Scope *const parent;
  mlir::Block *const block;

  // Which nodes stand here: those of a function, of a loop's frame, or on a branch.
  mlir::Block *function = nullptr;
  mlir::Block *frameBlock = nullptr;
  std::string frame;
  llvm::SmallVector<graph::Condition> holds;

  llvm::DenseMap<mlir::Value, Lowered> values;
  /// Nodes that were lowered here, or tried.
  llvm::DenseSet<mlir::Operation *> done;
  std::vector<std::pair<graph::Dim, Size>> symbols;
  std::map<std::tuple<std::string, void *, void *>, Size> memo;
};

} // namespace firn::kernel
