// Sum, Mean, ArgMax, Cumsum: reductions and scans.
#include <cmath>
#include <limits>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

/// A reduction's shapes: which dimensions go, what is left.
struct Plan {
  llvm::SmallVector<bool, 8> reduced;
  Shape kept;       // with ones where a dimension goes
  Shape result;     // as the op yields it
  int64_t each = 1; // elements that make one
};

std::optional<Plan> planOf(Evaluation &e) {
  const Tensor &x = e.input(0);
  Plan plan;
  plan.reduced.assign(x.rank(), false);
  for (int64_t axis : integersOf(e.input(1))) {
    if (axis < -x.rank() || axis >= x.rank()) {
      e.fail("expected axes of " + shapeText(x.shape()) + ", got " + llvm::Twine(axis));
      return std::nullopt;
    }
    bool &reduced = plan.reduced[axis < 0 ? axis + x.rank() : axis];
    if (reduced) {
      e.fail("expected each axis once, got " + llvm::Twine(axis) + " twice");
      return std::nullopt;
    }
    reduced = true;
  }
  bool keepDims = e.flag("keep_dims");
  for (int64_t i = 0; i < x.rank(); ++i) {
    plan.kept.push_back(plan.reduced[i] ? 1 : x.dim(i));
    if (plan.reduced[i])
      plan.each *= x.dim(i);
    if (!plan.reduced[i] || keepDims)
      plan.result.push_back(plan.kept.back());
  }
  return plan;
}

// Sums of floats are added up in double, and rounded once: TensorFlow's own order depends on the
// machine.
template <typename T> struct Accumulator {
  using Type = T;
};
template <> struct Accumulator<float> {
  using Type = double;
};
template <> struct Accumulator<Half> {
  using Type = double;
};
template <> struct Accumulator<BFloat16> {
  using Type = double;
};
template <> struct Accumulator<std::complex<float>> {
  using Type = std::complex<double>;
};

template <typename T> T narrow(const typename Accumulator<T>::Type &value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
    return T(static_cast<float>(value));
  else
    return static_cast<T>(value);
}

struct Adding {
  template <typename A> static A start() { return A(0); }
  template <typename A> static A step(const A &a, const A &x) { return a + x; }
  template <typename A> static A end(const A &a, int64_t) { return a; }
};
struct Averaging : Adding {
  template <typename A> static A end(const A &a, int64_t count) {
    if constexpr (std::is_integral_v<A>)
      return count ? static_cast<A>(a / static_cast<A>(count)) : A(0);
    else
      return a / A(static_cast<double>(count));
  }
};
struct Multiplying {
  template <typename A> static A start() { return A(1); }
  template <typename A> static A step(const A &a, const A &x) { return a * x; }
  template <typename A> static A end(const A &a, int64_t) { return a; }
};
struct Greatest {
  template <typename A> static A start() {
    if constexpr (std::numeric_limits<A>::has_infinity)
      return -std::numeric_limits<A>::infinity();
    else
      return std::numeric_limits<A>::lowest();
  }
  template <typename A> static A step(const A &a, const A &x) {
    return a != a || !(x <= a) ? (a != a ? a : x) : a;
  }
  template <typename A> static A end(const A &a, int64_t) { return a; }
};
struct Least {
  template <typename A> static A start() {
    if constexpr (std::numeric_limits<A>::has_infinity)
      return std::numeric_limits<A>::infinity();
    else
      return std::numeric_limits<A>::max();
  }
  template <typename A> static A step(const A &a, const A &x) {
    return a != a || !(x >= a) ? (a != a ? a : x) : a;
  }
  template <typename A> static A end(const A &a, int64_t) { return a; }
};
struct Norm : Adding {
  template <typename A> static A step(const A &a, const A &x) { return a + x * x; }
  template <typename A> static A end(const A &a, int64_t) { return std::sqrt(a); }
};
struct Every {
  template <typename A> static A start() { return true; }
  template <typename A> static A step(A a, A x) { return a && x; }
  template <typename A> static A end(A a, int64_t) { return a; }
};
struct Some {
  template <typename A> static A start() { return false; }
  template <typename A> static A step(A a, A x) { return a || x; }
  template <typename A> static A end(A a, int64_t) { return a; }
};

template <typename List, typename F> void reduce(Evaluation &e) {
  std::optional<Plan> plan = planOf(e);
  if (!plan)
    return;
  const Tensor &x = e.input(0);
  dispatch(e, List{}, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    using A = typename Accumulator<T>::Type;
    llvm::SmallVector<A> sums(countElements(plan->kept), F::template start<A>());
    BroadcastIndex at(plan->kept, x.shape());
    for (const T &element : x.values<T>()) {
      auto &sum = sums[at.position()];
      if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>)
        sum = F::template step<A>(sum, static_cast<float>(element));
      else
        sum = F::template step<A>(sum, static_cast<A>(element));
      at.next();
    }
    Tensor result = e.make(0, x.dtype(), plan->result);
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = narrow<T>(F::template end<A>(sums[i], plan->each));
  });
}

