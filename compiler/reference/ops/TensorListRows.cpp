// Lists of tensors: made of tensors and tensors made of them.
#include "compiler/reference/ops/TensorList.h"

#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
namespace {

void fromTensor(Evaluation &e) {
  const Tensor &tensor = e.input(0);
  List list = newList(e, 1);
  if (!list || !expect(e, tensor.rank() > 0, "expected a vector or more, got " + tensor.text()))
    return;
  for (int64_t i = 0; i < tensor.dim(0); ++i) {
    list->elements.push_back(rowsOf(tensor, i, -1));
    if (!expectElement(e, *list, list->elements.back()))
      return;
  }
  giveList(e, list);
}

void stackElements(Evaluation &e, const TensorList &list, ArrayRef<Tensor> elements,
                   const PartialShape &wanted) {
  auto shape = commonShape(e, list, wanted, elements);
  if (!shape || !expectDtype(e, list) ||
      !expect(e, shape->isFull(),
              "expected a full element shape for a list without elements, got " + shape->text()))
    return;
  Shape dims{static_cast<int64_t>(elements.size())};
  dims.append(shape->dims().begin(), shape->dims().end());
  Tensor output = e.make(0, list.dtype, dims);
  if (e.failed())
    return;
  int64_t size = countElements(shape->dims());
  for (auto [i, element] : llvm::enumerate(elements)) {
    if (!element)
      continue;
    if (!expect(e, shape->allows(element.shape()),
                "expected elements of shape " + shape->text() + ", got " + element.text()))
      return;
    copyRun(element, 0, output, i * size, size);
  }
}

void stack(Evaluation &e) {
  List list = listInput(e);
  auto wanted = list ? partialShapeInput(e, 1) : std::nullopt;
  if (!wanted)
    return;
  int64_t count = e.integer("num_elements"), size = list->elements.size();
  if (expect(e, count < 0 || count == size,
             "expected a list of " + Twine(count) + " elements, got " + Twine(size)))
    stackElements(e, *list, list->elements, *wanted);
}

void gather(Evaluation &e) {
  List list = listInput(e);
  auto indices = list ? integersInput(e, 1) : std::nullopt;
  auto wanted = indices ? partialShapeInput(e, 2) : std::nullopt;
  if (!wanted)
    return;
  Tensors elements;
  for (int64_t index : *indices) {
    if (!expectInside(e, *list, index))
      return;
    elements.push_back(list->elements[index]);
  }
  stackElements(e, *list, elements, *wanted);
}

// Puts row i of a tensor in place indices[i] of a list, which grows to the largest.
void scatterRows(Evaluation &e, List list, const Tensor &tensor, unsigned indicesInput,
                 bool mayGrow) {
  auto indices = list ? integersInput(e, indicesInput) : std::nullopt;
  if (!indices ||
      !expect(e, tensor.rank() > 0 && tensor.dim(0) == static_cast<int64_t>(indices->size()),
              "expected a row for each of " + Twine(indices ? indices->size() : 0) +
                  " indices, got " + tensor.text()))
    return;
  for (auto [i, index] : llvm::enumerate(*indices)) {
    if (mayGrow && index >= static_cast<int64_t>(list->elements.size()) && expectCount(e, index))
      list->elements.resize(index + 1);
    Tensor row = rowsOf(tensor, i, -1);
    if (!expectInside(e, *list, index) || !expectElement(e, *list, row))
      return;
    list->elements[index] = row;
  }
  giveList(e, list);
}

void scatter(Evaluation &e) { scatterRows(e, newList(e, 2), e.input(0), 1, true); }

void scatterV2(Evaluation &e) {
  List list = newList(e, 2);
  auto count = list ? integerInput(e, 3) : std::nullopt;
  if (!count || (*count != -1 && !expectCount(e, *count)))
    return;
  list->elements.resize(std::max<int64_t>(*count, 0));
  scatterRows(e, list, e.input(0), 1, *count == -1);
}

void scatterIntoList(Evaluation &e) { scatterRows(e, copyOfList(e), e.input(1), 2, true); }

// The shape of elements to be joined; their first axis, which may differ, is left open.
std::optional<PartialShape> joinedShape(Evaluation &e, const TensorList &list,
                                        const PartialShape &wanted) {
  auto shape = list.elementShape.openFirst().merged(wanted.openFirst());
  for (const Tensor &element : list.elements)
    if (shape && element)
      shape = shape->merged(PartialShape(element.shape()).openFirst());
  bool fits = shape && shape->hasRank() && !shape->dims().empty() && shape->dropFirst().isFull();
  if (!expect(e, fits,
              "expected elements of one shape but for the first axis, got " +
                  (shape ? *shape : wanted).text()))
    return std::nullopt;
  return shape;
}

// Rows of each element. One that was not written has as many as the shape or else `leading` says.
std::optional<SmallVector<int64_t>> lengthsOf(Evaluation &e, const TensorList &list,
                                              const PartialShape &wanted,
                                              ArrayRef<int64_t> leading) {
  auto shape = list.elementShape.merged(wanted);
  int64_t rows = shape && shape->hasRank() ? shape->dims().front() : -1;
  SmallVector<int64_t> lengths;
  for (auto [i, element] : llvm::enumerate(list.elements)) {
    int64_t absent = rows < 0 && i < leading.size() ? leading[i] : rows;
    lengths.push_back(element ? element.dim(0) : absent);
    if (!expect(e, lengths.back() >= 0,
                "expected a length of element " + Twine(i) + ", which was not written, got none"))
      return std::nullopt;
  }
  return lengths;
}

// Joins the elements along their first axis; zeros for those that were not written.
void concatElements(Evaluation &e, const TensorList &list, const PartialShape &wanted,
                    ArrayRef<int64_t> leading) {
  auto shape = expectDtype(e, list) ? joinedShape(e, list, wanted) : std::nullopt;
  auto lengths = shape ? lengthsOf(e, list, wanted, leading) : std::nullopt;
  if (!lengths)
    return;
  Shape dims(shape->dims());
  dims[0] = 0;
  for (int64_t length : *lengths)
    if (!expect(e, !llvm::AddOverflow(dims[0], length, dims[0]),
                "expected lengths of a tensor, got " + shapeText(*lengths)))
      return;
  Tensor output = e.make(0, list.dtype, dims);
  if (e.failed())
    return;
  int64_t at = 0, row = countElements(shape->dropFirst().dims());
  for (auto [element, count] : llvm::zip(list.elements, *lengths)) {
    if (element)
      copyRun(element, 0, output, at, element.size());
    at += count * row;
  }
  e.give(1, makeIntegers(DT_INT64, {static_cast<int64_t>(lengths->size())}, *lengths));
}

void concat(Evaluation &e) {
  if (List list = listInput(e))
    concatElements(e, *list, PartialShape(e.attr("element_shape")), {});
}

void concatV2(Evaluation &e) {
  List list = listInput(e);
  auto wanted = list ? partialShapeInput(e, 1) : std::nullopt;
  auto leading = wanted ? integersInput(e, 2) : std::nullopt;
  if (leading)
    concatElements(e, *list, *wanted, *leading);
}

void split(Evaluation &e) {
  const Tensor &tensor = e.input(0);
  List list = newList(e, 1);
  auto lengths = list ? integersInput(e, 2) : std::nullopt;
  if (!lengths)
    return;
  int64_t rows = tensor.rank() ? tensor.dim(0) : -1, at = 0;
  for (int64_t length : *lengths) {
    if (!expect(e, length >= 0 && length <= rows - at,
                "expected lengths of at most the rows of " + tensor.text() + ", got " +
                    shapeText(*lengths)))
      return;
    list->elements.push_back(rowsOf(tensor, at, length));
    at += length;
    if (!expectElement(e, *list, list->elements.back()))
      return;
  }
  if (expect(e, at == rows,
             "expected lengths of " + Twine(rows) + " rows together, got " + Twine(at)))
    giveList(e, list);
}

constexpr KernelEntry kKernels[] = {
    {"TensorListFromTensor", fromTensor}, {"TensorListStack", stack},
    {"TensorListGather", gather},         {"TensorListScatter", scatter},
    {"TensorListScatterV2", scatterV2},   {"TensorListScatterIntoExistingList", scatterIntoList},
    {"TensorListConcat", concat},         {"TensorListConcatV2", concatV2},
    {"TensorListSplit", split},
};

} // namespace

KernelList tensorListRowKernels() { return kKernels; }

} // namespace firn::reference
