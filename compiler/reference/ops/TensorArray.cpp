// TensorArrays: what loops of TensorFlow 1 read from and write to. The handle is the array; the
// flow that orders its uses is a number without meaning.
#include <numeric>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/PartialShape.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
namespace {

struct TensorArray : Object {
  static constexpr StringRef kKind = "TensorArray";
  StringRef kind() const override { return kKind; }

  struct Element {
    Tensor value;
    bool written = false, read = false, cleared = false;
  };

  int dtype = 0;
  PartialShape elementShape;
  bool dynamicSize = false, clearAfterRead = true, identicalShapes = false, closed = false;
  std::vector<Element> elements;
};

using Array = std::shared_ptr<TensorArray>;

// Elements beyond which an array is not grown: an index that large is a mistake.
constexpr int64_t kMaxElements = 1 << 26;

// Strings name arrays in the second version of these ops.
Array arrayInput(Evaluation &e) {
  Array array;
  const Tensor &handle = e.input(0);
  if (handle.dtype() != DT_STRING) {
    array = objectInput<TensorArray>(e, 0);
  } else if (handle.size() > 0) {
    std::shared_ptr<Object> &object = e.state().named(handle.values<std::string>().back());
    if (expect(e, object && object->kind() == TensorArray::kKind,
               "expected the name of a TensorArray, got '" + handle.values<std::string>().back() +
                   "'"))
      array = std::static_pointer_cast<TensorArray>(object);
  }
  if (!array || !expect(e, !array->closed, "expected an open TensorArray, got a closed one"))
    return nullptr;
  return array;
}

bool expectDtype(Evaluation &e, const TensorArray &array, int dtype) {
  return expect(e, dtype == array.dtype,
                "expected elements of " + dataTypeMnemonic(array.dtype) + ", got " +
                    dataTypeMnemonic(dtype));
}

Array create(Evaluation &e) {
  auto size = integerInput(e, 0);
  if (!size || !expect(e, *size >= 0 && *size <= kMaxElements,
                       "expected a number of elements, got " + Twine(*size)))
    return nullptr;
  auto array = std::make_shared<TensorArray>();
  array->dtype = e.type("dtype");
  array->elementShape = PartialShape(e.attr("element_shape"));
  array->dynamicSize = e.flag("dynamic_size");
  array->clearAfterRead = e.flag("clear_after_read");
  array->identicalShapes = e.flag("identical_element_shapes");
  array->elements.resize(*size);
  return array;
}

void tensorArray(Evaluation &e) {
  if (Array array = create(e)) {
    e.give(0, makeObject(DT_RESOURCE, array));
    e.give(1, makeScalar<float>(DT_FLOAT, 0));
  }
}

void namedTensorArray(Evaluation &e) {
  Array array = create(e);
  if (!array)
    return;
  // The address tells apart arrays that live: the state keeps every one.
  std::string name =
      (e.node().name() + "@" + Twine(reinterpret_cast<uintptr_t>(array.get()))).str();
  e.state().named(name) = array;
  e.give(makeScalar<std::string>(DT_STRING, name));
}

bool reach(Evaluation &e, TensorArray &array, int64_t index) {
  int64_t size = array.elements.size();
  if (!expect(e, index >= 0 && index < (array.dynamicSize ? kMaxElements : size),
              "expected an index below the TensorArray's size " + Twine(size) + ", got " +
                  Twine(index)))
    return false;
  if (index >= size)
    array.elements.resize(index + 1);
  return true;
}

bool writeElement(Evaluation &e, TensorArray &array, int64_t index, Tensor value) {
  if (!expectDtype(e, array, value.dtype()) || !reach(e, array, index))
    return false;
  TensorArray::Element &element = array.elements[index];
  if (!expect(e, !element.written && !element.read,
              "expected each element to be written once, got index " + Twine(index) + " again") ||
      !expect(e, array.elementShape.allows(value.shape()),
              "expected elements of shape " + array.elementShape.text() + ", got " + value.text()))
    return false;
  if (array.identicalShapes)
    array.elementShape = PartialShape(value.shape());
  element.value = std::move(value);
  element.written = true;
  return true;
}

/// The value, zeros for one that was not written; nothing after a failure.
std::optional<Tensor> readElement(Evaluation &e, TensorArray &array, int64_t index) {
  int64_t size = array.elements.size();
  if (!expect(e, index >= 0 && index < size,
              "expected an index below the TensorArray's size " + Twine(size) + ", got " +
                  Twine(index)))
    return std::nullopt;
  TensorArray::Element &element = array.elements[index];
  if (!expect(e, !element.cleared,
              "expected each element to be read once, got index " + Twine(index) + " again") ||
      !expect(e, element.written || array.elementShape.isFull(),
              "expected a written element, or a full element shape, got index " + Twine(index) +
                  " and the shape " + array.elementShape.text()))
    return std::nullopt;
  if (!element.written) {
    element.value = Tensor(array.dtype, array.elementShape.dims());
    element.written = true;
  }
  element.read = true;
  Tensor value = element.value;
  if (array.clearAfterRead) {
    element.value = Tensor();
    element.cleared = true;
  }
  return value;
}

// The flow is the last input of every op that has one.
void giveFlow(Evaluation &e, unsigned index = 0) { e.give(index, e.inputs().back()); }

void write(Evaluation &e) {
  Array array = arrayInput(e);
  auto index = array ? integerInput(e, 1) : std::nullopt;
  if (index && writeElement(e, *array, *index, e.input(2)))
    giveFlow(e);
}

void read(Evaluation &e) {
  Array array = arrayInput(e);
  auto index = array ? integerInput(e, 1) : std::nullopt;
  if (!index || !expectDtype(e, *array, e.type("dtype")))
    return;
  if (auto value = readElement(e, *array, *index))
    e.give(*value);
}

std::optional<Tensors> readAll(Evaluation &e, TensorArray &array, ArrayRef<int64_t> indices) {
  Tensors values;
  for (int64_t index : indices) {
    auto value = readElement(e, array, index);
    if (!value)
      return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

SmallVector<int64_t> countTo(int64_t count) {
  return llvm::to_vector(llvm::seq<int64_t>(0, count));
}

bool refineShape(Evaluation &e, TensorArray &array, const PartialShape &wanted) {
  auto shape = array.elementShape.merged(wanted);
  if (!expect(e, shape.has_value(),
              "expected elements of shape " + wanted.text() + ", got a TensorArray of shape " +
                  array.elementShape.text()))
    return false;
  array.elementShape = *shape;
  return true;
}

// No elements: the shape must be known without them.
void giveNone(Evaluation &e, int dtype, const PartialShape &shape) {
  if (!expect(e, shape.isFull(),
              "expected a full element shape for a TensorArray of no elements, got " +
                  shape.text()))
    return;
  Shape dims{0};
  dims.append(shape.dims().begin(), shape.dims().end());
  e.make(0, dtype, dims);
}

void stackElements(Evaluation &e, TensorArray &array, ArrayRef<int64_t> indices) {
  if (!expectDtype(e, array, e.type("dtype")) ||
      !refineShape(e, array, PartialShape(e.attr("element_shape"))))
    return;
  if (indices.empty())
    return giveNone(e, array.dtype, array.elementShape);
  auto values = readAll(e, array, indices);
  if (!values)
    return;
  Shape shape{static_cast<int64_t>(values->size())};
  shape.append(values->front().shape().begin(), values->front().shape().end());
  Tensor output = e.make(0, array.dtype, shape);
  for (auto [row, value] : llvm::enumerate(*values)) {
    if (e.failed() || !expect(e, value.shape() == values->front().shape(),
                              "expected elements of one shape, got " + values->front().text() +
                                  " and " + value.text()))
      return;
    copyRun(value, 0, output, row * value.size(), value.size());
  }
}

void gather(Evaluation &e) {
  Array array = arrayInput(e);
  auto indices = array ? integersInput(e, 1) : std::nullopt;
  if (indices)
    stackElements(e, *array, *indices);
}

void pack(Evaluation &e) {
  if (Array array = arrayInput(e))
    stackElements(e, *array, countTo(array->elements.size()));
}

// Joins the elements along their first axis.
void concatElements(Evaluation &e, TensorArray &array, ArrayRef<Tensor> values) {
  Shape shape(values[0].shape());
  SmallVector<int64_t> lengths;
  for (const Tensor &value : values) {
    if (!expect(e,
                value.rank() > 0 && values[0].rank() > 0 &&
                    value.shape().drop_front() == values[0].shape().drop_front(),
                "expected elements of one shape but for the first axis, got " + values[0].text() +
                    " and " + value.text()))
      return;
    lengths.push_back(value.dim(0));
  }
  shape[0] = std::accumulate(lengths.begin(), lengths.end(), int64_t(0));
  Tensor output = e.make(0, array.dtype, shape);
  if (e.failed())
    return;
  int64_t at = 0;
  for (const Tensor &value : values) {
    copyRun(value, 0, output, at, value.size());
    at += value.size();
  }
  e.give(1, makeIntegers(DT_INT64, {static_cast<int64_t>(lengths.size())}, lengths));
}

void concat(Evaluation &e) {
  Array array = arrayInput(e);
  if (!array || !expectDtype(e, *array, e.type("dtype")))
    return;
  if (array->elements.empty()) {
    PartialShape wanted(e.attr("element_shape_except0"));
    auto rest = array->elementShape.dropFirst().merged(wanted);
    giveNone(e, array->dtype, rest ? *rest : wanted);
    e.give(1, Tensor(DT_INT64, {0}));
  } else if (auto values = readAll(e, *array, countTo(array->elements.size()))) {
    concatElements(e, *array, *values);
  }
}

/// Writes `lengths[i]` rows of `value` as the element `indices[i]`, in its rank or, for single rows
/// (`asRows`), in one less.
bool writeParts(Evaluation &e, TensorArray &array, const Tensor &value, ArrayRef<int64_t> indices,
                ArrayRef<int64_t> lengths, bool asRows) {
  int64_t row = countElements(value.shape().drop_front()), at = 0;
  for (auto [index, length] : llvm::zip(indices, lengths)) {
    Shape shape(value.shape());
    shape[0] = length;
    Tensor part(value.dtype(), asRows ? value.shape().drop_front() : ArrayRef<int64_t>(shape));
    copyRun(value, at, part, 0, length * row);
    at += length * row;
    if (!writeElement(e, array, index, part))
      return false;
  }
  return true;
}

void scatterRows(Evaluation &e, TensorArray &array, const Tensor &value,
                 ArrayRef<int64_t> indices) {
  if (!expect(e, value.rank() > 0 && value.dim(0) == static_cast<int64_t>(indices.size()),
              "expected a row for each of " + Twine(indices.size()) + " indices, got " +
                  value.text()))
    return;
  if (writeParts(e, array, value, indices, SmallVector<int64_t>(indices.size(), 1), true))
    giveFlow(e);
}

void scatter(Evaluation &e) {
  Array array = arrayInput(e);
  auto indices = array ? integersInput(e, 1) : std::nullopt;
  if (indices)
    scatterRows(e, *array, e.input(2), *indices);
}

void unpack(Evaluation &e) {
  if (Array array = arrayInput(e))
    scatterRows(e, *array, e.input(1), countTo(e.input(1).rank() ? e.input(1).dim(0) : 0));
}

void split(Evaluation &e) {
  Array array = arrayInput(e);
  const Tensor &value = e.input(1);
  auto lengths = array ? integersInput(e, 2) : std::nullopt;
  if (!lengths)
    return;
  int64_t count = lengths->size(), rows = value.rank() ? value.dim(0) : -1;
  bool fits = array->dynamicSize || count == static_cast<int64_t>(array->elements.size());
  for (int64_t length : *lengths) {
    fits = fits && length >= 0 && length <= rows;
    rows -= fits ? length : 0;
  }
  if (expect(e, fits && rows == 0,
             "expected lengths that split " + value.text() + " into the elements, got " +
                 shapeText(*lengths)) &&
      writeParts(e, *array, value, countTo(count), *lengths, false))
    giveFlow(e);
}

void size(Evaluation &e) {
  if (Array array = arrayInput(e))
    e.give(makeScalar<int32_t>(DT_INT32, array->elements.size()));
}

void close(Evaluation &e) {
  if (Array array = arrayInput(e)) {
    array->elements.clear();
    array->closed = true;
  }
}

constexpr KernelEntry kKernels[] = {
    {"TensorArrayV3", tensorArray},    {"TensorArrayReadV3", read},
    {"TensorArrayWriteV3", write},     {"TensorArrayGatherV3", gather},
    {"TensorArrayScatterV3", scatter}, {"TensorArrayConcatV3", concat},
    {"TensorArraySplitV3", split},     {"TensorArraySizeV3", size},
    {"TensorArrayCloseV3", close},     {"TensorArrayV2", namedTensorArray},
    {"TensorArrayReadV2", read},       {"TensorArrayWriteV2", write},
    {"TensorArrayGatherV2", gather},   {"TensorArrayScatterV2", scatter},
    {"TensorArrayConcatV2", concat},   {"TensorArraySplitV2", split},
    {"TensorArraySizeV2", size},       {"TensorArrayCloseV2", close},
    {"TensorArray", namedTensorArray}, {"TensorArrayRead", read},
    {"TensorArrayWrite", write},       {"TensorArrayGather", gather},
    {"TensorArrayScatter", scatter},   {"TensorArrayConcat", concat},
    {"TensorArraySplit", split},       {"TensorArraySize", size},
    {"TensorArrayClose", close},       {"TensorArrayPack", pack},
    {"TensorArrayUnpack", unpack},
};

} // namespace

KernelList tensorArrayKernels() { return kKernels; }

} // namespace firn::reference
