// Sums and products of quantised tensors, as int32 numbers in a range that holds them.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/QuantizedRange.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Range = QuantizedRange;
// Sums of products wrap around.
using Sum = uint32_t;

// The range of sums: wide enough for 2^`spare` of them, with 0 in its middle.
Range rangeOfSum(Range a, Range b, int spare) {
  float most = std::max(std::max(a.most, -a.least), std::max(b.most, -b.least)) *
               static_cast<float>(1 << spare);
  return {-most, most};
}

// The range of int32 sums of products of the types of inputs 0 and 1.
Range rangeOfProduct(Evaluation &e, Range a, Range b) {
  float left = 0, right = 0;
  dispatchQuantized(e, 0, [&](auto zero) { left = stepOf<decltype(zero)>(a); });
  dispatchQuantized(e, 1, [&](auto zero) { right = stepOf<decltype(zero)>(b); });
  float step = left * right;
  return {step * static_cast<float>(kLowest<int32_t>),
          step * static_cast<float>(kHighest<int32_t>)};
}

// What two operands have in common: ranges in inputs 2 to 5, and a result of int32.
struct Operands {
  Range a, b;
};
std::optional<Operands> operandsOf(Evaluation &e, llvm::StringRef resultType) {
  std::optional<Range> a = rangeInput(e, 2), b = rangeInput(e, 4);
  if (!a || !b || !expect(e, e.type(resultType) == DT_QINT32, "expected a result of qint32"))
    return std::nullopt;
  return Operands{*a, *b};
}

// The number that stands for 0, which a type need not hold.
Sum zeroOf(Evaluation &e, unsigned index, Range range) {
  Sum result = 0;
  dispatchQuantized(e, index, [&](auto zero) {
    result = static_cast<Sum>(unboundedQuantized<decltype(zero)>(0, range));
  });
  return result;
}

// The numbers of an input, counted from the one that stands for 0.
std::vector<Sum> fromZero(Evaluation &e, unsigned index, Range range) {
  std::vector<Sum> values;
  Sum zeroPoint = zeroOf(e, index, range);
  dispatchQuantized(
      e, index, [&](auto zero) { values = widened<Sum>(e.input(index).values<decltype(zero)>()); });
  for (Sum &value : values)
    value -= zeroPoint;
  return values;
}

// Combines broadcast elements.
template <typename F>
void combine(Evaluation &e, llvm::ArrayRef<Sum> a, llvm::ArrayRef<Sum> b, const F &function) {
  auto shape = broadcastShapes(e.input(0).shape(), e.input(1).shape());
  if (!expect(e, shape.has_value(),
              "expected shapes that broadcast, got " + e.input(0).text() + " and " +
                  e.input(1).text()))
    return;
  Tensor result = e.make(0, DT_QINT32, *shape);
  if (e.failed())
    return;
  BroadcastIndex atA(e.input(0).shape(), *shape), atB(e.input(1).shape(), *shape);
  for (int32_t &out : result.mutableValues<int32_t>()) {
    out = static_cast<int32_t>(function(a[atA.position()], b[atB.position()]));
    atA.next();
    atB.next();
  }
}

void multiply(Evaluation &e) {
  std::optional<Operands> operands = operandsOf(e, "Toutput");
  if (!operands)
    return;
  combine(e, fromZero(e, 0, operands->a), fromZero(e, 1, operands->b), std::multiplies<Sum>());
  giveRange(e, 1, rangeOfProduct(e, operands->a, operands->b));
}

// The numbers of an input in the range of the sums: of a scalar the nearest, of a tensor those on
// the line of whole numbers through what 0 and 1 become.
std::vector<Sum> numbersIn(Evaluation &e, unsigned index, Range from, Range to) {
  std::vector<Sum> numbers;
  dispatchQuantized(e, index, [&](auto zero) {
    using T = decltype(zero);
    auto values = e.input(index).values<T>();
    if (e.input(index).rank() == 0)
      return numbers.push_back(quantizedNumber<int32_t>(realNumber(values[0], from), to));
    int64_t first = unboundedQuantized<int32_t>(realNumber(T(0), from), to);
    int64_t second = unboundedQuantized<int32_t>(realNumber(T(1), from), to);
    int64_t step = static_cast<int32_t>(second - first);
    for (T value : values)
      numbers.push_back(std::clamp(first + value * step, kLowest<int32_t>, kHighest<int32_t>));
  });
  return numbers;
}

void add(Evaluation &e) {
  std::optional<Operands> operands = operandsOf(e, "Toutput");
  if (!operands)
    return;
  Range range = rangeOfSum(operands->a, operands->b, 14);
  combine(e, numbersIn(e, 0, operands->a, range), numbersIn(e, 1, operands->b, range),
          std::plus<Sum>());
  giveRange(e, 1, range);
}

void biasAdd(Evaluation &e) {
  std::optional<Operands> operands = operandsOf(e, "out_type");
  const Tensor &input = e.input(0), &bias = e.input(1);
  bool fits = input.rank() >= 2 && bias.rank() == 1 && bias.size() == input.shape().back();
  if (!operands || !expect(e, fits && bias.size() > 0,
                           "expected a bias for each element of the last dimension, got " +
                               input.text() + " and " + bias.text()))
    return;
  Range range = rangeOfSum(operands->a, operands->b, 17);
  Tensor left = requantized(e, input, operands->a, DT_QINT32, range);
  Tensor right = requantized(e, bias, operands->b, DT_QINT32, range);
  if (e.failed())
    return;
  combine(e, widened<Sum>(left.values<int32_t>()), widened<Sum>(right.values<int32_t>()),
          std::plus<Sum>());
  giveRange(e, 1, range);
}

