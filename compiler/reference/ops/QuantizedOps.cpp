// Ops on quantised tensors: each comes with the least and the greatest number of its range.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/QuantizedRange.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {

using Range = QuantizedRange;
using Types = QuantizedTypes;

static std::optional<float> boundInput(Evaluation &e, unsigned index) {
  const Tensor &tensor = e.input(index);
  if (!expect(e, tensor.dtype() == DT_FLOAT && tensor.size() == 1,
              "expected one float as input " + llvm::Twine(index) + ", got " + tensor.text()))
    return std::nullopt;
  return tensor.values<float>()[0];
}

std::optional<Range> rangeInput(Evaluation &e, unsigned least, unsigned most) {
  std::optional<float> from = boundInput(e, least), to = boundInput(e, most);
  if (!from || !to)
    return std::nullopt;
  return Range{*from, *to};
}

void giveRange(Evaluation &e, unsigned index, Range range) {
  e.give(index, makeScalar(DT_FLOAT, range.least));
  e.give(index + 1, makeScalar(DT_FLOAT, range.most));
}

// From int32 to uint8 in fixed point, 16 bits behind the point, as TensorFlow does it: the products
// may wrap around.
static void narrowNumbers(llvm::ArrayRef<int32_t> in, Range from, Range to,
                          llvm::MutableArrayRef<uint8_t> out) {
  constexpr float kOne = 1 << 16;
  float inWidth = from.most - from.least, outWidth = to.most - to.least;
  bool isEmpty = outWidth == 0;
  auto whole = [&](double value) { return isEmpty ? 0 : static_cast<int64_t>(saturating(value)); };
  float perUnit = isEmpty ? 0 : static_cast<float>(255.0 / outWidth);
  float middle = static_cast<float>((from.least + from.most) / 2.0);
  int64_t scale = whole(255.0 * kOne * inWidth / outWidth);
  int64_t offset = whole(middle * perUnit * kOne) -
                   whole(std::round(kOne * (to.least * 255.0) / outWidth)) + (1 << 15);
  for (size_t i = 0; i < out.size(); ++i) {
    uint64_t product = static_cast<uint64_t>(int64_t(in[i])) * static_cast<uint64_t>(scale);
    int64_t number = ((static_cast<int64_t>(product) >> 32) + offset) >> 16;
    out[i] = static_cast<uint8_t>(std::clamp<int64_t>(number, 0, 255));
  }
}

Tensor requantized(Evaluation &e, const Tensor &tensor, Range from, int dtype, Range to) {
  Tensor result(dtype, tensor.shape());
  if (tensor.dtype() == DT_QINT32 && dtype == DT_QUINT8) {
    narrowNumbers(tensor.values<int32_t>(), from, to, result.mutableValues<uint8_t>());
    return result;
  }
  dispatch(e, Types{}, tensor.dtype(), [&](auto zero) {
    using From = decltype(zero);
    dispatch(e, Types{}, dtype, [&](auto zero) {
      using To = decltype(zero);
      ToReal<From> toReal(from);
      FromReal<To> fromReal(to);
      llvm::transform(tensor.values<From>(), result.mutableValues<To>().begin(),
                      [&](From value) { return fromReal(toReal(value)); });
    });
  });
  return result;
}

