#include "compiler/reference/ops/Window.h"

#include "compiler/reference/Broadcast.h"

namespace firn::reference {

ImageFormat imageFormat(Evaluation &e, int64_t rank) {
  llvm::StringRef text = e.text("data_format");
  if (text.empty() || text == "NHWC" || text == "NDHWC")
    return {false, rank};
  if (text != "NCHW" && text != "NCDHW")
    e.fail("expected a data_format with the channels first or last, got '" + text + "'");
  return {true, rank};
}

// Axis i of the result is axis order[i] of the image.
static Tensor transpose(const Tensor &image, llvm::ArrayRef<int64_t> order) {
  Shape own = stridesOf(image.shape()), shape, strides;
  for (int64_t axis : order) {
    shape.push_back(image.dim(axis));
    strides.push_back(own[axis]);
  }
  Tensor result(image.dtype(), shape);
  unsigned size = elementBytes(image.dtype());
  StridedIndex from(shape, strides);
  char *to = result.mutableBytes().data();
  for (int64_t i = 0; i < result.size(); ++i, from.next())
    std::copy_n(image.bytes().data() + from.position() * size, size, to + i * size);
  return result;
}

Tensor toChannelsLast(const Tensor &image, ImageFormat format) {
  if (!format.channelsFirst)
    return image;
  Shape order{0};
  for (int64_t axis = 2; axis < image.rank(); ++axis)
    order.push_back(axis);
  order.push_back(1);
  return transpose(image, order);
}

Tensor toChannelsFirst(const Tensor &image) {
  Shape order{0, image.rank() - 1};
  for (int64_t axis = 1; axis < image.rank() - 1; ++axis)
    order.push_back(axis);
  return transpose(image, order);
}

void giveImage(Evaluation &e, ImageFormat format) {
  if (format.channelsFirst && !e.failed())
    e.give(toChannelsFirst(e.output(0)));
}

std::optional<Shape> sizesOf(Evaluation &e, unsigned index) {
  const Tensor &tensor = e.input(index);
  Shape sizes(integersOf(tensor));
  if (tensor.rank() == 1 && llvm::all_of(sizes, [](int64_t s) { return s >= 0 && s <= INT32_MAX; }))
    return sizes;
  e.fail("expected a vector of sizes from 0 up, got " + tensor.text() + " of " + shapeText(sizes));
  return std::nullopt;
}

bool expectGradient(Evaluation &e, llvm::ArrayRef<int64_t> output, const Tensor &gradient) {
  if (gradient.shape() == output)
    return true;
  e.fail("expected a gradient of shape " + shapeText(output) + ", got " +
         shapeText(gradient.shape()));
  return false;
}

Shape imageShape(ImageFormat format, int64_t batch, const WindowAxes &axes, int64_t channels) {
  Shape shape{batch};
  for (const WindowAxis &axis : llvm::ArrayRef(axes).take_back(format.spatialRank()))
    shape.push_back(axis.out);
  shape.push_back(channels);
  return shape;
}

std::array<int64_t, 3> spatialSizes(Evaluation &e, llvm::StringRef what,
                                    llvm::ArrayRef<int64_t> sizes, ImageFormat format) {
  std::array<int64_t, 3> spatial{1, 1, 1};
  bool fits = static_cast<int64_t>(sizes.size()) == format.rank &&
              llvm::all_of(sizes, [](int64_t i) { return i > 0 && i <= INT32_MAX; }) &&
              sizes[0] == 1 && sizes[format.channelAxis()] == 1;
  if (!fits) {
    e.fail("expected '" + what + "' with an element from 1 up for each of " +
           llvm::Twine(format.rank) + " dimensions, 1 for batch and channels, got " +
           shapeText(sizes));
    return spatial;
  }
  for (int64_t i = 0; i < format.spatialRank(); ++i)
    spatial[3 - format.spatialRank() + i] = sizes[format.spatialAxis(i)];
  return spatial;
}

std::array<int64_t, 3> spatialList(Evaluation &e, llvm::StringRef name, ImageFormat format) {
  if (!e.attr(name))
    return {1, 1, 1};
  return spatialSizes(e, name, e.integers(name), format);
}

// Padding before and after a spatial axis.
static std::pair<int64_t, int64_t> explicitPadding(llvm::ArrayRef<int64_t> paddings,
                                                   ImageFormat format, int64_t spatial) {
  int64_t axis = format.spatialAxis(spatial);
  return {paddings[2 * axis], paddings[2 * axis + 1]};
}

static void placeWindow(Evaluation &e, WindowAxis &axis, int64_t padding) {
  // The quotient is rounded towards zero: a window that is too long by less than a stride yields
  // nothing.
  axis.out = (axis.in + padding - axis.extent() + axis.stride) / axis.stride;
  if (axis.out < 0)
    e.fail("expected a window of at most " + llvm::Twine(axis.in + padding) + " elements, got " +
           llvm::Twine(axis.extent()));
}

static void placeSame(WindowAxis &axis) {
  axis.out = (axis.in + axis.stride - 1) / axis.stride;
  int64_t padding = (axis.out - 1) * axis.stride + axis.extent() - axis.in;
  axis.before = std::max<int64_t>(0, padding) / 2;
}

void placeWindows(Evaluation &e, ImageFormat format, WindowAxes &axes) {
  llvm::StringRef padding = e.text("padding");
  llvm::SmallVector<int64_t> paddings = e.integers("explicit_paddings");
  bool isExplicit = padding == "EXPLICIT";
  if (isExplicit && (static_cast<int64_t>(paddings.size()) != 2 * format.rank ||
                     llvm::any_of(paddings, [](int64_t p) { return p < 0 || p > INT32_MAX; })))
    return e.fail("expected two paddings from 0 up for each of " + llvm::Twine(format.rank) +
                  " dimensions, got " + shapeText(paddings));
  if (!isExplicit && padding != "SAME" && padding != "VALID")
    return e.fail("expected the padding SAME, VALID or EXPLICIT, got '" + padding + "'");
  for (int64_t i = 0; i < format.spatialRank(); ++i) {
    WindowAxis &axis = axes[3 - format.spatialRank() + i];
    if (padding == "SAME") {
      placeSame(axis);
      continue;
    }
    auto [before, after] =
        isExplicit ? explicitPadding(paddings, format, i) : std::pair<int64_t, int64_t>();
    axis.before = before;
    placeWindow(e, axis, before + after);
  }
}

WindowAxes windowAxes(Evaluation &e, ImageFormat format, llvm::ArrayRef<int64_t> in,
                      std::array<int64_t, 3> window) {
  std::array<int64_t, 3> strides = spatialList(e, "strides", format);
  std::array<int64_t, 3> dilations = spatialList(e, "dilations", format);
  WindowAxes axes;
  for (int i = 0; i < 3; ++i) {
    axes[i].window = window[i];
    axes[i].stride = strides[i];
    axes[i].dilation = dilations[i];
  }
  for (int64_t i = 0; i < format.spatialRank(); ++i)
    axes[3 - format.spatialRank() + i].in = in[1 + i];
  if (!e.failed())
    placeWindows(e, format, axes);
  return axes;
}

} // namespace firn::reference