// Half the sum of squares.
void l2Loss(Evaluation &e) {
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    double sum = 0;
    for (const T &element : e.input(0).values<T>())
      sum += static_cast<double>(element) * static_cast<double>(element);
    e.give(makeScalar<T>(e.dtype(), T(static_cast<float>(sum / 2))));
    if constexpr (std::is_same_v<T, double>)
      e.give(makeScalar<double>(DT_DOUBLE, sum / 2));
  });
}

/// Elements of `x` along one axis: `outer` × `length` × `inner`.
struct Lines {
  int64_t outer = 1, length = 1, inner = 1;
};
std::optional<Lines> linesOf(Evaluation &e) {
  const Tensor &x = e.input(0);
  int64_t axis = e.input(1).size() == 1 ? integersOf(e.input(1))[0] : x.rank();
  if (axis < -x.rank() || axis >= x.rank()) {
    e.fail("expected an axis of " + shapeText(x.shape()) + ", got " + llvm::Twine(axis));
    return std::nullopt;
  }
  axis = axis < 0 ? axis + x.rank() : axis;
  Lines lines;
  for (int64_t i = 0; i < x.rank(); ++i)
    (i < axis ? lines.outer : i == axis ? lines.length : lines.inner) *= x.dim(i);
  return lines;
}

/// The place of the first greatest (or least) element; NaN is neither.
template <bool kGreatest> void argument(Evaluation &e) {
  std::optional<Lines> lines = linesOf(e);
  if (!lines)
    return;
  const Tensor &x = e.input(0);
  if (lines->length == 0)
    return e.fail("expected elements along the axis, got " + shapeText(x.shape()));
  int64_t axis = integersOf(e.input(1))[0];
  Shape shape(x.shape());
  shape.erase(shape.begin() + (axis < 0 ? axis + x.rank() : axis));
  llvm::SmallVector<int64_t> places;
  dispatch(e, Concat<Reals, Bools>::Type{}, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto values = x.values<T>();
    for (int64_t o = 0; o < lines->outer; ++o)
      for (int64_t i = 0; i < lines->inner; ++i) {
        T best = kGreatest ? Greatest::start<T>() : Least::start<T>();
        int64_t place = 0;
        for (int64_t k = 0; k < lines->length; ++k) {
          T element = values[(o * lines->length + k) * lines->inner + i];
          if (kGreatest ? element > best : element < best) {
            best = element;
            place = k;
          }
        }
        places.push_back(place);
      }
    e.give(makeIntegers(e.type("output_type"), shape, places));
  });
}

template <typename F> void scan(Evaluation &e) {
  std::optional<Lines> lines = linesOf(e);
  if (!lines)
    return;
  const Tensor &x = e.input(0);
  bool exclusive = e.flag("exclusive"), reverse = e.flag("reverse");
  dispatch(e, Numbers{}, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, x.dtype(), x.shape());
    auto in = x.values<T>();
    auto out = result.mutableValues<T>();
    for (int64_t o = 0; o < lines->outer; ++o)
      for (int64_t i = 0; i < lines->inner; ++i) {
        T sum = F::template start<T>();
        for (int64_t k = 0; k < lines->length; ++k) {
          int64_t step = reverse ? lines->length - 1 - k : k;
          int64_t at = (o * lines->length + step) * lines->inner + i;
          T next = F::template step<T>(sum, in[at]);
          out[at] = exclusive ? sum : next;
          sum = next;
        }
      }
  });
}

constexpr KernelEntry kKernels[] = {
    {"Sum", reduce<Numbers, Adding>},
    {"Mean", reduce<Numbers, Averaging>},
    {"Prod", reduce<Numbers, Multiplying>},
    {"Max", reduce<Reals, Greatest>},
    {"Min", reduce<Reals, Least>},
    {"EuclideanNorm", reduce<Floats, Norm>},
    {"All", reduce<Bools, Every>},
    {"Any", reduce<Bools, Some>},
    {"L2Loss", l2Loss},
    {"ArgMax", argument<true>},
    {"ArgMin", argument<false>},
    {"Cumsum", scan<Adding>},
    {"Cumprod", scan<Multiplying>},
};

} // namespace

KernelList reduceKernels() { return kKernels; }

} // namespace firn::reference
