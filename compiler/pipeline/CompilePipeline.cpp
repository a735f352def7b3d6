#include "compiler/pipeline/CompilePipeline.h"

#include "compiler/conversion/graph_to_kernel/Passes.h"
#include "compiler/conversion/kernel_to_schedule/Passes.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/kernel/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace firn {
namespace {

// Equal sizes become one value, and what became needless goes.
void addCleanup(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

void addKernel(OpPassManager &passes) {
  // Folding and layout changes have left nodes whose shapes nobody has looked at yet.
  passes.addPass(graph::createInferShapesPass());
  passes.addPass(kernel::createGraphToKernelPass());
  addCleanup(passes);
}

void addLinalg(OpPassManager &passes) {
  // Loops first: an epilogue is one loop over a kernel's result.
  passes.addNestedPass<func::FuncOp>(kernel::createFuseElementwisePass());
  addCleanup(passes);
  passes.addNestedPass<func::FuncOp>(kernel::createFuseEpiloguesPass());
  addCleanup(passes);
  passes.addNestedPass<func::FuncOp>(kernel::createFormDispatchesPass());
  addCleanup(passes);
  passes.addNestedPass<func::FuncOp>(kernel::createStorePartsPass());
}

} // namespace

void buildCompilePipeline(OpPassManager &passes, CompileForm to) {
  switch (to) {
  case CompileForm::Graph:
    return;
  case CompileForm::Kernel:
    return addKernel(passes);
  case CompileForm::Linalg:
    return addLinalg(passes);
  case CompileForm::Schedule:
    passes.addPass(schedule::createKernelToSchedulePass());
    return;
  }
}

void registerCompilePipeline() {
  PassPipelineRegistration<>(
      "graph-to-schedule", "compile a frozen graph: what `firn compile` does before code",
      [](OpPassManager &passes) {
        for (CompileForm form : {CompileForm::Kernel, CompileForm::Linalg, CompileForm::Schedule})
          buildCompilePipeline(passes, form);
      });
}

} // namespace firn
