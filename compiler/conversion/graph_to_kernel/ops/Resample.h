// Images read at places between their elements, inside of bodies.
#pragma once

#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

namespace firn::kernel {

/// A place as f32, and a float cut to an integer as a place.
Number asFloat(Place place);
Place asPlace(const Number &x);

/// An element along an axis, and how much it counts.
struct Tap {
  Place source;
  Number weight;
};
using Taps = llvm::SmallVector<Tap, 4>;

/// Where along an axis of `in` elements the centre of element `at` of `out` lies.
class AxisScale {
public:
  AxisScale(Place in, Place out, bool alignCorners);
  Number scale() const { return ratio; }
  Number corner(Place at) const { return asFloat(at) * ratio; }
  Number centre(Place at) const { return (asFloat(at) + 0.5) * ratio - 0.5; }

private:
  Number ratio;
};

/// The elements below and above, each by its nearness.
Taps linearTaps(const Number &at, Place size);

/// Sum of the elements of `image` [n, height, width, c] at the taps, by their weights.
Number sumOfTaps(const Tensor &image, mlir::Value batch, llvm::ArrayRef<Tap> rows,
                 llvm::ArrayRef<Tap> columns, mlir::Value channel);

/// [n, height, width, c] that input `index` asks for, of images `image`.
std::optional<Sizes> resizedTo(NodeLowering &n, const Tensor &image, unsigned index, Size batch);

} // namespace firn::kernel
