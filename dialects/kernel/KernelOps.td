#ifndef FIRN_DIALECTS_KERNEL_OPS
#define FIRN_DIALECTS_KERNEL_OPS

include "dialects/kernel/KernelBase.td"
include "dialects/kernel/KernelInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

class Kernel_Op<string mnemonic, list<Trait> traits = []> : Op<Kernel_Dialect, mnemonic, traits>;

def Kernel_Tensor : Type<CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">, "tensor of known rank", "::mlir::RankedTensorType">;
def Kernel_F32Tensor : Type<And<[Kernel_Tensor.predicate, CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getElementType().isF32()">]>,
                            "f32 tensor of known rank", "::mlir::RankedTensorType">;

//===- Values -------------------------------------------------------------------------------------------------------------------------===//

def Kernel_ConstantOp : Kernel_Op<"constant", [Pure]> {
  let summary = "a tensor whose elements stand in the model's files";
  let description = [{
    `value` is a `#graph.tensor` (the elements may lie in a file and are read when the module is written) or a `dense` attribute. Bools
    and quantized integers have the type of the bytes that hold them.

    ```mlir
    func.func @f() -> tensor<2xf32> {
      %w = kernel.constant #graph.tensor<values [1.0, 2.0] : tensor<2xf32>> -> tensor<2xf32>
      return %w : tensor<2xf32>
    }
    ```
  }];
  let arguments = (ins AnyAttr:$value);
  let results = (outs Kernel_Tensor:$result);
  let assemblyFormat = "$value `->` type($result) attr-dict";
  let hasVerifier = 1;
}

def Kernel_PackOp : Kernel_Op<"pack", [Pure]> {
  let summary = "a constant matrix as panels of 32 columns";
  let description = [{
    `result[p][k][c] = matrix[k][32 p + c]`, zero where there is no such column: the layout in which kernels read weights, on every CPU
    level. Leading dimensions of the operand but the last one (with `transposed`: the first one) are flattened into k, so that a filter
    [kh, kw, ic, oc] becomes [oc/32][kh kw ic][32]. Evaluated when the module is written.

    ```mlir
    func.func @f() -> tensor<2x72x32xf32> {
      %w = kernel.constant dense<1.0> : tensor<3x3x8x40xf32> -> tensor<3x3x8x40xf32>
      %p = kernel.pack %w : tensor<3x3x8x40xf32> -> tensor<2x72x32xf32>
      return %p : tensor<2x72x32xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_F32Tensor:$matrix, UnitAttr:$transposed);
  let results = (outs Kernel_F32Tensor:$result);
  let assemblyFormat = "$matrix (`transposed` $transposed^)? attr-dict `:` type($matrix) `->` type($result)";
  let hasVerifier = 1;
}

def Kernel_ReadOp : Kernel_Op<"read", [Pure]> {
  let summary = "a size that was computed as data";
  let description = [{
    The integer that a tensor of one element holds, as a size. `bound` is at least as large: memory is planned with it.

    ```mlir
    func.func @f(%count: tensor<i64>, %most: index) -> index {
      %n = kernel.read %count bound %most : tensor<i64>
      return %n : index
    }
    ```
  }];
  let arguments = (ins Kernel_Tensor:$source, Index:$bound);
  let results = (outs Index:$result);
  let assemblyFormat = "$source `bound` $bound attr-dict `:` type($source)";
  let hasVerifier = 1;
}

//===- The kernel library -------------------------------------------------------------------------------------------------------------===//

class Kernel_LibraryOp<string mnemonic, list<Trait> traits = []>
    : Kernel_Op<mnemonic, !listconcat([Pure, RecursiveMemoryEffects, Kernel_LibraryOpInterface], traits)> {
  let results = (outs Kernel_Tensor:$result);
  let regions = (region AnyRegion:$epilogue);
  let hasVerifier = 1;
}

def Kernel_MatmulOp : Kernel_LibraryOp<"matmul"> {
  let summary = "a product of matrices, one or a batch of them";
  let description = [{
    `result[b, m, n] = sum over k of a[b, m, k] * b[b, k, n]`; without b for matrices. With `transpose_b` the second operand is
    [b, n, k]. With `packed` it is a constant in panels (`kernel.pack`), and every matrix of the batch is multiplied by it.

    ```mlir
    func.func @f(%x: tensor<?x72xf32>, %w: tensor<2x72x32xf32>, %bias: tensor<40xf32>, %e: tensor<?x40xf32>) -> tensor<?x40xf32> {
      %y = kernel.matmul(%x, %w) into %e with (%bias) {packed} : (tensor<?x72xf32>, tensor<2x72x32xf32>, tensor<?x40xf32>, tensor<40xf32>) -> tensor<?x40xf32> {
      ^bb0(%v: f32, %c: f32):
        %s = arith.addf %v, %c : f32
        kernel.yield %s : f32
      }
      return %y : tensor<?x40xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_F32Tensor:$a, Kernel_F32Tensor:$b, Kernel_F32Tensor:$init, Variadic<Kernel_Tensor>:$extras,
                       UnitAttr:$transpose_b, UnitAttr:$packed);
  let assemblyFormat = [{
    `(` $a `,` $b `)` `into` $init (`with` `(` $extras^ `)`)? attr-dict `:` functional-type(operands, $result) ($epilogue^)?
  }];
}

class Kernel_WindowOp<string mnemonic> : Kernel_LibraryOp<mnemonic> {
  let assemblyFormat = [{
    `(` $input `,` $filter `)` `into` $init (`with` `(` $extras^ `)`)? attr-dict `:` functional-type(operands, $result) ($epilogue^)?
  }];
}

def Kernel_Conv2DOp : Kernel_WindowOp<"conv2d"> {
  let summary = "a convolution of images";
  let description = [{
    `result[n, y, x, o] = sum over i, j, c of input[n, y sh + i dh - top, x sw + j dw - left, c] * filter[i, j, c, o]`, where what lies
    outside the image is 0. `filter` is a constant in panels (`kernel.pack` of [kh, kw, ic, oc]), `window` [kh, kw], `strides` [sh, sw],
    `dilations` [dh, dw], `padding` [top, bottom, left, right]. The sizes of the result are those of `init`.

    ```mlir
    func.func @f(%x: tensor<1x8x8x3xf32>, %w: tensor<1x27x32xf32>, %e: tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32> {
      %y = kernel.conv2d(%x, %w) into %e {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1, 1, 1>}
        : (tensor<1x8x8x3xf32>, tensor<1x27x32xf32>, tensor<1x8x8x16xf32>) -> tensor<1x8x8x16xf32>
      return %y : tensor<1x8x8x16xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_F32Tensor:$input, Kernel_F32Tensor:$filter, Kernel_F32Tensor:$init, Variadic<Kernel_Tensor>:$extras,
                       DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$padding);
}

def Kernel_DepthwiseConv2DOp : Kernel_WindowOp<"depthwise_conv2d"> {
  let summary = "a convolution of each channel by itself";
  let description = [{
    `result[n, y, x, c m + q] = sum over i, j of input[n, y sh + i dh - top, x sw + j dw - left, c] * filter[i, j, c m + q]` for a filter of
    [kh, kw, ic m]; attributes as those of `kernel.conv2d`.

    ```mlir
    func.func @f(%x: tensor<?x8x8x32xf32>, %w: tensor<3x3x32xf32>, %e: tensor<?x4x4x32xf32>) -> tensor<?x4x4x32xf32> {
      %y = kernel.depthwise_conv2d(%x, %w) into %e {window = array<i64: 3, 3>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, padding = array<i64: 0, 1, 0, 1>}
        : (tensor<?x8x8x32xf32>, tensor<3x3x32xf32>, tensor<?x4x4x32xf32>) -> tensor<?x4x4x32xf32>
      return %y : tensor<?x4x4x32xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_F32Tensor:$input, Kernel_F32Tensor:$filter, Kernel_F32Tensor:$init, Variadic<Kernel_Tensor>:$extras,
                       DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$padding);
}

def Kernel_PoolKind : I32EnumAttr<"PoolKind", "what a pool computes of its window", [
    I32EnumAttrCase<"Max", 0, "max">, I32EnumAttrCase<"Average", 1, "average">]> {
  let cppNamespace = "::firn::kernel";
}

def Kernel_PoolOp : Kernel_LibraryOp<"pool"> {
  let summary = "the largest element, or the mean, of each window of an image";
  let description = [{
    Over [n, h, w, c] with attributes as those of `kernel.conv2d`. What lies outside the image takes no part: it is not counted by
    a mean.

    ```mlir
    func.func @f(%x: tensor<?x8x8x32xf32>, %e: tensor<?x4x4x32xf32>) -> tensor<?x4x4x32xf32> {
      %y = kernel.pool max(%x) into %e {window = array<i64: 3, 3>, strides = array<i64: 2, 2>, padding = array<i64: 0, 1, 0, 1>}
        : (tensor<?x8x8x32xf32>, tensor<?x4x4x32xf32>) -> tensor<?x4x4x32xf32>
      return %y : tensor<?x4x4x32xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_F32Tensor:$input, Kernel_F32Tensor:$init, Variadic<Kernel_Tensor>:$extras, Kernel_PoolKind:$kind,
                       DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$padding);
  let assemblyFormat = [{
    $kind `(` $input `)` `into` $init (`with` `(` $extras^ `)`)? attr-dict `:` functional-type(operands, $result) ($epilogue^)?
  }];
}

def Kernel_SoftmaxOp : Kernel_LibraryOp<"softmax"> {
  let summary = "softmax over the last dimension";
  let description = [{
    `exp(x - max) / sum of exp(x - max)`; with `log` the logarithm of that, `x - max - log(sum)`.

    ```mlir
    func.func @f(%x: tensor<?x10xf32>, %e: tensor<?x10xf32>) -> tensor<?x10xf32> {
      %y = kernel.softmax(%x) into %e : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
      return %y : tensor<?x10xf32>
    }
    ```
  }];
  let arguments = (ins Kernel_F32Tensor:$input, Kernel_F32Tensor:$init, Variadic<Kernel_Tensor>:$extras, UnitAttr:$log);
  let assemblyFormat = [{
    `(` $input `)` `into` $init (`with` `(` $extras^ `)`)? attr-dict `:` functional-type(operands, $result) ($epilogue^)?
  }];
}

def Kernel_CallOp : Kernel_Op<"call", [Pure, AttrSizedOperandSegments]> {
  let summary = "an algorithm of the library that has no form as loops over tensors";
  let description = [{
    Decompositions, sorts, segments, transforms: `firn_kernel_NAME` of runtime/kernels/plain. Which operands and attributes it has stands
    in that kernel's header. It is one workgroup.

    ```mlir
    func.func @f(%x: tensor<4x4xf32>, %e: tensor<4x4xf32>) -> tensor<4x4xf32> {
      %y = kernel.call "cholesky_f32" (%x) into (%e) {batch = 1 : i64} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
      return %y : tensor<4x4xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$kernel, Variadic<Kernel_Tensor>:$inputs, Variadic<Index>:$sizes, Variadic<Kernel_Tensor>:$inits);
  let results = (outs Variadic<Kernel_Tensor>:$results);
  let assemblyFormat = [{
    $kernel `(` $inputs `)` (`sizes` `(` $sizes^ `)`)? `into` `(` $inits `)` attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

//===- Dispatches ---------------------------------------------------------------------------------------------------------------------===//

def Kernel_DispatchOp : Kernel_Op<"dispatch", [
    Pure, IsolatedFromAbove, AttrSizedOperandSegments, SingleBlock, DestinationStyleOpInterface]> {
  let summary = "one function of the compiled code, run over a grid of workgroups";
  let description = [{
    The block's arguments are `inputs`, `sizes` and `inits`, in this order; `kernel.yield` gives one value for each of `inits`, which is
    stored where that lies. An init that the body reads is changed in place: the planner copies it first where it is still needed.
    The body is either one op of the library or linalg and tensor ops that share a domain of parallel iterations.

    ```mlir
    func.func @f(%x: tensor<?x10xf32>, %n: index) -> tensor<?x10xf32> {
      %e = tensor.empty(%n) : tensor<?x10xf32>
      %y = kernel.dispatch (%x) sizes(%n) into (%e) : (tensor<?x10xf32>, index, tensor<?x10xf32>) -> tensor<?x10xf32> {
      ^bb0(%a: tensor<?x10xf32>, %d: index, %o: tensor<?x10xf32>):
        %s = kernel.softmax(%a) into %o : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
        kernel.yield %s : tensor<?x10xf32>
      }
      return %y : tensor<?x10xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Kernel_Tensor>:$inputs, Variadic<Index>:$sizes, Variadic<Kernel_Tensor>:$inits);
  let results = (outs Variadic<Kernel_Tensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $inputs `)` (`sizes` `(` $sizes^ `)`)? `into` `(` $inits `)` attr-dict `:` functional-type(operands, results) $body
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    mlir::Block &getBlock() { return getBody().front(); }
    mlir::Operation *getTerminator() { return getBlock().getTerminator(); }
    mlir::MutableOperandRange getDpsInitsMutable() { return getInitsMutable(); }
  }];
}

def Kernel_YieldOp : Kernel_Op<"yield", [Pure, Terminator, ParentOneOf<["DispatchOp", "MatmulOp", "Conv2DOp", "DepthwiseConv2DOp", "PoolOp", "SoftmaxOp"]>]> {
  let summary = "ends a dispatch or an epilogue";
  let description = [{
    What a dispatch stores, or the element that an epilogue makes of its argument.

    ```mlir
    func.func @f(%x: tensor<2x10xf32>, %e: tensor<2x10xf32>) -> tensor<2x10xf32> {
      %y = kernel.softmax(%x) into %e : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32> {
      ^bb0(%v: f32):
        %s = arith.addf %v, %v : f32
        kernel.yield %s : f32
      }
      return %y : tensor<2x10xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif
