// Pictures resized, cut, decoded; depth and space exchanged.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

// Height and width, from a vector of two.
std::pair<Dim, Dim> sizeFrom(NodeShapes &s, unsigned input) {
  const ShapeInfo &size = s.in(input);
  if (!size.hasElements || size.elements.size() != 2)
    return {s.fresh(), s.fresh()};
  return {s.asDim(size.elements[0]), s.asDim(size.elements[1])};
}

void resize(NodeShapes &s) {
  ShapeInfo info = s.in(0).hasRank(4) ? dimsOnly(s.in(0)) : s.freshOfRank(4);
  std::tie(info.dims[1], info.dims[2]) = sizeFrom(s, 1);
  s.out(0, std::move(info));
  for (unsigned i = 1; i < s.numOutputs(); ++i)
    s.out(i, ShapeInfo::scalar());
}

void cropAndResize(NodeShapes &s) {
  const ShapeInfo &image = s.in(0), &boxes = s.in(1);
  ShapeInfo info = s.freshOfRank(4);
  if (boxes.hasRank(2))
    info.dims[0] = boxes.dims[0];
  if (s.in(2).hasRank(1))
    info.dims[0] = s.same(info.dims[0], s.in(2).dims[0]);
  std::tie(info.dims[1], info.dims[2]) = sizeFrom(s, 3);
  if (image.hasRank(4))
    info.dims[3] = image.dims[3];
  s.out(std::move(info));
}

// Blocks of [size, size] go to the channels, or come from there.
void spaceToDepth(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  StringRef format = s.text("data_format", "NHWC");
  if (!from.hasRank(4) || format == "NCHW_VECT_C")
    return s.out(from.ranked ? s.freshOfRank(from.rank()) : ShapeInfo());
  bool isChannelsFirst = format == "NCHW", toDepth = s.node.is("SpaceToDepth");
  Dim block(s.integer("block_size")), area = s.times(block, block);
  DerivedKind space = toDepth ? DerivedKind::FloorDivide : DerivedKind::Times;
  DerivedKind depth = toDepth ? DerivedKind::Times : DerivedKind::FloorDivide;
  ShapeInfo info = dimsOnly(from);
  size_t channels = isChannelsFirst ? 1 : 3, first = isChannelsFirst ? 2 : 1;
  info.dims[first] = s.derived(space, info.dims[first], block);
  info.dims[first + 1] = s.derived(space, info.dims[first + 1], block);
  info.dims[channels] = s.derived(depth, info.dims[channels], area);
  s.out(std::move(info));
}

void decodeImage(NodeShapes &s) {
  int64_t channels = s.integer("channels");
  ShapeInfo info = s.freshOfRank(3);
  if (channels > 0)
    info.dims[2] = channels;
  // DecodeImage may yield an animation.
  if (!s.node.is("DecodeImage") || !s.flag("expand_animations", true))
    s.out(std::move(info));
}

void decodeGif(NodeShapes &s) {
  ShapeInfo info = s.freshOfRank(4);
  info.dims[3] = 3;
  s.out(std::move(info));
}

void extractGlimpse(NodeShapes &s) {
  const ShapeInfo &image = s.in(0);
  ShapeInfo info = image.hasRank(4) ? dimsOnly(image) : s.freshOfRank(4);
  std::tie(info.dims[1], info.dims[2]) = sizeFrom(s, 1);
  s.out(std::move(info));
}

void projectiveTransform(NodeShapes &s) {
  ShapeInfo info = s.in(0).hasRank(4) ? dimsOnly(s.in(0)) : s.freshOfRank(4);
  std::tie(info.dims[1], info.dims[2]) = sizeFrom(s, 2);
  s.out(std::move(info));
}

constexpr ShapeRuleEntry kRules[] = {
    {"ResizeBilinear", resize},
    {"ResizeNearestNeighbor", resize},
    {"ResizeBicubic", resize},
    {"ResizeArea", resize},
    {"ScaleAndTranslate", resize},
    {"QuantizedResizeBilinear", resize},
    {"CropAndResize", cropAndResize},
    {"SpaceToDepth", spaceToDepth},
    {"DepthToSpace", spaceToDepth},
    {"DecodeJpeg", decodeImage},
    {"DecodePng", decodeImage},
    {"DecodeBmp", decodeImage},
    {"DecodeImage", decodeImage},
    {"DecodeAndCropJpeg", decodeImage},
    {"DecodeGif", decodeGif},
    {"ExtractGlimpse", extractGlimpse},
    {"ImageProjectiveTransformV2", projectiveTransform},
    {"ImageProjectiveTransformV3", projectiveTransform},
    {"AdjustContrast", sameAsFirst},
    {"AdjustContrastv2", sameAsFirst},
    {"AdjustHue", sameAsFirst},
    {"AdjustSaturation", sameAsFirst},
    {"RGBToHSV", sameAsFirst},
    {"HSVToRGB", sameAsFirst},
    {"DrawBoundingBoxes", sameAsFirst},
    {"DrawBoundingBoxesV2", sameAsFirst},
    {"EncodeJpeg", scalarOutputs},
    {"EncodePng", scalarOutputs},
};

} // namespace

ShapeRules imageShapeRules() { return kRules; }

} // namespace firn::graph
