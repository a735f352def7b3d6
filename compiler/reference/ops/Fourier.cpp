// FFT, RFFT and their inverses.
#include "compiler/reference/ops/Fourier.h"

#include <cmath>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {

using Complex = std::complex<double>;

// e^(sign·2πi·k/size) for each k.
static std::vector<Complex> rootsOf(size_t size, double sign) {
  std::vector<Complex> roots(size);
  for (size_t k = 0; k < size; ++k)
    roots[k] = std::polar(1.0, sign * 2 * 3.14159265358979323846 * k / size);
  return roots;
}

// Of the `size` elements that stand `stride` apart, out of place. `roots` are of size × stride.
static void transform(const Complex *from, size_t size, size_t stride,
                      llvm::ArrayRef<Complex> roots, Complex *to) {
  if (size % 2) {
    for (size_t k = 0; k < size; ++k) {
      to[k] = 0;
      for (size_t n = 0; n < size; ++n)
        to[k] += from[n * stride] * roots[k * n % size * stride];
    }
    return;
  }
  size_t half = size / 2;
  transform(from, half, 2 * stride, roots, to);
  transform(from + stride, half, 2 * stride, roots, to + half);
  for (size_t k = 0; k < half; ++k) {
    Complex even = to[k], odd = roots[k * stride] * to[half + k];
    to[k] = even + odd;
    to[half + k] = even - odd;
  }
}

void fourierTransform(llvm::MutableArrayRef<Complex> values, bool isInverse) {
  if (values.empty())
    return;
  std::vector<Complex> from(values.begin(), values.end());
  transform(from.data(), from.size(), 1, rootsOf(from.size(), isInverse ? 1 : -1), values.data());
  if (isInverse)
    for (Complex &value : values)
      value /= static_cast<double>(values.size());
}

namespace {

// `count` blocks of values of the shape `dims`, one after the other.
struct Blocks {
  int64_t count;
  Shape dims;
  std::vector<Complex> values;

  // The same blocks cut, or padded with zeros, to another shape.
  Blocks resized(llvm::ArrayRef<int64_t> shape) const {
    int64_t size = countElements(dims), newSize = countElements(shape);
    Blocks result{count, Shape(shape), std::vector<Complex>(count * newSize)};
    Shape common;
    for (auto [a, b] : llvm::zip(dims, shape))
      common.push_back(std::min(a, b));
    for (int64_t block = 0; block < count; ++block) {
      StridedIndex from(common, stridesOf(dims)), to(common, stridesOf(shape));
      for (int64_t i = 0; i < countElements(common); ++i, from.next(), to.next())
        result.values[block * newSize + to.position()] = values[block * size + from.position()];
    }
    return result;
  }

  void transform(size_t axis, bool isInverse) {
    int64_t size = dims[axis], inner = stridesOf(dims)[axis];
    std::vector<Complex> line(size);
    for (size_t i = 0; size && i < values.size() / size; ++i) {
      Complex *first = values.data() + i / inner * size * inner + i % inner;
      for (int64_t k = 0; k < size; ++k)
        line[k] = first[k * inner];
      fourierTransform(line, isInverse);
      for (int64_t k = 0; k < size; ++k)
        first[k * inner] = line[k];
    }
  }

