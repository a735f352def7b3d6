#include <deque>

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/ForwardNodes.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpTable.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// Ops that compute with floats and whose results IEEE 754 fixes, whoever computes them.
bool isExactArithmetic(Node node) {
  return node.isOneOf("Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "Neg", "Abs", "Sqrt",
                      "Square", "SquaredDifference", "Maximum", "Minimum") ||
         node.isOneOf("Floor", "Ceil", "Round", "Rint", "Sign", "Inv", "Reciprocal", "Relu",
                      "Relu6", "Max", "Min", "Cast", "ArgMax", "ArgMin");
}

// Ops that move elements, or make them, without computing.
bool isMovement(Node node) {
  return node.isOneOf("Reshape", "Squeeze", "ExpandDims", "Transpose", "Pad", "PadV2", "MirrorPad",
                      "Tile", "BroadcastTo", "ReverseV2", "ConcatV2", "Concat", "Pack", "Split",
                      "SplitV", "Unpack") ||
         node.isOneOf("Slice", "StridedSlice", "Gather", "GatherV2", "GatherNd", "Fill",
                      "ZerosLike", "OnesLike", "OneHot", "Select", "SelectV2", "Identity",
                      "IdentityN", "StopGradient", "Shape", "ShapeN") ||
         node.isOneOf("Size", "Rank", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth",
                      "DepthToSpace", "Equal", "NotEqual", "Less", "LessEqual", "Greater",
                      "GreaterEqual", "DynamicStitch", "Range", "Bitcast");
}

bool computesWithFloats(Node node) {
  auto isFloat = [](Value value) { return isa<FloatType, ComplexType>(elementTypeOf(value)); };
  return llvm::any_of(node.inputs(), isFloat) || llvm::any_of(node.outputs(), isFloat);
}

/// Folds one block.
class ConstantFolder {
public:
  ConstantFolder(ModuleOp module, Block &block, bool everything, uint64_t maxBytes,
                 const ExtentReader &read)
      : module(module), block(block), everything(everything), maxBytes(maxBytes), read(read),
        names(block) {}

  void run() {
    for (Operation &op : block.without_terminator())
      worklist.push_back(&op);
    while (!worklist.empty()) {
      Operation *op = worklist.front();
      worklist.pop_front();
      if (!gone.contains(op))
        tryFold(Node(op));
    }
    eraseNodes(SmallVector<Operation *>(gone.begin(), gone.end()));
  }

private:
  bool mayFold(Node node) {
    StringRef type = node.type();
    const OpSignature *op = lookupOp({type.data(), type.size()});
    if (!op || op->effect != OpEffect::Pure || op->stateful || node.numOutputs() == 0 ||
        node.is("Const") || node.type().starts_with("Placeholder") ||
        node.isOneOf("Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond",
                     "PartitionedCall", "StatelessIf", "StatelessWhile", "StatelessCase") ||
        !reference::findKernel(type))
      return false;
    return everything || isMovement(node) || isExactArithmetic(node) || !computesWithFloats(node);
  }

  void tryFold(Node node) {
    if (!mayFold(node))
      return;
    reference::Tensors inputs;
    uint64_t inputBytes = 0;
    // What a node does not look at need not be constant.
    bool shapeOnly = node.isOneOf("Shape", "Rank", "Size", "ZerosLike", "OnesLike");
    for (Value input : node.inputs()) {
      Node source = Node::of(input);
      TensorAttr value = source ? source.constantValue() : TensorAttr();
      if (!value || (value.getDataSize() > maxBytes && !shapeOnly))
        return;
      inputBytes += value.getDataSize();
    }
    for (Value input : node.inputs())
      if (!appendValue(Node::of(input).constantValue(), inputs))
        return;
    reference::State state;
    reference::Evaluation evaluation(node, inputs, state);
    reference::findKernel(node.type())(evaluation);
    if (evaluation.failed())
      return;
    reference::Tensors results = evaluation.takeOutputs();
    constexpr uint64_t kAlwaysSmall = 64 << 10;
    for (const reference::Tensor &result : results)
      if (!result || !isPlain(result) ||
          bytesOf(result) > std::max<uint64_t>(kAlwaysSmall, inputBytes) ||
          bytesOf(result) > maxBytes)
        return;
    replace(node, results);
  }

  bool appendValue(TensorAttr value, reference::Tensors &inputs) {
    std::string why;
    std::optional<reference::Tensor> tensor = reference::tensorOf(value, read, why);
    if (tensor)
      inputs.push_back(*tensor);
    return tensor.has_value();
  }

  static bool isPlain(const reference::Tensor &tensor) {
    return tensor.dtype() != DT_RESOURCE && tensor.dtype() != DT_VARIANT;
  }
  static uint64_t bytesOf(const reference::Tensor &tensor) {
    uint64_t bytes = tensor.size() * reference::elementBytes(tensor.dtype());
    if (tensor.dtype() == DT_STRING)
      for (const std::string &text : tensor.values<std::string>())
        bytes += text.size() + 1;
    return bytes;
  }

  void replace(Node node, const reference::Tensors &results) {
    // Where the inputs ran, the constant runs.
    SmallVector<Value> controls(node.controls());
    for (Value input : node.inputs())
      for (Value control : Node::of(input).controls())
        if (!llvm::is_contained(controls, control))
          controls.push_back(control);
    SmallVector<Value> constants;
    bool single = node.numOutputs() == 1;
    for (auto [index, result] : llvm::enumerate(results)) {
      std::string name =
          single ? node.name().str() : names.unique((node.name() + "/" + Twine(index)).str());
      TensorAttr value = reference::attrOf(module.getContext(), result);
      constants.push_back(createConstant(node, name, value, controls).output(0));
    }
    for (Operation *user : node.operation()->getUsers())
      if (Node::isNode(user))
        worklist.push_back(user);
    if (single) {
      node.output(0).replaceAllUsesWith(constants[0]);
      node.control().replaceAllUsesWith(Node::of(constants[0]).control());
      gone.insert(node.operation());
    } else if (isFetched(node)) {
      OpBuilder builder(node.operation());
      for (auto [output, constant] : llvm::zip(node.outputs(), constants))
        output.replaceUsesWithIf(constant,
                                 [](OpOperand &use) { return !isa<FetchOp>(use.getOwner()); });
    } else {
      for (auto [output, constant] : llvm::zip(node.outputs(), constants))
        output.replaceAllUsesWith(constant);
      node.control().replaceAllUsesWith(Node::of(constants[0]).control());
      gone.insert(node.operation());
    }
  }

  ModuleOp module;
  Block &block;
  bool everything;
  uint64_t maxBytes;
  const ExtentReader &read;
  NodeIndex names;
  std::deque<Operation *> worklist;
  NodeSet gone;
};

struct FoldConstantsPass : impl::FoldConstantsPassBase<FoldConstantsPass> {
  using FoldConstantsPassBase::FoldConstantsPassBase;

  void runOnOperation() override {
    const ExtentReader &read = getContext().getLoadedDialect<GraphDialect>()->getExtentReader();
    auto fold = [&](Block &block) {
      ConstantFolder(getOperation(), block, everything, maxBytes, read).run();
    };
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      fold(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      fold(function.getNodes());
  }
};

} // namespace
} // namespace firn::graph
