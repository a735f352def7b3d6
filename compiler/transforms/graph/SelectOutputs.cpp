#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_SELECTOUTPUTSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct SelectOutputsPass : impl::SelectOutputsPassBase<SelectOutputsPass> {
  using SelectOutputsPassBase::SelectOutputsPassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      if (failed(select(graph)))
        return signalPassFailure();
  }

  LogicalResult select(GraphOp graph) {
    NodeIndex index(graph.getNodes());
    SmallVector<Value> tensors, controls;
    std::vector<std::string> unknown;
    for (const std::string &name : outputs) {
      std::string why;
      Value value = resolveTensorName(index, name, why);
      if (!value)
        unknown.push_back("'" + name + "': " + why);
      else if (SmallVector<Value> &list = isControl(value) ? controls : tensors;
               !llvm::is_contained(list, value))
        list.push_back(value);
    }
    if (!unknown.empty()) {
      InFlightDiagnostic error = emitError(graph.getLoc())
                                 << "expected outputs that are in the graph";
      for (const std::string &text : unknown)
        error.attachNote() << text;
      return error;
    }
    FetchOp fetch = graph.getFetch();
    OpBuilder builder(fetch);
    builder.create<FetchOp>(fetch.getLoc(), tensors, controls);
    fetch.erase();
    return success();
  }
};

} // namespace
} // namespace firn::graph
