// Variables, queues, strings, tables, random numbers, sound, quantized tensors, sparse ones.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

void variable(NodeShapes &s) { s.out(s.shape("shape")); }

// A handle remembers what it holds as a list of one.
void handle(NodeShapes &s) {
  ShapeInfo info = ShapeInfo::scalar();
  info.list = std::make_shared<ListInfo>(ListInfo{s.shape("shape"), Dim(1)});
  s.out(std::move(info));
}

ShapeInfo heldBy(const ShapeInfo &handle) { return handle.list ? handle.list->item : ShapeInfo(); }

void readVariable(NodeShapes &s) { s.out(heldBy(s.in(0))); }

void variableShape(NodeShapes &s) {
  ShapeInfo held = heldBy(s.in(0));
  s.out(held.ranked ? ShapeInfo::vector(held.dims) : s.freshOfRank(1));
}

void resourceGather(NodeShapes &s) {
  ShapeInfo held = heldBy(s.in(0));
  const ShapeInfo &indices = s.in(1);
  if (!held.ranked || held.rank() == 0 || !indices.ranked || s.integer("batch_dims") != 0)
    return;
  ShapeInfo info = dimsOnly(indices);
  info.dims.append(held.dims.begin() + 1, held.dims.end());
  s.out(std::move(info));
}

// Assign*: the variable, the value.
void assign(NodeShapes &s) { s.out(s.same(dimsOnly(s.in(0)), dimsOnly(s.in(1)))); }

void listedShapes(NodeShapes &s, StringRef attr) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, s.listedShape(attr, i));
}

void iterator(NodeShapes &s) { listedShapes(s, "output_shapes"); }

void lookup(NodeShapes &s) {
  if (s.in(2).hasRank(0))
    s.out(dimsOnly(s.in(1)));
}

// Scalars are joined to each element of the others.
void stringJoin(NodeShapes &s) {
  ShapeInfo info = ShapeInfo::scalar();
  for (unsigned i = 0; i < s.numInputs(); ++i) {
    if (!s.in(i).ranked)
      return;
    if (s.in(i).rank() > 0)
      info = info.rank() > 0 ? s.same(info, dimsOnly(s.in(i))) : dimsOnly(s.in(i));
  }
  s.out(std::move(info));
}

void decodeRaw(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  if (info.ranked)
    info.dims.push_back(s.fresh());
  s.out(std::move(info));
}

void multinomial(NodeShapes &s) {
  const ShapeInfo &logits = s.in(0), &count = s.in(1);
  s.out(ShapeInfo::of({logits.hasRank(2) ? logits.dims[0] : s.fresh(),
                       count.hasElements ? s.asDim(count.elements[0]) : s.fresh()}));
}

void decodeWav(NodeShapes &s) {
  int64_t samples = s.integer("desired_samples", -1), channels = s.integer("desired_channels", -1);
  s.out(0, ShapeInfo::of({samples >= 0 ? Dim(samples) : s.fresh(),
                          channels >= 0 ? Dim(channels) : s.fresh()}));
  s.out(1, ShapeInfo::scalar());
}

// [samples, channels] as [channels, windows, frequencies].
void spectrogram(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  int64_t window = s.integer("window_size"), stride = std::max<int64_t>(s.integer("stride"), 1);
  int64_t transform = 1;
  while (transform < window && transform < (int64_t(1) << 40))
    transform *= 2;
  ShapeInfo info = s.freshOfRank(3);
  info.dims[2] = 1 + transform / 2;
  if (from.hasRank(2)) {
    info.dims[0] = from.dims[1];
    if (std::optional<int64_t> samples = from.dims[0].constant())
      info.dims[1] = *samples < window ? 0 : 1 + (*samples - window) / stride;
  }
  s.out(std::move(info));
}

void mfcc(NodeShapes &s) {
  ShapeInfo info = s.in(0).hasRank(3) ? dimsOnly(s.in(0)) : s.freshOfRank(3);
  info.dims[2] = s.integer("dct_coefficient_count", 13);
  s.out(std::move(info));
}

// The tensor, then its range: the least and the greatest value.
void withRange(NodeShapes &s, ShapeInfo info) {
  s.out(0, std::move(info));
  for (unsigned i = 1; i < s.numOutputs(); ++i)
    s.out(i, ShapeInfo::scalar());
}

void quantizedUnary(NodeShapes &s) { withRange(s, dimsOnly(s.in(0))); }
void quantizedBinary(NodeShapes &s) { withRange(s, dimsOnly(s.broadcast(s.in(0), s.in(1)))); }

void quantizedConcat(NodeShapes &s) {
  unsigned count = s.integer("N", 1);
  std::optional<int64_t> axisValue = s.constant(0);
  ShapeInfo info = dimsOnly(s.in(1));
  std::optional<size_t> axis = info.ranked ? s.axis(axisValue, info.rank()) : std::nullopt;
  for (unsigned i = 2; axis && i <= count; ++i) {
    if (!s.in(i).hasRank(info.rank()))
      return;
    info.dims[*axis] = s.plus(info.dims[*axis], s.in(i).dims[*axis]);
  }
  withRange(s, axis ? info : ShapeInfo());
}

