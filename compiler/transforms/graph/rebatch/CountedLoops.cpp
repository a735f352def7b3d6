#include "compiler/transforms/graph/rebatch/CountedLoops.h"

#include "compiler/transforms/graph/Frames.h"
#include "compiler/transforms/graph/mode/LoopInvariants.h"
#include "dialects/graph/Signature.h"

using namespace mlir;

namespace firn::graph {
namespace {

// Behind what hands a value on.
Value handedOn(Value value) {
  for (Node node = Node::of(value); node && node.isOneOf("Identity", "Switch");
       node = Node::of(value))
    value = node.input(0);
  return value;
}

bool isElement(const ShapeInference &shapes, Value value, int64_t number) {
  const ShapeInfo &info = shapes.of(value);
  return info.hasElements && info.elements.size() == 1 && info.elements[0].isConstant(number);
}

// `value` is `counter` + 1.
bool isNext(const ShapeInference &shapes, Value value, Value counter) {
  Node add = Node::of(handedOn(value));
  if (!add || !add.isOneOf("Add", "AddV2"))
    return false;
  return (handedOn(add.input(0)) == counter && isElement(shapes, add.input(1), 1)) ||
         (handedOn(add.input(1)) == counter && isElement(shapes, add.input(0), 1));
}

// The scalar that a node takes as an operand.
std::optional<LoopSize> sizeAt(const ShapeInference &shapes, OpOperand &use) {
  const ShapeInfo &info = shapes.of(use.get());
  if (!info.hasElements || info.elements.size() != 1)
    return std::nullopt;
  LoopSize size{Node(use.getOwner()), info.elements[0], std::nullopt};
  if (Node source = Node::of(use.get()); source && source.is("Const"))
    size.origin = Origin{Origin::Element, &use};
  else if (size.size.origin() != 0)
    size.origin = shapes.origin(size.size.origin());
  return size;
}

/// The v1 loops of a block.
class FrameLoops {
public:
  FrameLoops(Block &block, const ShapeInference &shapes) : shapes(shapes), frames(block) {
    for (Operation &op : block.without_terminator())
      if (Node node(&op); node.is("Merge") && isCounter(node))
        counters[node.output(0)] = frames.of(&op).str();
    for (Operation &op : block.without_terminator())
      visit(Node(&op));
  }

  std::map<std::string, std::vector<LoopSize>> sizes;

private:
  bool isCounter(Node merge) {
    Node enter = Node::of(merge.input(0)), next = Node::of(merge.input(1));
    return merge.numInputs() == 2 && enter && next && enter.is("Enter") &&
           next.is("NextIteration") && isElement(shapes, enter.input(0), 0) &&
           isNext(shapes, next.input(0), merge.output(0));
  }

  void visit(Node node) {
    bool isBound = node.is("Less") && decides(node);
    bool isAccess = node.isOneOf("TensorArrayReadV3", "TensorArrayWriteV3");
    if (!isBound && !isAccess)
      return;
    auto it = counters.find(handedOn(node.input(isAccess)));
    if (it == counters.end())
      return;
    Operation *array = isAccess ? shapes.of(node.input(0)).array : nullptr;
    if (isAccess && !array)
      return;
    OpOperand &use = isAccess ? array->getOpOperand(0) : node.operation()->getOpOperand(1);
    if (std::optional<LoopSize> size = sizeAt(shapes, use))
      sizes[it->second].push_back(*size);
  }

  // The loop ends when the comparison fails.
  static bool decides(Node less) {
    return llvm::any_of(less.output(0).getUsers(), [](Operation *user) {
      Node node(user);
      return node.is("LoopCond") ||
             (node.is("LogicalAnd") && llvm::any_of(node.output(0).getUsers(), [](Operation *op) {
                return Node(op).is("LoopCond");
              }));
    });
  }

  const ShapeInference &shapes;
  Frames frames;
  llvm::DenseMap<Value, std::string> counters;
};

/// A While: its condition and its body are functions.
class WhileLoop {
public:
  WhileLoop(Node loop, FuncOp cond, FuncOp body, const ShapeInference &shapes)
      : loop(loop), body(body), shapes(shapes) {
    for (Operation &op : cond.getNodes().without_terminator())
      if (Node node(&op); node.is("Less") && isCounter(node.input(0)))
        addBound(op.getOpOperand(1));
    for (Operation &op : body.getNodes().without_terminator())
      if (Node node(&op);
          node.isOneOf("TensorListGetItem", "TensorListSetItem") && isCounter(node.input(1)))
        addLength(node.input(0));
  }

  std::vector<LoopSize> sizes;

private:
  bool isCounter(Value value) {
    auto arg = dyn_cast<BlockArgument>(handedOn(value));
    if (!arg || arg.getArgNumber() >= loop.numInputs())
      return false;
    unsigned index = arg.getArgNumber();
    auto results = body.getFetch().getTensors();
    return isElement(shapes, loop.input(index), 0) && index < results.size() &&
           isNext(shapes, results[index], body.getNodes().getArgument(index));
  }

  // A bound that is an argument is what the loop begins with.
  void addBound(OpOperand &use) {
    OpOperand *found = &use;
    if (auto arg = dyn_cast<BlockArgument>(handedOn(use.get()))) {
      if (arg.getArgNumber() >= loop.numInputs() || !handsThrough(body, arg.getArgNumber()))
        return;
      found = &loop.operation()->getOpOperand(arg.getArgNumber());
    }
    if (std::optional<LoopSize> size = sizeAt(shapes, *found))
      sizes.push_back(*size);
  }

  void addLength(Value list) {
    auto arg = dyn_cast<BlockArgument>(handedOn(list));
    if (!arg || arg.getArgNumber() >= loop.numInputs())
      return;
    const ShapeInfo &info = shapes.of(loop.input(arg.getArgNumber()));
    if (!info.list)
      return;
    LoopSize size{loop, info.list->length, std::nullopt};
    if (size.size.origin() != 0)
      size.origin = shapes.origin(size.size.origin());
    sizes.push_back(size);
  }

  Node loop;
  FuncOp body;
  const ShapeInference &shapes;
};

} // namespace

std::vector<std::vector<LoopSize>> countedLoops(Block &block, ModuleOp module,
                                                const ShapeInference &shapes) {
  std::vector<std::vector<LoopSize>> all;
  for (auto &[frame, sizes] : FrameLoops(block, shapes).sizes)
    all.push_back(std::move(sizes));
  for (Operation &op : block.without_terminator()) {
    Node node(&op);
    if (!node.isOneOf("While", "StatelessWhile"))
      continue;
    auto named = [&](StringRef attr) {
      auto function = node.attr<FuncAttr>(attr);
      return function ? findFunction(module, function.getName().getValue()) : FuncOp();
    };
    if (FuncOp cond = named("cond"), body = named("body"); cond && body)
      all.push_back(std::move(WhileLoop(node, cond, body, shapes).sizes));
  }
  return all;
}

} // namespace firn::graph
