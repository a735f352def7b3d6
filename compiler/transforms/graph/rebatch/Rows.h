// Constants with a row for each element of a batch.
#pragma once

#include <optional>

#include "compiler/reference/Tensor.h"

namespace firn::graph {

/// All slices along `axis` have the same bytes. False for an empty tensor.
bool hasEqualRows(const reference::Tensor &tensor, unsigned axis);

/// `tensor` with `count` of its first slice along `axis`.
reference::Tensor withRows(const reference::Tensor &tensor, unsigned axis, int64_t count);

/// An int32 or int64 tensor of one dimension that is not 1, whose elements go up by one step.
struct CountingRows {
  unsigned axis = 0;
  int64_t first = 0, step = 0;

  /// `like` with `count` elements.
  reference::Tensor make(const reference::Tensor &like, int64_t count) const;
};

/// Nothing for other tensors, and for fewer than two elements.
std::optional<CountingRows> countingRows(const reference::Tensor &tensor);

} // namespace firn::graph
