// The families of kernels. Each is a file that lists its ops at its end.
#pragma once

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

using KernelList = llvm::ArrayRef<KernelEntry>;

/// Identity, Shape, calls, conds and loops as functions: what moves tensors as they are.
KernelList flowKernels();
/// Add, Maximum and the like: two operands, broadcast.
KernelList binaryKernels();
/// RealDiv, FloorMod: quotients and remainders.
KernelList divideKernels();
/// Less, LogicalAnd, BitwiseXor: comparisons, logic, bits.
KernelList compareKernels();
/// Neg, Exp and the like: one operand.
KernelList unaryKernels();
/// Relu, Softplus.
KernelList activationKernels();
/// Digamma, Igamma: special functions.
KernelList specialKernels();
/// Sum, Mean, ArgMax, Cumsum: reductions and scans.
KernelList reduceKernels();
/// Select, Where, Cast, ClipByValue.
KernelList selectKernels();
/// FusedBatchNorm, BatchNormWithGlobalNormalization.
KernelList batchNormKernels();
/// SoftmaxCrossEntropyWithLogits and its sparse form, InTopK.
KernelList lossKernels();
/// ResizeBilinear, ResizeBicubic, ResizeArea, ResizeNearestNeighbor.
KernelList resizeKernels();
/// CropAndResize, ScaleAndTranslate, ImageProjectiveTransformV3.
KernelList warpKernels();
/// NonMaxSuppressionV5 and its older forms.
KernelList boxKernels();
/// RandomUniform: TensorFlow's Philox streams.
KernelList randomKernels();
/// SegmentSum, UnsortedSegmentMax, Bincount.
KernelList segmentKernels();
/// MatMul, BatchMatMul.
KernelList matMulKernels();
/// Einsum.
KernelList einsumKernels();
/// Conv2D, Conv3D and their gradients (transposed convolution).
KernelList convKernels();
/// DepthwiseConv2dNative and its gradients, Dilation2D.
KernelList depthwiseKernels();
/// MaxPool, AvgPool, in two and three dimensions.
KernelList poolKernels();
/// BiasAdd, Softmax, LRN.
KernelList normKernels();
/// ExtractImagePatches, RGBToHSV, AdjustHue.
KernelList imageKernels();
/// LSTMBlockCell, BlockLSTM, GRUBlockCell.
KernelList recurrentKernels();
/// QuantizeAndDequantizeV3 and its other forms.
KernelList quantizeDequantizeKernels();
/// QuantizeV2, Dequantize, FakeQuantWithMinMaxVars.
KernelList quantizedKernels();
/// QuantizedRelu, QuantizedConcat, Requantize: quantised tensors moved and brought into ranges.
KernelList quantizedOpKernels();
/// QuantizedConv2D, QuantizedMatMul, QuantizedBiasAdd: their sums and products.
KernelList quantizedProductKernels();
/// DecodeWav, AudioSpectrogram, Mfcc.
KernelList audioKernels();
/// FFT, RFFT and their inverses, in one to three dimensions.
KernelList fourierKernels();
/// MatrixInverse, Cholesky, Qr, Cross.
KernelList linalgKernels();
/// Svd, SelfAdjointEigV2.
KernelList spectralKernels();
/// MatrixDiagV3, MatrixSetDiagV3, MatrixBandPart.
KernelList diagonalKernels();
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
/// StringJoin, ReduceJoin, StringToHashBucketFast: strings as wholes.
KernelList stringKernels();
/// AsString, StringToNumber, DecodeRaw.
KernelList stringNumberKernels();
/// Substr, StringSplit.
KernelList stringPartKernels();
/// HashTableV2, LookupTableFindV2.
KernelList tableKernels();
/// TensorArrayV3 and its reads and writes.
KernelList tensorArrayKernels();
/// TensorListReserve and the other lists that loops of TensorFlow 2 use.
KernelList tensorListKernels();
/// TensorListStack, TensorListFromTensor: lists as wholes.
KernelList tensorListRowKernels();
/// SparseConcat, SparseReorder: from sparse to sparse.
KernelList sparseKernels();
/// SparseToDense, SparseTensorDenseMatMul.
KernelList sparseDenseKernels();

} // namespace firn::reference
