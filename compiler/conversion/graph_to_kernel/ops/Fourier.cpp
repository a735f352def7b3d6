// FFT, RFFT and their inverses, and what is heard in sound.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "compiler/conversion/graph_to_kernel/ops/Products.h"
#include "dialects/graph/DataTypes.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

constexpr double kPi = 3.14159265358979323846;

// e^(-+2 pi i k / size) for each k.
Tensor rootsOf(NodeLowering &n, Size size, bool isInverse) {
  double turn = (isInverse ? 2 : -2) * kPi;
  return n.generate(DT_COMPLEX128, {size}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Number share = fromIndex(b, at[0], DT_DOUBLE) / fromIndex(b, placeOf(b, size).value, DT_DOUBLE);
    return complexOf(cos(share * turn), sin(share * turn)).value;
  });
}

// Lines of `axis`, of complex128. Inverse transforms are divided by the size.
Tensor transformed(NodeLowering &n, const Tensor &x, int64_t axis, bool isInverse) {
  if (!x)
    return {};
  ArrayRef<Size> sizes = x.sizes;
  Size size = sizes[axis];
  SmallVector<Size> fields{n.product(sizes.take_front(axis)), size,
                           n.product(sizes.drop_front(axis + 1))};
  Tensor result = n.call("fourier", {rootsOf(n, size, isInverse)}, fields, {},
                         {x, n.empty(DT_COMPLEX128, {n.size(2), size})})
                      .front();
  if (!isInverse || !result)
    return result;
  return map(n, {result}, DT_COMPLEX128, x.sizes, [&](ArrayRef<Number> v) {
    ImplicitLocOpBuilder &b = *v[0].b;
    Number all = fromIndex(b, placeOf(b, size).value, DT_DOUBLE);
    return complexOf(real(v[0]) / all, imag(v[0]) / all);
  });
}

template <int Rank, bool IsInverse> void fft(NodeLowering &n) {
  Tensor x = converted(n, n.in(0), DT_COMPLEX128);
  if (!x)
    return;
  for (int64_t axis = x.rank() - Rank; axis < x.rank(); ++axis)
    x = transformed(n, x, axis, IsInverse);
  n.give(converted(n, x, n.outDtype()));
}

// The last dimensions cut, or padded with zeros, to `dims`.
Tensor resized(NodeLowering &n, const Tensor &x, ArrayRef<Size> dims) {
  Sizes sizes = x.sizes, common = x.sizes;
  size_t first = sizes.size() - dims.size();
  for (auto [i, dim] : llvm::enumerate(dims)) {
    sizes[first + i] = dim;
    common[first + i] = n.min(common[first + i], dim);
  }
  Sizes start = n.repeated(0, x.rank());
  Tensor part = n.slice(x, start, common);
  if (common == sizes)
    return part;
  return n.insert(part, n.zeros(x.dtype, sizes), start, n.repeated(1, x.rank()));
}

// What is left of a real signal's transform: the rest mirrors it.
Sizes halved(NodeLowering &n, ArrayRef<Size> lengths) {
  Sizes half(lengths);
  half.back() = n.add(n.floorDiv(half.back(), n.size(2)), n.size(1));
  return half;
}

// Input 1: the real signal's size.
std::optional<Sizes> lengthsOf(NodeLowering &n) {
  std::optional<Sizes> lengths = n.elements(1);
  if (!lengths)
    n.fail("lengths that depend on data");
  return lengths;
}

template <int Rank> void realFft(NodeLowering &n) {
  Tensor given = n.in(0);
  std::optional<Sizes> lengths = lengthsOf(n);
  if (!given || !lengths)
    return;
  Tensor x = converted(n, resized(n, given, *lengths), DT_COMPLEX128);
  for (int64_t axis = x.rank() - Rank; axis < x.rank(); ++axis)
    x = transformed(n, x, axis, false);
  if (x)
    n.give(converted(n, resized(n, x, halved(n, *lengths)), n.outDtype()));
}

