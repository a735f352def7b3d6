#include <array>
#include <numeric>

#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "compiler/transforms/graph/mode/ScalarValues.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FOLDPADPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// Of an image's height or width.
struct Edge {
  unsigned axis; // of the image
  int64_t before = 0, after = 0;
};

// The axes of height and width; nothing for a layout of another kind.
std::optional<std::array<unsigned, 2>> spatialAxes(Node conv) {
  auto format = attrOrDefault<StringAttr>(conv, "data_format");
  if (format && format.getValue() == "NHWC")
    return std::array<unsigned, 2>{1, 2};
  if (format && format.getValue() == "NCHW")
    return std::array<unsigned, 2>{2, 3};
  return std::nullopt;
}

// Amounts of a Pad by zeros, [before, after] for each axis; nothing for other nodes.
std::optional<SmallVector<int64_t>> zeroPaddings(Node pad) {
  if (!pad.is("Pad") || pad.numInputs() != 2) {
    if (!pad.is("PadV2") || pad.numInputs() != 3)
      return std::nullopt;
    Node value = constantNode(pad.input(2));
    if (!value || splatNumber(value.constantValue()) != 0.0)
      return std::nullopt;
  }
  return constantIntegers(pad.input(1));
}

// Height and width of the paddings; nothing where batch or channels are padded.
std::optional<std::array<Edge, 2>> spatialEdges(Node conv, ArrayRef<int64_t> paddings) {
  std::optional<std::array<unsigned, 2>> axes = spatialAxes(conv);
  if (!axes || paddings.size() != 8)
    return std::nullopt;
  std::array<Edge, 2> edges{Edge{(*axes)[0]}, Edge{(*axes)[1]}};
  int64_t total = 0;
  for (Edge &edge : edges) {
    edge.before = paddings[2 * edge.axis];
    edge.after = paddings[2 * edge.axis + 1];
    total += edge.before + edge.after;
  }
  return total == std::accumulate(paddings.begin(), paddings.end(), int64_t(0))
             ? std::optional(edges)
             : std::nullopt;
}

int64_t elementOr(ArrayRef<int64_t> list, unsigned index, int64_t otherwise) {
  return index < list.size() ? list[index] : otherwise;
}

// True when SAME pads just as much. With a stride that depends on the size of the image.
bool isSame(Node conv, Value image, const Edge &edge, unsigned kernelAxis) {
  auto kernel = dyn_cast<RankedTensorType>(conv.input(1).getType());
  auto type = dyn_cast<RankedTensorType>(image.getType());
  if (!kernel || kernel.getRank() != 4 || kernel.isDynamicDim(kernelAxis))
    return false;
  int64_t dilation = elementOr(integerList(conv, "dilations"), edge.axis, 1);
  int64_t stride = elementOr(integerList(conv, "strides"), edge.axis, 1);
  int64_t reach = (kernel.getDimSize(kernelAxis) - 1) * dilation + 1;
  int64_t total = reach - 1;
  if (stride != 1) {
    if (!type || type.getRank() != 4 || type.isDynamicDim(edge.axis))
      return false;
    int64_t size = type.getDimSize(edge.axis), steps = (size + stride - 1) / stride;
    total = std::max<int64_t>(0, (steps - 1) * stride + reach - size);
  }
  return edge.before == total / 2 && edge.after == total - total / 2;
}

struct FoldPadPass : impl::FoldPadPassBase<FoldPadPass> {
  using FoldPadPassBase::FoldPadPassBase;

  void runOnOperation() override {
    kept = NameGlobs(SmallVector<std::string>(keep.begin(), keep.end()));
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      foldBlock(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      foldBlock(function.getNodes());
  }

  void foldBlock(Block &block) {
    std::vector<Change> changes;
    for (Operation &op : block.without_terminator()) {
      Node conv(&op);
      if (!conv.isOneOf("Conv2D", "DepthwiseConv2dNative") || conv.numInputs() != 2)
        continue;
      Node pad = Node::of(conv.input(0));
      if (pad && !kept.match(pad) && fold(conv, pad))
        changes.push_back(
            {"folded", pad.name().str(), "into the padding of '" + conv.name().str() + "'"});
    }
    eraseUnreachable(block);
    recordChanges(getOperation(), changes);
  }

  bool fold(Node conv, Node pad) {
    auto padding = conv.attr<StringAttr>("padding");
    std::optional<SmallVector<int64_t>> paddings = zeroPaddings(pad);
    if (!paddings || !padding || padding.getValue() != "VALID")
      return false;
    std::optional<std::array<Edge, 2>> edges = spatialEdges(conv, *paddings);
    if (!edges)
      return false;
    Value image = pad.input(0);
    Builder builder(&getContext());
    if (isSame(conv, image, (*edges)[0], 0) && isSame(conv, image, (*edges)[1], 1)) {
      conv.setAttr("padding", builder.getStringAttr("SAME"));
    } else if (explicitPaddings && conv.is("Conv2D")) {
      conv.setAttr("padding", builder.getStringAttr("EXPLICIT"));
      conv.setAttr("explicit_paddings", builder.getDenseI64ArrayAttr(*paddings));
    } else {
      return false;
    }
    for (Value control : SmallVector<Value>(pad.controls()))
      addControl(conv, control);
    conv.operation()->setOperand(0, image);
    return true;
  }

  NameGlobs kept;
};

} // namespace
} // namespace firn::graph
