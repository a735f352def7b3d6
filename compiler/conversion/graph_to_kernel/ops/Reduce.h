// Reductions as lowerings are made of them.
#pragma once

#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

namespace firn::kernel {

/// How elements become one: from `start` on, `step` takes (so far, element).
struct Folding {
  Number (*start)(mlir::ImplicitLocOpBuilder &, int dtype);
  Number (*step)(const Number &, const Number &);
};

/// Sums; they may be added up in any order.
extern const Folding kAdding, kMultiplying, kGreatest, kLeast;

/// Folds the elements along sorted `axes`; the axes are dropped, or with `keep` of size 1.
Tensor fold(NodeLowering &n, const Tensor &x, llvm::ArrayRef<int64_t> axes, bool keep,
            const Folding &folding);

/// 16-bit floats as f32, in which they are summed up.
Tensor widened(NodeLowering &n, const Tensor &x);

/// Axis `axis` of a tensor of rank `rank`, counted from its end where it is negative; nothing, with
/// a failure, where there is none.
std::optional<int64_t> normalAxis(NodeLowering &n, std::optional<int64_t> axis, int64_t rank);

} // namespace firn::kernel
