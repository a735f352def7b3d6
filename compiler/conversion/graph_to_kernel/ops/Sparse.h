// Sparse tensors as their ops take and give them: indices, values, a shape.
#pragma once

#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"

namespace firn::kernel {

struct Sparse {
  Tensor indices; // int64 [count, rank]
  Tensor values;  // [count]
  int64_t rank = 0;

  explicit operator bool() const { return bool(indices); }
  Size count() const { return indices.sizes[0]; }
};

/// Of two inputs; null after a failure, such as a rank that is not known.
Sparse sparseInput(NodeLowering &n, unsigned indices, unsigned values);
/// The shape beside them, which has to be known before the run; fails where it is data.
std::optional<Sizes> sparseShape(NodeLowering &n, unsigned index);
void giveEntries(NodeLowering &n, unsigned indices, unsigned values, const Sparse &sparse);

/// Part `axis` of the index of an entry, inside of code.
Place partOf(mlir::ImplicitLocOpBuilder &b, const Sparse &sparse, mlir::Value entry, int64_t axis);
/// For each entry an integer (int64): `body` takes its number.
Tensor forEachEntry(NodeLowering &n, const Sparse &sparse,
                    const std::function<Place(mlir::ImplicitLocOpBuilder &, mlir::Value)> &body);
/// The first `count` of the rows that `numbers` (int64) name.
Tensor picked(NodeLowering &n, const Tensor &rows, const Tensor &numbers, Size count);
Sparse picked(NodeLowering &n, const Sparse &sparse, const Tensor &numbers, Size count);
/// The entries whose byte in `isKept` is not 0.
Sparse filtered(NodeLowering &n, const Sparse &sparse, const Tensor &isKept);
/// Numbers of the entries in the order of their indices (int64 [count]).
Tensor orderOf(NodeLowering &n, const Sparse &sparse);

} // namespace firn::kernel
