// Ops that repeat a tensor or put a border round it, and those that trade space for batch or depth.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::Twine;

namespace firn::reference {
namespace {

/// Elements before and behind each axis.
struct Border {
  Shape before, behind;
};

std::optional<Border> borderInput(Evaluation &e, unsigned index, int64_t axes) {
  const Tensor &tensor = e.input(index);
  if (!expect(e, tensor.rank() == 2 && tensor.dim(0) == axes && tensor.dim(1) == 2,
              "expected a border of shape [" + Twine(axes) + ",2], got " + tensor.text()))
    return std::nullopt;
  SmallVector<int64_t> values = integersOf(tensor);
  Border border;
  for (int64_t axis = 0; axis < axes; ++axis) {
    border.before.push_back(values[2 * axis]);
    border.behind.push_back(values[2 * axis + 1]);
  }
  if (!expect(e, llvm::all_of(values, [](int64_t v) { return v >= 0 && v < INT32_MAX; }),
              "expected a border that is not negative, got " + shapeText(values)))
    return std::nullopt;
  return border;
}

Shape withBorder(ArrayRef<int64_t> shape, const Border &border) {
  Shape wide(shape);
  for (size_t i = 0; i < wide.size(); ++i)
    wide[i] += border.before[i] + border.behind[i];
  return wide;
}

/// `output` has the shape `withBorder`; only its middle is written.
void copyIntoBorder(const Tensor &input, const Border &border, Tensor &output) {
  Shape strides = stridesOf(output.shape());
  copyElements(input, {0, stridesOf(input.shape())}, output,
               {offsetOf(border.before, strides), strides}, input.shape());
}

void pad(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto border = borderInput(e, 1, input.rank());
  if (!border)
    return;
  Tensor output = e.make(0, input.dtype(), withBorder(input.shape(), *border));
  if (e.failed())
    return;
  if (e.numInputs() > 2) {
    if (!expectRank(e, 2, 0))
      return;
    fillWith(e.input(2), 0, output);
  }
  copyIntoBorder(input, *border, output);
}

// Fills the border of one axis from the middle; the other axes are complete or come later.
void mirrorAxis(Tensor &output, int64_t axis, int64_t before, int64_t behind, bool withEdge) {
  Shape shape(output.shape()), forth = stridesOf(shape), back = forth;
  int64_t step = forth[axis], end = output.dim(axis) - behind;
  back[axis] = -step;
  shape[axis] = before;
  copyElements(output, {(before + !withEdge) * step, forth}, output, {(before - 1) * step, back},
               shape);
  shape[axis] = behind;
  copyElements(output, {(end - 1 - !withEdge) * step, back}, output, {end * step, forth}, shape);
}

void mirrorPad(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto border = borderInput(e, 1, input.rank());
  if (!border)
    return;
  bool withEdge = e.text("mode") == "SYMMETRIC";
  for (int64_t axis = 0; axis < input.rank(); ++axis) {
    int64_t most = input.dim(axis) - !withEdge;
    int64_t widest = std::max(border->before[axis], border->behind[axis]);
    if (!expect(e, widest <= most || widest == 0,
                "expected a border of at most " + Twine(most) + " at axis " + Twine(axis) +
                    ", got " + Twine(widest)))
      return;
  }
  Tensor output = e.make(0, input.dtype(), withBorder(input.shape(), *border));
  if (e.failed())
    return;
  copyIntoBorder(input, *border, output);
  for (int64_t axis = 0; axis < input.rank(); ++axis)
    mirrorAxis(output, axis, border->before[axis], border->behind[axis], withEdge);
}

void tile(Evaluation &e) {
  const Tensor &input = e.input(0);
  auto multiples = integersInput(e, 1);
  if (!multiples)
    return;
  bool fits = static_cast<int64_t>(multiples->size()) == input.rank() &&
              llvm::all_of(*multiples, [](int64_t m) { return m >= 0 && m <= INT32_MAX; });
  if (!expect(e, fits,
              "expected a multiple for each axis of " + input.text() + ", got " +
                  shapeText(*multiples)))
    return;
  Shape shape(input.shape()), own = stridesOf(shape), from, to, space;
  for (auto [dim, times] : llvm::zip(shape, *multiples))
    dim *= times;
  Tensor output = e.make(0, input.dtype(), shape);
  if (e.failed())
    return;
  for (auto [dim, times, source, target] :
       llvm::zip(input.shape(), *multiples, own, stridesOf(shape))) {
    space.append({times, dim});
    from.append({0, source});
    to.append({target * dim, target});
  }
  copyElements(input, {0, from}, output, {0, to}, space);
}

/// How [batch·blocks, …] and [batch, … larger] lie in each other: for each place in a block, each
/// batch entry, each block of the spatial axes, each element behind them.
struct Blocks {
  Shape space;     // blocks…, batch, spatial…, rest
  Strided spatial; // in [batch, spatial·block…, rest]
  Shape many;      // the shape [batch·blocks, spatial…, rest]

