#ifndef FIRN_COMPILER_CONVERSION_GRAPH_TO_KERNEL_PASSES
#define FIRN_COMPILER_CONVERSION_GRAPH_TO_KERNEL_PASSES

include "mlir/Pass/PassBase.td"

def GraphToKernelPass : Pass<"graph-to-kernel", "::mlir::ModuleOp"> {
  let summary = "Turn a frozen graph into a function on tensors";
  let description = [{
    Needs a graph without variables whose tensors have known ranks. Placeholders become arguments, fetches results of `@main`. What the
    kernel library has becomes `kernel` ops, everything else linalg, tensor, arith, math and scf. Nodes that have no lowering are named
    in one error, all of them.

    ```mlir
    graph.graph {
      %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
      %y, %y_ctl = graph.Softmax(%x) name("y") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
      graph.fetch (%y) : tensor<*xf32>
    }
    // becomes
    func.func @main(%x: tensor<?x4xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"}) -> (tensor<?x4xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"}) {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x4xf32>
      %e = tensor.empty(%n) : tensor<?x4xf32>
      %y = kernel.softmax(%x) into %e : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
      return %y : tensor<?x4xf32>
    }
    ```
  }];
  let dependentDialects = ["::firn::kernel::KernelDialect", "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::scf::SCFDialect", "::mlir::complex::ComplexDialect"];
}

#endif
