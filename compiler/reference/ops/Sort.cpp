// Ops that order elements or look for equal ones: TopKV2, UniqueV2, Where, LowerBound.
#include <numeric>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"
#include "llvm/ADT/StringMap.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::Twine;

namespace firn::reference {
namespace {

/// Places of the `k` largest of a row, of equal ones the first. Unsorted, they come in the order of
/// TensorFlow's heap.
template <typename T> SmallVector<int64_t> largest(ArrayRef<T> row, int64_t k, bool sorted) {
  auto better = [&](int64_t a, int64_t b) {
    if (row[b] < row[a])
      return true;
    return !(row[a] < row[b]) && a < b;
  };
  int64_t size = row.size();
  SmallVector<int64_t> places(std::min(k + 1, size));
  std::iota(places.begin(), places.end(), 0);
  if (k == size || k == 0) {
    places.resize(k);
    llvm::sort(places, better);
    return places;
  }
  std::make_heap(places.begin(), places.end(), better);
  std::pop_heap(places.begin(), places.end(), better);
  places.pop_back();
  for (int64_t next = k + 1; next < size; ++next) {
    if (!better(next, places.front()))
      continue;
    std::pop_heap(places.begin(), places.end(), better);
    places.back() = next;
    std::push_heap(places.begin(), places.end(), better);
  }
  if (sorted)
    std::sort_heap(places.begin(), places.end(), better);
  return places;
}

void topKOf(Evaluation &e, int64_t k, int indexType) {
  const Tensor &input = e.input(0);
  if (!expect(e, input.rank() > 0 && k >= 0 && k <= input.shape().back(),
              "expected rows of at least " + Twine(k) + " elements, got " + input.text()))
    return;
  int64_t width = input.shape().back();
  Shape shape(input.shape());
  shape.back() = k;
  Tensor values = e.make(0, input.dtype(), shape);
  std::vector<int64_t> places;
  dispatch(e, Reals{}, input.dtype(), [&](auto zero) {
    using T = decltype(zero);
    int64_t rows = countElements(input.shape().drop_back());
    for (int64_t row = 0; row < rows; ++row) {
      ArrayRef<T> elements = input.values<T>().slice(row * width, width);
      for (int64_t place : largest(elements, k, e.flag("sorted"))) {
        values.mutableValues<T>()[places.size()] = elements[place];
        places.push_back(place);
      }
    }
    e.give(1, makeIntegers(indexType, shape, places));
  });
}

void topK(Evaluation &e) { topKOf(e, e.integer("k"), DT_INT32); }
void topKV2(Evaluation &e) {
  if (auto k = integerInput(e, 1))
    topKOf(e, *k, e.type("index_type"));
}

void nthElement(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto n = integerInput(e, 1);
  if (!n || !expect(e, input.rank() > 0 && *n >= 0 && *n < input.shape().back(),
                    "expected rows of more than " + Twine(*n) + " elements, got " + input.text()))
    return;
  int64_t width = input.shape().back(), place = e.flag("reverse") ? width - 1 - *n : *n;
  Tensor output = e.make(0, input.dtype(), input.shape().drop_back());
  dispatch(e, Reals{}, input.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (auto [row, element] : llvm::enumerate(output.mutableValues<T>())) {
      ArrayRef<T> elements = input.values<T>().slice(row * width, width);
      std::vector<T> sorted(elements.begin(), elements.end());
      std::nth_element(sorted.begin(), sorted.begin() + place, sorted.end());
      element = sorted[place];
    }
  });
}

// Bytes that are equal for equal elements alone: both zeros are one, no NaN equals another.
template <typename T> void appendKey(const T &value, int64_t place, std::string &key) {
  if constexpr (std::is_same_v<T, std::string>) {
    key += std::to_string(value.size()) + ":" + value;
  } else {
    T canonical = value == T(0) ? T(0) : value;
    key.append(reinterpret_cast<const char *>(&canonical), sizeof(T));
    if (value != value)
      key += ":" + std::to_string(place);
  }
}

using Hashable = Concat<Concat<Numbers, Bools>::Type, Strings>::Type;

/// A key of each slice of `axis`; none for dtypes that have no notion of equality.
std::vector<std::string> keysOf(Evaluation &e, const Tensor &tensor, int64_t axis) {
  std::vector<std::string> keys(tensor.dim(axis));
  int64_t inner = countElements(tensor.shape().drop_front(axis + 1)), dim = tensor.dim(axis);
  dispatch(e, Hashable{}, tensor.dtype(), [&](auto zero) {
    for (auto [i, value] : llvm::enumerate(tensor.values<decltype(zero)>()))
      appendKey(value, i, keys[i / inner % dim]);
  });
  return keys;
}

/// Slices `places` of an axis.
Tensor takeAlong(const Tensor &tensor, int64_t axis, ArrayRef<int64_t> places) {
  Shape shape(tensor.shape()), strides = stridesOf(shape), one = shape;
  shape[axis] = places.size();
  one[axis] = 1;
  Tensor output(tensor.dtype(), shape);
  Shape target = stridesOf(shape);
  for (auto [i, place] : llvm::enumerate(places))
    copyElements(tensor, {place * strides[axis], strides}, output,
                 {static_cast<int64_t>(i) * target[axis], target}, one);
  return output;
}

void uniqueAlong(Evaluation &e, int64_t axis) {
  const Tensor &input = e.input(0);
  std::vector<std::string> keys = keysOf(e, input, axis);
  llvm::StringMap<int64_t> known;
  SmallVector<int64_t> firsts, ids, counts;
  for (auto [place, key] : llvm::enumerate(keys)) {
    auto [entry, isNew] = known.try_emplace(key, firsts.size());
    if (isNew) {
      firsts.push_back(place);
      counts.push_back(0);
    }
    ids.push_back(entry->second);
    ++counts[entry->second];
  }
  e.give(0, takeAlong(input, axis, firsts));
  int type = e.type("out_idx");
  e.give(1, makeIntegers(type, {static_cast<int64_t>(ids.size())}, ids));
  if (e.numOutputs() > 2)
    e.give(2, makeIntegers(type, {static_cast<int64_t>(counts.size())}, counts));
}

void unique(Evaluation &e) {
  if (expectRank(e, 0, 1))
    uniqueAlong(e, 0);
}

void uniqueV2(Evaluation &e) {
  auto axes = someIntegersInput(e, 1);
  if (!axes || !expect(e, axes->size() <= 1, "expected at most one axis, got " + e.input(1).text()))
    return;
  if (axes->empty())
    return unique(e);
  if (auto axis = normalAxis(e, axes->front(), e.input(0).rank()))
    uniqueAlong(e, *axis);
}

void listDiff(Evaluation &e) {
  if (!expectRank(e, 0, 1) || !expectRank(e, 1, 1))
    return;
  llvm::StringMap<bool> excluded;
  for (const std::string &key : keysOf(e, e.input(1), 0))
    excluded[key] = true;
  SmallVector<int64_t> left;
  for (auto [place, key] : llvm::enumerate(keysOf(e, e.input(0), 0)))
    if (!excluded.count(key))
      left.push_back(place);
  e.give(0, takeAlong(e.input(0), 0, left));
  e.give(1, makeIntegers(e.type("out_idx"), {static_cast<int64_t>(left.size())}, left));
}

void where(Evaluation &e) {
  const Tensor &input = e.input(0);
  if (!expect(e, input.rank() > 0, "expected a vector or more, got " + input.text()))
    return;
  std::vector<int64_t> places;
  int64_t count = 0;
  dispatch(e, Concat<Numbers, Bools>::Type{}, input.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Shape index(input.rank(), 0);
    for (const T &value : input.values<T>()) {
      if (value != T(0)) {
        places.insert(places.end(), index.begin(), index.end());
        ++count;
      }
      nextIndex(index, input.shape());
    }
  });
  e.give(makeIntegers(DT_INT64, {count, input.rank()}, places));
}

