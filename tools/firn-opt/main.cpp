// mlir-opt with firn's dialects and passes: what the passes are tested and debugged with.
#include "compiler/conversion/graph_to_kernel/Passes.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/pipeline/FreezePipeline.h"
#include "compiler/transforms/graph/Passes.h"
#include "dialects/graph/Graph.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"

static llvm::cl::opt<std::string>
    checkpointName("checkpoint",
                   llvm::cl::desc("checkpoint that graph-assign-keys and "
                                  "graph-freeze-variables read, by any of its names"));

// Every context of the run gets the checkpoint and the files of constants with the dialect.
static void attachCheckpoint(mlir::MLIRContext *context, firn::graph::GraphDialect *dialect) {
  static firn::TensorFiles files;
  dialect->setExtentReader(firn::makeExtentReader(files));
  if (checkpointName.empty())
    return;
  absl::StatusOr<std::unique_ptr<firn::Checkpoint>> checkpoint =
      firn::Checkpoint::open(checkpointName);
  if (!checkpoint.ok()) {
    llvm::errs() << "firn-opt: error: " << std::string(checkpoint.status().message()) << "\n";
    std::exit(1);
  }
  dialect->setTensorSource(firn::makeCheckpointSource(std::move(*checkpoint)));
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<firn::graph::GraphDialect>();
  registry.addExtension(attachCheckpoint);
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::registerStripDebugInfoPass();
  firn::graph::registerGraphPasses();
  firn::kernel::registerGraphToKernelPasses();
  firn::registerFreezePipeline();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "firn's pass driver\n", registry));
}
