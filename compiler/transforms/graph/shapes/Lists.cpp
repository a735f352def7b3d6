// TensorArrays, which are changed in place behind their handle, and TensorLists, which are values.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

ShapeInfo prefixed(Dim first, const ShapeInfo &item) {
  if (!item.ranked)
    return {};
  ShapeInfo info = ShapeInfo::of({first});
  llvm::append_range(info.dims, item.dims);
  return info;
}

ShapeInfo withoutFirst(const ShapeInfo &info) {
  return info.ranked && info.rank() > 0 ? ShapeInfo::of(ArrayRef<Dim>(info.dims).drop_front())
                                        : ShapeInfo();
}

Dim elementOr(NodeShapes &s, unsigned input) {
  const ShapeInfo &info = s.in(input);
  return info.hasElements && info.elements.size() == 1 ? s.asDim(info.elements[0]) : s.fresh();
}

void array(NodeShapes &s) {
  Dim length = s.flag("dynamic_size") ? s.fresh() : elementOr(s, 0);
  s.makeArray(s.shape("element_shape", /*isOrigin=*/true), length);
  ShapeInfo handle = ShapeInfo::of({});
  // Handles were vectors of two strings, and are scalars now.
  if (s.node.elementType(0) && !isa<ShapedType>(s.node.elementType(0)))
    handle.dims.push_back(2);
  handle.array = s.node.operation();
  s.out(0, std::move(handle));
  s.out(1, ShapeInfo::scalar());
}

void arrayWrite(NodeShapes &s) {
  s.writeArray(s.in(0), dimsOnly(s.in(2)));
  s.out(ShapeInfo::scalar());
}

void arrayRead(NodeShapes &s) {
  if (const ListInfo *known = s.readArray(s.in(0)))
    s.out(known->item);
}

void arrayScatter(NodeShapes &s) {
  const ShapeInfo &indices = s.in(1), &value = s.in(2);
  if (value.ranked && value.rank() > 0) {
    Dim count = value.dims[0];
    if (indices.hasRank(1))
      count = s.same(indices.dims[0], count);
    if (const ListInfo *known = s.readArray(s.in(0)))
      s.same(known->length, count);
    s.writeArray(s.in(0), withoutFirst(value));
  }
  s.out(ShapeInfo::scalar());
}

void arrayGather(NodeShapes &s) {
  ShapeInfo item = s.shape("element_shape", /*isOrigin=*/true);
  const ListInfo *known = s.readArray(s.in(0));
  if (known)
    item = s.sameItem(known->item, item);
  Dim count = s.in(1).hasRank(1) ? s.in(1).dims[0] : s.fresh();
  // All indices, as stack() makes them: as many as there are places.
  if (known && known->length.isTracked() && count.isConstant() &&
      s.state.writtenValue(known->length) == count.coefficient())
    count = s.same(count, known->length);
  s.out(prefixed(count, item));
}

void arraySplit(NodeShapes &s) {
  ShapeInfo item = withoutFirst(s.in(1));
  if (item.ranked)
    s.writeArray(s.in(0), prefixed(s.fresh(), item));
  s.out(ShapeInfo::scalar());
}

void arrayConcat(NodeShapes &s) {
  ShapeInfo item = s.shape("element_shape_except0");
  if (const ListInfo *known = s.readArray(s.in(0)))
    item = s.sameItem(withoutFirst(known->item), item);
  s.out(0, prefixed(s.fresh(), item));
  s.out(1, s.freshOfRank(1));
}

void arraySize(NodeShapes &s) {
  const ListInfo *known = s.readArray(s.in(0));
  s.out(known ? ShapeInfo::element(known->length) : ShapeInfo::scalar());
}

void arrayGradient(NodeShapes &s) {
  s.out(0, dimsOnly(s.in(0)));
  s.out(1, ShapeInfo::scalar());
}

// The shape of elements as an input: -1 alone for any.
ShapeInfo itemFrom(NodeShapes &s, unsigned input) {
  const ShapeInfo &info = s.in(input);
  return info.ranked && info.rank() == 1 ? s.shapeFromElements(info) : ShapeInfo();
}

void yieldList(NodeShapes &s, ShapeInfo item, Dim length) {
  ShapeInfo handle = ShapeInfo::scalar();
  handle.list = std::make_shared<ListInfo>(ListInfo{dimsOnly(item), length});
  s.out(std::move(handle));
}

ListInfo listIn(NodeShapes &s) {
  const ShapeInfo &handle = s.in(0);
  return handle.list ? *handle.list : ListInfo{ShapeInfo(), s.fresh()};
}