/// For each value, how many of its row of `sorted` come before it; `orEqual` counts equal ones too.
void bound(Evaluation &e, bool orEqual) {
  const Tensor &sorted = e.input(0), &values = e.input(1);
  if (!expect(e, sorted.rank() == 2 && values.rank() == 2 && sorted.dim(0) == values.dim(0),
              "expected two matrices of as many rows, got " + sorted.text() + " and " +
                  values.text()))
    return;
  int64_t width = sorted.dim(1);
  SmallVector<int64_t> counts;
  dispatch(e, Reals{}, sorted.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (auto [i, value] : llvm::enumerate(values.values<T>())) {
      ArrayRef<T> row = sorted.values<T>().slice(i / values.dim(1) * width, width);
      const T *place = orEqual ? std::upper_bound(row.begin(), row.end(), value)
                               : std::lower_bound(row.begin(), row.end(), value);
      counts.push_back(place - row.begin());
    }
  });
  e.give(makeIntegers(e.type("out_type"), values.shape(), counts));
}

void lowerBound(Evaluation &e) { bound(e, false); }
void upperBound(Evaluation &e) { bound(e, true); }

constexpr KernelEntry kKernels[] = {
    {"TopK", topK},
    {"TopKV2", topKV2},
    {"NthElement", nthElement},
    {"Unique", unique},
    {"UniqueV2", uniqueV2},
    {"UniqueWithCounts", unique},
    {"UniqueWithCountsV2", uniqueV2},
    {"ListDiff", listDiff},
    {"Where", where},
    {"LowerBound", lowerBound},
    {"UpperBound", upperBound},
};

} // namespace

KernelList sortKernels() { return kKernels; }

} // namespace firn::reference
