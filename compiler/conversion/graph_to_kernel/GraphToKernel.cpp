#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/conversion/graph_to_kernel/Passes.h"
#include "compiler/conversion/graph_to_kernel/SeparateCalls.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;

namespace firn::kernel {
#define GEN_PASS_DEF_GRAPHTOKERNELPASS
#include "compiler/conversion/graph_to_kernel/Passes.h.inc"

namespace {

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

  // One line for each cause, with all nodes that have it, and what can be done about them.
  static void report(graph::GraphOp graph, ArrayRef<Unsupported> unsupported) {
    std::vector<std::pair<std::string, std::string>> causes;
    llvm::StringMap<size_t> places;
    bool areInputs = true;
    for (const Unsupported &each : unsupported) {
      std::string cause = "(" + each.node.type().str() + "): " + each.why;
      auto [place, isNew] = places.try_emplace(cause, causes.size());
      if (isNew)
        causes.push_back({cause, ""});
      std::string &names = causes[place->second].second;
      names += (names.empty() ? "" : ", ") + each.node.name().str();
      areInputs &= each.node.numInputs() == 0;
    }
    std::string text;
    for (auto &[cause, names] : causes)
      text += "\n  " + names + " " + cause;
    if (!areInputs)
      text += "\n--inputs begins the model behind some of them, --outputs ends it before others; "
              "--input-shape and --batch fix sizes; 'firn run' interprets the model as it is";
    emitError(graph.getLoc()) << "these nodes can't be compiled:" << text;
  }
};

} // namespace
} // namespace firn::kernel
