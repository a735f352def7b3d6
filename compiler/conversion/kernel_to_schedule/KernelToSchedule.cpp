#include "compiler/conversion/kernel_to_schedule/Passes.h"
#include "compiler/conversion/kernel_to_schedule/Scheduler.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace firn::schedule {
#define GEN_PASS_DEF_KERNELTOSCHEDULEPASS
#include "compiler/conversion/kernel_to_schedule/Passes.h.inc"

namespace {

struct KernelToSchedulePass : impl::KernelToSchedulePassBase<KernelToSchedulePass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    impl::KernelToSchedulePassBase<KernelToSchedulePass>::getDependentDialects(registry);
    registerBufferizationModels(registry);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
    auto program = b.create<ProgramOp>(main.getLoc(), "main");
    program.getBody().emplaceBlock();
    auto code = b.create<ModuleOp>(main.getLoc(), "code");
    // Functions that the math of bodies calls stay declared where they are called.
    for (func::FuncOp declared : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (declared.isExternal())
        declared->moveBefore(code.getBody(), code.getBody()->end());
    Scheduler scheduler(main, program, code);
    if (failed(scheduler.run()))
      return signalPassFailure();
    main.erase();
  }
};

} // namespace
} // namespace firn::schedule
