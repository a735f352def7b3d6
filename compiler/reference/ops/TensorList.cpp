// Lists of tensors: one element at a time.
#include "compiler/reference/ops/TensorList.h"

#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
void giveList(Evaluation &e, List list) { e.give(makeObject(DT_VARIANT, std::move(list))); }

List listInput(Evaluation &e, unsigned index) { return objectInput<TensorList>(e, index); }

List copyOfList(Evaluation &e) {
  List list = listInput(e);
  return list ? std::make_shared<TensorList>(*list) : nullptr;
}

List newList(Evaluation &e, unsigned shapeInput) {
  auto shape = partialShapeInput(e, shapeInput);
  if (!shape)
    return nullptr;
  auto list = std::make_shared<TensorList>();
  list->dtype = e.type("element_dtype");
  list->elementShape = *shape;
  return list;
}

bool expectCount(Evaluation &e, int64_t count) {
  return expect(e, count >= 0 && count <= kMaxElements,
                "expected a number of elements, got " + Twine(count));
}

bool expectInside(Evaluation &e, const TensorList &list, int64_t index) {
  int64_t size = list.elements.size();
  return expect(e, index >= 0 && index < size,
                "expected an index below the list's size " + Twine(size) + ", got " + Twine(index));
}

bool expectElement(Evaluation &e, const TensorList &list, const Tensor &value) {
  return expect(e, value.dtype() == list.dtype && list.elementShape.allows(value.shape()),
                "expected elements of " + dataTypeMnemonic(list.dtype) + " of shape " +
                    list.elementShape.text() + ", got " + value.text());
}

bool expectDtype(Evaluation &e, const TensorList &list) {
  return expect(e, list.dtype == e.type("element_dtype"),
                "expected a list of " + dataTypeMnemonic(e.type("element_dtype")) +
                    ", got one of " + dataTypeMnemonic(list.dtype));
}

std::optional<PartialShape> commonShape(Evaluation &e, const TensorList &list,
                                        const PartialShape &wanted, ArrayRef<Tensor> written) {
  auto shape = list.elementShape.merged(wanted);
  for (const Tensor &element : written)
    if (shape && !shape->isFull() && element)
      shape = shape->merged(PartialShape(element.shape()));
  if (!expect(e, shape.has_value(),
              "expected elements of shape " + wanted.text() + ", got a list of elements of shape " +
                  list.elementShape.text()))
    return std::nullopt;
  return shape;
}

Tensor rowsOf(const Tensor &tensor, int64_t first, int64_t count) {
  Shape shape(tensor.shape().drop_front());
  int64_t row = countElements(shape);
  if (count >= 0)
    shape.insert(shape.begin(), count);
  Tensor part(tensor.dtype(), shape);
  copyRun(tensor, first * row, part, 0, part.size());
  return part;
}

