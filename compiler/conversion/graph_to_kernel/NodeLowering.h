// What the lowering of one node sees: its inputs as tensors with sizes, its attributes, builders
// for what it is made of, and where its outputs go.
#pragma once

#include <functional>
#include <string>

#include "compiler/conversion/graph_to_kernel/Tensors.h"
#include "compiler/transforms/graph/shapes/ShapeInfo.h"
#include "dialects/graph/Node.h"
#include "dialects/kernel/Kernel.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "llvm/ADT/Twine.h"

namespace firn::kernel {

class GraphLowering;

/// Makes scalar code: elements in, an element out.
using ScalarBody = std::function<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::ValueRange)>;
/// Makes scalar code of an element's place (one index per dimension).
using PlaceBody = std::function<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::ValueRange)>;

/// A lowering ends by giving each output that is used, or calls `fail` and returns.
class NodeLowering {
public:
  NodeLowering(graph::Node node, GraphLowering &graph, mlir::ImplicitLocOpBuilder &builder)
      : node(node), b(builder), graph(graph) {}

  const graph::Node node;
  mlir::ImplicitLocOpBuilder &b;

  // Inputs. A tensor that is absent was reported: return when an input is null.
  unsigned numInputs() const { return node.numInputs(); }
  Tensor in(unsigned index);
  llvm::SmallVector<Tensor> inputs();
  /// The tensor of a value that was lowered, such as one of the node's own outputs.
  Tensor fetched(mlir::Value output) { return tensorOf(output); }
  /// Nothing for what is no list.
  std::optional<List> fetchedList(mlir::Value output);
  int dtype(unsigned index = 0) const;
  int outDtype(unsigned index = 0) const;
  /// Elements of a small integer input, in order, as sizes: what a Reshape asks for. Nothing where
  /// they are data.
  std::optional<Sizes> elements(unsigned index);
  /// One of them; null where that one is data.
  Size element(unsigned index, int64_t place);
  std::optional<Sizes> elementsOf(mlir::Value value);
  /// Elements of an integer input that are constants; fails the lowering when they are not.
  std::optional<llvm::SmallVector<int64_t>> constants(unsigned index);
  std::optional<int64_t> constant(unsigned index);
  /// One integer as a size below `length`, read from data at run time where it is not known.
  std::optional<Size> place(unsigned index, Size length);
  /// The list, or the array behind a flow, that an input is; fails the lowering when it is none.
  std::optional<List> list(unsigned index);
  /// Of an input; -1 where it is not known.
  int64_t shapeRank(unsigned index) const;
  /// What inference knows of an output.
  const graph::ShapeInfo &outInfo(unsigned index) const;
  /// The graph's value, for lowerings that look at what made an input.
  mlir::Value source(unsigned index) const { return node.input(index); }

  // Attributes, with the op's defaults.
  int64_t integer(llvm::StringRef name) const;
  double real(llvm::StringRef name) const;
  bool flag(llvm::StringRef name) const;
  llvm::StringRef text(llvm::StringRef name) const;
  int type(llvm::StringRef name) const;
  llvm::SmallVector<int64_t> integers(llvm::StringRef name) const;

  // Outputs
  void give(unsigned index, Tensor tensor);
  void give(Tensor tensor) { give(0, std::move(tensor)); }
  /// An output that is an input, whatever it is.
  void handOn(unsigned output, unsigned input);
  /// Elements in order, of an output whose shape is constant. Makes equal sizes one value.
  void giveElements(unsigned index, Sizes elements);
  void giveList(unsigned index, List list);
  /// The handle of a TensorArray: only its flow stands for something.
  void giveHandle(unsigned index);
  bool isUsed(unsigned index) const { return !node.output(index).use_empty(); }
  /// Sizes of an output as shape inference knows them, completed by `computed` (what the lowering
  /// worked out from its inputs). Makes equal sizes one value.
  Sizes outSizes(unsigned index, llvm::ArrayRef<Size> computed);
  /// The same where inference is all that there is; fails the lowering for a size that nobody
  /// knows.
  std::optional<Sizes> outSizes(unsigned index = 0);
  /// Says to inference that an output has these sizes.
  void bindSizes(mlir::Value value, llvm::ArrayRef<Size> sizes);
  /// The one value for a size that inference calls `dim`.
  Size unified(Size size, graph::Dim dim);
  /// "unsupported: …" for this node, collected with those of all others.
  void fail(const llvm::Twine &why);
  bool failed() const { return hasFailed; }