namespace {

// What another op makes of the numbers, in the range that they have.
void inSameRange(Evaluation &e, llvm::StringRef op, unsigned rangeAt) {
  std::optional<Range> range = rangeInput(e, rangeAt);
  if (!range)
    return;
  findKernel(op)(e);
  giveRange(e, 1, *range);
}

void maxPool(Evaluation &e) { inSameRange(e, "MaxPool", 1); }
void reshape(Evaluation &e) { inSameRange(e, "Reshape", 2); }

// --- Activations -------------------------------------------------------------------------------

void clampAll(Evaluation &e, float most, unsigned rangeAt) {
  std::optional<Range> range = rangeInput(e, rangeAt);
  if (!range || !expect(e, e.type("out_type") == e.dtype(),
                        "expected a result of the input's type, " + e.input(0).text()))
    return;
  Tensor result = e.make(0, e.dtype(), e.input(0).shape());
  dispatchQuantized(e, 0, [&](auto zero) {
    using T = decltype(zero);
    T least = quantizedNumber<T>(0, *range);
    T highest = std::isinf(most) ? std::numeric_limits<T>::max() : quantizedNumber<T>(most, *range);
    auto in = e.input(0).values<T>();
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = std::min(std::max(in[i], least), highest);
  });
  giveRange(e, 1, *range);
}

void relu(Evaluation &e) { clampAll(e, INFINITY, 1); }
void relu6(Evaluation &e) { clampAll(e, 6, 1); }
void reluX(Evaluation &e) {
  if (std::optional<float> most = boundInput(e, 1))
    clampAll(e, *most, 2);
}

// --- Other ranges ------------------------------------------------------------------------------

// The range that the numbers of input 0 use, widened to hold 0 at its lower end.
std::optional<Range> usedRange(Evaluation &e) {
  std::optional<Range> range = rangeInput(e, 1);
  if (!range)
    return std::nullopt;
  Range used = *range;
  dispatchQuantized(e, 0, [&](auto zero) {
    using T = decltype(zero);
    T least = std::numeric_limits<T>::max(), most = std::numeric_limits<T>::lowest();
    for (T value : e.input(0).values<T>()) {
      least = std::min(least, value);
      most = std::max(most, value);
    }
    used = {std::min(0.0f, realNumber(least, *range)), realNumber(most, *range)};
  });
  return used;
}

void requantizationRange(Evaluation &e) {
  if (std::optional<Range> used = usedRange(e))
    giveRange(e, 0, *used);
}

void giveRequantized(Evaluation &e, Range to) {
  std::optional<Range> from = rangeInput(e, 1);
  if (!from)
    return;
  e.give(requantized(e, e.input(0), *from, e.type("out_type"), to));
  giveRange(e, 1, to);
}

void requantize(Evaluation &e) {
  std::optional<Range> to = rangeInput(e, 3);
  if (to && expect(e, to->least <= 0 && to->most >= to->least,
                   "expected a range that begins at 0 or below, got " + std::to_string(to->least) +
                       " to " + std::to_string(to->most)))
    giveRequantized(e, *to);
}

void shrinkRange(Evaluation &e) {
  if (std::optional<Range> used = usedRange(e))
    giveRequantized(e, *used);
}

// --- Joining -----------------------------------------------------------------------------------

// The inputs' ranges: the greatest ends of all follow the tensors, the lower ones first.
std::optional<std::vector<Range>> partRanges(Evaluation &e, unsigned count) {
  std::vector<Range> ranges;
  for (unsigned i = 0; i < count; ++i) {
    std::optional<Range> range = rangeInput(e, 1 + count + i, 1 + 2 * count + i);
    if (!range)
      return std::nullopt;
    ranges.push_back(*range);
  }
  return ranges;
}

// Holds 0; for int32 in its middle.
Range commonRange(llvm::ArrayRef<Range> ranges, int dtype) {
  Range common{0, ranges.front().most};
  for (Range range : ranges)
    common = {std::min(common.least, range.least), std::max(common.most, range.most)};
  float farthest = std::max(std::abs(common.least), std::abs(common.most));
  return dtype == DT_QINT32 ? Range{-farthest, farthest} : common;
}

std::optional<Shape> joinedShape(Evaluation &e, llvm::ArrayRef<Tensor> parts, int64_t axis) {
  Shape shape(parts.front().shape());
  for (const Tensor &part : parts.drop_front()) {
    Shape same(part.shape());
    bool fits = part.rank() == static_cast<int64_t>(shape.size());
    if (fits)
      same[axis] = shape[axis];
    if (!expect(e, fits && same == shape && part.dtype() == parts.front().dtype(),
                "expected equal shapes but for axis " + llvm::Twine(axis) + ", got " +
                    parts.front().text() + " and " + part.text()))
      return std::nullopt;
    shape[axis] += part.dim(axis);
  }
  return shape;
}

void concat(Evaluation &e) {
  auto given = integerInput(e, 0);
  unsigned count = e.integer("N");
  if (!given || !expect(e, count > 0 && e.numInputs() == 1 + 3 * count, "expected tensors to join"))
    return;
  auto axis = normalAxis(e, *given, e.input(1).rank());
  auto ranges = partRanges(e, count);
  if (!axis || !ranges)
    return;
  llvm::ArrayRef<Tensor> parts = e.inputs().slice(1, count);
  auto shape = joinedShape(e, parts, *axis);
  if (!shape)
    return;
  Tensor result = e.make(0, parts.front().dtype(), *shape);
  if (e.failed())
    return;
  Range common = commonRange(*ranges, result.dtype());
  Strided target{0, stridesOf(*shape)};
  for (auto [part, range] : llvm::zip(parts, *ranges)) {
    Tensor moved = range == common ? part : requantized(e, part, range, part.dtype(), common);
    copyElements(moved, {0, stridesOf(part.shape())}, result, target, part.shape());
    target.start += part.dim(*axis) * target.strides[*axis];
  }
  giveRange(e, 1, common);
}

// --- Pooling -----------------------------------------------------------------------------------

// Means are rounded towards zero.
template <typename T> void takeMeans(const Tensor &image, const WindowAxes &axes, Tensor &result) {
  int64_t channels = image.shape().back(), positions = countOut(axes), places = countIn(axes);
  auto in = image.values<T>();
  auto out = result.mutableValues<T>();
  std::vector<int64_t> sums(channels);
  for (int64_t at = 0; at < image.dim(0) * positions; ++at) {
    int64_t count = 0;
    std::fill(sums.begin(), sums.end(), 0);
    forEachTap(axes, at % positions, [&](int64_t, int64_t place) {
      if (place < 0)
        return;
      ++count;
      for (int64_t c = 0; c < channels; ++c)
        sums[c] += in[(at / positions * places + place) * channels + c];
    });
    for (int64_t c = 0; c < channels && count > 0; ++c)
      out[at * channels + c] = static_cast<T>(sums[c] / count);
  }
}

void avgPool(Evaluation &e) {
  const Tensor &image = e.input(0);
  std::optional<Range> range = rangeInput(e, 1);
  if (!range || !expectRank(e, 0, 4))
    return;
  ImageFormat format;
  auto window = spatialSizes(e, "ksize", e.integers("ksize"), format);
  if (e.failed())
    return;
  WindowAxes axes = windowAxes(e, format, image.shape(), window);
  if (e.failed())
    return;
  Shape shape = imageShape(format, image.dim(0), axes, image.shape().back());
  Tensor result = e.make(0, e.dtype(), shape);
  if (e.failed())
    return;
  dispatchQuantized(e, 0, [&](auto zero) { takeMeans<decltype(zero)>(image, axes, result); });
  giveRange(e, 1, *range);
}

constexpr KernelEntry kKernels[] = {
    {"QuantizedRelu", relu},       {"QuantizedRelu6", relu6},
    {"QuantizedReluX", reluX},     {"QuantizedMaxPool", maxPool},
    {"QuantizedAvgPool", avgPool}, {"QuantizedReshape", reshape},
    {"QuantizedConcat", concat},   {"RequantizationRange", requantizationRange},
    {"Requantize", requantize},    {"QuantizeDownAndShrinkRange", shrinkRange},
};

} // namespace

KernelList quantizedOpKernels() { return kKernels; }

} // namespace firn::reference
