// Normalisation of channels by the batch's statistics or stored ones, and of neighbours in depth.
#include "compiler/conversion/graph_to_kernel/ops/Products.h"
#include "compiler/conversion/graph_to_kernel/ops/Window.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

/// A number for each channel.
struct Statistics {
  Tensor mean, variance;
};

Tensor perChannel(NodeLowering &n, ArrayRef<Tensor> vectors, const NumberBody &body) {
  return map(n, vectors, DT_FLOAT, vectors.front().sizes, body);
}

/// (x - mean) * scale / sqrt(variance + epsilon) + offset, the factor worked out once per channel.
Tensor normalized(NodeLowering &n, const Tensor &image, const Statistics &by, const Tensor &scale,
                  const Tensor &offset, double epsilon) {
  if (!image || !by.mean || !by.variance || !scale || !offset)
    return {};
  Tensor factor = perChannel(n, {by.variance, scale}, [&](ArrayRef<Number> x) {
    return 1 / sqrt(widened(x[0]) + epsilon) * widened(x[1]);
  });
  return map(n, {image, by.mean, factor, offset}, image.dtype, image.sizes, [](ArrayRef<Number> x) {
    return (widened(x[0]) - widened(x[1])) * x[2] + widened(x[3]);
  });
}

// Mean and (uncorrected) variance of the channels of all pixels.
Statistics statisticsOf(NodeLowering &n, const Tensor &image, Size rows) {
  Tensor flat = converted(n, n.reshape(image, {rows, image.sizes.back()}), DT_FLOAT);
  Value count = n.value(rows);
  auto divided = [=](ArrayRef<Number> x) { return x[0] / fromIndex(*x[0].b, count, DT_FLOAT); };
  Statistics result;
  result.mean = perChannel(n, {fold(n, flat, {0}, false, kAdding)}, divided);
  Tensor squares = map(n, {flat, result.mean}, DT_FLOAT, flat.sizes,
                       [](ArrayRef<Number> x) { return (x[0] - x[1]) * (x[0] - x[1]); });
  result.variance = perChannel(n, {fold(n, squares, {0}, false, kAdding)}, divided);
  return result;
}

// As the node gives them out: the variance corrected, both averaged with the stored ones.
Statistics runningStatistics(NodeLowering &n, const Statistics &batch, Size rows) {
  Value count = n.value(rows);
  Statistics result = batch;
  result.variance = perChannel(n, {batch.variance}, [=](ArrayRef<Number> x) {
    Number all = fromIndex(*x[0].b, count, DT_FLOAT);
    return x[0] * (all / maximum(all - 1, 1));
  });
  bool isAveraged = n.node.attr<FloatAttr>("exponential_avg_factor") != nullptr;
  double share = isAveraged ? n.real("exponential_avg_factor") : 1;
  if (share == 1)
    return result;
  auto averaged = [&](const Tensor &fresh, unsigned stored) {
    return perChannel(n, {fresh, n.in(stored)}, [=](ArrayRef<Number> x) {
      return widened(x[1]) * (1 - share) + x[0] * share;
    });
  };
  return {averaged(result.mean, 3), averaged(result.variance, 4)};
}

void giveVector(NodeLowering &n, unsigned index, const Tensor &vector) {
  if (index < n.node.numOutputs() && n.isUsed(index))
    n.give(index, converted(n, vector, n.outDtype(index)));
}

// Running statistics of no elements are NaN.
void giveRunning(NodeLowering &n, unsigned index, const Tensor &vector, const Tensor &image) {
  Size count = n.product(image.sizes);
  if (!vector || constantSize(count).value_or(0) > 0)
    return giveVector(n, index, vector);
  if (index >= n.node.numOutputs() || !n.isUsed(index))
    return;
  Value elements = n.value(count);
  giveVector(n, index, perChannel(n, {vector}, [=](ArrayRef<Number> x) {
               Number all = fromIndex(*x[0].b, elements, DT_FLOAT);
               return choose(all == 0, all / all, x[0]);
             }));
}

