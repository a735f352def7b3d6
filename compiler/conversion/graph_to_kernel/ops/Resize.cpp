// ResizeBilinear and its relatives.
#include "compiler/conversion/graph_to_kernel/ops/Resample.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

Number asFloat(Place place) { return fromIndex(*place.b, place.value, DT_FLOAT); }

Place asPlace(const Number &x) { return placeOf(*x.b, convert(x, DT_INT32).value); }

static Number ratioOf(Place in, Place out, bool alignCorners) {
  Number plain = asFloat(in) / asFloat(out);
  if (!alignCorners)
    return plain;
  Place one = placeOf(*in.b, int64_t(1));
  Number aligned = asFloat(in - 1) / asFloat(max(out - 1, one));
  return choose(Truth{in.b, (one < out).value}, aligned, plain);
}

AxisScale::AxisScale(Place in, Place out, bool alignCorners)
    : ratio(ratioOf(in, out, alignCorners)) {}

Taps linearTaps(const Number &at, Place size) {
  Number below = floor(at), share = at - below;
  return {{clamp(asPlace(below), size), 1 - share}, {clamp(asPlace(ceil(at)), size), share}};
}

Number sumOfTaps(const Tensor &image, Value batch, ArrayRef<Tap> rows, ArrayRef<Tap> columns,
                 Value channel) {
  ImplicitLocOpBuilder &b = *rows.front().source.b;
  std::optional<Number> sum;
  for (const Tap &column : columns) {
    std::optional<Number> line;
    for (const Tap &row : rows) {
      Value element =
          NodeLowering::read(b, image, {batch, row.source.value, column.source.value, channel});
      Number term = row.weight * convert({&b, element, image.dtype}, DT_FLOAT);
      line = line ? *line + term : term;
    }
    Number term = column.weight * *line;
    sum = sum ? *sum + term : term;
  }
  return *sum;
}

std::optional<Sizes> resizedTo(NodeLowering &n, const Tensor &image, unsigned index, Size batch) {
  std::optional<Sizes> size = n.elements(index);
  if (size && size->size() == 2)
    return n.outSizes(0, {batch, (*size)[0], (*size)[1], image.sizes.back()});
  return n.outSizes(0);
}

namespace {

// TensorFlow reads the cubic curve from a table of 1024 steps.
struct CubicTable {
  static constexpr int kSteps = 1024;
  double a;

  Number near(const Number &step) const { // distances up to 1
    Number x = step / kSteps;
    return (x * (a + 2) - (a + 3)) * x * x + 1;
  }
  Number far(const Number &step) const { // 1 more
    Number x = step / kSteps + 1;
    return ((x * a - 5 * a) * x + 8 * a) * x - 4 * a;
  }
};

Taps bilinearTaps(Place at, Place in, Place out, bool alignCorners, bool halfPixel) {
  AxisScale scale(in, out, alignCorners);
  return linearTaps(halfPixel ? scale.centre(at) : scale.corner(at), in);
}

// Weights of what lies outside are dropped, and the others scaled to a sum of 1.
void normalizeInside(Taps &taps, Place in) {
  Number sum = like(taps.front().weight, 0);
  for (Tap &tap : taps) {
    Truth isInside{in.b, isWithin(tap.source, in).value};
    tap.weight = choose(isInside, tap.weight, like(tap.weight, 0));
    sum = sum + tap.weight;
  }
  for (Tap &tap : taps)
    tap.weight = choose(abs(sum) >= 1000 * 0x1p-126, tap.weight / sum, tap.weight);
}

Taps bicubicTaps(Place at, Place in, Place out, bool alignCorners, bool halfPixel) {
  AxisScale scale(in, out, alignCorners);
  CubicTable table{halfPixel ? -0.5 : -0.75};
  Number where = halfPixel ? scale.centre(at) : scale.corner(at), below = floor(where);
  Number step = rint((where - below) * CubicTable::kSteps), rest = CubicTable::kSteps - step;
  Place first = asPlace(below);
  Taps taps{{first - 1, table.far(step)},
            {first, table.near(step)},
            {first + 1, table.near(rest)},
            {first + 2, table.far(rest)}};
  if (halfPixel)
    normalizeInside(taps, in);
  for (Tap &tap : taps)
    tap.source = clamp(tap.source, in);
  return taps;
}

using MakeTaps = Taps (*)(Place at, Place in, Place out, bool alignCorners, bool halfPixel);

template <MakeTaps makeTaps> void resize(NodeLowering &n) {
  Tensor image = n.in(0);
  std::optional<Sizes> sizes = image ? resizedTo(n, image, 1, image.sizes.front()) : std::nullopt;
  if (!sizes)
    return;
  bool corners = n.flag("align_corners"), half = n.flag("half_pixel_centers");
  n.give(n.generate(DT_FLOAT, *sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    auto tapsOf = [&](unsigned axis) {
      return makeTaps(placeOf(b, at[axis]), placeOf(b, image.sizes[axis]),
                      placeOf(b, (*sizes)[axis]), corners, half);
    };
    return sumOfTaps(image, at[0], tapsOf(1), tapsOf(2), at[3]).value;
  }));
}

