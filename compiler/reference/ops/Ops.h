// The families of kernels. Each is a file that lists its ops at its end.
#pragma once

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

using KernelList = llvm::ArrayRef<KernelEntry>;

/// Identity, Shape, calls, conds and loops as functions: what moves tensors as they are.
KernelList flowKernels();
/// Add, Less and the like: two operands, broadcast.
KernelList binaryKernels();
/// Neg, Exp, Relu and the like: one operand.
KernelList unaryKernels();
/// Sum, Mean, ArgMax, Cumsum: reductions and scans.
KernelList reduceKernels();
/// Select, Where, Cast, ClipByValue.
KernelList selectKernels();
/// RandomUniform: TensorFlow's Philox streams.
KernelList randomKernels();
/// SegmentSum, UnsortedSegmentMax, Bincount.
KernelList segmentKernels();
/// MatMul, BatchMatMul, Einsum.
KernelList matMulKernels();
/// Conv2D, Conv3D, depthwise, transposed.
KernelList convKernels();
/// MaxPool, AvgPool, in two and three dimensions.
KernelList poolKernels();
/// FusedBatchNorm, LRN, Softmax, cross entropy, BiasAdd.
KernelList normKernels();
/// ResizeBilinear, CropAndResize, ExtractImagePatches.
KernelList imageKernels();
/// LSTMBlockCell, BlockLSTM, GRUBlockCell.
KernelList recurrentKernels();
/// Dequantize, QuantizedConv2D, FakeQuant.
KernelList quantizedKernels();
/// DecodeWav, AudioSpectrogram, Mfcc.
KernelList audioKernels();
/// Cholesky, Svd, MatrixDiag, Cross.
KernelList linalgKernels();
/// Fill, Range, ZerosLike, OneHot: tensors from little.
KernelList constructKernels();
/// ConcatV2, Pack, Split, Unpack.
KernelList joinKernels();
/// Slice, StridedSlice.
KernelList sliceKernels();
/// GatherV2, ScatterNd, DynamicStitch.
KernelList gatherKernels();
/// Reshape, Transpose, BroadcastTo, ReverseV2.
KernelList layoutKernels();
/// Pad, Tile, SpaceToBatchND, DepthToSpace.
KernelList padKernels();
/// TopKV2, Unique, NthElement.
KernelList sortKernels();
/// StringJoin, AsString, StringToHashBucketFast.
KernelList stringKernels();
/// HashTableV2, LookupTableFindV2.
KernelList tableKernels();
/// TensorArrayV3 and its reads and writes.
KernelList tensorArrayKernels();
/// TensorListReserve and the other lists that loops of TensorFlow 2 use.
KernelList tensorListKernels();
/// TensorListStack, TensorListFromTensor: lists as wholes.
KernelList tensorListRowKernels();
/// SparseToDense, SparseTensorDenseMatMul.
KernelList sparseKernels();

} // namespace firn::reference