  // Completes the last dimension's values of 0 to size / 2 to those of a real signal of `size`.
  void mirror(int64_t size) {
    Shape shape(dims);
    shape.back() = size;
    int64_t half = dims.back();
    *this = resized(shape);
    for (size_t at = 0; at < values.size(); at += size)
      for (int64_t k = half; k < size; ++k)
        values[at + k] = std::conj(values[at + size - k]);
  }
};

// The inner `rank` dimensions of input 0 as blocks.
std::optional<Blocks> blocksOf(Evaluation &e, int64_t rank) {
  const Tensor &input = e.input(0);
  if (input.rank() < rank) {
    e.fail("expected at least " + llvm::Twine(rank) + " dimensions, got " + input.text());
    return std::nullopt;
  }
  Blocks blocks{
      countElements(input.shape().drop_back(rank)), Shape(input.shape().take_back(rank)), {}};
  dispatch(e, Concat<Floats, Complexes>::Type{}, input.dtype(), [&](auto zero) {
    for (const auto &value : input.values<decltype(zero)>())
      blocks.values.push_back(Complex(value));
  });
  return blocks;
}

// The inner dimensions of input 0 as blocks of the shape `dims`, of which they must be at least.
std::optional<Blocks> blocksOfShape(Evaluation &e, llvm::ArrayRef<int64_t> dims) {
  std::optional<Blocks> blocks = blocksOf(e, dims.size());
  if (!blocks)
    return std::nullopt;
  for (auto [size, needed] : llvm::zip(blocks->dims, dims))
    if (size != 0 && size < needed) {
      e.fail("expected dimensions of at least " + shapeText(dims) + ", got " + e.input(0).text());
      return std::nullopt;
    }
  return blocks->resized(dims);
}

// Gives the blocks, in the batch of input 0.
void giveBlocks(Evaluation &e, int dtype, const Blocks &blocks) {
  Shape shape(e.input(0).shape().drop_back(blocks.dims.size()));
  shape.append(blocks.dims);
  Tensor result = e.make(0, dtype, shape);
  if (e.failed())
    return;
  dispatch(e, Concat<Floats, Complexes>::Type{}, dtype, [&](auto zero) {
    using T = decltype(zero);
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < out.size(); ++i)
      if constexpr (isComplex<T>)
        out[i] = T(blocks.values[i]);
      else
        out[i] = static_cast<T>(blocks.values[i].real());
  });
}

template <int Rank, bool IsInverse> void fft(Evaluation &e) {
  std::optional<Blocks> blocks = blocksOf(e, Rank);
  if (!blocks)
    return;
  for (int axis = 0; axis < Rank; ++axis)
    blocks->transform(axis, IsInverse);
  giveBlocks(e, e.dtype(), *blocks);
}

// Input 1: the real signal's size.
std::optional<Shape> lengthsOf(Evaluation &e, int64_t rank) {
  const Tensor &lengths = e.input(1);
  Shape shape(integersOf(lengths));
  if (lengths.rank() == 1 && lengths.size() == rank &&
      llvm::all_of(shape, [](int64_t size) { return size >= 0 && size <= INT32_MAX; }))
    return shape;
  e.fail("expected " + llvm::Twine(rank) + " sizes from 0 up, got " + lengths.text());
  return std::nullopt;
}

// What is left of a real signal's transform: the rest mirrors it.
Shape halved(llvm::ArrayRef<int64_t> lengths) {
  Shape half(lengths);
  half.back() = half.back() / 2 + 1;
  return half;
}

template <int Rank> void realFft(Evaluation &e) {
  std::optional<Shape> lengths = lengthsOf(e, Rank);
  std::optional<Blocks> blocks = lengths ? blocksOfShape(e, *lengths) : std::nullopt;
  if (!blocks)
    return;
  for (int axis = 0; axis < Rank; ++axis)
    blocks->transform(axis, false);
  giveBlocks(e, e.type("Tcomplex"), blocks->resized(halved(*lengths)));
}

template <int Rank> void inverseRealFft(Evaluation &e) {
  std::optional<Shape> lengths = lengthsOf(e, Rank);
  std::optional<Blocks> blocks = lengths ? blocksOfShape(e, halved(*lengths)) : std::nullopt;
  if (!blocks)
    return;
  for (int axis = 0; axis + 1 < Rank; ++axis)
    blocks->transform(axis, true);
  blocks->mirror(lengths->back());
  blocks->transform(Rank - 1, true);
  giveBlocks(e, e.type("Treal"), *blocks);
}

constexpr KernelEntry kKernels[] = {
    {"FFT", fft<1, false>},       {"FFT2D", fft<2, false>},       {"FFT3D", fft<3, false>},
    {"IFFT", fft<1, true>},       {"IFFT2D", fft<2, true>},       {"IFFT3D", fft<3, true>},
    {"RFFT", realFft<1>},         {"RFFT2D", realFft<2>},         {"RFFT3D", realFft<3>},
    {"IRFFT", inverseRealFft<1>}, {"IRFFT2D", inverseRealFft<2>}, {"IRFFT3D", inverseRealFft<3>},
};

} // namespace

KernelList fourierKernels() { return kKernels; }

} // namespace firn::reference
