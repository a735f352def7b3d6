// A TensorFlow node in the IR: a thin view that names what an unregistered operation of the `graph`
// dialect holds.
#pragma once

#include <string>

#include "dialects/graph/Graph.h"
#include "mlir/IR/Operation.h"

namespace firn::graph {

/// Attributes of an operation that are not attributes of the node. A node attribute that begins
/// with "graph." is kept as "graph.attr." and its name.
inline constexpr llvm::StringLiteral kNameAttr = "graph.name";
inline constexpr llvm::StringLiteral kDeviceAttr = "graph.device";
/// Array of strings: the inputs as the message spelled them, where that is not the canonical way
/// ("x:0" for "x").
inline constexpr llvm::StringLiteral kSpellingAttr = "graph.inputs";
/// Array of strings: in a function, "output:0"-like names of the results of a node whose op is not
/// in the op table.
inline constexpr llvm::StringLiteral kOutputNamesAttr = "graph.outputs";
/// Dictionary: the remaining fields of the NodeDef.
inline constexpr llvm::StringLiteral kExtraAttr = "graph.extra";
/// Dictionary {key, slice}: the checkpoint key of a variable, set by graph-assign-keys.
inline constexpr llvm::StringLiteral kKeyAttr = "graph.key";

/// Unit: the Saver restores this variable with another shape of as many elements, set by
/// graph-assign-keys.
inline constexpr llvm::StringLiteral kReshapeAttr = "graph.reshape";

/// String: the tensor in whose place this placeholder was put, set by graph-cut-inputs.
inline constexpr llvm::StringLiteral kCutAttr = "graph.cut";

/// Names of attributes that passes look at.
inline constexpr llvm::StringLiteral kClassAttr = "_class";
inline constexpr llvm::StringLiteral kOutputShapesAttr = "_output_shapes";

/// The operation's attribute name for a node's attribute, and back ("" for one that is not a
/// node's).
std::string toAttrName(llvm::StringRef nodeAttr);
llvm::StringRef toNodeAttr(llvm::StringRef attrName);

/// The operation's name for an op type, "graph.Conv2D"; an op type that is the name of a registered
/// operation gets a "$" before it.
std::string toOperationName(llvm::StringRef opType);

/// A node: copies are cheap, null is allowed.
class Node {
public:
  Node() = default;
  /// `op` must satisfy `isNode` or be null.
  explicit Node(mlir::Operation *op) : op(op) {}
  /// The node that yields `value`, null for a block argument.
  static Node of(mlir::Value value) { return Node(value.getDefiningOp()); }
  /// An operation of this dialect that is not one of its registered three.
  static bool isNode(mlir::Operation *op);

  explicit operator bool() const { return op != nullptr; }
  mlir::Operation *operation() const { return op; }
  bool operator==(const Node &o) const { return op == o.op; }

  /// The op type, "Conv2D".
  llvm::StringRef type() const;
  bool is(llvm::StringRef opType) const { return type() == opType; }
  template <typename... Types> bool isOneOf(Types... types) const { return (is(types) || ...); }

  llvm::StringRef name() const;
  void setName(llvm::StringRef name);
  llvm::StringRef device() const;

  /// A node attribute; null when it is not there.
  mlir::Attribute attr(llvm::StringRef name) const;
  template <typename T> T attr(llvm::StringRef name) const {
    return llvm::dyn_cast_or_null<T>(attr(name));
  }
  void setAttr(llvm::StringRef name, mlir::Attribute value);
  void removeAttr(llvm::StringRef name);
  /// The `value` of a Const, null for other nodes.
  TensorAttr constantValue() const;

  /// Operands: tensors first, control tokens behind them.
  unsigned numInputs() const;
  mlir::OperandRange inputs() const { return op->getOperands().take_front(numInputs()); }
  mlir::OperandRange controls() const { return op->getOperands().drop_front(numInputs()); }
  mlir::Value input(unsigned index) const { return op->getOperand(index); }

  /// Results: tensors first, the control token last.
  unsigned numOutputs() const { return op->getNumResults() - 1; }
  mlir::ResultRange outputs() const { return op->getResults().drop_back(); }
  mlir::Value output(unsigned index) const { return op->getResult(index); }
  mlir::Value control() const { return op->getResult(op->getNumResults() - 1); }
  mlir::Type elementType(unsigned output) const;

private:
  mlir::Operation *op = nullptr;
};

/// Element type of a tensor value; null for a control token.
mlir::Type elementTypeOf(mlir::Value value);
/// The same shape with another element type.
mlir::Type withElementType(mlir::Type tensorType, mlir::Type elementType);
bool isControl(mlir::Value value);

/// What a new node is made of.
struct NodeState {
  NodeState() = default;
  explicit NodeState(llvm::StringRef type) : type(type) {}
  llvm::StringRef type;
  std::string name;
  llvm::SmallVector<mlir::Value> inputs, controls;
  llvm::SmallVector<mlir::Type> outputs;
  /// Under the node's attribute names.
  llvm::SmallVector<mlir::NamedAttribute> attrs;
  mlir::StringAttr device;
};
Node createNode(mlir::OpBuilder &builder, mlir::Location loc, const NodeState &state);

/// Replaces `node` by a new one of another type in the same place, under the same name and device;
/// results are taken over one by one (`state.outputs` empty: the old result types). The old
/// operation is erased.
Node replaceNode(Node node, NodeState state);

/// "name" for output 0, "name:1", "^name" for a control token: how a GraphDef writes an edge.
std::string edgeText(mlir::Value value);

} // namespace firn::graph
