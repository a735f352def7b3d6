// SegmentSum, UnsortedSegmentMax, Bincount.
#include <limits>

#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

struct Adding {
  template <typename T> static T empty() { return T(0); }
  template <typename T> static T step(const T &a, const T &x) { return a + x; }
};
struct Multiplying {
  template <typename T> static T empty() { return T(1); }
  template <typename T> static T step(const T &a, const T &x) { return a * x; }
};
struct Greatest {
  template <typename T> static T empty() { return lowest<T>(); }
  template <typename T> static T step(const T &a, const T &x) { return a < x ? x : a; }
  template <typename T> static T lowest() {
    if constexpr (std::is_same_v<T, Half>)
      return T(-65504.0f);
    else if constexpr (std::is_same_v<T, BFloat16>)
      return T(-3.3895314e38f);
    else
      return std::numeric_limits<T>::lowest();
  }
};
struct Least {
  template <typename T> static T empty() {
    if constexpr (std::is_integral_v<T>)
      return std::numeric_limits<T>::max();
    else
      return T(-Greatest::lowest<T>());
  }
  template <typename T> static T step(const T &a, const T &x) { return x < a ? x : a; }
};

/// Rows of `x` by their segment; `segments` rows result. `gap` fills segments without rows.
template <typename T, typename F>
void bySegment(Evaluation &e, llvm::ArrayRef<int64_t> ids, int64_t segments, T gap, bool mean) {
  const Tensor &x = e.input(0);
  Shape shape{segments};
  int64_t each = ids.empty() ? 0 : x.size() / static_cast<int64_t>(ids.size());
  shape.append(x.shape().begin() + e.input(1).rank(), x.shape().end());
  if (ids.empty())
    each = countElements(llvm::ArrayRef<int64_t>(shape).drop_front());
  Tensor result = e.make(0, x.dtype(), shape);
  if (e.failed())
    return;
  auto out = result.mutableValues<T>();
  std::fill(out.begin(), out.end(), gap);
  std::vector<int64_t> rows(segments);
  for (size_t row = 0; row < ids.size(); ++row) {
    int64_t id = ids[row];
    if (id < 0)
      continue; // dropped
    bool first = rows[id]++ == 0;
    for (int64_t i = 0; i < each; ++i) {
      T &sum = out[id * each + i];
      sum = F::step(first ? F::template empty<T>() : sum, x.values<T>()[row * each + i]);
    }
  }
  if constexpr (!std::is_same_v<T, bool>)
    if (mean)
      for (int64_t id = 0; id < segments; ++id)
        for (int64_t i = 0; i < each && rows[id] > 1; ++i)
          out[id * each + i] = T(out[id * each + i] / T(rows[id]));
}

/// Ids must not fall; segments that no row has are zero, of products one.
template <typename List, typename F, bool kMean = false> void segment(Evaluation &e) {
  llvm::SmallVector<int64_t> ids = integersOf(e.input(1));
  if (e.input(1).rank() != 1 || e.input(0).rank() < 1 ||
      e.input(0).dim(0) != static_cast<int64_t>(ids.size()))
    return e.fail("expected a segment for each row, got " + e.input(0).text() + " and " +
                  e.input(1).text());
  if (!llvm::is_sorted(ids) || (!ids.empty() && ids.front() < 0))
    return e.fail("expected segment ids that are sorted and not negative");
  int64_t segments = ids.empty() ? 0 : ids.back() + 1;
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T gap = std::is_same_v<F, Multiplying> ? F::template empty<T>() : T(0);
    bySegment<T, F>(e, ids, segments, gap, kMean);
  });
}

template <typename List, typename F> void unsortedSegment(Evaluation &e) {
  llvm::SmallVector<int64_t> ids = integersOf(e.input(1));
  int64_t segments = integersOf(e.input(2))[0];
  const Tensor &x = e.input(0), &at = e.input(1);
  if (x.rank() < at.rank() || x.shape().take_front(at.rank()) != at.shape() || segments < 0)
    return e.fail("expected segment ids for the first dimensions, got " + x.text() + " and " +
                  at.text());
  for (int64_t id : ids)
    if (id >= segments)
      return e.fail("expected segment ids below " + llvm::Twine(segments) + ", got " +
                    llvm::Twine(id));
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    bySegment<T, F>(e, ids, segments, F::template empty<T>(), false);
  });
}

// How often each value occurs, or the sum of the weights of where it does.
void bincount(Evaluation &e) {
  const Tensor &weights = e.input(2);
  int64_t size = integersOf(e.input(1))[0];
  llvm::SmallVector<int64_t> values = integersOf(e.input(0));
  bool weighted = weights.size() > 0;
  if (size < 0 || (weighted && weights.size() != static_cast<int64_t>(values.size())))
    return e.fail("expected a size that is not negative and as many weights as values");
  dispatch(e, Reals{}, weights.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, weights.dtype(), {size});
    if (e.failed())
      return;
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i] < 0)
        return e.fail("expected values that are not negative, got " + llvm::Twine(values[i]));
      if (values[i] < size)
        out[values[i]] = T(out[values[i]] + (weighted ? weights.values<T>()[i] : T(1)));
    }
  });
}

constexpr KernelEntry kKernels[] = {
    {"SegmentSum", segment<Reals, Adding>},
    {"SegmentMean", segment<Floats, Adding, true>},
    {"SegmentProd", segment<Reals, Multiplying>},
    {"SegmentMax", segment<Reals, Greatest>},
    {"SegmentMin", segment<Reals, Least>},
    {"UnsortedSegmentSum", unsortedSegment<Reals, Adding>},
    {"UnsortedSegmentProd", unsortedSegment<Reals, Multiplying>},
    {"UnsortedSegmentMax", unsortedSegment<Reals, Greatest>},
    {"UnsortedSegmentMin", unsortedSegment<Reals, Least>},
    {"Bincount", bincount},
};

} // namespace

KernelList segmentKernels() { return kKernels; }

} // namespace firn::reference
