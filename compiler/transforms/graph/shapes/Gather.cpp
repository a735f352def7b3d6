// Tensors read and written by indices.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

// `params` with the dimensions of `indices` in the place of dimension `axis`.
void gatherAt(NodeShapes &s, std::optional<int64_t> axisValue, int64_t batchDims) {
  const ShapeInfo &params = s.in(0), &indices = s.in(1);
  if (!params.ranked || !indices.ranked)
    return;
  std::optional<size_t> axis = s.axis(axisValue, params.rank());
  if (batchDims < 0)
    batchDims += indices.rank();
  if (batchDims < 0 || batchDims > static_cast<int64_t>(indices.rank()))
    return;
  if (!axis)
    return s.out(params.rank() == 0
                     ? ShapeInfo()
                     : s.freshOfRank(params.rank() + indices.rank() - 1 - batchDims));
  ShapeInfo info = ShapeInfo::of({});
  for (size_t i = 0; i < *axis; ++i) {
    bool isShared = i < static_cast<size_t>(batchDims);
    info.dims.push_back(isShared ? s.same(params.dims[i], indices.dims[i]) : params.dims[i]);
  }
  info.dims.append(indices.dims.begin() + batchDims, indices.dims.end());
  info.dims.append(params.dims.begin() + *axis + 1, params.dims.end());
  std::optional<SmallVector<int64_t>> places = s.constants(1);
  if (params.hasElements && params.rank() == 1 && places && indices.rank() <= 1) {
    info.hasElements = true;
    for (int64_t at : *places) {
      bool isInside = at >= 0 && at < static_cast<int64_t>(params.elements.size());
      info.elements.push_back(isInside ? params.elements[at] : s.freshInteger());
    }
  }
  s.out(std::move(info));
}

void gather(NodeShapes &s) { gatherAt(s, 0, 0); }
void gatherV2(NodeShapes &s) {
  gatherAt(s, s.in(0).hasRank(1) ? std::optional<int64_t>(0) : s.constant(2),
           s.integer("batch_dims"));
}

// Each row of `indices` names a place in the first dimensions of `params`.
ShapeInfo gatheredNd(const ShapeInfo &params, const ShapeInfo &indices) {
  if (!params.ranked || !indices.ranked || indices.rank() == 0)
    return {};
  std::optional<int64_t> depth = indices.dims.back().constant();
  if (!depth || *depth < 0 || *depth > static_cast<int64_t>(params.rank()))
    return {};
  ShapeInfo info = ShapeInfo::of(ArrayRef<Dim>(indices.dims).drop_back());
  info.dims.append(params.dims.begin() + *depth, params.dims.end());
  return info;
}

void gatherNd(NodeShapes &s) { s.out(gatheredNd(s.in(0), s.in(1))); }

void scatterNd(NodeShapes &s) {
  ShapeInfo info = s.shapeFromElements(s.in(2));
  if (info.ranked && s.in(1).ranked)
    s.same(gatheredNd(info, s.in(0)), dimsOnly(s.in(1)));
  s.out(std::move(info));
}

void oneHot(NodeShapes &s) {
  const ShapeInfo &indices = s.in(0), &depth = s.in(1);
  if (!indices.ranked)
    return;
  int64_t axis = s.integer("axis", -1);
  ShapeInfo info = dimsOnly(indices);
  std::optional<size_t> at = s.axis(axis, indices.rank() + 1);
  if (!at)
    return;
  info.dims.insert(info.dims.begin() + *at,
                   depth.hasElements ? s.asDim(depth.elements[0]) : s.fresh());
  s.out(std::move(info));
}

void topK(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  if (!info.ranked || info.rank() == 0)
    return;
  const ShapeInfo &k = s.in(1);
  if (s.node.is("TopK"))
    info.dims.back() = s.integer("k");
  else
    info.dims.back() = k.hasElements && k.elements.size() == 1 ? s.asDim(k.elements[0]) : s.fresh();
  s.out(0, info);
  s.out(1, info);
}

void nthElement(NodeShapes &s) {
  if (s.in(0).ranked && s.in(0).rank() > 0)
    s.out(ShapeInfo::of(ArrayRef<Dim>(s.in(0).dims).drop_back()));
}

void where(NodeShapes &s) {
  s.out(ShapeInfo::of({s.fresh(), s.in(0).ranked ? Dim(s.in(0).rank()) : s.fresh()}));
}

void unique(NodeShapes &s) {
  Dim count = s.fresh();
  s.out(0, ShapeInfo::of({count}));
  s.out(1, dimsOnly(s.in(0)));
  s.out(2, ShapeInfo::of({count}));
}

void listDiff(NodeShapes &s) {
  Dim count = s.fresh();
  s.out(0, ShapeInfo::of({count}));
  s.out(1, ShapeInfo::of({count}));
}