  Blocks(ArrayRef<int64_t> whole, ArrayRef<int64_t> block) {
    Shape strides = stridesOf(whole);
    int64_t count = countElements(block), axes = block.size();
    space.assign(block.begin(), block.end());
    spatial.strides.assign(strides.begin() + 1, strides.begin() + 1 + axes);
    many.assign(whole.begin(), whole.end());
    many[0] *= count;
    for (int64_t i = 0; i < axes; ++i) {
      many[1 + i] /= block[i];
      strides[1 + i] *= block[i];
    }
    space.push_back(whole[0]);
    space.append(many.begin() + 1, many.end());
    spatial.strides.append(strides);
  }
};

bool checkBlock(Evaluation &e, const Tensor &input, ArrayRef<int64_t> block) {
  int64_t count = 1;
  bool fits = static_cast<int64_t>(block.size()) < input.rank();
  for (int64_t side : block)
    fits = fits && side >= 1 && !llvm::MulOverflow(count, side, count) && count <= INT32_MAX;
  return expect(e, fits,
                "expected block sizes for axes of " + input.text() + ", got " + shapeText(block));
}

// A border of the spatial axes as one of all.
Border forAll(const Border &border, int64_t rank) {
  Border all{Shape(rank, 0), Shape(rank, 0)};
  llvm::copy(border.before, all.before.begin() + 1);
  llvm::copy(border.behind, all.behind.begin() + 1);
  return all;
}

void spaceToBatch(Evaluation &e, ArrayRef<int64_t> block, unsigned paddings) {
  const Tensor &input = e.input(0);
  if (!checkBlock(e, input, block))
    return;
  auto border = borderInput(e, paddings, block.size());
  if (!border)
    return;
  Border all = forAll(*border, input.rank());
  Shape wide = withBorder(input.shape(), all);
  for (auto [axis, side] : llvm::enumerate(block))
    if (!expect(e, wide[1 + axis] % side == 0,
                "expected padded sizes divisible by " + shapeText(block) + ", got " +
                    shapeText(wide)))
      return;
  Tensor padded = e.make(0, input.dtype(), wide);
  if (e.failed())
    return;
  copyIntoBorder(input, all, padded);
  Blocks blocks(wide, block);
  Tensor output = e.make(0, input.dtype(), blocks.many);
  copyElements(padded, blocks.spatial, output, {0, stridesOf(blocks.space)}, blocks.space);
}

void batchToSpace(Evaluation &e, ArrayRef<int64_t> block, unsigned crops) {
  const Tensor &input = e.input(0);
  if (!checkBlock(e, input, block))
    return;
  auto border = borderInput(e, crops, block.size());
  int64_t count = countElements(block);
  if (!border || !expect(e, input.dim(0) % count == 0,
                         "expected a batch divisible by " + Twine(count) + ", got " + input.text()))
    return;
  Shape wide(input.shape());
  wide[0] /= count;
  for (auto [axis, side] : llvm::enumerate(block))
    wide[1 + axis] *= side;
  Border all = forAll(*border, input.rank());
  Shape cropped = wide;
  for (size_t axis = 0; axis < wide.size(); ++axis)
    cropped[axis] -= all.before[axis] + all.behind[axis];
  if (!expect(e, llvm::all_of(cropped, [](int64_t dim) { return dim >= 0; }),
              "expected crops inside " + shapeText(wide) + ", got " + e.input(crops).text()))
    return;
  Tensor whole = e.make(0, input.dtype(), wide);
  if (e.failed())
    return;
  Blocks blocks(wide, block);
  copyElements(input, {0, stridesOf(blocks.space)}, whole, blocks.spatial, blocks.space);
  Tensor output = e.make(0, input.dtype(), cropped);
  Shape strides = stridesOf(wide);
  copyElements(whole, {offsetOf(all.before, strides), strides}, output, {0, stridesOf(cropped)},
               cropped);
}

void spaceToBatchNd(Evaluation &e) {
  if (auto block = integersInput(e, 1))
    spaceToBatch(e, *block, 2);
}
void batchToSpaceNd(Evaluation &e) {
  if (auto block = integersInput(e, 1))
    batchToSpace(e, *block, 2);
}
void spaceToBatch2d(Evaluation &e) {
  if (expectRank(e, 0, 4))
    spaceToBatch(e, {e.integer("block_size"), e.integer("block_size")}, 1);
}
void batchToSpace2d(Evaluation &e) {
  if (expectRank(e, 0, 4))
    batchToSpace(e, {e.integer("block_size"), e.integer("block_size")}, 1);
}

/// The order in which depth lies: for each batch entry, row, column, then place in a block (rows,
/// columns), then channel; `space` has the smaller spatial sizes and the smaller depth.
struct DepthBlocks {
  Shape space, spatial, deep; // [n, h, w, by, bx, c], strides in the wide and in the deep tensor