// Completes the last dimension's values of 0 to size / 2 to those of a real signal of `size`.
Tensor mirrored(NodeLowering &n, const Tensor &half, Size size) {
  if (!half)
    return {};
  Sizes sizes = half.sizes;
  Size known = sizes.back();
  sizes.back() = size;
  return n.generate(half.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> place(at);
    Place k = placeOf(b, at.back()), bound = placeOf(b, known);
    Condition isKnown = k < bound;
    place.back() = clamp(choose(isKnown, k, placeOf(b, size) - k), bound).value;
    Number value{&b, NodeLowering::read(b, half, place), half.dtype};
    return choose(Truth{&b, isKnown.value}, value, conj(value)).value;
  });
}

template <int Rank> void inverseRealFft(NodeLowering &n) {
  Tensor given = n.in(0);
  std::optional<Sizes> lengths = lengthsOf(n);
  if (!given || !lengths)
    return;
  Tensor x = converted(n, resized(n, given, halved(n, *lengths)), DT_COMPLEX128);
  for (int64_t axis = x.rank() - Rank; axis + 1 < x.rank(); ++axis)
    x = transformed(n, x, axis, true);
  x = transformed(n, mirrored(n, x, lengths->back()), given.rank() - 1, true);
  if (x)
    n.give(map(n, {x}, n.outDtype(), x.sizes, [](ArrayRef<Number> v) { return real(v[0]); }));
}

// Squares of the sizes of the frequencies of windows of [samples, channels], which become
// [channels, windows, frequencies].
void audioSpectrogram(NodeLowering &n) {
  Tensor samples = n.in(0);
  if (!samples)
    return;
  int64_t window = n.integer("window_size"), stride = n.integer("stride");
  auto size = static_cast<int64_t>(llvm::bit_ceil(static_cast<uint64_t>(window)));
  Size steps = n.floorDiv(n.sub(samples.sizes[0], n.size(window)), n.size(stride));
  Sizes sizes = n.outSizes(
      0, {samples.sizes[1], n.max(n.add(steps, n.size(1)), n.size(0)), n.size(size / 2 + 1)});
  Tensor frames = n.generate(
      DT_COMPLEX128, {sizes[0], sizes[1], n.size(size)},
      [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
        Place i = placeOf(b, at[2]), place = placeOf(b, at[1]) * stride + i;
        Value kept = clamp(place, placeOf(b, samples.sizes[0])).value;
        Number sample{&b, NodeLowering::read(b, samples, {kept, at[0]}), DT_FLOAT};
        Number share = fromIndex(b, i.value, DT_DOUBLE) * (2 * kPi / window);
        Number weighed = convert(sample, DT_DOUBLE) * (0.5 - cos(share) * 0.5);
        Number zero = like(weighed, 0);
        return complexOf(choose(Truth{&b, (i < window).value}, weighed, zero), zero).value;
      });
  Tensor spectra = transformed(n, frames, 2, false);
  if (!spectra)
    return;
  bool isSquared = n.flag("magnitude_squared");
  Tensor half = n.slice(spectra, n.repeated(0, 3), sizes);
  n.give(map(n, {half}, DT_FLOAT, sizes, [=](ArrayRef<Number> v) {
    Number square = convert(real(v[0]) * real(v[0]) + imag(v[0]) * imag(v[0]), DT_FLOAT);
    return isSquared ? square : sqrt(square);
  }));
}

Number melOf(const Number &frequency) { return log1p(frequency / 700) * 1127; }