  // Lists
  /// The shape of an element as inference knows it for `value`, which is the list or the flow;
  /// nothing where it is not known here.
  std::optional<Sizes> elementSizes(const List &list, mlir::Value value);
  /// The tensor of all elements. Where nothing was stored yet, zeros of the shape that `element` or
  /// else inference says; fails the lowering when nobody knows it.
  Tensor stored(const List &list, mlir::Value value,
                const std::optional<Sizes> &element = std::nullopt);

  // Sizes
  Size size(int64_t number) { return b.getIndexAttr(number); }
  Size add(Size a, Size c);
  Size sub(Size a, Size c);
  Size mul(Size a, Size c);
  Size floorDiv(Size a, Size c);
  Size ceilDiv(Size a, Size c);
  Size max(Size a, Size c);
  Size min(Size a, Size c);
  /// Product of all; 1 for none.
  Size product(llvm::ArrayRef<Size> sizes);
  /// As an index value.
  mlir::Value value(Size size);
  Size floorMod(Size a, Size c);
  /// An index of an axis: one that may lie outside is moved to the nearest that does not.
  Size inside(Size at, Size length);
  /// Conditions are sizes of 0 and 1, because the runtime computes sizes without branches.
  Size isNegative(Size a);
  /// True for what is known to be no less than 0.
  bool isCount(Size size) const;
  Size isEqual(Size a, Size c) { return sub(size(1), min(max(sub(a, c), sub(c, a)), size(1))); }
  Size choose(Size condition, Size yes, Size no) { return add(no, mul(condition, sub(yes, no))); }
  bool equal(Size a, Size c) const { return a == c; }
  bool isOne(Size a) const { return constantSize(a) == int64_t(1); }

