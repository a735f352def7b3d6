#include "compiler/transforms/kernel/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace firn::kernel {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "compiler/transforms/kernel/Passes.h.inc"

namespace {

// The reader reads each element of the operand once.
bool readsOnce(OpOperand &operand) {
  auto reader = dyn_cast<linalg::GenericOp>(operand.getOwner());
  return reader && reader.getMatchingIndexingMap(&operand).getNumResults() ==
                       static_cast<unsigned>(reader.getNumLoops());
}

struct FuseElementwisePass : impl::FuseElementwisePassBase<FuseElementwisePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *operand) {
      Operation *producer = operand->get().getDefiningOp();
      return producer && producer->hasOneUse() && readsOnce(*operand);
    });
    if (failed(applyPatternsAndFoldGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
} // namespace firn::kernel
