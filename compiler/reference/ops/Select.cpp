// Select, Where, Cast, ClipByValue.
#include <cmath>
#include <cstring>
#include <limits>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// Version 1: all of one shape, or a vector that chooses rows, or a scalar.
void select(Evaluation &e) {
  const Tensor &condition = e.input(0), &yes = e.input(1), &no = e.input(2);
  bool rows = condition.rank() == 1 && yes.rank() > 1 && condition.dim(0) == yes.dim(0);
  bool scalar = condition.rank() == 0;
  if (yes.shape() != no.shape() || (!rows && !scalar && condition.shape() != yes.shape()))
    return e.fail("expected operands of one shape, got " + shapeText(condition.shape()) + ", " +
                  shapeText(yes.shape()) + " and " + shapeText(no.shape()));
  if (scalar)
    return e.give(condition.scalar<bool>() ? yes : no);
  dispatch(e, Everything{}, yes.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, yes.dtype(), yes.shape());
    auto out = result.mutableValues<T>();
    int64_t each = condition.size() ? yes.size() / condition.size() : 0;
    for (int64_t i = 0; i < yes.size(); ++i)
      out[i] = (condition.values<bool>()[i / each] ? yes : no).values<T>()[i];
  });
}

// Version 2: all three broadcast.
void selectV2(Evaluation &e) {
  const Tensor &condition = e.input(0), &yes = e.input(1), &no = e.input(2);
  std::optional<Shape> shape = broadcastShapes(yes.shape(), no.shape());
  if (shape)
    shape = broadcastShapes(*shape, condition.shape());
  if (!shape)
    return e.fail("expected shapes that broadcast, got " + shapeText(condition.shape()) + ", " +
                  shapeText(yes.shape()) + " and " + shapeText(no.shape()));
  dispatch(e, Everything{}, yes.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, yes.dtype(), *shape);
    if (e.failed())
      return;
    BroadcastIndex atCondition(condition.shape(), *shape), atYes(yes.shape(), *shape),
        atNo(no.shape(), *shape);
    for (T &element : result.mutableValues<T>()) {
      element = condition.values<bool>()[atCondition.position()] ? yes.values<T>()[atYes.position()]
                                                                 : no.values<T>()[atNo.position()];
      atCondition.next();
      atYes.next();
      atNo.next();
    }
  });
}

// What x86-64's conversion yields out of range: the smallest integer of 32 or 64 bits, cut to size.
template <typename To> To toInteger(double value) {
  using Register =
      std::conditional_t<(sizeof(To) < 4 || std::is_same_v<To, int32_t>), int32_t, int64_t>;
  if constexpr (std::is_same_v<To, uint64_t>) {
    if (value >= 0x1p63 && value < 0x1p64)
      return static_cast<uint64_t>(value);
  }
  double low = static_cast<double>(std::numeric_limits<Register>::min());
  bool fits = value >= low && value < -low;
  return static_cast<To>(fits ? static_cast<Register>(value)
                              : std::numeric_limits<Register>::min());
}

template <typename To, typename From> To convert(const From &value) {
  if constexpr (isComplex<To>) {
    using Part = typename To::value_type;
    if constexpr (isComplex<From>)
      return To(static_cast<Part>(value.real()), static_cast<Part>(value.imag()));
    else
      return To(static_cast<Part>(value), 0);
  } else if constexpr (isComplex<From>) {
    return convert<To>(value.real());
  } else if constexpr (std::is_same_v<To, bool>) {
    return value != From(0);
  } else if constexpr (std::is_integral_v<To> && !std::is_integral_v<From>) {
    return toInteger<To>(static_cast<double>(value));
  } else if constexpr (std::is_same_v<To, Half> || std::is_same_v<To, BFloat16>) {
    return To(static_cast<float>(value));
  } else {
    return static_cast<To>(value);
  }
}

// Bits of the mantissa that a cast with Truncate drops before it rounds to 16 bits.
float truncated(float value, int dtype) {
  uint32_t dropped = dtype == DT_BFLOAT16 ? 0xffff : dtype == DT_HALF ? 0x1fff : 0;
  return std::isnan(value) ? value : floatOfBits(floatBits(value) & ~dropped);
}

using Castable = Concat<Numbers, Bools>::Type;

void castOp(Evaluation &e) {
  int to = e.type("DstT");
  bool truncate = e.flag("Truncate");
  if (to == e.dtype())
    return e.give(e.input(0));
  dispatch(e, Castable{}, e.dtype(), [&](auto from) {
    dispatch(e, Castable{}, to, [&](auto target) {
      using From = decltype(from);
      using To = decltype(target);
      Tensor result = e.make(0, to, e.input(0).shape());
      auto out = result.mutableValues<To>();
      auto in = e.input(0).values<From>();
      for (size_t i = 0; i < out.size(); ++i) {
        if constexpr (std::is_same_v<From, float>)
          out[i] = convert<To>(truncate ? truncated(in[i], to) : in[i]);
        else
          out[i] = convert<To>(in[i]);
      }
    });
  });
}

// Elements of another width: the last dimension takes, or gives, the difference.
void bitcast(Evaluation &e) {
  const Tensor &x = e.input(0);
  int to = e.type("type");
  unsigned from = elementBytes(x.dtype()), size = elementBytes(to);
  if (!from || !size)
    return e.failDtype(from ? to : x.dtype());
  Shape shape(x.shape());
  if (size < from) {
    shape.push_back(from / size);
  } else if (size > from) {
    if (shape.empty() || shape.back() != size / from)
      return e.fail("expected a last dimension of " + llvm::Twine(size / from) + ", got " +
                    shapeText(x.shape()));
    shape.pop_back();
  }
  Tensor result = e.make(0, to, shape);
  llvm::copy(x.bytes(), result.mutableBytes().begin());
}

void clipByValue(Evaluation &e) {
  const Tensor &x = e.input(0), &low = e.input(1), &high = e.input(2);
  auto fits = [&](const Tensor &bound) { return bound.size() == 1 || bound.shape() == x.shape(); };
  if (!fits(low) || !fits(high))
    return e.fail("expected bounds that are scalars or of shape " + shapeText(x.shape()) +
                  ", got " + shapeText(low.shape()) + " and " + shapeText(high.shape()));
  dispatch(e, Reals{}, x.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, x.dtype(), x.shape());
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < out.size(); ++i) {
      T least = low.values<T>()[low.size() == 1 ? 0 : i];
      T most = high.values<T>()[high.size() == 1 ? 0 : i];
      T value = x.values<T>()[i];
      out[i] = value < least ? least : most < value ? most : value;
    }
  });
}

void invertPermutation(Evaluation &e) {
  const Tensor &x = e.input(0);
  llvm::SmallVector<int64_t> order = integersOf(x), inverse(order.size(), -1);
  for (auto [i, target] : llvm::enumerate(order)) {
    if (target < 0 || target >= x.size() || inverse[target] >= 0)
      return e.fail("expected a permutation of 0 to " + llvm::Twine(x.size() - 1));
    inverse[target] = i;
  }
  e.give(makeIntegers(x.dtype(), x.shape(), inverse));
}

constexpr KernelEntry kKernels[] = {
    {"Select", select},   {"SelectV2", selectV2},       {"Cast", castOp},
    {"Bitcast", bitcast}, {"ClipByValue", clipByValue}, {"InvertPermutation", invertPermutation},
};

} // namespace

KernelList selectKernels() { return kKernels; }

} // namespace firn::reference
