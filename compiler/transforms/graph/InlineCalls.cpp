#include "compiler/transforms/graph/InlineFunction.h"
#include "compiler/transforms/graph/Passes.h"
#include "dialects/graph/OpTable.h"
#include "dialects/graph/Signature.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_INLINECALLSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct InlineCallsPass : impl::InlineCallsPassBase<InlineCallsPass> {
  using InlineCallsPassBase::InlineCallsPassBase;

  void runOnOperation() override {
    for (FuncOp function : getOperation().getOps<FuncOp>())
      functions[function.getFuncName()] = function;
    if (functions.empty())
      return;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      inlineAll(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      inlineAll(function.getNodes());
  }

  // A body may hold further calls. A function that calls itself is left after some rounds: it is
  // called as it is.
  void inlineAll(Block &block) {
    constexpr int kMaxRounds = 32;
    constexpr size_t kMaxNodes = 1000000;
    for (int round = 0; round < kMaxRounds && block.getOperations().size() < kMaxNodes; ++round) {
      SmallVector<std::pair<Node, FuncOp>> calls;
      for (Operation &op : block.without_terminator())
        if (FuncOp callee = calleeOf(Node(&op));
            callee && callee.getBody().begin() != block.getIterator())
          calls.emplace_back(Node(&op), callee);
      if (calls.empty())
        return;
      NodeIndex names(block);
      for (auto [call, callee] : calls)
        inlineFunction(call, callee, SmallVector<Value>(call.inputs()), names, attrsOf(call));
    }
  }

  FuncOp calleeOf(Node node) {
    auto name = node.attr<FuncAttr>("f");
    bool calls = node.isOneOf("PartitionedCall", "StatefulPartitionedCall");
    StringRef type = node.type();
    FuncOp callee =
        calls ? functions.lookup(name ? name.getName().getValue() : "") : functions.lookup(type);
    if (!calls && lookupOp({type.data(), type.size()}))
      return {};
    bool fits = callee && callee.getNumDataArgs() == node.numInputs() &&
                callee.getFetch().getTensors().size() == node.numOutputs();
    return fits ? callee : FuncOp();
  }

  DictionaryAttr attrsOf(Node call) {
    if (auto name = call.attr<FuncAttr>("f"))
      return name.getAttrs();
    return call.operation()->getAttrDictionary();
  }

  llvm::StringMap<FuncOp> functions;
};

} // namespace
} // namespace firn::graph
