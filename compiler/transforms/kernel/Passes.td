#ifndef FIRN_COMPILER_TRANSFORMS_KERNEL_PASSES
#define FIRN_COMPILER_TRANSFORMS_KERNEL_PASSES

include "mlir/Pass/PassBase.td"

def FuseElementwisePass : Pass<"kernel-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Make one loop of loops over the same elements";
  let description = [{
    A parallel `linalg.generic` whose result has one reader, a `linalg.generic` that reads each element once, becomes part of the reader.
    Where the reader repeats elements (a broadcast) the producer stays: it would be computed again for each.

    ```mlir
    func.func @f(%x: tensor<4xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
      %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %s = arith.negf %a : f32
        linalg.yield %s : f32
      } -> tensor<4xf32>
      %2 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%1 : tensor<4xf32>) outs(%e : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %s = math.exp %a : f32
        linalg.yield %s : f32
      } -> tensor<4xf32>
      return %2 : tensor<4xf32>
    }
    // becomes
    func.func @f(%x: tensor<4xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
      %1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) {
      ^bb0(%a: f32, %o: f32):
        %s = arith.negf %a : f32
        %t = math.exp %s : f32
        linalg.yield %t : f32
      } -> tensor<4xf32>
      return %1 : tensor<4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect", "::mlir::affine::AffineDialect"];
}

def FuseEpiloguesPass : Pass<"kernel-fuse-epilogues", "::mlir::func::FuncOp"> {
  let summary = "Apply elementwise code where a kernel stores its result";
  let description = [{
    A parallel `linalg.generic` over the result of a library op that nothing else reads becomes that op's epilogue, if each other operand
    is a scalar, a vector of the channels, or of the result's shape. Reshapes between the two are looked through.

    ```mlir
    func.func @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
      %e = tensor.empty() : tensor<2x2xf32>
      %y = kernel.matmul(%x, %x) into %e {transpose_b} : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      %z = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<2x2xf32>) outs(%e : tensor<2x2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %s = arith.negf %a : f32
        linalg.yield %s : f32
      } -> tensor<2x2xf32>
      return %z : tensor<2x2xf32>
    }
    // becomes
    func.func @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
      %e = tensor.empty() : tensor<2x2xf32>
      %z = kernel.matmul(%x, %x) into %e {transpose_b} : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32> {
      ^bb0(%a: f32):
        %s = arith.negf %a : f32
        kernel.yield %s : f32
      }
      return %z : tensor<2x2xf32>
    }
    ```
  }];
  let dependentDialects = ["::firn::kernel::KernelDialect", "::mlir::tensor::TensorDialect"];
}

def FormDispatchesPass : Pass<"kernel-form-dispatches", "::mlir::func::FuncOp"> {
  let summary = "Put every op that computes into a kernel.dispatch";
  let description = [{
    After it a function holds, besides dispatches: constants, arithmetic on sizes, `tensor.empty`, and views that cost nothing
    (reshapes, slices that are contiguous), `kernel.read`, and scf.while and scf.if around all that.

    ```mlir
    func.func @f(%x: tensor<2x10xf32>) -> tensor<2x10xf32> {
      %e = tensor.empty() : tensor<2x10xf32>
      %y = kernel.softmax(%x) into %e : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
      return %y : tensor<2x10xf32>
    }
    // becomes
    func.func @f(%x: tensor<2x10xf32>) -> tensor<2x10xf32> {
      %e = tensor.empty() : tensor<2x10xf32>
      %y = kernel.dispatch (%x) into (%e) : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32> {
      ^bb0(%a: tensor<2x10xf32>, %o: tensor<2x10xf32>):
        %s = kernel.softmax(%a) into %o : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
        kernel.yield %s : tensor<2x10xf32>
      }
      return %y : tensor<2x10xf32>
    }
    ```
  }];
  let dependentDialects = ["::firn::kernel::KernelDialect", "::mlir::tensor::TensorDialect", "::mlir::linalg::LinalgDialect"];
}

def StorePartsPass : Pass<"kernel-store-parts", "::mlir::func::FuncOp"> {
  let summary = "Compute the parts of a concatenation where they belong";
  let description = [{
    A dispatch whose result is only stored into a larger tensor stores it there itself, if its kernel can leave gaps between rows or its
    body is one loop. What is stored into must be a tensor of which all else is stored in the same way.

    ```mlir
    func.func @f(%x: tensor<2x4xf32>, %y: tensor<2x3xf32>) -> tensor<2x7xf32> {
      %e = tensor.empty() : tensor<2x4xf32>
      %w = tensor.empty() : tensor<2x7xf32>
      %1 = kernel.dispatch (%x) into (%e) : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
      ^bb0(%a: tensor<2x4xf32>, %o: tensor<2x4xf32>):
        %s = linalg.exp ins(%a : tensor<2x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
        kernel.yield %s : tensor<2x4xf32>
      }
      %2 = kernel.dispatch (%1) into (%w) : (tensor<2x4xf32>, tensor<2x7xf32>) -> tensor<2x7xf32> {
      ^bb0(%a: tensor<2x4xf32>, %o: tensor<2x7xf32>):
        %s = tensor.insert_slice %a into %o[0, 3] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<2x7xf32>
        kernel.yield %s : tensor<2x7xf32>
      }
      return %2 : tensor<2x7xf32>
    }
    // becomes
    func.func @f(%x: tensor<2x4xf32>, %y: tensor<2x3xf32>) -> tensor<2x7xf32> {
      %w = tensor.empty() : tensor<2x7xf32>
      %2 = kernel.dispatch (%x) into (%w) : (tensor<2x4xf32>, tensor<2x7xf32>) -> tensor<2x7xf32> {
      ^bb0(%a: tensor<2x4xf32>, %o: tensor<2x7xf32>):
        %slot = tensor.extract_slice %o[0, 3] [2, 4] [1, 1] : tensor<2x7xf32> to tensor<2x4xf32>
        %s = linalg.exp ins(%a : tensor<2x4xf32>) outs(%slot : tensor<2x4xf32>) -> tensor<2x4xf32>
        %t = tensor.insert_slice %s into %o[0, 3] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<2x7xf32>
        kernel.yield %t : tensor<2x7xf32>
      }
      return %2 : tensor<2x7xf32>
    }
    ```
  }];
  let dependentDialects = ["::firn::kernel::KernelDialect", "::mlir::tensor::TensorDialect"];
}

#endif
