#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/conversion/graph_to_kernel/Passes.h"
#include "compiler/conversion/graph_to_kernel/SeparateCalls.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace firn::kernel {
#define GEN_PASS_DEF_GRAPHTOKERNELPASS
#include "compiler/conversion/graph_to_kernel/Passes.h.inc"

namespace {

constexpr size_t kMaxListed = 20;

struct GraphToKernelPass : impl::GraphToKernelPassBase<GraphToKernelPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto graphs = module.getOps<graph::GraphOp>();
    if (graphs.empty())
      return;
    graph::GraphOp graph = *graphs.begin();
    separateCalls(module, graph);
    OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
    auto main =
        builder.create<func::FuncOp>(graph.getLoc(), "main", builder.getFunctionType({}, {}));
    GraphLowering lowering(module, graph, main);
    if (failed(lowering.run())) {
      report(graph, lowering.unsupported());
      return signalPassFailure();
    }
    for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
      if (isa<graph::GraphOp, graph::FuncOp>(op))
        op.erase();
    declareMathFunctions(module);
  }

  // Functions of the math kernels that the code calls.
  static void declareMathFunctions(ModuleOp module) {
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    SymbolTable symbols(module);
    module.walk([&](func::CallOp call) {
      if (symbols.lookup(call.getCallee()))
        return;
      auto function =
          builder.create<func::FuncOp>(call.getLoc(), call.getCallee(), call.getCalleeType());
      function.setPrivate();
      symbols.insert(function);
    });
  }

  static void report(graph::GraphOp graph, ArrayRef<Unsupported> unsupported) {
    std::string text;
    for (const Unsupported &each : unsupported.take_front(kMaxListed))
      text += "\n  " + each.node.name().str() + " (" + each.node.type().str() + "): " + each.why;
    if (unsupported.size() > kMaxListed)
      text += "\n  and " + std::to_string(unsupported.size() - kMaxListed) + " more";
    emitError(graph.getLoc()) << "these nodes can't be compiled:" << text;
  }
};

} // namespace
} // namespace firn::kernel
