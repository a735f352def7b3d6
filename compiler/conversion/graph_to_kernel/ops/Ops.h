// The lowerings by family. Each is a file that lists its ops at its end.
#pragma once

#include "compiler/conversion/graph_to_kernel/NodeLowering.h"

namespace firn::kernel {

/// Const, Identity, Shape, Size: what makes values and hands them on.
Lowerings valueLowerings();
/// Reshape, Squeeze, Transpose: the same elements, otherwise.
Lowerings layoutLowerings();
/// Slice, StridedSlice.
Lowerings sliceLowerings();
/// ConcatV2, Pack, Split.
Lowerings joinLowerings();
/// Fill, Range, Tile, OneHot.
Lowerings constructLowerings();
/// Pad, SpaceToBatchND, DepthToSpace.
Lowerings padLowerings();
/// GatherV2, GatherNd.
Lowerings gatherLowerings();
/// ReverseV2, Roll.
Lowerings reverseLowerings();
/// MatrixDiag, MatrixBandPart, Cross.
Lowerings diagonalLowerings();
/// Switch, Enter: what hands values through control flow.
Lowerings flowLowerings();
/// TensorArrays and TensorLists.
Lowerings listLowerings();
/// Add, FloorDiv, AddN, BiasAdd: element by element.
Lowerings arithmeticLowerings();
/// Exp, Abs, Real, Lgamma.
Lowerings unaryLowerings();
/// Less, LogicalAnd, LeftShift, Select.
Lowerings compareLowerings();
/// Relu, Sigmoid.
Lowerings activationLowerings();
/// Cast, ZerosLike.
Lowerings castLowerings();
/// Sum, Mean, ArgMax.
Lowerings reduceLowerings();
/// Cumsum, SegmentSum, Bincount.
Lowerings segmentLowerings();
/// TopK, Unique, Where.
Lowerings orderLowerings();
/// NonMaxSuppression.
Lowerings boxLowerings();
/// RGBToHSV, AdjustHue.
Lowerings colorLowerings();
/// Softmax, cross entropies, InTopK.
Lowerings softmaxLowerings();
/// MatMul.
Lowerings matmulLowerings();
/// Conv2D, Conv3D, DepthwiseConv2dNative.
Lowerings convLowerings();
/// Conv2DBackpropInput: transposed convolutions.
Lowerings convGradientLowerings();
/// MaxPool, AvgPool.
Lowerings poolLowerings();
/// FusedBatchNorm, LRN.
Lowerings batchNormLowerings();
/// ScatterNd, DynamicPartition.
Lowerings scatterLowerings();
/// Einsum.
Lowerings einsumLowerings();
/// ResizeBilinear.
Lowerings resizeLowerings();
/// CropAndResize.
Lowerings warpLowerings();
/// LSTMBlockCell, BlockLSTM.
Lowerings recurrentLowerings();
/// QuantizeV2, Dequantize, FakeQuantWithMinMaxVars.
Lowerings quantizedLowerings();
/// QuantizedConv2D, Requantize.
Lowerings quantizedOpLowerings();
/// Cholesky, MatrixInverse, Svd.
Lowerings linalgLowerings();
/// FFT, AudioSpectrogram, Mfcc.
Lowerings fourierLowerings();
/// RandomUniform.
Lowerings randomLowerings();

/// ConcatOffset.
Lowerings shapeDataLowerings();
/// SparseReorder, SparseConcat.
Lowerings sparseLowerings();
/// SparseToDense, SparseTensorDenseMatMul.
Lowerings sparseDenseLowerings();

} // namespace firn::kernel
