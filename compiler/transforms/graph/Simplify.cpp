#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/ScalarValues.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_SIMPLIFYPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// The number that a constant is that can't widen what it is combined with: a scalar, or of a shape
// of ones that has no more dimensions.
std::optional<double> neutralOperand(Value constant, Value other) {
  Node node = Node::of(constant);
  TensorAttr value = node ? node.constantValue() : TensorAttr();
  auto type = dyn_cast<ShapedType>(other.getType());
  if (!value || value.getNumElements() == 0)
    return std::nullopt;
  ArrayRef<int64_t> shape = value.getShape();
  bool fits = shape.empty();
  if (!fits && type && type.hasRank() && shape.size() <= static_cast<size_t>(type.getRank())) {
    auto dims = type.getShape().take_back(shape.size());
    fits = llvm::all_of(llvm::zip(shape, dims), [](auto pair) {
      return std::get<0>(pair) == 1 || std::get<0>(pair) == std::get<1>(pair);
    });
  }
  return fits ? splatNumber(value) : std::nullopt;
}

std::optional<SmallVector<int64_t>> constantIntegers(Value value) {
  Node node = Node::of(value);
  TensorAttr tensor = node ? node.constantValue() : TensorAttr();
  return tensor ? integerElements(tensor) : std::nullopt;
}

bool sameStaticShape(Value a, Value b) {
  auto left = dyn_cast<RankedTensorType>(a.getType()),
       right = dyn_cast<RankedTensorType>(b.getType());
  return left && right && left.hasStaticShape() && left.getShape() == right.getShape();
}

// x * 1, x / 1, x - 0: what IEEE 754 leaves as it is. x + 0 is not among them: -0 + 0 is 0.
Value withoutNeutral(Node node) {
  if (node.numInputs() != 2)
    return {};
  Value a = node.input(0), b = node.input(1);
  bool integers = isa<IntegerType>(node.elementType(0));
  if (node.is("Mul")) {
    if (neutralOperand(b, a) == 1.0)
      return a;
    if (neutralOperand(a, b) == 1.0)
      return b;
  }
  if (node.isOneOf("RealDiv", "Div") && neutralOperand(b, a) == 1.0)
    return a;
  if (node.is("Sub") && neutralOperand(b, a) == 0.0)
    return a;
  if (node.isOneOf("Add", "AddV2") && integers) {
    if (neutralOperand(b, a) == 0.0)
      return a;
    if (neutralOperand(a, b) == 0.0)
      return b;
  }
  return {};
}

// Movements that move nothing.
Value withoutMovement(Node node) {
  if (node.numInputs() == 0)
    return {};
  Value x = node.input(0);
  auto all = [&](unsigned input, auto predicate) {
    std::optional<SmallVector<int64_t>> values =
        node.numInputs() > input ? constantIntegers(node.input(input)) : std::nullopt;
    return values && predicate(*values);
  };
  auto areZeros = [](ArrayRef<int64_t> v) {
    return llvm::all_of(v, [](int64_t i) { return i == 0; });
  };
  auto areOnes = [](ArrayRef<int64_t> v) {
    return llvm::all_of(v, [](int64_t i) { return i == 1; });
  };
  auto isIota = [](ArrayRef<int64_t> v) {
    return llvm::all_of(llvm::enumerate(v), [](auto e) { return int64_t(e.index()) == e.value(); });
  };
  if (node.is("Transpose") && all(1, isIota))
    return x;
  if (node.isOneOf("Pad", "PadV2", "MirrorPad") && all(1, areZeros))
    return x;
  if (node.is("Tile") && all(1, areOnes))
    return x;
  if (node.is("Reshape") && sameStaticShape(x, node.output(0)))
    return x;
  if (node.is("Cast") && elementTypeOf(x) == node.elementType(0))
    return x;
  if (node.isOneOf("AddN", "ConcatV2") && node.numInputs() == (node.is("AddN") ? 1u : 2u))
    return x;
  return {};
}

// Select by a scalar that is known; double negations.
Value withoutChoice(Node node) {
  if (node.isOneOf("Select", "SelectV2") && node.numInputs() == 3) {
    Node condition = Node::of(node.input(0));
    TensorAttr value = condition ? condition.constantValue() : TensorAttr();
    bool scalar = value && value.getShape().empty();
    std::optional<double> number = scalar ? splatNumber(value) : std::nullopt;
    Value chosen = number ? node.input(*number != 0 ? 1 : 2) : Value();
    // SelectV2 broadcasts: the result may be larger than what is chosen.
    bool same = node.is("Select") || sameStaticShape(node.input(1), node.input(2)) ||
                (chosen && sameStaticShape(chosen, node.output(0)));
    return same ? chosen : Value();
  }
  if (node.isOneOf("Neg", "LogicalNot"))
    if (Node inner = Node::of(node.input(0)); inner && inner.type() == node.type())
      return inner.input(0);
  return {};
}

bool isMatrix(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2 && isa<FloatType>(type.getElementType());
}

// A batch of one pair of matrices is their product, by an op that other readers know. TensorFlow's
// kernels of the two add up in different orders.
void becomeMatMul(Node node) {
  if (!node.isOneOf("BatchMatMul", "BatchMatMulV2") || !isMatrix(node.input(0)) ||
      !isMatrix(node.input(1)))
    return;
  Builder builder(node.operation()->getContext());
  NodeState state("MatMul");
  llvm::append_range(state.inputs, node.inputs());
  llvm::append_range(state.controls, node.controls());
  auto flag = [&](StringRef name) {
    auto attr = node.attr<BoolAttr>(name);
    return builder.getBoolAttr(attr && attr.getValue());
  };
  state.attrs = {builder.getNamedAttr("T", TypeAttr::get(node.elementType(0))),
                 builder.getNamedAttr("transpose_a", flag("adj_x")),
                 builder.getNamedAttr("transpose_b", flag("adj_y"))};
  replaceNode(node, state);
}

struct SimplifyPass : impl::SimplifyPassBase<SimplifyPass> {
  using SimplifyPassBase::SimplifyPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      simplify(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      simplify(function.getNodes());
  }

  void simplify(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      Node node(&op);
      if (node.isOneOf("BatchMatMul", "BatchMatMulV2")) {
        if (everything)
          becomeMatMul(node);
        continue;
      }
      if (node.numOutputs() != 1 || !node.controls().empty())
        continue;
      Value value = withoutNeutral(node);
      if (!value)
        value = withoutMovement(node);
      if (!value)
        value = withoutChoice(node);
      if (!value || value == node.output(0))
        continue;
      Operation *source = value.getDefiningOp();
      forwardNode(node, {value}, source ? Node(source).control() : Value());
    }
    eraseUnreachable(block);
  }
};

} // namespace
} // namespace firn::graph
