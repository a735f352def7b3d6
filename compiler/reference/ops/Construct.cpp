// Tensors from little: Fill, Range, ZerosLike, OneHot.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::SmallVector;
using llvm::Twine;

namespace firn::reference {
namespace {

void fill(Evaluation &e) {
  auto shape = integersInput(e, 0);
  if (!shape || !expectRank(e, 1, 0))
    return;
  Tensor output = e.make(0, e.dtype(1), *shape);
  if (!e.failed())
    fillWith(e.input(1), 0, output);
}

void empty(Evaluation &e) {
  if (auto shape = someIntegersInput(e, 0))
    e.make(0, e.type("dtype"), *shape);
}

void zerosLike(Evaluation &e) { e.make(0, e.dtype(), e.input(0).shape()); }

void onesLike(Evaluation &e) {
  Tensor output = e.make(0, e.dtype(), e.input(0).shape());
  dispatch(e, Concat<Numbers, Bools>::Type{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    for (T &value : output.mutableValues<T>())
      value = T(1);
  });
}

void identity(Evaluation &e) { e.give(e.input(0)); }

// How many elements a range has, or -1 for one that does not end.
template <typename T> int64_t rangeLength(T start, T limit, T delta) {
  if constexpr (std::is_integral_v<T>) {
    // The distance of two 64-bit numbers needs one bit more.
    __int128 span = static_cast<__int128>(limit) - start, step = delta;
    if (step == 0 || (span != 0 && (span > 0) != (step > 0)))
      return -1;
    __int128 length = (span + step + (step > 0 ? -1 : 1)) / step;
    return length <= INT64_MAX ? static_cast<int64_t>(length) : INT64_MAX;
  } else {
    double length = std::ceil(std::abs((static_cast<double>(limit) - start) / delta));
    bool forwards = limit >= start, ends = forwards ? delta > T(0) : delta < T(0);
    return (ends || limit == start) && delta != T(0) && length < 0x1p62
               ? static_cast<int64_t>(length)
               : -1;
  }
}

void range(Evaluation &e) {
  for (unsigned i = 0; i < 3; ++i)
    if (!expectRank(e, i, 0))
      return;
  dispatch(e, Reals{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T start = e.input(0).scalar<T>(), limit = e.input(1).scalar<T>(),
      delta = e.input(2).scalar<T>();
    int64_t length = rangeLength(start, limit, delta);
    if (!expect(e, length >= 0, "expected a step from start to limit, got one that never ends"))
      return;
    Tensor output = e.make(0, e.dtype(), {length});
    if (e.failed())
      return;
    for (auto [i, element] : llvm::enumerate(output.mutableValues<T>()))
      element = static_cast<T>(start + static_cast<T>(i) * delta);
  });
}

void linSpace(Evaluation &e) {
  auto count = integerInput(e, 2);
  if (!count || !expectRank(e, 0, 0) || !expectRank(e, 1, 0) ||
      !expect(e, *count > 0, "expected at least one number, got " + Twine(*count)))
    return;
  Tensor output = e.make(0, e.dtype(), {*count});
  if (e.failed())
    return;
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    T start = e.input(0).scalar<T>(), stop = e.input(1).scalar<T>();
    auto values = output.mutableValues<T>();
    values[0] = start;
    if (*count == 1)
      return;
    T step = (stop - start) / static_cast<T>(*count - 1);
    for (int64_t i = 1; i < *count - 1; ++i)
      values[i] = start + step * static_cast<T>(i);
    values.back() = stop;
  });
}

void oneHot(Evaluation &e) {
  const Tensor &indices = e.input(0);
  auto depth = integerInput(e, 1);
  int64_t rank = indices.rank(), axis = e.integer("axis");
  if (!depth || !expectRank(e, 2, 0) || !expectRank(e, 3, 0) ||
      !expect(e, axis >= -1 && axis <= rank && *depth >= 0,
              "expected an axis of rank " + Twine(rank + 1) + " and a depth, got axis " +
                  Twine(axis) + " and depth " + Twine(*depth)))
    return;
  axis = axis < 0 ? rank : axis;
  Shape shape(indices.shape());
  shape.insert(shape.begin() + axis, *depth);
  Tensor output = e.make(0, e.dtype(2), shape);
  if (e.failed())
    return;
  fillWith(e.input(3), 0, output);
  Shape outer = stridesOf(shape);
  int64_t step = outer[axis], at = 0;
  outer.erase(outer.begin() + axis);
  Shape index(rank, 0);
  SmallVector<int64_t> hot = integersOf(indices);
  for (int64_t i = 0; i < indices.size(); ++i, nextIndex(index, indices.shape())) {
    at = hot[i];
    if (at >= 0 && at < *depth)
      copyRun(e.input(2), 0, output, offsetOf(index, outer) + at * step, 1);
  }
}

constexpr KernelEntry kKernels[] = {
    {"Fill", fill},
    {"Empty", empty},
    {"ZerosLike", zerosLike},
    {"OnesLike", onesLike},
    {"GuaranteeConst", identity},
    {"Range", range},
    {"LinSpace", linSpace},
    {"OneHot", oneHot},
};

} // namespace

KernelList constructKernels() { return kKernels; }

} // namespace firn::reference
