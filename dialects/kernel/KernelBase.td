#ifndef FIRN_DIALECTS_KERNEL_BASE
#define FIRN_DIALECTS_KERNEL_BASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Kernel_Dialect : Dialect {
  let name = "kernel";
  let cppNamespace = "::firn::kernel";
  let summary = "what the machine can do";
  let description = [{
    A model as values with known ranks and dtypes: tensors in NHWC with explicit padding. Stands beside linalg, tensor, arith, math and
    scf, which say all that they can say; the ops here are what firn's kernel library provides, constants that may lie in files, and
    `kernel.dispatch`, the piece of work that becomes one function of the compiled code.

    Bools are tensors of `i8` that hold 0 or 1. Sizes that are not constants are `index` values, and an op that yields a tensor says by
    its `into` operand, as linalg does by `outs`, which sizes that tensor has.

    ```mlir
    func.func @main(%x: tensor<?x10xf32>) -> tensor<?x10xf32> {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %x, %c0 : tensor<?x10xf32>
      %e = tensor.empty(%n) : tensor<?x10xf32>
      %y = kernel.softmax(%x) into %e : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
      return %y : tensor<?x10xf32>
    }
    ```
  }];
  let useDefaultTypePrinterParser = 0;
  let dependentDialects = ["::firn::graph::GraphDialect"];
}

#endif
