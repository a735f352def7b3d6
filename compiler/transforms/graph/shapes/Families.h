// The rules by family. Each is a file that lists its ops at its end.
#pragma once

#include "compiler/transforms/graph/shapes/NodeShapes.h"

namespace firn::graph {

struct ShapeRuleEntry {
  llvm::StringLiteral op;
  ShapeRule rule;
};
using ShapeRules = llvm::ArrayRef<ShapeRuleEntry>;

/// Const, Placeholder, Switch, Merge, Enter: what makes tensors and hands them on.
ShapeRules flowShapeRules();
/// If, While, PartitionedCall.
ShapeRules callShapeRules();
/// Add, Relu, Select: element by element.
ShapeRules elementwiseShapeRules();
/// Shape, Size, Fill, Range: between tensors and shapes.
ShapeRules constructShapeRules();
/// Reshape, Transpose, Pad, Tile.
ShapeRules layoutShapeRules();
/// ConcatV2, Pack, Split, Unpack.
ShapeRules joinShapeRules();
/// Slice, StridedSlice.
ShapeRules sliceShapeRules();
/// GatherV2, ScatterNd, OneHot, TopKV2.
ShapeRules gatherShapeRules();
/// Sum, ArgMax, Softmax, segments.
ShapeRules reduceShapeRules();
/// MatMul, Einsum, MatrixDiag.
ShapeRules matMulShapeRules();
/// Convolutions and pools, with SAME, VALID and EXPLICIT padding, in both layouts.
ShapeRules convShapeRules();
/// FusedBatchNorm, LSTMBlockCell, cross entropy.
ShapeRules layerShapeRules();
/// ResizeBilinear, CropAndResize, SpaceToDepth.
ShapeRules imageShapeRules();
/// TensorArrayV3 and its reads and writes; TensorLists.
ShapeRules listShapeRules();
/// Variables, random numbers, strings, tables, quantized and audio ops.
ShapeRules otherShapeRules();

// Shared by families.

/// The output has the shape of the first input; elements are not known.
void sameAsFirst(NodeShapes &s);
/// The same, elements included.
void passOnFirst(NodeShapes &s);
/// Each output is a scalar.
void scalarOutputs(NodeShapes &s);
/// Dimensions without those at `axes`, or with 1 in their place.
ShapeInfo withoutAxes(const ShapeInfo &info, llvm::ArrayRef<size_t> axes, bool keep);
/// `info` without what is known of elements.
ShapeInfo dimsOnly(const ShapeInfo &info);

} // namespace firn::graph
