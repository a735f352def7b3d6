// Elementwise ops of two operands, with broadcasting.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

/// result[i] = function(a[i], b[i]) with `Result` elements of `dtype`.
template <typename T, typename Result, typename F> void zip(Evaluation &e, int dtype, F function) {
  const Tensor &a = e.input(0), &b = e.input(1);
  std::optional<Shape> shape = broadcastShapes(a.shape(), b.shape());
  if (!shape)
    return e.fail("expected shapes that broadcast, got " + shapeText(a.shape()) + " and " +
                  shapeText(b.shape()));
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

/// An op that yields its operands' dtype; `F` has operator()(T, T) for each type of `List`.
template <typename List, typename F> void arithmetic(Evaluation &e) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zip<T, T>(e, e.dtype(), [](const T &x, const T &y) -> T { return F()(x, y); });
  });
}

/// An op that yields bool.
template <typename List, typename F> void comparison(Evaluation &e) {
  dispatch(e, List{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    zip<T, bool>(e, DT_BOOL, [](const T &x, const T &y) -> bool { return F()(x, y); });
  });
}

struct Add {
  template <typename T> T operator()(const T &x, const T &y) const {
    // Integers wrap around.
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<std::make_unsigned_t<T>>(x) +
                            static_cast<std::make_unsigned_t<T>>(y));
    else
      return x + y;
  }
};

struct Less {
  template <typename T> bool operator()(const T &x, const T &y) const { return x < y; }
};

using Addable = Concat<Numbers, Strings>::Type;

constexpr KernelEntry kKernels[] = {
    {"Add", arithmetic<Addable, Add>},
    {"AddV2", arithmetic<Numbers, Add>},
    {"Less", comparison<Reals, Less>},
};

} // namespace

KernelList binaryKernels() { return kKernels; }

} // namespace firn::reference
