// Convolutions and pools over images in NHWC.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "compiler/transforms/graph/Constants.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

/// A window that moves over an image: [height, width] each; padding [top, bottom, left, right].
struct Window {
  SmallVector<int64_t> size, strides, dilations, padding;
  Sizes results;
};

SmallVector<int64_t> spatial(ArrayRef<int64_t> nhwc) {
  return nhwc.size() == 4 ? SmallVector<int64_t>{nhwc[1], nhwc[2]} : SmallVector<int64_t>{1, 1};
}

// Padding and sizes of the results: TensorFlow's rule for SAME, VALID and EXPLICIT.
bool placeWindow(NodeLowering &n, const Tensor &image, Window &window) {
  StringRef kind = n.text("padding");
  window.padding.assign(4, 0);
  if (kind == "EXPLICIT") {
    SmallVector<int64_t> all = n.integers("explicit_paddings");
    if (all.size() != 8)
      return false;
    window.padding = {all[2], all[3], all[4], all[5]};
  }
  for (unsigned axis : {0u, 1u}) {
    Size size = image.sizes[1 + axis];
    int64_t reach = (window.size[axis] - 1) * window.dilations[axis] + 1;
    if (kind == "SAME") {
      std::optional<int64_t> known = constantSize(size);
      if (!known) {
        n.fail("SAME padding of an image whose size is not constant (--input-shape gives it one)");
        return false;
      }
      auto count = static_cast<int64_t>(llvm::divideCeil(*known, window.strides[axis]));
      int64_t all = std::max<int64_t>((count - 1) * window.strides[axis] + reach - *known, 0);
      window.padding[2 * axis] = all / 2;
      window.padding[2 * axis + 1] = all - all / 2;
    }
    Size padded = n.add(size, n.size(window.padding[2 * axis] + window.padding[2 * axis + 1]));
    Size steps = n.floorDiv(n.sub(padded, n.size(reach)), n.size(window.strides[axis]));
    window.results.push_back(n.add(steps, n.size(1)));
  }
  return true;
}

bool isPlainImage(NodeLowering &n) {
  StringRef format = n.text("data_format");
  if (!format.empty() && format != "NHWC") {
    n.fail("images in " + format);
    return false;
  }
  if (n.dtype() != DT_FLOAT) {
    n.fail("images of this dtype");
    return false;
  }
  return true;
}

std::optional<Window> convWindow(NodeLowering &n, const Tensor &image, const Tensor &filter) {
  Window window;
  window.size = {staticSize(filter.sizes[0]), staticSize(filter.sizes[1])};
  window.strides = spatial(n.integers("strides"));
  window.dilations = spatial(n.integers("dilations"));
  if (!placeWindow(n, image, window))
    return std::nullopt;
  return window;
}

void conv2D(NodeLowering &n) {
  Tensor image = n.in(0), filter = n.in(1);
  if (!image || !filter || !isPlainImage(n))
    return;
  ArrayRef<int64_t> shape = filter.type().getShape();
  if (!filter.value.getDefiningOp<ConstantOp>())
    return n.fail("a filter that is no constant");
  if (shape[2] != staticSize(image.sizes[3]))
    return n.fail("grouped convolution");
  std::optional<Window> window = convWindow(n, image, filter);
  if (!window)
    return;
  Value panels = n.panels(filter, /*transposed=*/false);
  Sizes sizes =
      n.outSizes(0, {image.sizes[0], window->results[0], window->results[1], n.size(shape[3])});
  n.give(n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<Conv2DOp>(init.getType(), image.value, panels, init, ValueRange(),
                                window->size, window->strides, window->dilations, window->padding);
  }));
}

void depthwise(NodeLowering &n) {
  Tensor image = n.in(0), filter = n.in(1);
  if (!image || !filter || !isPlainImage(n))
    return;
  std::optional<Window> window = convWindow(n, image, filter);
  if (!window)
    return;
  Size channels = n.mul(filter.sizes[2], filter.sizes[3]);
  Tensor flat = n.reshape(filter, {filter.sizes[0], filter.sizes[1], channels});
  Sizes sizes = n.outSizes(0, {image.sizes[0], window->results[0], window->results[1], channels});
  n.give(n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<DepthwiseConv2DOp>(init.getType(), image.value, flat.value, init,
                                         ValueRange(), window->size, window->strides,
                                         window->dilations, window->padding);
  }));
}

void pool(NodeLowering &n) {
  Tensor image = n.in(0);
  if (!image || !isPlainImage(n))
    return;
  Window window;
  window.size = spatial(n.integers("ksize"));
  window.strides = spatial(n.integers("strides"));
  window.dilations = {1, 1};
  if (!placeWindow(n, image, window))
    return;
  Sizes sizes =
      n.outSizes(0, {image.sizes[0], window.results[0], window.results[1], image.sizes[3]});
  PoolKind kind = n.node.is("MaxPool") ? PoolKind::Max : PoolKind::Average;
  n.give(n.library(DT_FLOAT, sizes, [&](Value init) -> Value {
    return n.b.create<PoolOp>(init.getType(), image.value, init, ValueRange(), kind, window.size,
                              window.strides, window.padding);
  }));
}

const LoweringEntry kConv[] = {
    {"AvgPool", pool},
    {"Conv2D", conv2D},
    {"DepthwiseConv2dNative", depthwise},
    {"MaxPool", pool},
};

} // namespace

Lowerings convLowerings() { return kConv; }

} // namespace firn::kernel
