#ifndef FIRN_COMPILER_CONVERSION_KERNEL_TO_SCHEDULE_PASSES
#define FIRN_COMPILER_CONVERSION_KERNEL_TO_SCHEDULE_PASSES

include "mlir/Pass/PassBase.td"

def KernelToSchedulePass : Pass<"kernel-to-schedule", "::mlir::ModuleOp"> {
  let summary = "Turn dispatches on tensors into steps on buffers, and their bodies into functions";
  let description = [{
    Needs `@main` after `kernel-form-dispatches`. Leaves `schedule.program @main` and a module `@code`, which holds a function per distinct
    dispatch in the form that compiler/codegen compiles (DispatchFunction.h); a call of the kernel library has one per CPU level, since levels
    tile differently. Each tensor gets a buffer, views share one; a tensor that is changed is changed in place where nothing reads it afterwards,
    and copied first where something does.

    ```mlir
    func.func @main(%x: tensor<2x10xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"}) -> (tensor<2x10xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"}) {
      %e = tensor.empty() : tensor<2x10xf32>
      %y = kernel.dispatch (%x) into (%e) : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32> {
      ^bb0(%a: tensor<2x10xf32>, %o: tensor<2x10xf32>):
        %s = kernel.softmax(%a) into %o : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
        kernel.yield %s : tensor<2x10xf32>
      }
      return %y : tensor<2x10xf32>
    }
    // becomes
    schedule.program @main {
      %x = schedule.input "x:0" 1 : tensor<2x10xf32>
      %c80 = arith.constant 80 : index
      %y = schedule.buffer %c80 output
      %c1 = arith.constant 1 : index
      schedule.dispatch 0 (%x, %y) grid(%c1, %c1, %c1) scratch %c1 {kernel = "softmax 2x10"}
      schedule.output "y:0" 1 %y : tensor<2x10xf32>
    }
    ```
  }];
  let dependentDialects = ["::firn::schedule::ScheduleDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect", "::mlir::scf::SCFDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect"];
}

#endif
