#include "compiler/transforms/graph/mode/TrainingParts.h"

#include "compiler/transforms/graph/mode/LoopInvariants.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/Signature.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {

bool isTrainingBatchNorm(Node node) {
  if (!node.isOneOf("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3"))
    return false;
  auto training = node.attr<BoolAttr>("is_training");
  return !training || training.getValue(); // the op's default
}

bool reducesBatch(Node node) {
  if (!node.isOneOf("Mean", "Sum") || node.numInputs() != 2)
    return false;
  Node axes = Node::of(node.input(1)), source = Node::of(node.input(0));
  TensorAttr value = axes ? axes.constantValue() : TensorAttr();
  std::optional<SmallVector<int64_t>> list = value ? integerElements(value) : std::nullopt;
  return list && llvm::is_contained(*list, 0) && !(source && source.is("Const"));
}

bool yieldsTrainingData(Node node) {
  StringRef type = node.type();
  return type.contains("Dequeue") || type.starts_with("IteratorGetNext") ||
         type.starts_with("ReaderRead") || type.starts_with("Unstage");
}

static bool writes(Node node) {
  StringRef type = node.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  return op && op->effect == OpEffect::WritesState;
}

NeededUnder::Masks collectMasks(ModuleOp module) {
  NeededUnder::Masks masks;
  auto visit = [&](Block &block) {
    ScalarValues scalars;
    for (Operation &op : block.without_terminator())
      if (isRandom(Node(&op)))
        for (const Mask &mask : masksOf(Node(&op), scalars))
          masks[mask.mask.getDefiningOp()] = mask;
  };
  for (GraphOp graph : module.getOps<GraphOp>())
    visit(graph.getNodes());
  for (FuncOp function : module.getOps<FuncOp>())
    visit(function.getNodes());
  return masks;
}

NeededUnder::NeededUnder(ModuleOp module, const Masks &masks, const llvm::DenseSet<Value> &stops,
                         ScalarValues::Assignment assignment)
    : module(module), masks(masks), stops(stops) {
  ScalarValues scalars(std::move(assignment));
  for (GraphOp graph : module.getOps<GraphOp>())
    visitBlock(graph.getNodes(), scalars);
}

void NeededUnder::visitBlock(Block &block, ScalarValues &scalars) {
  SmallVector<Value> worklist(block.getTerminator()->getOperands());
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || stops.contains(value) || !needed.insert(op).second)
      continue;
    visitInputs(Node(op), scalars, worklist);
    visitFunctions(Node(op), scalars);
  }
}

void NeededUnder::visitInputs(Node node, ScalarValues &scalars, SmallVectorImpl<Value> &next) {
  if (auto mask = masks.find(node.operation()); mask != masks.end())
    if (mask->second.keepProbability(scalars) == 1.0)
      return;
  llvm::append_range(next, node.controls());
  if (node.isOneOf("Merge", "RefMerge")) {
    for (Value input : node.inputs())
      if (Operation *source = input.getDefiningOp();
          !source || (!scalars.isDead(source) && !scalars.of(input).isDead()))
        next.push_back(input);
    return;
  }
  if (node.isOneOf("Switch", "RefSwitch") && scalars.truthOf(node.input(1))) {
    next.push_back(node.input(0));
    return;
  }
  if (node.isOneOf("Select", "SelectV2"))
    if (std::optional<bool> chosen = scalars.truthOf(node.input(0))) {
      next.push_back(node.input(*chosen ? 1 : 2));
      return;
    }
  llvm::append_range(next, node.inputs());
}

// Bodies that run: of a cond whose predicate is known the one branch.
void NeededUnder::visitFunctions(Node node, ScalarValues &scalars) {
  constexpr unsigned kMaxDepth = 64;
  SmallVector<FuncAttr> functions;
  bool cond = node.isOneOf("If", "StatelessIf"), loop = node.isOneOf("While", "StatelessWhile");
  auto body = loop ? node.attr<FuncAttr>("body") : FuncAttr();
  FuncOp bodyFunction = body ? findFunction(module, body.getName()) : FuncOp();
  std::optional<bool> taken = cond ? scalars.truthOf(node.input(0)) : std::nullopt;
  if (taken) {
    if (auto branch = node.attr<FuncAttr>(*taken ? "then_branch" : "else_branch"))
      functions.push_back(branch);
  } else {
    node.operation()->getAttrDictionary().walk(
        [&](FuncAttr function) { functions.push_back(function); });
  }
  if (functions.empty() || depth >= kMaxDepth)
    return;
  ++depth;
  for (FuncAttr name : functions)
    if (FuncOp function = findFunction(module, name.getName())) {
      ScalarValues::Assignment arguments;
      for (unsigned i = cond; (cond || loop) && i < node.numInputs(); ++i)
        if (unsigned index = i - cond; index < function.getNumDataArgs())
          if (Scalar scalar = scalars.of(node.input(i)); scalar.isKnown())
            if (cond || (bodyFunction && handsThrough(bodyFunction, index)))
              arguments[function.getNodes().getArgument(index)] = scalar.number;
      ScalarValues inner(std::move(arguments));
      visitBlock(function.getNodes(), inner);
    }
  --depth;
}

NodeSet NeededUnder::trainingParts() const {
  NodeSet parts;
  for (Operation *op : needed) {
    Node node(op);
    if (isRandom(node) || isTrainingBatchNorm(node) || reducesBatch(node) ||
        yieldsTrainingData(node) || writes(node))
      parts.insert(op);
  }
  return parts;
}

} // namespace firn::graph
