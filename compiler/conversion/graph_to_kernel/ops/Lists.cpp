// TensorArrays, by the flow that orders their uses, and TensorLists: one tensor [length, element…]
// that is changed element by element.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "compiler/transforms/graph/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

ArrayRef<Size> elementOf(const Tensor &elements) {
  return ArrayRef<Size>(elements.sizes).drop_front();
}

/// Offsets and sizes of `count` elements from `at` on.
struct Rows {
  Rows(NodeLowering &n, const Tensor &elements, Size at, Size count)
      : offsets(elements.rank(), n.size(0)), sizes(elements.sizes),
        strides(elements.rank(), n.size(1)) {
    offsets[0] = at;
    sizes[0] = count;
  }
  Sizes offsets, sizes, strides;
};

Tensor elementAt(NodeLowering &n, const Tensor &elements, Size at) {
  Rows rows(n, elements, at, n.size(1));
  Sizes sizes(elementOf(elements));
  auto type = tensorType(sizes, elements.elementType());
  Value value = n.b.create<tensor::ExtractSliceOp>(type, elements.value, rows.offsets, rows.sizes,
                                                   rows.strides);
  return {value, sizes, elements.dtype};
}

// `part` has the rank of an element (one is stored) or of the whole (several are).
Tensor storeAt(NodeLowering &n, Tensor elements, const Tensor &part, Size at, Size count) {
  Rows rows(n, elements, at, count);
  Value value = part.value;
  auto type =
      tensorType(part.rank() == elements.rank() ? ArrayRef<Size>(rows.sizes) : elementOf(elements),
                 elements.elementType());
  if (value.getType() != type)
    value = n.b.create<tensor::CastOp>(type, value);
  elements.value = n.b.create<tensor::InsertSliceOp>(value, elements.value, rows.offsets,
                                                     rows.sizes, rows.strides);
  return elements;
}

Tensor rowsOf(NodeLowering &n, const Tensor &elements, Size at, Size count) {
  Rows rows(n, elements, at, count);
  return n.slice(elements, rows.offsets, rows.sizes, rows.strides);
}

void read(NodeLowering &n, unsigned list, unsigned index) {
  std::optional<List> from = n.list(list);
  std::optional<Size> at = from ? n.place(index, from->length) : std::nullopt;
  Tensor elements = at ? n.stored(*from, n.source(list)) : Tensor();
  if (elements)
    n.give(elementAt(n, elements, *at));
}

// Makes room for an element at a constant place.
void growTo(NodeLowering &n, List &list, unsigned index) {
  std::optional<Sizes> known = n.elements(index);
  std::optional<int64_t> at =
      known && known->size() == 1 ? constantSize(known->front()) : std::nullopt;
  std::optional<int64_t> length = constantSize(list.length);
  if (!length || (at && *at < *length))
    return;
  if (!at) // the runtime checks places in lists that have room
    return *length == 0
               ? n.fail(
                     "a list that grows, but not by an element in each round of a loop that counts")
               : void();
  if (list.elements) {
    Sizes more(list.elements.sizes);
    more[0] = n.size(*at + 1 - *length);
    list.elements = n.concat({list.elements, n.zeros(list.dtype, more)}, 0);
  }
  list.length = n.size(*at + 1);
}

void write(NodeLowering &n, unsigned list, unsigned index, unsigned value, bool grows = false) {
  std::optional<List> into = n.list(list);
  Tensor element = n.in(value);
  if (!into || !element)
    return;
  into->grows |= grows;
  if (into->grows)
    growTo(n, *into, index);
  std::optional<Size> at = n.failed() ? std::nullopt : n.place(index, into->length);
  Tensor elements = at ? n.stored(*into, n.source(list), element.sizes) : Tensor();
  if (!elements)
    return;
  if (elements.rank() != element.rank() + 1)
    return n.fail("elements of different ranks");
  into->elements = storeAt(n, elements, element, *at, n.size(1));
  n.giveList(0, *into);
}

