#include "compiler/transforms/graph/Frames.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Signature.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_VERIFYGRAPHPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

bool isNextIteration(Operation *op) {
  return Node(op).isOneOf("NextIteration", "RefNextIteration");
}

struct VerifyGraphPass : impl::VerifyGraphPassBase<VerifyGraphPass> {
  void runOnOperation() override {
    for (FuncOp function : getOperation().getOps<FuncOp>())
      functions[function.getFuncName()] = function;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      verify(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      verify(function.getNodes());
    if (invalid)
      signalPassFailure();
  }

  InFlightDiagnostic error(Node node) {
    invalid = true;
    return emitError(node.operation()->getLoc());
  }

  void verify(Block &block) {
    NodeIndex index(block);
    for (Operation &op : block.without_terminator()) {
      verifySignature(Node(&op));
      verifyColocations(Node(&op), index);
    }
    verifyCycles(block);
    Frames frames(block);
    for (const Frames::Conflict &conflict : frames.conflicts())
      error(conflict.node) << "expected inputs from one loop frame, got '" << conflict.first
                           << "' and '" << conflict.second << "'";
  }

  void verifySignature(Node node) {
    if (!lookupOp(node.type()) && !functions.contains(node.type()))
      return;
    std::string why;
    std::optional<ResolvedSignature> signature = resolveSignature(node, getOperation(), &why);
    if (!signature) {
      error(node) << node.type() << ": " << why;
      return;
    }
    if (signature->inputs.size() != node.numInputs()) {
      error(node) << node.type() << ": expected " << signature->inputs.size() << " inputs, got "
                  << node.numInputs();
      return;
    }
    for (auto [i, wanted] : llvm::enumerate(signature->inputs))
      verifyEdge(node, i, wanted);
    if (signature->outputs.size() != node.numOutputs())
      error(node) << node.type() << ": expected " << signature->outputs.size() << " outputs, got "
                  << node.numOutputs();
    else
      for (auto [i, wanted] : llvm::enumerate(signature->outputs))
        if (!agree(node.elementType(i), wanted))
          error(node) << node.type() << ": expected output " << i << " of " << dataTypeText(wanted)
                      << ", got " << dataTypeText(node.elementType(i));
  }

  // A ref is taken where a value is wanted, not the other way round.
  void verifyEdge(Node node, unsigned index, Type wanted) {
    Type got = elementTypeOf(node.input(index));
    if (agree(got, wanted) ||
        (isa<RefType>(got) && !isa<RefType>(wanted) && agree(valueType(got), wanted)))
      return;
    error(node) << node.type() << ": expected " << dataTypeText(wanted) << " as input " << index
                << ", got " << dataTypeText(got) << " from '" << edgeText(node.input(index)) << "'";
  }

  static bool agree(Type got, Type wanted) {
    return got == wanted || isOpaque(got) || isOpaque(wanted);
  }

  void verifyColocations(Node node, const NodeIndex &index) {
    auto locations = node.attr<ArrayAttr>(kClassAttr);
    for (Attribute location : locations ? locations.getValue() : ArrayRef<Attribute>()) {
      auto text = dyn_cast<StringAttr>(location);
      StringRef target = text ? text.getValue() : StringRef();
      if (target.consume_front("loc:@") && !index.find(target))
        error(node) << "expected a colocation with a node of the graph, got '" << target << "'"
                    << nearestText(target, index.names());
    }
  }

  // Counts inputs down (Kahn); what is left over stands on a cycle without a NextIteration.
  void verifyCycles(Block &block) {
    llvm::DenseMap<Operation *, unsigned> waiting;
    SmallVector<Operation *> ready;
    for (Operation &op : block.without_terminator()) {
      unsigned count = llvm::count_if(op.getOperands(), [](Value v) {
        return v.getDefiningOp() && !isNextIteration(v.getDefiningOp());
      });
      waiting[&op] = count;
      if (count == 0)
        ready.push_back(&op);
    }
    size_t done = 0;
    while (!ready.empty()) {
      Operation *op = ready.pop_back_val();
      ++done;
      if (isNextIteration(op))
        continue;
      for (OpOperand &use : op->getUses())
        if (Node::isNode(use.getOwner()) && --waiting[use.getOwner()] == 0)
          ready.push_back(use.getOwner());
    }
    if (done == waiting.size())
      return;
    for (Operation &op : block.without_terminator())
      if (waiting[&op]) {
        error(Node(&op)) << "expected no cycle but through a NextIteration; '" << Node(&op).name()
                         << "' waits for itself";
        return;
      }
  }

  llvm::StringMap<FuncOp> functions;
  bool invalid = false;
};

} // namespace
} // namespace firn::graph