void fusedBatchNorm(NodeLowering &n) {
  Tensor input = n.in(0), scale = n.in(1), offset = n.in(2);
  std::optional<ImageFormat> format = input ? imageFormat(n, input) : std::nullopt;
  if (!format || !scale || !offset)
    return;
  bool isTraining = n.flag("is_training");
  Tensor image = isTraining ? toChannelsLast(n, input, *format) : input;
  Statistics used, given;
  if (isTraining) {
    Size rows = n.product(ArrayRef<Size>(image.sizes).drop_back());
    used = statisticsOf(n, image, rows);
    given = runningStatistics(n, used, rows);
    n.give(
        fromChannelsLast(n, normalized(n, image, used, scale, offset, n.real("epsilon")), *format));
  } else {
    used = given = {n.in(3), n.in(4)};
    // In place, whatever the format: vectors of channels stand where the channels are.
    auto placed = [&](const Tensor &vector) {
      if (!format->channelsFirst || !vector)
        return vector;
      Sizes sizes = n.repeated(1, format->rank - 1);
      sizes.front() = vector.sizes.front();
      return n.reshape(vector, sizes);
    };
    Statistics by{placed(used.mean), placed(used.variance)};
    n.give(normalized(n, image, by, placed(scale), placed(offset), n.real("epsilon")));
  }
  giveRunning(n, 1, given.mean, image);
  giveRunning(n, 2, given.variance, image);
  giveVector(n, 3, used.mean);
  giveVector(n, 4, used.variance);
  if (n.node.numOutputs() > 5 && n.isUsed(5))
    n.give(5, filled(n, DT_FLOAT, 0, {}));
}

// Inputs: images, mean, variance, offset, scale.
void globalNormalization(NodeLowering &n) {
  Tensor scale = n.in(4);
  if (!scale)
    return;
  if (!n.flag("scale_after_normalization"))
    scale = filled(n, scale.dtype, 1, scale.sizes);
  n.give(normalized(n, n.in(0), {n.in(1), n.in(2)}, scale, n.in(3), n.real("variance_epsilon")));
}

// Each element over a power of the sum of squares of its neighbours in the last dimension.
void localResponse(NodeLowering &n) {
  Tensor image = n.in(0);
  if (!image)
    return;
  int64_t radius = n.integer("depth_radius");
  double bias = n.real("bias"), alpha = n.real("alpha"), beta = n.real("beta");
  n.give(n.generate(image.dtype, image.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Place channel = placeOf(b, at.back()), depth = placeOf(b, image.sizes.back());
    auto elementAt = [&](Place place) {
      SmallVector<Value> all(at);
      all.back() = place.value;
      return widened(Number{&b, NodeLowering::read(b, image, all), image.dtype});
    };
    Place first = max(channel - radius, placeOf(b, int64_t(0)));
    Number start = constantOf(b, sumType(image.dtype), 0);
    Value squares = foldRange(first, min(channel + (radius + 1), depth), start.value,
                              [&](ImplicitLocOpBuilder &, Place near, Value so_far) {
                                Number x = elementAt(near);
                                return (Number{&b, so_far, x.dtype} + x * x).value;
                              });
    Number x = elementAt(channel);
    Number sum = Number{&b, squares, x.dtype} * alpha + bias;
    return convert(x * pow(sum, like(sum, -beta)), image.dtype).value;
  }));
}

const LoweringEntry kBatchNorm[] = {
    {"BatchNormWithGlobalNormalization", globalNormalization},
    {"FusedBatchNorm", fusedBatchNorm},
    {"FusedBatchNormV2", fusedBatchNorm},
    {"FusedBatchNormV3", fusedBatchNorm},
    {"LRN", localResponse},
};

} // namespace

Lowerings batchNormLowerings() { return kBatchNorm; }

} // namespace firn::kernel