void sparseTensorDenseMatMul(NodeShapes &s) {
  const ShapeInfo &shape = s.in(2), &dense = s.in(3);
  bool adjointA = s.flag("adjoint_a"), adjointB = s.flag("adjoint_b");
  Dim rows = shape.hasElements && shape.elements.size() == 2
                 ? s.asDim(shape.elements[adjointA ? 1 : 0])
                 : s.fresh();
  s.out(ShapeInfo::of({rows, dense.hasRank(2) ? dense.dims[adjointB ? 0 : 1] : s.fresh()}));
}

void sparseReshape(NodeShapes &s) {
  const ShapeInfo &indices = s.in(0), &shape = s.in(2);
  s.out(0, ShapeInfo::of({indices.hasRank(2) ? indices.dims[0] : s.fresh(),
                          shape.hasRank(1) ? shape.dims[0] : s.fresh()}));
  s.out(1, dimsOnly(shape));
}

void sparseFillEmptyRows(NodeShapes &s) {
  const ShapeInfo &indices = s.in(0), &shape = s.in(2);
  Dim count = s.fresh();
  s.out(0, ShapeInfo::of({count, indices.hasRank(2) ? indices.dims[1] : s.fresh()}));
  s.out(1, ShapeInfo::of({count}));
  s.out(2, ShapeInfo::of({shape.hasElements ? s.asDim(shape.elements[0]) : s.fresh()}));
  s.out(3, ShapeInfo::of({indices.hasRank(2) ? indices.dims[0] : s.fresh()}));
}

void denseOfSparseAdd(NodeShapes &s) { s.out(dimsOnly(s.in(3))); }

constexpr ShapeRuleEntry kRules[] = {
    {"Variable", variable},
    {"VariableV2", variable},
    {"VarHandleOp", handle},
    {"ReadVariableOp", readVariable},
    {"VariableShape", variableShape},
    {"ResourceGather", resourceGather},
    {"VarIsInitializedOp", scalarOutputs},
    {"IsVariableInitialized", scalarOutputs},
    {"Assign", assign},
    {"AssignAdd", assign},
    {"AssignSub", assign},
    {"IteratorGetNext", iterator},
    {"IteratorGetNextSync", iterator},
    {"HashTable", scalarOutputs},
    {"HashTableV2", scalarOutputs},
    {"MutableHashTableV2", scalarOutputs},
    {"LookupTableFind", lookup},
    {"LookupTableFindV2", lookup},
    {"LookupTableSizeV2", scalarOutputs},
    {"StringJoin", stringJoin},
    {"AsString", sameAsFirst},
    {"DecodeBase64", sameAsFirst},
    {"EncodeBase64", sameAsFirst},
    {"StringToHashBucketFast", sameAsFirst},
    {"StringToHashBucketStrong", sameAsFirst},
    {"StringToHashBucket", sameAsFirst},
    {"StringToNumber", sameAsFirst},
    {"StringStrip", sameAsFirst},
    {"StringLower", sameAsFirst},
    {"StringUpper", sameAsFirst},
    {"StringLength", sameAsFirst},
    {"RegexReplace", sameAsFirst},
    {"StaticRegexReplace", sameAsFirst},
    {"RegexFullMatch", sameAsFirst},
    {"StaticRegexFullMatch", sameAsFirst},
    {"Substr", sameAsFirst},
    {"Bucketize", sameAsFirst},
    {"ReadFile", scalarOutputs},
    {"ShardedFilename", scalarOutputs},
    {"DecodeRaw", decodeRaw},
    {"Multinomial", multinomial},
    {"StatelessMultinomial", multinomial},
    {"RandomGamma",
     [](NodeShapes &s) {
       ShapeInfo info = s.shapeFromElements(s.in(0));
       if (info.ranked && s.in(1).ranked)
         llvm::append_range(info.dims, s.in(1).dims);
       s.out(s.in(1).ranked ? info : ShapeInfo());
     }},
    {"DecodeWav", decodeWav},
    {"AudioSpectrogram", spectrogram},
    {"Mfcc", mfcc},
    {"QuantizeV2", quantizedUnary},
    {"QuantizedRelu", quantizedUnary},
    {"QuantizedRelu6", quantizedUnary},
    {"QuantizedReluX", quantizedUnary},
    {"QuantizedBiasAdd", quantizedUnary},
    {"QuantizedInstanceNorm", quantizedUnary},
    {"QuantizedBatchNormWithGlobalNormalization", quantizedUnary},
    {"QuantizeDownAndShrinkRange", quantizedUnary},
    {"Requantize", quantizedUnary},
    {"RequantizationRange", scalarOutputs},
    {"QuantizedAdd", quantizedBinary},
    {"QuantizedMul", quantizedBinary},
    {"QuantizedConcat", quantizedConcat},
    {"SparseTensorDenseMatMul", sparseTensorDenseMatMul},
    {"SparseTensorDenseAdd", denseOfSparseAdd},
    {"SparseReshape", sparseReshape},
    {"SparseFillEmptyRows", sparseFillEmptyRows},
    {"ScalarSummary", scalarOutputs},
    {"HistogramSummary", scalarOutputs},
    {"ImageSummary", scalarOutputs},
    {"MergeSummary", scalarOutputs},
};

} // namespace

ShapeRules otherShapeRules() { return kRules; }

} // namespace firn::graph
