// Cumsum, SegmentSum, Bincount: sums of elements by their place, or by numbers beside them.
#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

void scan(NodeLowering &n) {
  Tensor x = n.in(0), plain = toPlain(n, x, Use::Sum);
  std::optional<int64_t> axis = plain ? normalAxis(n, n.constant(1), x.rank()) : std::nullopt;
  if (!axis)
    return;
  StringRef kernel = n.node.is("Cumsum") ? "cumsum" : "cumprod";
  ArrayRef<Size> sizes = x.sizes;
  SmallVector<Size> fields = {n.product(sizes.take_front(*axis)), sizes[*axis],
                              n.product(sizes.drop_front(*axis + 1)), n.size(n.flag("exclusive")),
                              n.size(n.flag("reverse"))};
  Tensor result =
      n.call(plainName(kernel, plain), {plain}, fields, {}, {n.empty(plain.dtype, sizes)}).front();
  n.give(fromPlain(n, result, x.dtype, Use::Sum));
}

void bincount(NodeLowering &n) {
  Tensor values = converted(n, n.in(0), DT_INT32), weights = toPlain(n, n.in(2), Use::Sum);
  Size bins = n.element(1, 0);
  if (!values || !weights)
    return;
  if (!bins)
    return n.fail("a number of bins that depends on data");
  SmallVector<Size> fields = {n.product(values.sizes), bins, n.product(weights.sizes)};
  Tensor counts = n.empty(weights.dtype, n.outSizes(0, {bins}));
  counts = n.call(plainName("bincount", weights), {values, weights}, fields, {}, {counts}).front();
  n.give(fromPlain(n, counts, n.outDtype(), Use::Sum));
}

struct Segments {
  const char *kernel; // segment_max and segment_min keep the order of numbers
  bool isSorted, isMean;
};

// The number of segments: an input, or one more than the last id. Ids of rows that are in order
// have no bound but that they are mostly dense.
Size segmentsOf(NodeLowering &n, const Segments &form, const Tensor &ids) {
  if (!form.isSorted)
    return n.element(2, 0);
  Size rows = ids.sizes[0];
  Tensor number = n.call("segment_count", {ids}, {rows, rows}, {}, {n.empty(DT_INT64, {})}).front();
  return n.readSize(number, rows);
}

void segment(NodeLowering &n, const Segments &form) {
  bool isExtreme = StringRef(form.kernel).contains("_m");
  Tensor x = n.in(0), ids = converted(n, n.in(1), DT_INT64),
         plain = toPlain(n, x, isExtreme ? Use::Order : Use::Sum);
  if (!plain || !ids)
    return;
  Size segments = segmentsOf(n, form, ids);
  if (!segments)
    return n.fail("a number of segments that depends on data");
  ArrayRef<Size> inner = ArrayRef<Size>(x.sizes).drop_front(ids.rank());
  Sizes sizes = {segments};
  sizes.append(inner.begin(), inner.end());
  sizes = n.outSizes(0, sizes);
  // What is left between sorted ids is 0, of products 1.
  bool isZero = form.isSorted && !StringRef(form.kernel).ends_with("prod");
  SmallVector<Size> fields = {n.product(ids.sizes), n.product(inner), sizes.front(), n.size(isZero),
                              n.size(form.isMean)};
  Tensor result = n.call(plainName(form.kernel, plain), {plain, ids}, fields, {},
                         {n.empty(plain.dtype, sizes), n.empty(DT_INT64, {sizes.front()})})
                      .front();
  n.give(isExtreme ? clampFromPlain(n, result, x.dtype) : fromPlain(n, result, x.dtype, Use::Sum));
}

const LoweringEntry kSegment[] = {
    {"Bincount", bincount},
    {"Cumprod", scan},
    {"Cumsum", scan},
    {"SegmentMax", [](NodeLowering &n) { segment(n, {"segment_max", true, false}); }},
    {"SegmentMean", [](NodeLowering &n) { segment(n, {"segment_sum", true, true}); }},
    {"SegmentMin", [](NodeLowering &n) { segment(n, {"segment_min", true, false}); }},
    {"SegmentProd", [](NodeLowering &n) { segment(n, {"segment_prod", true, false}); }},
    {"SegmentSum", [](NodeLowering &n) { segment(n, {"segment_sum", true, false}); }},
    {"UnsortedSegmentMax", [](NodeLowering &n) { segment(n, {"segment_max", false, false}); }},
    {"UnsortedSegmentMin", [](NodeLowering &n) { segment(n, {"segment_min", false, false}); }},
    {"UnsortedSegmentProd", [](NodeLowering &n) { segment(n, {"segment_prod", false, false}); }},
    {"UnsortedSegmentSum", [](NodeLowering &n) { segment(n, {"segment_sum", false, false}); }},
};

} // namespace

Lowerings segmentLowerings() { return kSegment; }

} // namespace firn::kernel
