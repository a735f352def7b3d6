// How kernels are written that compute each element of the result from those at its place in the
// operands: a function of one or two elements, and the list of the types it is for.
#pragma once

#include <cmath>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Ops.h"

namespace firn::reference {

/// What sums and products are computed in: as `Wide`, and integers in unsigned 64 bits, where
/// wrapping around is defined.
template <typename T> using Modular = std::conditional_t<std::is_integral_v<T>, uint64_t, Wide<T>>;

/// The shape of `input(0)` and `input(1)` broadcast; fails where they do not.
std::optional<Shape> commonShape(Evaluation &e);

/// result[i] = function(x[i]), where the result is of `dtype`, held as `Result`.
template <typename T, typename Result, typename F>
void mapElements(Evaluation &e, int dtype, F function) {
  Tensor result = e.make(0, dtype, e.input(0).shape());
  auto from = e.input(0).values<T>();
  auto to = result.mutableValues<Result>();
  for (size_t i = 0; i < to.size(); ++i)
    to[i] = function(from[i]);
}

/// result[i] = function(a[i], b[i]), broadcast.
template <typename T, typename Result, typename F>
void zipElements(Evaluation &e, int dtype, F function) {
  const Tensor &a = e.input(0), &b = e.input(1);
  std::optional<Shape> shape = commonShape(e);
  if (!shape)
    return;
  Tensor result = e.make(0, dtype, *shape);
  if (e.failed())
    return;
  auto left = a.values<T>(), right = b.values<T>();
  auto out = result.mutableValues<Result>();
  if (a.shape() == b.shape()) {
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = function(left[i], right[i]);
    return;
  }
  BroadcastIndex atLeft(a.shape(), *shape), atRight(b.shape(), *shape);
  for (Result &element : out) {
    element = function(left[atLeft.position()], right[atRight.position()]);
    atLeft.next();
    atRight.next();
  }
}

/// Ops that yield their operand's dtype, computed in `Wide`, in `Modular`, or (`exactly`) on
/// elements as they are, where the function itself says when it rounds.
template <typename List, typename F> void unary(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, T>(e, e.dtype(), [&](const T &x) { return T(function(Wide<T>(x))); });
  });
}
template <typename List, typename F> void modularUnary(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, T>(e, e.dtype(), [&](const T &x) { return T(function(Modular<T>(x))); });
  });
}
template <typename List, typename F> void exactUnary(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    mapElements<T, T>(e, e.dtype(), [&](const T &x) -> T { return function(x); });
  });
}

template <typename List, typename F> void binary(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zipElements<T, T>(e, e.dtype(),
                      [&](const T &x, const T &y) { return T(function(Wide<T>(x), Wide<T>(y))); });
  });
}
template <typename List, typename F> void modularBinary(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zipElements<T, T>(e, e.dtype(), [&](const T &x, const T &y) {
      return T(function(Modular<T>(x), Modular<T>(y)));
    });
  });
}
template <typename List, typename F> void exactBinary(Evaluation &e, F function) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zipElements<T, T>(e, e.dtype(), [&](const T &x, const T &y) -> T { return function(x, y); });
  });
}

/// The larger and the smaller, NaN where either is.
template <typename T> T maximum(T x, T y) {
  if constexpr (isFloat<T>)
    if (x != x)
      return x;
  return y > x || y != y ? y : x;
}
template <typename T> T minimum(T x, T y) {
  if constexpr (isFloat<T>)
    if (x != x)
      return x;
  return y < x || y != y ? y : x;
}

/// log(1 + x), precise near zero.
template <typename T> T logOnePlus(T x) {
  if constexpr (!isComplex<T>)
    return std::log1p(x);
  else // |1 + x|² - 1, without cancellation
    return T(std::log1p(x.real() * (2 + x.real()) + x.imag() * x.imag()) / 2,
             std::atan2(x.imag(), 1 + x.real()));
}

} // namespace firn::reference