// Indices that count from 0 by 1.
bool isCount(NodeLowering &n, unsigned input) {
  if (std::optional<SmallVector<int64_t>> known = constantIntegers(n.source(input)))
    return llvm::equal(*known, llvm::seq<int64_t>(0, known->size()));
  Node range = Node::of(n.source(input));
  while (range && range.is("Identity"))
    range = Node::of(range.input(0));
  auto isNumber = [&](unsigned index, int64_t number) {
    return constantIntegers(range.input(index)) == SmallVector<int64_t>{number};
  };
  return range && range.is("Range") && isNumber(0, 0) && isNumber(2, 1);
}

// Rows of a tensor become elements.
void store(NodeLowering &n, List list, const Tensor &rows, std::optional<unsigned> indices,
           Value informed) {
  if (!rows || rows.rank() == 0)
    return n.fail("expected rows to store");
  Size count = rows.sizes[0];
  std::optional<int64_t> most = constantSize(list.length), given = constantSize(count);
  bool isPart = most && given && *given < *most;
  bool counts = !indices || isCount(n, *indices);
  if (counts && !isPart) {
    list.elements = rows;
    list.length = count;
    return n.giveList(0, list);
  }
  Tensor elements = n.stored(list, informed, Sizes(elementOf(rows)));
  if (!elements)
    return;
  if (counts) {
    list.elements = storeAt(n, elements, rows, n.size(0), count);
    return n.giveList(0, list);
  }
  std::optional<SmallVector<int64_t>> places = n.constants(*indices);
  if (!places)
    return;
  for (auto [row, at] : llvm::enumerate(*places)) {
    if (at < 0 || (most && at >= *most))
      return n.fail("index " + Twine(at) + " lies outside of the list");
    elements = storeAt(n, elements, elementAt(n, rows, n.size(row)), n.size(at), n.size(1));
  }
  list.elements = elements;
  n.giveList(0, list);
}

// Elements at places that are data; one that lies outside is moved to the next that is not.
Tensor gathered(NodeLowering &n, const Tensor &elements, const Tensor &indices) {
  Sizes sizes{indices.sizes[0]};
  llvm::append_range(sizes, elementOf(elements));
  Value last = n.value(n.sub(elements.sizes[0], n.size(1)));
  return n.generate(elements.dtype, sizes, [&](ImplicitLocOpBuilder &s, ValueRange place) {
    Value at = s.create<arith::IndexCastOp>(s.getIndexType(),
                                            NodeLowering::read(s, indices, place.front()));
    Value zero = s.create<arith::ConstantIndexOp>(0);
    SmallVector<Value> from(place);
    from[0] = s.create<arith::MaxSIOp>(s.create<arith::MinSIOp>(at, last), zero);
    return NodeLowering::read(s, elements, from);
  });
}

void gather(NodeLowering &n, unsigned list, std::optional<unsigned> indices) {
  std::optional<List> from = n.list(list);
  Tensor elements = from ? n.stored(*from, n.source(list)) : Tensor();
  if (!elements)
    return;
  if (!indices) {
    n.bindSizes(n.node.output(0), elements.sizes);
    return n.give(elements);
  }
  Tensor places = n.in(*indices);
  if (!places)
    return;
  bool isWhole = places.sizes[0] == from->length && isCount(n, *indices);
  Tensor result = isWhole ? elements : gathered(n, elements, places);
  n.bindSizes(n.node.output(0), result.sizes);
  n.give(result);
}

void length(NodeLowering &n, unsigned list) {
  if (std::optional<List> known = n.list(list))
    n.giveElements(0, {known->length});
}

// Elements one behind the other along their first dimension, and how long each is.
void join(NodeLowering &n, unsigned list) {
  std::optional<List> from = n.list(list);
  Tensor elements = from ? n.stored(*from, n.source(list)) : Tensor();
  if (!elements)
    return;
  if (elements.rank() < 2)
    return n.fail("expected elements of rank 1 or more");
  Sizes sizes(elementOf(elements));
  Size each = sizes[0];
  sizes[0] = n.mul(from->length, each);
  n.give(0, n.reshape(elements, n.outSizes(0, sizes)));
  if (!n.isUsed(1))
    return;
  Value number = n.value(each);
  n.give(1, n.generate(n.outDtype(1), {from->length}, [&](ImplicitLocOpBuilder &s, ValueRange) {
    return s.create<arith::IndexCastOp>(s.getI64Type(), number).getResult();
  }));
}

