// Values in place of refs and handles, everywhere downstream of a frozen variable.
#pragma once

#include "dialects/graph/Node.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace firn::graph {

/// Follows tensors that were variables and are values now: Ref ops become their value forms,
/// Switch, Merge, Enter and the like take the dtype, readers of handles become readers of values
/// (ReadVariableOp → Identity, ResourceGather → GatherV2, VariableShape → Shape, VarIsInitializedOp
/// → true). A function that takes such a handle is called as a copy that takes the value,
/// `f_frozen`.
class VariableRetyper {
public:
  explicit VariableRetyper(mlir::ModuleOp module) : module(module) {}
  /// A value whose type has changed; its users still expect the old one.
  void add(mlir::Value value) { worklist.push_back(value); }
  /// An error names each node that takes a variable in a way that has no counterpart for a value.
  mlir::LogicalResult run();

private:
  mlir::LogicalResult visit(mlir::OpOperand &use);
  mlir::LogicalResult visitHandle(Node node, unsigned operand);
  void takeType(Node node, unsigned operand);
  void passOnList(Node node, unsigned operand);
  using ArgTypes = llvm::SmallVector<std::pair<unsigned, mlir::Type>>;
  mlir::LogicalResult visitCall(Node node);
  FuncOp specialise(FuncOp function, const ArgTypes &types);
  void settleReturns();
  void read(Node node);
  void gather(Node node);
  void constantTrue(Node node);

  mlir::ModuleOp module;
  llvm::SmallVector<mlir::Value> worklist;
  llvm::StringMap<FuncOp> specialised;
  llvm::SmallVector<std::string> problems;
};

} // namespace firn::graph
