// New nodes in front of one that is about to be replaced.
#pragma once

#include "compiler/transforms/graph/NodeNames.h"

namespace firn::graph {

class NodesBefore {
public:
  using Attrs = llvm::ArrayRef<std::pair<llvm::StringRef, mlir::Attribute>>;

  /// `node` stays where it is; new nodes are named "NODE/OP", on its device.
  NodesBefore(Node node, NodeIndex &names) : node(node), names(names), builder(node.operation()) {}

  /// The node, and once it is replaced what stands there.
  Node place() const { return node; }
  mlir::Builder &attrs() { return builder; }

  /// A node of one output.
  mlir::Value make(llvm::StringRef op, mlir::ValueRange inputs, mlir::Type type, Attrs attrs);
  /// An op with one type attribute, T, that keeps or broadcasts the shape of its inputs.
  mlir::Value elementwise(llvm::StringRef op, mlir::ValueRange inputs);
  /// A comparison: the same with a result of bools.
  mlir::Value compare(llvm::StringRef op, mlir::Value a, mlir::Value b);
  mlir::Value cast(mlir::Value value, mlir::Type elementType);
  /// A constant of floats or integers, `numbers` rounded to the type.
  mlir::Value constant(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<double> numbers);

  /// The node replaced by `op` of these inputs and attributes, which takes over its control inputs
  /// and its name; the first `outputs` outputs stay.
  Node replace(llvm::StringRef op, mlir::ValueRange inputs, Attrs attrs, unsigned outputs = 1);

private:
  Node node;
  NodeIndex &names;
  mlir::OpBuilder builder;
};

} // namespace firn::graph
