// TensorArrays and TensorLists as tensors.
#include "compiler/conversion/graph_to_kernel/GraphLowering.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

std::optional<List> NodeLowering::list(unsigned index) {
  Lowered *lowered = graph.find(node.input(index));
  if (!lowered)
    hasFailed = true; // reported
  else if (!lowered->list)
    fail("input " + Twine(index) + " is no list that the graph makes");
  return hasFailed ? std::nullopt : lowered->list;
}

std::optional<List> NodeLowering::fetchedList(Value output) {
  Lowered *lowered = graph.find(output);
  return lowered ? lowered->list : std::nullopt;
}

void NodeLowering::giveList(unsigned index, List list) {
  if (!failed())
    graph.set(node.output(index), {Tensor(), std::nullopt, std::move(list)});
}

void NodeLowering::giveHandle(unsigned index) { graph.set(node.output(index), {}); }

std::optional<Size> NodeLowering::place(unsigned index, Size length) {
  std::optional<Sizes> known = elements(index);
  if (known && known->size() == 1) {
    Size at = known->front();
    std::optional<int64_t> number = constantSize(at), count = constantSize(length);
    if (graph.isBelow(at, length) || (number && count && *number >= 0 && *number < *count))
      return at;
    if (number && (*number < 0 || count)) {
      fail("index " + Twine(*number) + " lies outside of the list");
      return std::nullopt;
    }
  }
  Tensor at = in(index);
  if (!at)
    return std::nullopt;
  // The runtime checks that it is at most the last one.
  return readSize(at, sub(length, size(1)));
}

std::optional<Sizes> NodeLowering::elementSizes(const List &list, Value value) {
  const ListInfo *info = list.array ? graph.arrayInfo(list.array) : graph.shapeOf(value).list.get();
  if (!info || !info->item.ranked)
    return std::nullopt;
  Sizes sizes;
  for (Dim dim : info->item.dims) {
    sizes.push_back(graph.sizeOf(dim, b));
    if (!sizes.back())
      return std::nullopt;
  }
  return sizes;
}

Tensor NodeLowering::stored(const List &list, Value value, const std::optional<Sizes> &element) {
  if (list.elements)
    return list.elements;
  std::optional<Sizes> sizes = element ? element : elementSizes(list, value);
  if (!sizes) {
    fail("the shape of the elements of a list is not known before they are stored");
    return {};
  }
  sizes->insert(sizes->begin(), list.length);
  return zeros(list.dtype, *sizes);
}

} // namespace firn::kernel