void listReserve(NodeShapes &s) { yieldList(s, itemFrom(s, 0), elementOr(s, 1)); }
void listEmpty(NodeShapes &s) { yieldList(s, itemFrom(s, 0), Dim(0)); }

void listFromTensor(NodeShapes &s) {
  const ShapeInfo &tensor = s.in(0);
  yieldList(s, s.sameItem(withoutFirst(tensor), itemFrom(s, 1)),
            tensor.ranked && tensor.rank() > 0 ? tensor.dims[0] : s.fresh());
}

void listSet(NodeShapes &s) {
  ListInfo list = listIn(s);
  // A list that may grow has an unknown length, but where the element is known to be inside.
  std::optional<int64_t> at = s.constant(1), length = list.length.constant();
  if (s.flag("resize_if_index_out_of_bounds") && !(at && length && *at < *length))
    list.length = at && length ? Dim(*at + 1) : s.fresh();
  yieldList(s, s.sameItem(dimsOnly(s.in(2)), list.item), list.length);
}

void listPush(NodeShapes &s) {
  ListInfo list = listIn(s);
  yieldList(s, s.sameItem(dimsOnly(s.in(1)), list.item), s.plus(list.length, 1));
}

void listPop(NodeShapes &s) {
  ListInfo list = listIn(s);
  ShapeInfo item = s.sameItem(list.item, itemFrom(s, 1));
  yieldList(s, item, s.asDim(s.minus(list.length, 1)));
  s.out(1, item);
}

void listGet(NodeShapes &s) { s.out(s.sameItem(listIn(s).item, itemFrom(s, 2))); }

void listLength(NodeShapes &s) { s.out(ShapeInfo::element(listIn(s).length)); }

void listStack(NodeShapes &s) {
  ListInfo list = listIn(s);
  int64_t count = s.integer("num_elements", -1);
  if (count >= 0) {
    Dim written = count;
    if (s.state.isTracking())
      written = s.state.stamped(count, {Origin::Attribute, nullptr, s.node.operation(), 0});
    list.length = s.same(list.length, written);
  }
  s.out(prefixed(list.length, s.sameItem(list.item, itemFrom(s, 1))));
}

void listGather(NodeShapes &s) {
  s.out(prefixed(s.in(1).hasRank(1) ? s.in(1).dims[0] : s.fresh(),
                 s.sameItem(listIn(s).item, itemFrom(s, 2))));
}

void listConcat(NodeShapes &s) {
  s.out(0, prefixed(s.fresh(), withoutFirst(listIn(s).item)));
  s.out(1, s.freshOfRank(1));
}

void listElementShape(NodeShapes &s) {
  ListInfo list = listIn(s);
  s.out(list.item.ranked ? ShapeInfo::vector(list.item.dims) : ShapeInfo());
}

constexpr ShapeRuleEntry kRules[] = {
    {"TensorArrayV2", array},
    {"TensorArrayV3", array},
    {"TensorArrayWriteV2", arrayWrite},
    {"TensorArrayWriteV3", arrayWrite},
    {"TensorArrayReadV2", arrayRead},
    {"TensorArrayReadV3", arrayRead},
    {"TensorArrayScatterV2", arrayScatter},
    {"TensorArrayScatterV3", arrayScatter},
    {"TensorArrayGatherV2", arrayGather},
    {"TensorArrayGatherV3", arrayGather},
    {"TensorArraySplitV2", arraySplit},
    {"TensorArraySplitV3", arraySplit},
    {"TensorArrayConcatV2", arrayConcat},
    {"TensorArrayConcatV3", arrayConcat},
    {"TensorArraySizeV2", arraySize},
    {"TensorArraySizeV3", arraySize},
    {"TensorArrayGradV3", arrayGradient},
    {"TensorListReserve", listReserve},
    {"EmptyTensorList", listEmpty},
    {"TensorListFromTensor", listFromTensor},
    {"TensorListSetItem", listSet},
    {"TensorListGetItem", listGet},
    {"TensorListPushBack", listPush},
    {"TensorListPopBack", listPop},
    {"TensorListLength", listLength},
    {"TensorListStack", listStack},
    {"TensorListGather", listGather},
    {"TensorListConcat", listConcat},
    {"TensorListConcatV2", listConcat},
    {"TensorListElementShape", listElementShape},
};

} // namespace

ShapeRules listShapeRules() { return kRules; }

} // namespace firn::graph
