// Normalisation of each channel by the batch's statistics, or by stored ones.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Window.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// One value for each channel.
using Channels = std::vector<float>;

struct Statistics {
  Channels mean, variance;
};

// Mean and (uncorrected) variance of the columns of `rows` by channels.
template <typename T> Statistics statisticsOf(llvm::ArrayRef<T> values, size_t channels) {
  std::vector<double> sums(channels), squares(channels);
  for (size_t i = 0; i < values.size(); ++i)
    sums[i % channels] += values[i];
  double count = channels ? values.size() / channels : 0;
  for (double &sum : sums)
    sum /= count;
  for (size_t i = 0; i < values.size(); ++i) {
    double off = values[i] - sums[i % channels];
    squares[i % channels] += off * off;
  }
  Statistics result;
  for (size_t c = 0; c < channels; ++c) {
    result.mean.push_back(sums[c]);
    result.variance.push_back(squares[c] / count);
  }
  return result;
}

struct Affine {
  Channels scale, offset;
  float epsilon;
};

template <typename T>
void normalize(llvm::ArrayRef<T> in, const Statistics &by, const Affine &affine,
               llvm::MutableArrayRef<T> out) {
  size_t channels = by.mean.size();
  Channels factor(channels);
  for (size_t c = 0; c < channels; ++c)
    factor[c] = 1 / std::sqrt(by.variance[c] + affine.epsilon) * affine.scale[c];
  for (size_t i = 0; i < in.size(); ++i) {
    size_t c = i % channels;
    out[i] =
        static_cast<T>((static_cast<float>(in[i]) - by.mean[c]) * factor[c] + affine.offset[c]);
  }
}

Channels channelsOf(const Tensor &tensor) {
  Channels values;
  dispatch(Floats{}, tensor.dtype(),
           [&](auto zero) { values = widened<float>(tensor.values<decltype(zero)>()); });
  return values;
}

void giveChannels(Evaluation &e, unsigned index, const Channels &values) {
  dispatch(Floats{}, e.dtype(1), [&](auto zero) {
    using T = decltype(zero);
    Tensor tensor(e.dtype(1), {static_cast<int64_t>(values.size())});
    narrow<float, T>(values, tensor.mutableValues<T>());
    e.give(index, tensor);
  });
}

// The batch's statistics as the node gives them out: the variance corrected, both averaged with the
// stored ones.
Statistics runningStatistics(Evaluation &e, const Statistics &batch, int64_t rows) {
  Statistics result = batch;
  for (float &variance : result.variance)
    variance *= static_cast<float>(rows) / static_cast<float>(std::max<int64_t>(rows - 1, 1));
  float share = e.attr("exponential_avg_factor") ? e.real("exponential_avg_factor") : 1;
  if (share == 1)
    return result;
  Channels mean = channelsOf(e.input(3)), variance = channelsOf(e.input(4));
  for (size_t c = 0; c < mean.size(); ++c) {
    result.mean[c] = (1 - share) * mean[c] + share * result.mean[c];
    result.variance[c] = (1 - share) * variance[c] + share * result.variance[c];
  }
  return result;
}

bool expectVectors(Evaluation &e, int64_t channels, bool needStored) {
  for (unsigned i = 1; i < 5; ++i) {
    const Tensor &vector = e.input(i);
    bool fits = vector.rank() == 1 && vector.dim(0) == channels;
    bool absent = i >= 3 && !needStored && vector.size() == 0;
    if (!fits && !absent)
      return e.fail("expected vectors of " + llvm::Twine(channels) + " elements, got " +
                    vector.text()),
             false;
  }
  return true;
}

template <typename T>
void computeFused(Evaluation &e, const Tensor &image, bool training, Tensor &result) {
  int64_t channels = image.shape().back(), rows = channels ? image.size() / channels : 0;
  Statistics stored{channelsOf(e.input(3)), channelsOf(e.input(4))}, given = stored, used = stored;
  if (training) {
    used = statisticsOf(image.values<T>(), channels);
    given = runningStatistics(e, used, rows);
  }
  if (image.size() == 0)
    given.mean = given.variance = Channels(channels, std::numeric_limits<float>::quiet_NaN());
  Affine affine{channelsOf(e.input(1)), channelsOf(e.input(2)),
                static_cast<float>(e.real("epsilon"))};
  normalize(image.values<T>(), used, affine, result.mutableValues<T>());
  giveChannels(e, 1, given.mean);
  giveChannels(e, 2, given.variance);
  giveChannels(e, 3, used.mean);
  giveChannels(e, 4, used.variance);
}

void fusedBatchNorm(Evaluation &e) {
  int64_t rank = e.input(0).rank();
  if (rank != 4 && rank != 5)
    return e.fail("expected images of 4 or 5 dimensions, got " + e.input(0).text());
  ImageFormat format = imageFormat(e, rank);
  Tensor image = toChannelsLast(e.input(0), format);
  bool training = e.flag("is_training");
  bool averaged = e.attr("exponential_avg_factor") && e.real("exponential_avg_factor") != 1;
  if (e.failed() || !expectVectors(e, image.shape().back(), !training || averaged))
    return;
  Tensor result = e.make(0, e.dtype(), image.shape());
  dispatch(e, Floats{}, e.dtype(),
           [&](auto zero) { computeFused<decltype(zero)>(e, image, training, result); });
  if (e.numOutputs() > 5)
    e.give(5, Tensor(DT_FLOAT, {}));
  giveImage(e, format);
}

// Inputs: images, mean, variance, offset, scale.
void globalNormalization(Evaluation &e) {
  if (e.input(0).rank() != 4)
    return e.fail("expected images of 4 dimensions, got " + e.input(0).text());
  if (!expectVectors(e, e.input(0).dim(3), true))
    return;
  Affine affine{channelsOf(e.input(4)), channelsOf(e.input(3)),
                static_cast<float>(e.real("variance_epsilon"))};
  if (!e.flag("scale_after_normalization"))
    std::fill(affine.scale.begin(), affine.scale.end(), 1.0f);
  Tensor result = e.make(0, e.dtype(), e.input(0).shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    normalize<T>(e.input(0).values<T>(), {channelsOf(e.input(1)), channelsOf(e.input(2))}, affine,
                 result.mutableValues<T>());
  });
}

constexpr KernelEntry kKernels[] = {
    {"FusedBatchNorm", fusedBatchNorm},
    {"FusedBatchNormV2", fusedBatchNorm},
    {"FusedBatchNormV3", fusedBatchNorm},
    {"BatchNormWithGlobalNormalization", globalNormalization},
};

} // namespace

KernelList batchNormKernels() { return kKernels; }

} // namespace firn::reference
