// Dimensions summed up, searched, or run through.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

// The reduction of a small vector to one number.
std::optional<Dim> reducedElement(NodeShapes &s, const ShapeInfo &from) {
  std::optional<DerivedKind> kind;
  if (s.node.is("Prod"))
    kind = DerivedKind::Times;
  else if (s.node.is("Sum"))
    kind = DerivedKind::Plus;
  else if (s.node.is("Max"))
    kind = DerivedKind::Maximum;
  else if (s.node.is("Min"))
    kind = DerivedKind::Minimum;
  bool isSearch = kind == DerivedKind::Maximum || kind == DerivedKind::Minimum;
  if (!kind || !from.hasElements || from.rank() != 1 || (isSearch && from.elements.empty()))
    return std::nullopt;
  Dim result = isSearch ? from.elements[0] : Dim(kind == DerivedKind::Times ? 1 : 0);
  for (Dim element : from.elements)
    result = s.derived(*kind, result, element);
  return result;
}

void reduce(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  bool keep = s.flag("keep_dims");
  std::optional<SmallVector<int64_t>> listed = s.constants(1);
  if (!from.ranked)
    return;
  SmallVector<size_t> axes;
  for (int64_t axis : listed.value_or(SmallVector<int64_t>()))
    if (std::optional<size_t> known = s.axis(axis, from.rank()))
      axes.push_back(*known);
  if (!listed) {
    // One axis, which is not known, leaves one dimension less.
    bool isOneAxis = s.in(1).hasRank(0);
    if (keep || (isOneAxis && from.rank() > 0))
      s.out(s.freshOfRank(from.rank() - (keep ? 0 : 1)));
    return;
  }
  ShapeInfo info = withoutAxes(from, axes, keep);
  if (info.rank() == 0)
    if (std::optional<Dim> element = reducedElement(s, from))
      info = ShapeInfo::element(*element);
  s.out(std::move(info));
}

void argReduce(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || from.rank() == 0)
    return;
  std::optional<size_t> axis = s.axis(s.constant(1), from.rank());
  s.out(axis ? withoutAxes(from, {*axis}, false) : s.freshOfRank(from.rank() - 1));
}

// One row for each segment; how many there are only the ids tell.
void segment(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  if (!info.ranked || info.rank() == 0)
    return;
  info.dims[0] = s.fresh();
  s.out(std::move(info));
}

void unsortedSegment(NodeShapes &s) {
  const ShapeInfo &data = s.in(0), &ids = s.in(1), &count = s.in(2);
  if (!data.ranked || !ids.ranked || ids.rank() > data.rank())
    return;
  for (size_t i = 0; i < ids.rank(); ++i)
    s.same(data.dims[i], ids.dims[i]);
  ShapeInfo info = ShapeInfo::of({count.hasElements ? s.asDim(count.elements[0]) : s.fresh()});
  info.dims.append(data.dims.begin() + ids.rank(), data.dims.end());
  s.out(std::move(info));
}

// The rows of the first input that the second one chooses, summed by the third.
void sparseSegment(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  if (!info.ranked || info.rank() == 0)
    return;
  const ShapeInfo &count = s.in(3);
  info.dims[0] = count.hasElements ? s.asDim(count.elements[0]) : s.fresh();
  s.out(std::move(info));
}

void bincount(NodeShapes &s) {
  const ShapeInfo &size = s.in(1);
  s.out(ShapeInfo::of({size.hasElements ? s.asDim(size.elements[0]) : s.fresh()}));
}

constexpr ShapeRuleEntry kRules[] = {
    {"Sum", reduce},
    {"Mean", reduce},
    {"Max", reduce},
    {"Min", reduce},
    {"Prod", reduce},
    {"All", reduce},
    {"Any", reduce},
    {"EuclideanNorm", reduce},
    {"ReduceJoin", reduce},
    {"ArgMax", argReduce},
    {"ArgMin", argReduce},
    {"Cumsum", sameAsFirst},
    {"Cumprod", sameAsFirst},
    {"CumulativeLogsumexp", sameAsFirst},
    {"Softmax", sameAsFirst},
    {"LogSoftmax", sameAsFirst},
    {"L2Loss", scalarOutputs},
    {"SegmentSum", segment},
    {"SegmentMean", segment},
    {"SegmentMax", segment},
    {"SegmentMin", segment},
    {"SegmentProd", segment},
    {"UnsortedSegmentSum", unsortedSegment},
    {"UnsortedSegmentMax", unsortedSegment},
    {"UnsortedSegmentMin", unsortedSegment},
    {"UnsortedSegmentProd", unsortedSegment},
    {"SparseSegmentSum", sparseSegment},
    {"SparseSegmentMean", sparseSegment},
    {"SparseSegmentSqrtN", sparseSegment},
    {"SparseSegmentSumWithNumSegments", sparseSegment},
    {"SparseSegmentMeanWithNumSegments", sparseSegment},
    {"Bincount", bincount},
};

} // namespace

ShapeRules reduceShapeRules() { return kRules; }

} // namespace firn::graph
