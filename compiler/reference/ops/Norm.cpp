// Bias, softmax, local response normalisation.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Softmax.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

template <typename T> T sumOf(const T &x, const T &y) {
  using Sum = SumOf<T>; // integers wrap around
  return static_cast<T>(static_cast<Sum>(x) + static_cast<Sum>(y));
}

void addBias(Evaluation &e, bool channelsFirst) {
  const Tensor &value = e.input(0), &bias = e.input(1);
  int64_t axis = channelsFirst ? 1 : value.rank() - 1;
  if (value.rank() < 2 || bias.rank() != 1 || value.dim(axis) != bias.dim(0))
    return e.fail("expected a bias for each channel, got " + value.text() + " and " + bias.text());
  int64_t inner = countElements(value.shape().drop_front(axis + 1));
  Tensor result = e.make(0, e.dtype(), value.shape());
  dispatch(e, Numbers{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto in = value.values<T>(), added = bias.values<T>();
    auto out = result.mutableValues<T>();
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = sumOf<T>(in[i], added[i / inner % added.size()]);
  });
}

void biasAdd(Evaluation &e) {
  llvm::StringRef format = e.text("data_format");
  addBias(e, format.starts_with("NC"));
}

void biasAddV1(Evaluation &e) { addBias(e, false); }

// Softmax, or its logarithm, of rows.
template <bool IsLog> void softmax(Evaluation &e) {
  const Tensor &logits = e.input(0);
  if (logits.rank() < 1)
    return e.fail("expected logits of at least one dimension, got " + logits.text());
  Tensor result = e.make(0, e.dtype(), logits.shape());
  size_t classes = logits.shape().back();
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto in = logits.values<T>();
    auto out = result.mutableValues<T>();
    for (size_t at = 0; at < in.size(); at += classes) {
      auto row = in.slice(at, classes);
      Softmax<SumOf<T>> softmax(row);
      for (size_t c = 0; c < classes; ++c)
        out[at + c] = static_cast<T>(IsLog ? softmax.log(row[c]) : softmax.of(row[c]));
    }
  });
}

// Each element over a power of the sum of squares of its neighbours in the last dimension.
template <typename T>
void normalizeLocally(llvm::ArrayRef<T> in, llvm::MutableArrayRef<T> out, int64_t channels,
                      int64_t radius, Evaluation &e) {
  float bias = e.real("bias"), alpha = e.real("alpha"), beta = e.real("beta");
  for (size_t at = 0; at < in.size(); at += channels)
    for (int64_t c = 0; c < channels; ++c) {
      float squares = 0;
      for (int64_t near = std::max<int64_t>(0, c - radius);
           near <= std::min(channels - 1, c + radius); ++near)
        squares += static_cast<float>(in[at + near]) * static_cast<float>(in[at + near]);
      out[at + c] =
          static_cast<T>(static_cast<float>(in[at + c]) * std::pow(bias + alpha * squares, -beta));
    }
}

void localResponseNorm(Evaluation &e) {
  const Tensor &image = e.input(0);
  int64_t radius = e.integer("depth_radius");
  if (image.rank() != 4 || radius < 0 || radius > INT32_MAX)
    return e.fail("expected images of 4 dimensions and a radius from 0 up, got " + image.text() +
                  " and " + llvm::Twine(radius));
  Tensor result = e.make(0, e.dtype(), image.shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    normalizeLocally(image.values<T>(), result.mutableValues<T>(), image.dim(3), radius, e);
  });
}

constexpr KernelEntry kKernels[] = {
    {"BiasAdd", biasAdd},          {"BiasAddV1", biasAddV1},   {"Softmax", softmax<false>},
    {"LogSoftmax", softmax<true>}, {"LRN", localResponseNorm},
};

} // namespace

KernelList normKernels() { return kKernels; }

} // namespace firn::reference