// The inverse, for parts that are equally long.
void split(NodeLowering &n, List list, unsigned value, unsigned lengths) {
  Tensor rows = n.in(value);
  std::optional<SmallVector<int64_t>> each = rows ? n.constants(lengths) : std::nullopt;
  if (!each)
    return;
  if (each->empty() || !llvm::all_equal(*each))
    return n.fail("parts of different lengths");
  Sizes sizes{n.size(each->size()), n.size(each->front())};
  llvm::append_range(sizes, elementOf(rows));
  list.length = sizes[0];
  list.elements = n.reshape(rows, sizes);
  n.giveList(0, list);
}

// TensorArrays: the handle says nothing, the flow is the array.

void array(NodeLowering &n) {
  std::optional<Sizes> length = n.elements(0);
  if (!length || length->size() != 1)
    return n.fail("the number of elements depends on data");
  if (n.node.numOutputs() < 2)
    return n.fail("TensorArrays without a flow of their own");
  n.giveHandle(0);
  n.giveList(1, {length->front(), n.type("dtype"), {}, n.node.operation(), n.flag("dynamic_size")});
}

void arrayRead(NodeLowering &n) { read(n, 2, 1); }
void arrayWrite(NodeLowering &n) { write(n, 3, 1, 2); }
void arrayGather(NodeLowering &n) { gather(n, 2, 1); }
void arrayPack(NodeLowering &n) { gather(n, 1, std::nullopt); }
void arraySize(NodeLowering &n) { length(n, 1); }
void arrayConcat(NodeLowering &n) { join(n, 1); }
void arrayScatter(NodeLowering &n) {
  if (std::optional<List> list = n.list(3))
    store(n, *list, n.in(2), 1, n.source(3));
}
void arrayUnpack(NodeLowering &n) {
  if (std::optional<List> list = n.list(2))
    store(n, *list, n.in(1), std::nullopt, n.source(2));
}
void arraySplit(NodeLowering &n) {
  if (std::optional<List> list = n.list(3))
    split(n, *list, 1, 2);
}

// TensorLists.

void reserve(NodeLowering &n) {
  std::optional<Sizes> length = n.elements(1);
  if (!length || length->size() != 1)
    return n.fail("the number of elements depends on data");
  n.giveList(0, {length->front(), n.type("element_dtype"), {}});
}

void emptyList(NodeLowering &n) { n.giveList(0, {n.size(0), n.type("element_dtype"), {}}); }

void fromTensor(NodeLowering &n) {
  List list{n.size(0), n.type("element_dtype"), {}};
  store(n, list, n.in(0), std::nullopt, n.node.output(0));
}

void listGet(NodeLowering &n) { read(n, 0, 1); }
void listStack(NodeLowering &n) { gather(n, 0, std::nullopt); }
void listGather(NodeLowering &n) { gather(n, 0, 1); }
void listLength(NodeLowering &n) { length(n, 0); }
void listConcat(NodeLowering &n) { join(n, 0); }

void listSet(NodeLowering &n) { write(n, 0, 1, 2, n.flag("resize_if_index_out_of_bounds")); }

void listScatter(NodeLowering &n) {
  Tensor rows = n.in(0);
  if (!rows)
    return;
  List list{rows.sizes[0], n.type("element_dtype"), {}};
  if (std::optional<SmallVector<int64_t>> places = constantIntegers(n.source(1)))
    list.length = n.size(places->empty() ? 0 : *llvm::max_element(*places) + 1);
  if (n.numInputs() > 3)
    if (std::optional<Sizes> wanted = n.elements(3); wanted && wanted->size() == 1)
      list.length = constantSize(wanted->front()) == int64_t(-1) ? list.length : wanted->front();
  store(n, list, rows, 1, n.node.output(0));
}

void listScatterInto(NodeLowering &n) {
  if (std::optional<List> list = n.list(0))
    store(n, *list, n.in(1), 2, n.source(0));
}

