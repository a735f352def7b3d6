#include "compiler/transforms/graph/rebatch/Rows.h"

#include <cstring>

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace firn::graph {

using reference::Tensor;

namespace {

/// A tensor as `outer` blocks of `count` rows of `bytes` each.
struct RowLayout {
  RowLayout(const Tensor &tensor, unsigned axis)
      : outer(reference::countElements(tensor.shape().take_front(axis))), count(tensor.dim(axis)),
        bytes(reference::countElements(tensor.shape().drop_front(axis + 1)) *
              reference::elementBytes(tensor.dtype())) {}
  int64_t outer, count, bytes;
};

} // namespace

bool hasEqualRows(const Tensor &tensor, unsigned axis) {
  RowLayout layout(tensor, axis);
  if (tensor.size() == 0)
    return false;
  const char *data = tensor.bytes().data();
  for (int64_t block = 0; block < layout.outer; ++block, data += layout.count * layout.bytes)
    for (int64_t row = 1; row < layout.count; ++row)
      if (std::memcmp(data, data + row * layout.bytes, layout.bytes) != 0)
        return false;
  return true;
}

Tensor withRows(const Tensor &tensor, unsigned axis, int64_t count) {
  RowLayout layout(tensor, axis);
  reference::Shape shape(tensor.shape());
  shape[axis] = count;
  Tensor result(tensor.dtype(), shape);
  const char *from = tensor.bytes().data();
  char *to = result.mutableBytes().data();
  for (int64_t block = 0; block < layout.outer; ++block, from += layout.count * layout.bytes)
    for (int64_t row = 0; row < count; ++row, to += layout.bytes)
      std::memcpy(to, from, layout.bytes);
  return result;
}

Tensor CountingRows::make(const Tensor &like, int64_t count) const {
  reference::Shape shape(like.shape());
  shape[axis] = count;
  SmallVector<int64_t> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(first + i * step);
  return reference::makeIntegers(like.dtype(), shape, values);
}

std::optional<CountingRows> countingRows(const Tensor &tensor) {
  bool isIndex = tensor.dtype() == graph::DT_INT32 || tensor.dtype() == graph::DT_INT64;
  if (!isIndex || tensor.size() < 2 || !is_contained(tensor.shape(), tensor.size()))
    return std::nullopt;
  SmallVector<int64_t> values = reference::integersOf(tensor);
  CountingRows rows;
  rows.axis = find(tensor.shape(), tensor.size()) - tensor.shape().begin();
  rows.first = values[0];
  rows.step = values[1] - values[0];
  for (size_t i = 1; i < values.size(); ++i)
    if (values[i] - values[i - 1] != rows.step)
      return std::nullopt;
  return rows.step == 0 ? std::nullopt : std::optional<CountingRows>(rows);
}

} // namespace firn::graph