void dynamicPartition(NodeShapes &s) {
  const ShapeInfo &data = s.in(0), &partitions = s.in(1);
  if (!data.ranked || !partitions.ranked || partitions.rank() > data.rank())
    return;
  for (unsigned i = 0; i < s.numOutputs(); ++i) {
    ShapeInfo part = ShapeInfo::of({s.fresh()});
    part.dims.append(data.dims.begin() + partitions.rank(), data.dims.end());
    s.out(i, std::move(part));
  }
}

// As many rows as the highest index says.
void dynamicStitch(NodeShapes &s) {
  unsigned count = s.numInputs() / 2;
  std::optional<Dims> item;
  std::optional<int64_t> highest = -1;
  for (unsigned i = 0; i < count; ++i) {
    const ShapeInfo &indices = s.in(i), &data = s.in(count + i);
    if (indices.ranked && data.ranked && data.rank() >= indices.rank() && !item)
      item = Dims(data.dims.begin() + indices.rank(), data.dims.end());
    std::optional<SmallVector<int64_t>> places = s.constants(i);
    if (!places)
      highest = std::nullopt;
    for (int64_t at : places.value_or(SmallVector<int64_t>()))
      highest = highest ? std::optional(std::max(*highest, at)) : highest;
  }
  if (!item)
    return;
  ShapeInfo info = ShapeInfo::of({highest ? Dim(*highest + 1) : s.fresh()});
  llvm::append_range(info.dims, *item);
  if (info.rank() == 1 && highest && *highest < ShapeInfo::kMaxElements) {
    info.hasElements = true;
    for (int64_t i = 0; i <= *highest; ++i)
      info.elements.push_back(s.freshInteger());
    for (unsigned i = 0; i < count; ++i)
      for (auto [k, at] : llvm::enumerate(*s.constants(i)))
        if (at >= 0 && s.in(count + i).hasElements && k < s.in(count + i).elements.size())
          info.elements[at] = s.in(count + i).elements[k];
  }
  s.out(std::move(info));
}

void sparseToDense(NodeShapes &s) { s.out(s.shapeFromElements(s.in(1))); }

void selected(NodeShapes &s) {
  const ShapeInfo &limit = s.in(2);
  bool isPadded = s.flag("pad_to_max_output_size");
  Dim count = isPadded && limit.hasElements ? s.asDim(limit.elements[0]) : s.fresh();
  s.out(0, ShapeInfo::of({count}));
  if (s.node.is("NonMaxSuppressionV5")) {
    s.out(1, ShapeInfo::of({count}));
    s.out(2, ShapeInfo::scalar());
  } else {
    s.out(1, ShapeInfo::scalar());
  }
}

void combinedNms(NodeShapes &s) {
  Dim batch = s.in(0).ranked && s.in(0).rank() > 0 ? s.in(0).dims[0] : s.fresh();
  Dim count = s.fresh();
  s.out(0, ShapeInfo::of({batch, count, 4}));
  s.out(1, ShapeInfo::of({batch, count}));
  s.out(2, ShapeInfo::of({batch, count}));
  s.out(3, ShapeInfo::of({batch}));
}

constexpr ShapeRuleEntry kRules[] = {
    {"Gather", gather},
    {"GatherV2", gatherV2},
    {"GatherNd", gatherNd},
    {"ScatterNd", scatterNd},
    {"TensorScatterUpdate", sameAsFirst},
    {"TensorScatterAdd", sameAsFirst},
    {"TensorScatterSub", sameAsFirst},
    {"TensorScatterMax", sameAsFirst},
    {"TensorScatterMin", sameAsFirst},
    {"ScatterNdNonAliasingAdd", sameAsFirst},
    {"InplaceUpdate", sameAsFirst},
    {"InplaceAdd", sameAsFirst},
    {"OneHot", oneHot},
    {"TopK", topK},
    {"TopKV2", topK},
    {"NthElement", nthElement},
    {"Where", where},
    {"Unique", unique},
    {"UniqueWithCounts", unique},
    {"ListDiff", listDiff},
    {"DynamicPartition", dynamicPartition},
    {"DynamicStitch", dynamicStitch},
    {"ParallelDynamicStitch", dynamicStitch},
    {"SparseToDense", sparseToDense},
    {"NonMaxSuppression", selected},
    {"NonMaxSuppressionV2", selected},
    {"NonMaxSuppressionV3", selected},
    {"NonMaxSuppressionV4", selected},
    {"NonMaxSuppressionV5", selected},
    {"CombinedNonMaxSuppression", combinedNms},
};

} // namespace

ShapeRules gatherShapeRules() { return kRules; }

} // namespace firn::graph