void listSplit(NodeLowering &n) { split(n, {n.size(0), n.type("element_dtype"), {}}, 0, 2); }

void pushBack(NodeLowering &n) {
  std::optional<List> list = n.list(0);
  Tensor element = n.in(1);
  if (!list || !element)
    return;
  Sizes sizes(element.sizes);
  sizes.insert(sizes.begin(), n.size(1));
  Tensor row = n.reshape(element, sizes);
  list->elements = list->elements ? n.concat({list->elements, row}, 0) : row;
  list->length = n.add(list->length, n.size(1));
  n.giveList(0, *list);
}

void popBack(NodeLowering &n) {
  std::optional<List> list = n.list(0);
  Tensor elements = list ? n.stored(*list, n.source(0)) : Tensor();
  if (!elements)
    return;
  if (constantSize(list->length) == int64_t(0))
    return n.fail("a list without elements");
  Size last = n.sub(list->length, n.size(1));
  n.give(1, elementAt(n, elements, last));
  list->elements = rowsOf(n, elements, n.size(0), last);
  list->length = last;
  n.giveList(0, *list);
}

void resize(NodeLowering &n) {
  std::optional<List> list = n.list(0);
  std::optional<Sizes> wanted = list ? n.elements(1) : std::nullopt;
  if (!wanted || wanted->size() != 1)
    return n.fail("the number of elements depends on data");
  Size length = wanted->front();
  std::optional<int64_t> from = constantSize(list->length), to = constantSize(length);
  if (length != list->length && list->elements) {
    if (!from || !to)
      return n.fail("sizes that are not known");
    Sizes sizes(list->elements.sizes);
    sizes[0] = length;
    list->elements = *to < *from ? rowsOf(n, list->elements, n.size(0), length)
                                 : storeAt(n, n.zeros(list->dtype, sizes), list->elements,
                                           n.size(0), list->length);
  }
  list->length = length;
  n.giveList(0, *list);
}

void elementShape(NodeLowering &n) {
  std::optional<List> list = n.list(0);
  if (!list)
    return;
  if (list->elements)
    return n.giveElements(0, Sizes(elementOf(list->elements)));
  if (std::optional<Sizes> sizes = n.elementSizes(*list, n.source(0)))
    return n.giveElements(0, *sizes);
  n.fail("the shape of the elements of a list is not known");
}

// In all three versions of an op.
#define FIRN_ARRAY(name, lower)                                                                    \
  {name, lower}, {name "V2", lower}, { name "V3", lower }

const LoweringEntry kLists[] = {
    FIRN_ARRAY("TensorArray", array),
    FIRN_ARRAY("TensorArrayConcat", arrayConcat),
    FIRN_ARRAY("TensorArrayGather", arrayGather),
    FIRN_ARRAY("TensorArrayRead", arrayRead),
    FIRN_ARRAY("TensorArrayScatter", arrayScatter),
    FIRN_ARRAY("TensorArraySize", arraySize),
    FIRN_ARRAY("TensorArraySplit", arraySplit),
    FIRN_ARRAY("TensorArrayWrite", arrayWrite),
    {"EmptyTensorList", emptyList},
    {"TensorArrayPack", arrayPack},
    {"TensorArrayUnpack", arrayUnpack},
    {"TensorListConcat", listConcat},
    {"TensorListConcatV2", listConcat},
    {"TensorListElementShape", elementShape},
    {"TensorListFromTensor", fromTensor},
    {"TensorListGather", listGather},
    {"TensorListGetItem", listGet},
    {"TensorListLength", listLength},
    {"TensorListPopBack", popBack},
    {"TensorListPushBack", pushBack},
    {"TensorListReserve", reserve},
    {"TensorListResize", resize},
    {"TensorListScatter", listScatter},
    {"TensorListScatterIntoExistingList", listScatterInto},
    {"TensorListScatterV2", listScatter},
    {"TensorListSetItem", listSet},
    {"TensorListSplit", listSplit},
    {"TensorListStack", listStack},
};

} // namespace

Lowerings listLowerings() { return kLists; }

} // namespace firn::kernel
