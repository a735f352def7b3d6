// The top-k kernels at every level of this machine against the standard library's heap.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/topk/tiling.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#define FIRN_TOPK(name, type)                                                                      \
  FIRN_DECLARE_KERNEL(name, 2, firn_topk_args)                                                     \
  FIRN_DECLARE_KERNEL(name, 3, firn_topk_args)                                                     \
  FIRN_DECLARE_KERNEL(name, 4, firn_topk_args)
#include "runtime/kernels/topk/kernels.inc"
#undef FIRN_TOPK

namespace firn::kernels {
namespace {

/// What TensorFlow does.
template <class T>
std::vector<int64_t> expectedPlaces(const T *row, int64_t columns, int64_t k, bool sorted) {
  auto better = [&](int64_t a, int64_t b) {
    return row[b] < row[a] || (!(row[a] < row[b]) && a < b);
  };
  std::vector<int64_t> places(std::min(k + 1, columns));
  std::iota(places.begin(), places.end(), 0);
  if (k == columns || k == 0) {
    places.resize(k);
    std::sort(places.begin(), places.end(), better);
    return places;
  }
  std::make_heap(places.begin(), places.end(), better);
  std::pop_heap(places.begin(), places.end(), better);
  places.pop_back();
  for (int64_t next = k + 1; next < columns; ++next)
    if (better(next, places.front())) {
      std::pop_heap(places.begin(), places.end(), better);
      places.back() = next;
      std::push_heap(places.begin(), places.end(), better);
    }
  if (sorted)
    std::sort_heap(places.begin(), places.end(), better);
  return places;
}

template <class T, class Index>
void check(const NativeKernel<firn_topk_args> &kernel, firn_topk_args args, int most) {
  std::mt19937 random(7);
  std::vector<T> input(args.count * args.columns), values(args.count * args.k + 1, T(77));
  std::vector<Index> places(args.count * args.k + 1, 77);
  for (T &element : input)
    element = T(random() % most);
  args.index_bytes = sizeof(Index);
  args.rows = 2;
  void *const buffers[] = {input.data(), values.data(), places.data()};
  for (uint32_t x = 0; x < (args.count + 1) / 2; ++x) {
    const firn_workgroup group = {buffers, nullptr, nullptr, x, 0, 0};
    EXPECT_EQ(FIRN_DISPATCH_OK, kernel.run(&group, &args));
  }
  for (int64_t row = 0; row < args.count; ++row) {
    const T *elements = input.data() + row * args.columns;
    const auto expected = expectedPlaces(elements, args.columns, args.k, args.sorted);
    for (int64_t i = 0; i < args.k; ++i) {
      ASSERT_EQ(expected[i], int64_t(places[row * args.k + i])) << row << ", " << i;
      ASSERT_EQ(elements[expected[i]], values[row * args.k + i]) << row << ", " << i;
    }
  }
  EXPECT_EQ(T(77), values.back());
  EXPECT_EQ(Index(77), places.back());
}

/// `most` different elements: few, so that many are equal, or many.
template <class T> void checkAll(const NativeKernel<firn_topk_args> &kernel) {
  if (!machineHas(kernel.level))
    return;
  for (int64_t columns : {1, 2, 3, 10, 64, 65, 200, 1001})
    for (int64_t k : {0, 1, 2, 5, 9, 63, 200})
      for (int most : {3, 100})
        for (int64_t sorted : {0, 1}) {
          if (k > columns)
            continue;
          SCOPED_TRACE(testing::Message() << kernel.name << " v" << kernel.level << ", " << k
                                          << " of " << columns << ", sorted " << sorted);
          check<T, int32_t>(kernel, {3, columns, k, 0, sorted, 0}, most);
          check<T, int64_t>(kernel, {3, columns, k, 0, sorted, 0}, most);
        }
}

#define FIRN_TOPK(name, type)                                                                      \
  TEST(Topk, name) {                                                                               \
    const NativeKernel<firn_topk_args> levels[] = {                                                \
        FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)};      \
    for (const auto &kernel : levels)                                                              \
      checkAll<type>(kernel);                                                                      \
  }
#include "runtime/kernels/topk/kernels.inc"

} // namespace
} // namespace firn::kernels