  // Tensors
  Tensor empty(int dtype, llvm::ArrayRef<Size> sizes);
  Tensor zeros(int dtype, llvm::ArrayRef<Size> sizes);
  /// A scalar constant broadcast: usable wherever a tensor is, folded into what uses it.
  Tensor splat(int dtype, double number, llvm::ArrayRef<Size> sizes);
  /// The tensor, repeated to these sizes as TensorFlow broadcasts.
  Tensor broadcast(const Tensor &tensor, llvm::ArrayRef<Size> sizes);
  /// The same elements under other sizes of the same number of elements; costs nothing.
  Tensor reshape(const Tensor &tensor, llvm::ArrayRef<Size> sizes);
  /// The same bytes under another dtype of the same width; costs nothing.
  Tensor retype(Tensor tensor, int dtype) {
    tensor.dtype = dtype;
    return tensor;
  }
  /// TensorFlow's broadcast of two or more operands.
  std::optional<Sizes> broadcastSizes(llvm::ArrayRef<Tensor> operands);
  /// Of two sizes that fit each other.
  Size broadcastSize(Size a, Size c);
  /// Element by element over operands that are broadcast to `sizes`. Scalar constants become
  /// constants of the body. An operand that only at run time is known to be repeated is read at
  /// computed places.
  Tensor elementwise(llvm::ArrayRef<Tensor> operands, int dtype, llvm::ArrayRef<Size> sizes,
                     const ScalarBody &body);
  /// `broadcastSizes` and `elementwise`.
  Tensor elementwise(llvm::ArrayRef<Tensor> operands, int dtype, const ScalarBody &body);
  /// Each element from its place. `read` (below) reads tensors inside the body.
  Tensor generate(int dtype, llvm::ArrayRef<Size> sizes, const PlaceBody &body);
  static mlir::Value read(mlir::ImplicitLocOpBuilder &b, const Tensor &tensor,
                          mlir::ValueRange place);
  /// Folds the elements along `axes` (sorted) into one, from `init` on: `body` takes (so far,
  /// element). The axes are dropped.
  Tensor reduce(const Tensor &tensor, llvm::ArrayRef<int64_t> axes, mlir::Value init,
                const ScalarBody &body);
  Tensor reduce(const Tensor &tensor, llvm::ArrayRef<int64_t> axes, mlir::TypedAttr init,
                const ScalarBody &body);
  /// `result[d0, d1, …] = tensor[d of permutation]`: dimension i of the result is dimension
  /// `permutation[i]` of the tensor.
  Tensor transpose(const Tensor &tensor, llvm::ArrayRef<int64_t> permutation);
  /// Part of a tensor, with steps.
  Tensor slice(const Tensor &tensor, llvm::ArrayRef<Size> offsets, llvm::ArrayRef<Size> sizes,
               llvm::ArrayRef<Size> strides);
  Tensor slice(const Tensor &tensor, llvm::ArrayRef<Size> offsets, llvm::ArrayRef<Size> sizes);
  /// `whole` with `part` in the place of the elements from `offsets` on, each `strides` apart.
  Tensor insert(const Tensor &part, const Tensor &whole, llvm::ArrayRef<Size> offsets,
                llvm::ArrayRef<Size> strides);
  Tensor concat(llvm::ArrayRef<Tensor> tensors, int64_t axis);
  /// `sizes` of `count` zeros or ones.
  Sizes repeated(int64_t number, int64_t count) { return Sizes(count, size(number)); }
  /// A vector of these sizes as a tensor of integers.
  Tensor tensorOf(llvm::ArrayRef<Size> elements, int dtype, bool scalar);
  /// The one element of an integer tensor as a size that is at most `bound`.
  Size readSize(const Tensor &number, Size bound);
  /// A constant matrix, or filter, in panels (`kernel.pack`).
  mlir::Value panels(const Tensor &matrix, bool transposed);
  /// An op of the kernel library: `make` gets the tensor that the result is stored to.
  Tensor library(int dtype, llvm::ArrayRef<Size> sizes,
                 const std::function<mlir::Value(mlir::Value init)> &make);
  /// `carried` after `count` rounds of `body`, which gets the number of the round and what the
  /// round before made, and makes as many tensors of the same shapes.
  using RoundBody =
      std::function<llvm::SmallVector<Tensor>(Size round, llvm::ArrayRef<Tensor> carried)>;
  llvm::SmallVector<Tensor> rounds(Size count, llvm::ArrayRef<Tensor> carried,
                                   const RoundBody &body);
  /// `firn_kernel_NAME` of runtime/kernels/plain, which changes `inits` in place. `fields` are the
  /// fields of its arguments, in order: sizes first, then those that are numbers.
  llvm::SmallVector<Tensor> call(llvm::StringRef kernel, llvm::ArrayRef<Tensor> inputs,
                                 llvm::ArrayRef<Size> sizes, llvm::ArrayRef<double> numbers,
                                 llvm::ArrayRef<Tensor> inits);

private:
  Tensor tensorOf(mlir::Value value);
  /// Where an element of the result finds an operand's, and the operand's sizes but those of
  /// repeated dimensions; nothing where that is known at run time only.
  std::optional<mlir::AffineMap> broadcastMap(const Tensor &operand, llvm::ArrayRef<Size> sizes,
                                              Sizes &kept);
  bool isJoinedRightly(const Tensor &tensor, llvm::ArrayRef<Size> sizes);
  bool needsBarrier(const Tensor &tensor, llvm::ArrayRef<Size> sizes);
  static mlir::Value readBroadcast(mlir::ImplicitLocOpBuilder &b, const Tensor &operand,
                                   llvm::ArrayRef<Size> sizes);
  Size arithmetic(llvm::StringRef op, Size a, Size c);
  GraphLowering &graph;
  bool hasFailed = false;
};

using LowerNode = void (*)(NodeLowering &);
struct LoweringEntry {
  llvm::StringLiteral op;
  LowerNode lower;
};
using Lowerings = llvm::ArrayRef<LoweringEntry>;

} // namespace firn::kernel