  DepthBlocks(ArrayRef<int64_t> wide, ArrayRef<int64_t> deepShape, int64_t block, bool channels) {
    int64_t h = channels ? 2 : 1, w = h + 1, c = channels ? 1 : 3;
    Shape s = stridesOf(wide), d = stridesOf(deepShape);
    space = {wide[0], deepShape[h], deepShape[w], block, block, wide[c]};
    spatial = {s[0], block * s[h], block * s[w], s[h], s[w], s[c]};
    deep = {d[0], d[h], d[w], block * wide[c] * d[c], wide[c] * d[c], d[c]};
  }
};

void spaceAndDepth(Evaluation &e, bool toDepth) {
  const Tensor &input = e.input(0);
  int64_t block = e.integer("block_size");
  bool channels = e.text("data_format") == "NCHW";
  if (!expectRank(e, 0, 4) ||
      !expect(e, channels || e.text("data_format") == "NHWC",
              "expected the format NHWC or NCHW, got " + e.text("data_format")) ||
      !expect(e, block > 1 && block < INT16_MAX, "expected a block above 1, got " + Twine(block)))
    return;
  Shape shape(input.shape());
  int64_t &h = shape[channels ? 2 : 1], &w = shape[channels ? 3 : 2], &c = shape[channels ? 1 : 3];
  bool fits = toDepth ? h % block == 0 && w % block == 0 : c % (block * block) == 0;
  if (!expect(e, fits, "expected sizes divisible by " + Twine(block) + ", got " + input.text()))
    return;
  h = toDepth ? h / block : h * block;
  w = toDepth ? w / block : w * block;
  c = toDepth ? c * block * block : c / (block * block);
  Tensor output = e.make(0, input.dtype(), shape);
  if (e.failed())
    return;
  if (toDepth) {
    DepthBlocks blocks(input.shape(), shape, block, channels);
    copyElements(input, {0, blocks.spatial}, output, {0, blocks.deep}, blocks.space);
  } else {
    DepthBlocks blocks(shape, input.shape(), block, channels);
    copyElements(input, {0, blocks.deep}, output, {0, blocks.spatial}, blocks.space);
  }
}

void spaceToDepth(Evaluation &e) { spaceAndDepth(e, true); }
void depthToSpace(Evaluation &e) { spaceAndDepth(e, false); }

constexpr KernelEntry kKernels[] = {
    {"Pad", pad},
    {"PadV2", pad},
    {"MirrorPad", mirrorPad},
    {"Tile", tile},
    {"SpaceToBatchND", spaceToBatchNd},
    {"BatchToSpaceND", batchToSpaceNd},
    {"SpaceToBatch", spaceToBatch2d},
    {"BatchToSpace", batchToSpace2d},
    {"SpaceToDepth", spaceToDepth},
    {"DepthToSpace", depthToSpace},
};

} // namespace

KernelList padKernels() { return kKernels; }

} // namespace firn::reference