namespace {

/// The element, or zeros of the shape that it would have.
std::optional<Tensor> elementOf(Evaluation &e, const TensorList &list, const Tensor &element,
                                const PartialShape &wanted) {
  if (element) {
    if (!expect(e, wanted.allows(element.shape()),
                "expected an element of shape " + wanted.text() + ", got " + element.text()))
      return std::nullopt;
    return element;
  }
  auto shape = commonShape(e, list, wanted, list.elements);
  if (!shape || !expect(e, shape->isFull(),
                        "expected a full element shape for an element that was not written, got " +
                            shape->text()))
    return std::nullopt;
  return Tensor(list.dtype, shape->dims());
}

void emptyList(Evaluation &e) {
  List list = newList(e, 0);
  auto most = list ? integerInput(e, 1) : std::nullopt;
  if (!most)
    return;
  list->maxElements = *most;
  giveList(e, list);
}

void reserve(Evaluation &e) {
  List list = newList(e, 0);
  auto count = list ? integerInput(e, 1) : std::nullopt;
  if (!count || !expectCount(e, *count))
    return;
  list->elements.resize(*count);
  giveList(e, list);
}

void getItem(Evaluation &e) {
  List list = listInput(e);
  auto index = list ? integerInput(e, 1) : std::nullopt;
  auto wanted = index ? partialShapeInput(e, 2) : std::nullopt;
  if (!wanted || !expectDtype(e, *list) || !expectInside(e, *list, *index))
    return;
  if (auto item = elementOf(e, *list, list->elements[*index], *wanted))
    e.give(*item);
}

void setItem(Evaluation &e) {
  List list = copyOfList(e);
  auto index = list ? integerInput(e, 1) : std::nullopt;
  if (!index || !expectElement(e, *list, e.input(2)))
    return;
  if (e.flag("resize_if_index_out_of_bounds") && *index >= 0 && *index < kMaxElements)
    list->elements.resize(std::max<size_t>(list->elements.size(), *index + 1));
  if (!expectInside(e, *list, *index))
    return;
  list->elements[*index] = e.input(2);
  giveList(e, list);
}

bool push(Evaluation &e, TensorList &list, Tensor value) {
  int64_t size = list.elements.size();
  if (!expectElement(e, list, value) ||
      !expect(e, list.maxElements < 0 || size < list.maxElements,
              "expected at most " + Twine(list.maxElements) + " elements, got one more"))
    return false;
  list.elements.push_back(std::move(value));
  return true;
}

void pushBack(Evaluation &e) {
  List list = copyOfList(e);
  if (list && push(e, *list, e.input(1)))
    giveList(e, list);
}

void pushBackBatch(Evaluation &e) {
  const Tensor &handles = e.input(0), &tensor = e.input(1);
  if (!expect(e, tensor.rank() > 0 && tensor.dim(0) == handles.size(),
              "expected a row for each of " + Twine(handles.size()) + " lists, got " +
                  tensor.text()))
    return;
  Tensor output(DT_VARIANT, handles.shape());
  for (int64_t i = 0; i < handles.size(); ++i) {
    std::shared_ptr<Object> object = handles.objects()[i];
    if (!expect(e, object && object->kind() == TensorList::kKind,
                "expected lists, got " + handles.text()))
      return;
    auto list = std::make_shared<TensorList>(static_cast<TensorList &>(*object));
    if (!push(e, *list, rowsOf(tensor, i, -1)))
      return;
    output.mutableValues<std::shared_ptr<Object>>()[i] = list;
  }
  e.give(output);
}

void popBack(Evaluation &e) {
  List list = copyOfList(e);
  auto wanted = list ? partialShapeInput(e, 1) : std::nullopt;
  if (!wanted || !expectDtype(e, *list) ||
      !expect(e, !list->elements.empty(), "expected a list with elements, got an empty one"))
    return;
  auto item = elementOf(e, *list, list->elements.back(), *wanted);
  if (!item)
    return;
  list->elements.pop_back();
  giveList(e, list);
  e.give(1, *item);
}

void length(Evaluation &e) {
  if (List list = listInput(e))
    e.give(makeScalar<int32_t>(DT_INT32, list->elements.size()));
}

void resize(Evaluation &e) {
  List list = copyOfList(e);
  auto count = list ? integerInput(e, 1) : std::nullopt;
  if (!count || !expectCount(e, *count))
    return;
  list->elements.resize(*count);
  giveList(e, list);
}

void elementShape(Evaluation &e) {
  List list = listInput(e);
  if (!list)
    return;
  int dtype = e.type("shape_type");
  if (!list->elementShape.hasRank())
    return e.give(makeIntegers(dtype, {}, {-1}));
  ArrayRef<int64_t> dims = list->elementShape.dims();
  e.give(makeIntegers(dtype, {static_cast<int64_t>(dims.size())}, dims));
}

void concatLists(Evaluation &e) {
  List list = copyOfList(e), other = list ? listInput(e, 1) : nullptr;
  if (!other || !expectDtype(e, *list) || !expectDtype(e, *other))
    return;
  llvm::append_range(list->elements, other->elements);
  giveList(e, list);
}

constexpr KernelEntry kKernels[] = {
    {"EmptyTensorList", emptyList},
    {"TensorListConcatLists", concatLists},
    {"TensorListReserve", reserve},
    {"TensorListGetItem", getItem},
    {"TensorListSetItem", setItem},
    {"TensorListPushBack", pushBack},
    {"TensorListPushBackBatch", pushBackBatch},
    {"TensorListPopBack", popBack},
    {"TensorListLength", length},
    {"TensorListResize", resize},
    {"TensorListElementShape", elementShape},
};

} // namespace

KernelList tensorListKernels() { return kKernels; }

} // namespace firn::reference