void giveSums(Tensor &result, const std::vector<Sum> &sums) {
  narrow<Sum, int32_t>(sums, result.mutableValues<int32_t>());
}

void matMul(Evaluation &e) {
  std::optional<Operands> operands = operandsOf(e, "Toutput");
  const Tensor &a = e.input(0), &b = e.input(1);
  bool turnA = e.flag("transpose_a"), turnB = e.flag("transpose_b");
  if (!operands || !expect(e, a.rank() == 2 && b.rank() == 2 && a.dim(!turnA) == b.dim(turnB),
                           "expected matrices that multiply, got " + a.text() + " and " + b.text()))
    return;
  int64_t rows = a.dim(turnA), inner = b.dim(turnB), columns = b.dim(!turnB);
  std::vector<Sum> left = fromZero(e, 0, operands->a), right = fromZero(e, 1, operands->b);
  if (turnA)
    left = transposed(left.data(), inner, rows);
  if (turnB)
    right = transposed(right.data(), columns, inner);
  Tensor result = e.make(0, DT_QINT32, {rows, columns});
  if (e.failed())
    return;
  std::vector<Sum> sums(result.size());
  Panels<Sum>(right.data(), inner, columns, columns)
      .multiply(left.data(), inner, sums.data(), columns, rows);
  giveSums(result, sums);
  giveRange(e, 1, rangeOfProduct(e, operands->a, operands->b));
}

// The windows lie as TensorFlow's kernel lays them: what strides leave over, or what they skip, is
// split between both ends, under VALID too.
WindowAxes convolutionAxes(Evaluation &e) {
  const Tensor &filter = e.input(1);
  WindowAxes axes =
      windowAxes(e, ImageFormat(), e.input(0).shape(), {1, filter.dim(0), filter.dim(1)});
  int64_t odd = e.text("padding") == "VALID" ? 1 : 0;
  for (WindowAxis &axis : llvm::MutableArrayRef(axes).drop_front())
    axis.before = ((axis.out - 1) * axis.stride + axis.window - axis.in + odd) / 2;
  return axes;
}

bool isConvolution(Evaluation &e) {
  if (!expectRank(e, 0, 4) || !expectRank(e, 1, 4))
    return false;
  const Tensor &image = e.input(0), &filter = e.input(1);
  return expect(e, image.dim(3) == filter.dim(2) && filter.size() > 0,
                "expected a filter with elements for each channel, got " + image.text() + " and " +
                    filter.text()) &&
         expect(e, llvm::all_of(e.integers("dilations"), [](int64_t i) { return i == 1; }),
                "expected dilations of 1, got " + shapeText(e.integers("dilations")));
}

// One image [places, channels] under a filter [taps, channels, outputs], row by row of the result.
void convolve(const WindowAxes &axes, int64_t channels, const Sum *image, const Panels<Sum> &filter,
              int64_t outputs, Sum *result) {
  int64_t depth = countTaps(axes) * channels;
  std::vector<Sum> patch(depth);
  for (int64_t position = 0; position < countOut(axes); ++position) {
    forEachTap(axes, position, [&](int64_t tap, int64_t place) {
      Sum *to = patch.data() + tap * channels;
      if (place < 0)
        std::fill_n(to, channels, 0);
      else
        std::copy_n(image + place * channels, channels, to);
    });
    filter.multiply(patch.data(), depth, result + position * outputs, outputs, 1);
  }
}

void conv(Evaluation &e) {
  std::optional<Operands> operands = operandsOf(e, "out_type");
  if (!operands || !isConvolution(e))
    return;
  WindowAxes axes = convolutionAxes(e);
  if (e.failed())
    return;
  int64_t batch = e.input(0).dim(0), channels = e.input(0).dim(3), outputs = e.input(1).dim(3);
  Tensor result = e.make(0, DT_QINT32, imageShape(ImageFormat(), batch, axes, outputs));
  if (e.failed())
    return;
  std::vector<Sum> image = fromZero(e, 0, operands->a), filter = fromZero(e, 1, operands->b);
  std::vector<Sum> sums(result.size());
  Panels<Sum> panels(filter.data(), countTaps(axes) * channels, outputs, outputs);
  for (int64_t i = 0; i < batch; ++i)
    convolve(axes, channels, image.data() + i * countIn(axes) * channels, panels, outputs,
             sums.data() + i * countOut(axes) * outputs);
  giveSums(result, sums);
  giveRange(e, 1, rangeOfProduct(e, operands->a, operands->b));
}

constexpr KernelEntry kKernels[] = {
    {"QuantizedAdd", add},       {"QuantizedMul", multiply}, {"QuantizedBiasAdd", biasAdd},
    {"QuantizedMatMul", matMul}, {"QuantizedConv2D", conv},
};

} // namespace

KernelList quantizedProductKernels() { return kKernels; }

} // namespace firn::reference
