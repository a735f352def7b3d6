// What the rule of an op sees of a node: the shapes of its inputs, its attributes, and where the
// shapes of its outputs go.
#pragma once

#include "compiler/transforms/graph/shapes/ShapeState.h"

namespace firn::graph {

class BlockShapes;

class NodeShapes {
public:
  NodeShapes(Node node, ShapeState &state, BlockShapes &block,
             llvm::ArrayRef<const ShapeInfo *> inputs, llvm::MutableArrayRef<ShapeInfo> outputs,
             llvm::SmallVectorImpl<Conflict> &conflicts)
      : node(node), state(state), block(block), inputs(inputs), outputs(outputs),
        conflicts(conflicts) {}

  const Node node;

  unsigned numInputs() const { return inputs.size(); }
  unsigned numOutputs() const { return outputs.size(); }
  /// Unknown for an input that the node lacks.
  const ShapeInfo &in(unsigned index) const;
  /// False for what comes round a loop and has no shape yet.
  bool isReached(unsigned index) const { return index < inputs.size() && inputs[index]; }
  void out(unsigned index, ShapeInfo info);
  void out(ShapeInfo info) { out(0, std::move(info)); }
  const ShapeInfo &output(unsigned index) const { return outputs[index]; }

  /// Attributes; `fallback` where the node has none of this name and kind.
  int64_t integer(llvm::StringRef name, int64_t fallback = 0) const;
  bool flag(llvm::StringRef name, bool fallback = false) const;
  llvm::StringRef text(llvm::StringRef name, llvm::StringRef fallback = "") const;
  llvm::SmallVector<int64_t> integers(llvm::StringRef name) const;
  /// Of an attribute that is a shape. Its dimensions are of the origin that they were written in,
  /// when `isOrigin`.
  ShapeInfo shape(llvm::StringRef name, bool isOrigin = false);
  /// Entry `index` of an attribute that is a list of shapes.
  ShapeInfo listedShape(llvm::StringRef name, unsigned index);
  ShapeInfo shapeOf(mlir::Attribute attr, bool isOrigin = false);

  /// A dimension that is not known. The same in each evaluation of the node.
  Dim fresh();
  /// An element that is not known, it may be negative.
  Dim freshInteger();
  ShapeInfo freshOfRank(size_t rank);
  /// `element` as a dimension: a new one where it may be negative.
  Dim asDim(Dim element);
  /// Elements as dimensions; unknown rank where they are not known.
  ShapeInfo shapeFromElements(const ShapeInfo &elements);

  Dim plus(Dim a, Dim b) { return state.derived(DerivedKind::Plus, a, b); }
  Dim minus(Dim a, Dim b) { return state.derived(DerivedKind::Minus, a, b); }
  Dim times(Dim a, Dim b) { return state.derived(DerivedKind::Times, a, b); }
  Dim derived(DerivedKind kind, Dim a, Dim b) { return state.derived(kind, a, b); }
  Dim product(llvm::ArrayRef<Dim> dims);

  /// Two dimensions that have to be equal: the better known one. A conflict where they can't be.
  Dim same(Dim a, Dim b);
  /// All dimensions have to be equal; the better known shape.
  ShapeInfo same(const ShapeInfo &a, const ShapeInfo &b);
  /// As `same`, but for 1.
  Dim broadcast(Dim a, Dim b);
  ShapeInfo broadcast(const ShapeInfo &a, const ShapeInfo &b);
  /// What both may be: where they differ a symbol that belongs to `key`.
  ShapeInfo join(const ShapeInfo &a, const ShapeInfo &b, unsigned key);
  /// `written` has to be `other`; without `isProved` it may also be meant as it is.
  void conflict(Dim written, Dim other, bool isProved = true);

  /// Values of an input that are constants, e.g. axes.
  std::optional<llvm::SmallVector<int64_t>> constants(unsigned input) const;
  std::optional<int64_t> constant(unsigned input) const;
  /// An axis from a constant, counted from the front; nothing when it is not known or no axis.
  static std::optional<size_t> axis(std::optional<int64_t> value, size_t rank);

  /// Of the results of a function, when it is called with these arguments. `slot` tells apart the
  /// functions that one node calls. Nothing when there is no such function.
  std::optional<Infos> call(llvm::StringRef function, unsigned slot,
                            llvm::ArrayRef<ShapeInfo> args);
  /// The name in an attribute that is a function.
  llvm::StringRef function(llvm::StringRef attr) const;
  /// What the TensorArray behind a handle holds, as known so far; the node is looked at again when
  /// more is known. Null when it is not known which array it is.
  const ListInfo *readArray(const ShapeInfo &handle);
  /// The node makes a TensorArray (its handle is output 0), or writes tensors of this shape into
  /// one.
  void makeArray(ShapeInfo item, Dim length);
  void writeArray(const ShapeInfo &handle, const ShapeInfo &item);
  /// Shapes of tensors in one list, which is what they have in common: the better known one. Of two
  /// symbols that of `a`, which should be the shape of a tensor rather than one that was declared.
  ShapeInfo sameItem(const ShapeInfo &a, const ShapeInfo &b);

  ShapeState &state;

private:
  Dim join(Dim a, Dim b, unsigned key);

  BlockShapes &block;
  llvm::ArrayRef<const ShapeInfo *> inputs;
  llvm::MutableArrayRef<ShapeInfo> outputs;
  llvm::SmallVectorImpl<Conflict> &conflicts;
  unsigned symbolsMade = 0;
};

using ShapeRule = void (*)(NodeShapes &);

/// Null for an op that has no rule: nothing is known of its outputs.
ShapeRule findShapeRule(llvm::StringRef opType);

} // namespace firn::graph
