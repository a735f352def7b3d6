// Quantised numbers and the real ones that they stand for, as TensorFlow's eight-bit ops compute
// them: the range's least, rounded to a whole number of steps, is the least of the type.
#pragma once

#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

namespace firn::kernel {

/// The integer dtype whose elements a quantised one has.
int heldType(int dtype);
/// An input under that dtype.
Tensor heldInput(NodeLowering &n, unsigned index);

/// The least and the greatest number, of f32; inside of bodies as numbers, outside as scalars.
struct RangeNumbers {
  Number least, most;
};
struct RangeTensors {
  Tensor least, most;
  explicit operator bool() const { return least && most; }
};
RangeTensors rangeInput(NodeLowering &n, unsigned least, unsigned most);
inline RangeTensors rangeInput(NodeLowering &n, unsigned least) {
  return rangeInput(n, least, least + 1);
}
void giveRange(NodeLowering &n, unsigned index, const RangeTensors &range);
/// A scalar of f32 made from scalars.
Tensor scalarOf(NodeLowering &n, llvm::ArrayRef<Tensor> from, const NumberBody &body);

/// The limits of an integer dtype.
struct Limits {
  double lowest, highest;
  double levels() const { return highest - lowest + 1; }
};
Limits limitsOf(int dtype);

/// The whole number (int64) that quantises `value`, also where the dtype cannot hold it.
Number unboundedQuantized(const Number &value, const RangeNumbers &range, Limits limits);
/// The same, within the limits.
Number quantizedNumber(const Number &value, const RangeNumbers &range, Limits limits);
/// The real number of a single quantised one.
Number realNumber(const Number &value, const RangeNumbers &range, Limits limits);

/// The numbers of a tensor (of a held dtype) in another range, as another held dtype.
Tensor requantized(NodeLowering &n, const Tensor &tensor, const RangeTensors &from, int dtype,
                   const RangeTensors &to);

} // namespace firn::kernel
