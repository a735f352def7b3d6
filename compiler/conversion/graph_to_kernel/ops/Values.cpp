// Values that are there, handed on, or known from shapes: Const, Identity, Shape.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/Constants.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// Constants of this size are data of the code itself; larger ones stay where they lie.
constexpr int64_t kInlineElements = 16;

Attribute inlineValue(NodeLowering &n, TensorAttr value, RankedTensorType type) {
  std::optional<reference::Tensor> tensor = constantTensor(n.node.output(0));
  if (!tensor)
    return value;
  return DenseElementsAttr::getFromRawBuffer(type, tensor->bytes());
}

void constant(NodeLowering &n) {
  TensorAttr value = n.node.constantValue();
  int dtype = n.outDtype();
  Type element = storageType(n.b.getContext(), dtype);
  if (!value || !element)
    return n.fail("constants of dtype " + dataTypeText(n.node.elementType(0)));
  Tensor tensor;
  for (int64_t size : value.getShape())
    tensor.sizes.push_back(n.size(size));
  auto type = RankedTensorType::get(value.getShape(), element);
  Attribute held = value;
  if (type.getNumElements() <= kInlineElements)
    held = inlineValue(n, value, type);
  tensor.value = n.b.create<ConstantOp>(type, held);
  tensor.dtype = dtype;
  n.give(tensor);
}

void identity(NodeLowering &n) {
  for (unsigned i = 0; i < n.node.numOutputs(); ++i)
    if (n.isUsed(i))
      n.handOn(i, i);
}

void shape(NodeLowering &n) {
  for (unsigned i = 0; i < n.node.numOutputs(); ++i)
    if (Tensor input = n.in(i))
      n.giveElements(i, input.sizes);
}

void size(NodeLowering &n) {
  if (Tensor input = n.in(0))
    n.giveElements(0, {n.product(input.sizes)});
}

void rank(NodeLowering &n) {
  if (Tensor input = n.in(0))
    n.giveElements(0, {n.size(input.rank())});
}

const LoweringEntry kValues[] = {
    {"CheckNumerics", identity},
    {"CheckNumericsV2", identity},
    {"Const", constant},
    {"DeepCopy", identity},
    {"EnsureShape", identity},
    {"Identity", identity},
    {"IdentityN", identity},
    {"PreventGradient", identity},
    {"Print", identity},
    {"Rank", rank},
    {"Shape", shape},
    {"ShapeN", shape},
    {"Size", size},
    {"Snapshot", identity},
    {"StopGradient", identity},
    {"GuaranteeConst", identity},
};

} // namespace

Lowerings valueLowerings() { return kValues; }

} // namespace firn::kernel
