// mlir-opt with firn's dialects and passes: what the passes are tested and debugged with.
#include "compiler/conversion/graph_to_kernel/Passes.h"
#include "compiler/conversion/kernel_to_schedule/Passes.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/pipeline/CompilePipeline.h"
#include "compiler/pipeline/FreezePipeline.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/kernel/Passes.h"
#include "dialects/graph/Graph.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/schedule/Schedule.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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
  absl::StatusOr<firn::CheckpointView> view =
      firn::CheckpointView::create({std::move(*checkpoint)}, {});
  dialect->setTensorSource(
      firn::makeCheckpointSource(std::make_shared<firn::CheckpointView>(std::move(*view))));
}

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry
      .insert<firn::graph::GraphDialect, firn::kernel::KernelDialect,
              firn::schedule::ScheduleDialect, mlir::memref::MemRefDialect, mlir::func::FuncDialect,
              mlir::linalg::LinalgDialect, mlir::tensor::TensorDialect, mlir::arith::ArithDialect,
              mlir::math::MathDialect, mlir::scf::SCFDialect, mlir::complex::ComplexDialect>();
  registry.addExtension(attachCheckpoint);
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  mlir::registerStripDebugInfoPass();
  firn::graph::registerGraphPasses();
  firn::kernel::registerGraphToKernelPasses();
  firn::kernel::registerKernelPasses();
  firn::schedule::registerKernelToSchedulePasses();
  firn::registerFreezePipeline();
  firn::registerCompilePipeline();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "firn's pass driver\n", registry));
}