// How much each frequency counts for each of overlapping triangles, evenly spaced on the mel scale:
// [bins, filters].
Tensor melFilters(NodeLowering &n, Size bins, const Tensor &rate, int64_t filters) {
  double lower = n.real("lower_frequency_limit"), upper = n.real("upper_frequency_limit");
  return n.generate(
      DT_DOUBLE, {bins, n.size(filters)}, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
        Place bin = placeOf(b, at[0]), count = placeOf(b, bins);
        Number hertz = convert({&b, NodeLowering::read(b, rate, {}), rate.dtype}, DT_DOUBLE);
        Number width = hertz / 2 / fromIndex(b, (count - 1).value, DT_DOUBLE);
        auto placeOfLimit = [&](const Number &x) { return placeOf(b, convert(x, DT_INT64).value); };
        Number low = like(width, lower), high = like(width, upper);
        Place first = placeOfLimit(low / width + 1.5),
              last = min(placeOfLimit(high / width), count - 1);
        Number lowest = melOf(low),
               spacing = (melOf(high) - lowest) / static_cast<double>(filters + 1);
        Number peak = lowest + spacing * (fromIndex(b, at[1], DT_DOUBLE) + 1);
        Number mel = melOf(fromIndex(b, bin.value, DT_DOUBLE) * width);
        Number share = 1 - abs(mel - peak) / spacing, zero = like(share, 0);
        Truth isHeard{&b, (!(bin < first) && !(last < bin)).value};
        return choose(isHeard, maximum(share, zero), zero).value;
      });
}

// Rows of the cosine transform: [filters, coefficients].
Tensor cosines(NodeLowering &n, int64_t filters, int64_t coefficients) {
  double size = static_cast<double>(filters);
  return n.generate(DT_DOUBLE, {n.size(filters), n.size(coefficients)},
                    [&](ImplicitLocOpBuilder &b, ValueRange at) {
                      Number i = fromIndex(b, at[0], DT_DOUBLE), k = fromIndex(b, at[1], DT_DOUBLE);
                      return (cos(k * (kPi / size) * (i + 0.5)) * std::sqrt(2 / size)).value;
                    });
}

void mfcc(NodeLowering &n) {
  Tensor spectra = n.in(0), rate = n.in(1);
  if (!spectra || !rate)
    return;
  int64_t filters = n.integer("filterbank_channel_count");
  int64_t coefficients = n.integer("dct_coefficient_count");
  Size rows = n.mul(spectra.sizes[0], spectra.sizes[1]), bins = spectra.sizes[2];
  Tensor flat = n.reshape(spectra, {rows, bins});
  Tensor sizes = map(n, {flat}, DT_DOUBLE, flat.sizes,
                     [](ArrayRef<Number> v) { return sqrt(convert(v[0], DT_DOUBLE)); });
  Tensor sums =
      matrixProduct(n, sizes, melFilters(n, bins, n.reshape(rate, {}), filters), false, DT_DOUBLE);
  if (!sums)
    return;
  Tensor loudness = map(n, {sums}, DT_DOUBLE, sums.sizes,
                        [](ArrayRef<Number> v) { return log(maximum(v[0], 1e-12)); });
  Tensor result = converted(
      n, matrixProduct(n, loudness, cosines(n, filters, coefficients), false, DT_DOUBLE), DT_FLOAT);
  n.give(n.reshape(result, {spectra.sizes[0], spectra.sizes[1], n.size(coefficients)}));
}

const LoweringEntry kFourier[] = {
    {"AudioSpectrogram", audioSpectrogram},
    {"FFT", fft<1, false>},
    {"FFT2D", fft<2, false>},
    {"FFT3D", fft<3, false>},
    {"IFFT", fft<1, true>},
    {"IFFT2D", fft<2, true>},
    {"IFFT3D", fft<3, true>},
    {"IRFFT", inverseRealFft<1>},
    {"IRFFT2D", inverseRealFft<2>},
    {"IRFFT3D", inverseRealFft<3>},
    {"Mfcc", mfcc},
    {"RFFT", realFft<1>},
    {"RFFT2D", realFft<2>},
    {"RFFT3D", realFft<3>},
};

} // namespace

Lowerings fourierLowerings() { return kFourier; }

} // namespace firn::kernel