// The stretch of the image that an element of the result covers.
struct Stretch {
  Number from, to, scale;

  Stretch(Place at, Place in, Place out, bool alignCorners)
      : Stretch(at, AxisScale(in, out, alignCorners)) {}
  Stretch(Place at, const AxisScale &by)
      : from(by.corner(at)), to(by.corner(at + 1)), scale(by.scale()) {}

  Place first() const { return asPlace(floor(from)); }
  Place end() const { return asPlace(ceil(to)); }
  Number weight(Place at) const {
    return (minimum(asFloat(at + 1), to) - maximum(asFloat(at), from)) / scale;
  }
};

void resizeArea(NodeLowering &n) {
  Tensor image = n.in(0);
  std::optional<Sizes> sizes = image ? resizedTo(n, image, 1, image.sizes.front()) : std::nullopt;
  if (!sizes)
    return;
  bool corners = n.flag("align_corners");
  n.give(n.generate(DT_FLOAT, *sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Place height = placeOf(b, image.sizes[1]), width = placeOf(b, image.sizes[2]);
    Stretch rows(placeOf(b, at[1]), height, placeOf(b, (*sizes)[1]), corners);
    Stretch columns(placeOf(b, at[2]), width, placeOf(b, (*sizes)[2]), corners);
    auto overRow = [&](ImplicitLocOpBuilder &, Place y, Value so_far) {
      Value row = clamp(y, height).value;
      auto overColumn = [&](ImplicitLocOpBuilder &, Place x, Value sum) {
        Value element = NodeLowering::read(b, image, {at[0], row, clamp(x, width).value, at[3]});
        Number number = convert({&b, element, image.dtype}, DT_FLOAT);
        return (Number{&b, sum, DT_FLOAT} + columns.weight(x) * number).value;
      };
      Value line =
          foldRange(columns.first(), columns.end(), constantOf(b, DT_FLOAT, 0).value, overColumn);
      return (Number{&b, so_far, DT_FLOAT} + rows.weight(y) * Number{&b, line, DT_FLOAT}).value;
    };
    return foldRange(rows.first(), rows.end(), constantOf(b, DT_FLOAT, 0).value, overRow);
  }));
}

void resizeNearest(NodeLowering &n) {
  Tensor image = n.in(0);
  std::optional<Sizes> sizes = image ? resizedTo(n, image, 1, image.sizes.front()) : std::nullopt;
  if (!sizes)
    return;
  bool corners = n.flag("align_corners"), half = n.flag("half_pixel_centers");
  n.give(n.generate(image.dtype, *sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> source(at);
    for (unsigned axis : {1u, 2u}) {
      Place in = placeOf(b, image.sizes[axis]), place = placeOf(b, at[axis]);
      AxisScale scale(in, placeOf(b, (*sizes)[axis]), corners);
      Number where = half ? (asFloat(place) + 0.5) * scale.scale() : scale.corner(place);
      source[axis] = clamp(asPlace(corners ? round(where) : floor(where)), in).value;
    }
    return NodeLowering::read(b, image, source);
  }));
}

const LoweringEntry kResize[] = {
    {"ResizeArea", resizeArea},
    {"ResizeBicubic", resize<bicubicTaps>},
    {"ResizeBilinear", resize<bilinearTaps>},
    {"ResizeNearestNeighbor", resizeNearest},
};

} // namespace

Lowerings resizeLowerings() { return kResize; }

} // namespace firn::kernel
