#include "compiler/transforms/graph/rebatch/ConstantRewriter.h"

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/Frames.h"
#include "compiler/transforms/graph/Reachability.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {

static std::string sizeText(std::optional<int64_t> size) {
  return size ? std::to_string(*size) : std::string("any");
}

static bool isIndexType(Type type) { return type.isInteger(32) || type.isInteger(64); }

static TensorAttr vectorOf(Type type, ArrayRef<int64_t> values) {
  return makeIntegerTensor(type, {static_cast<int64_t>(values.size())}, values);
}

bool ConstantRewriter::rewrite(const Rewrites &rewrites) {
  struct Constant {
    OpOperand *use;
    Numbers elements, sizes;
  };
  // In the order of the nodes, whatever order the map has.
  llvm::DenseMap<Operation *, unsigned> positions;
  for (Block *block : shapes.blocks())
    for (Operation &op : *block)
      positions.try_emplace(&op, positions.size());
  std::map<std::pair<unsigned, unsigned>, Constant> constants;
  for (const auto &[origin, dim] : rewrites) {
    if (origin.kind == Origin::Attribute) {
      rewriteAttribute(Node(origin.node), origin.index, dim);
      continue;
    }
    Constant &constant =
        constants[{positions.lookup(origin.use->getOwner()), origin.use->getOperandNumber()}];
    constant.use = origin.use;
    (origin.kind == Origin::Element ? constant.elements : constant.sizes)[origin.index] = dim;
  }
  for (auto &[position, constant] : constants) {
    if (!constant.elements.empty())
      rewriteElements(*constant.use, constant.elements);
    if (!constant.sizes.empty())
      rewriteDimensions(*constant.use, constant.sizes);
  }
  return failures.empty();
}

void ConstantRewriter::rewriteAttribute(Node node, unsigned index, Dim dim) {
  std::optional<int64_t> size = dims.newValue(dim);
  auto note = [&](StringRef what, int64_t old) {
    changes.push_back({"rewritten", node.name().str(),
                       (what + ": " + llvm::Twine(old) + " -> " + sizeText(size)).str()});
  };
  if (auto number = node.attr<IntegerAttr>("num_elements")) {
    note("num_elements", number.getInt());
    node.setAttr("num_elements", IntegerAttr::get(number.getType(), size.value_or(-1)));
    return;
  }
  StringRef name = node.attr("element_shape") ? "element_shape" : "shape";
  auto shape = node.attr<ShapeAttr>(name);
  SmallVector<int64_t> sizes(shape.getDims());
  note(("dimension " + llvm::Twine(index) + " of its " + name).str(), sizes[index]);
  sizes[index] = size.value_or(ShapedType::kDynamic);
  node.setAttr(name, ShapeAttr::get(shape.getContext(), false, sizes));
}

void ConstantRewriter::rewriteElements(OpOperand &use, const Numbers &elements) {
  TensorAttr old = Node::of(use.get()).constantValue();
  SmallVector<int64_t> values = *integerElements(old);
  unsigned open = 0;
  std::string text;
  for (auto [index, dim] : elements) {
    std::optional<int64_t> size = dims.newValue(dim);
    text += (text.empty() ? "element " : ", element ") + std::to_string(index) + ": " +
            std::to_string(values[index]) + " -> " + sizeText(size);
    values[index] = size.value_or(-1);
    open += !size;
  }
  report(use, text);
  // A Reshape counts one dimension by itself.
  bool isReshape = Node(use.getOwner()).is("Reshape") && use.getOperandNumber() == 1 &&
                   llvm::count(values, -1) == 1;
  if (open == 0 || isReshape)
    return replace(use, makeIntegerTensor(old.getElementType(), old.getShape(), values));
  if (Value made = makeElements(use, old, elements))
    use.set(made);
}

Value ConstantRewriter::makeElements(OpOperand &use, TensorAttr old, const Numbers &elements) {
  SmallVector<int64_t> values = *integerElements(old);
  SmallVector<Value> parts;
  for (auto [index, value] : llvm::enumerate(values)) {
    auto it = elements.find(index);
    Value part;
    if (it == elements.end())
      part =
          constantAt(use, "size", makeIntegerTensor(old.getElementType(), {}, {value})).output(0);
    else if (!(part = sizeAt(use, it->second, old.getElementType())))
      return {};
    parts.push_back(part);
  }
  if (old.getShape().empty())
    return parts[0];
  Builder builder(old.getContext());
  NodeState pack("Pack");
  pack.name = "sizes";
  pack.inputs = parts;
  pack.outputs = {
      RankedTensorType::get({static_cast<int64_t>(parts.size())}, old.getElementType())};
  pack.attrs = {builder.getNamedAttr("T", TypeAttr::get(old.getElementType())),
                builder.getNamedAttr("N", builder.getI64IntegerAttr(parts.size())),
                builder.getNamedAttr("axis", builder.getI64IntegerAttr(0))};
  Value packed = nodeAt(use, std::move(pack)).output(0);
  return old.getShape().size() == 1 ? packed : reshapeTo(use, packed, old.getShape());
}

Value ConstantRewriter::reshapeTo(OpOperand &use, Value value, ArrayRef<int64_t> shape) {
  Builder builder(value.getContext());
  Value sizes = constantAt(use, "shape", vectorOf(builder.getI32Type(), shape)).output(0);
  NodeState reshape("Reshape");
  reshape.name = "reshaped";
  reshape.inputs = {value, sizes};
  reshape.outputs = {RankedTensorType::get(shape, elementTypeOf(value))};
  reshape.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(value))),
                   builder.getNamedAttr("Tshape", TypeAttr::get(builder.getI32Type()))};
  return nodeAt(use, std::move(reshape)).output(0);
}

// A constant whose own shape holds the old size: rows that are equal are repeated, numbers that
// count up are counted on. Anything else is data of so many rows.
void ConstantRewriter::rewriteDimensions(OpOperand &use, const Numbers &sizes) {
  std::optional<reference::Tensor> tensor = constantTensor(use.get());
  if (!tensor || reference::elementBytes(tensor->dtype()) == 0)
    return fail(use, "its elements can't be repeated");
  std::string text;
  for (auto [axis, dim] : sizes)
    text += (text.empty() ? "dimension " : ", dimension ") + std::to_string(axis) + ": " +
            std::to_string(tensor->dim(axis)) + " -> " + sizeText(dims.newValue(dim));
  if (Value made = makeRows(use, *tensor, sizes)) {
    report(use, text);
    use.set(made);
  }
}

Value ConstantRewriter::makeRows(OpOperand &use, reference::Tensor tensor, const Numbers &sizes) {
  if (std::optional<CountingRows> rows = countingRows(tensor); rows && sizes.size() == 1)
    return countUp(use, *rows, tensor, sizes.begin()->second);
  Numbers open;
  for (auto [axis, dim] : sizes) {
    if (!hasEqualRows(tensor, axis)) {
      fail(use, "its rows differ along dimension " + llvm::Twine(axis));
      return {};
    }
    std::optional<int64_t> size = dims.newValue(dim);
    if (!size)
      open[axis] = dim;
    tensor = withRows(tensor, axis, size.value_or(1));
  }
  TensorAttr value = reference::attrOf(use.get().getContext(), tensor);
  Value rows = constantAt(use, Node::of(use.get()).name(), value).output(0);
  return open.empty() ? rows : tile(use, rows, tensor.rank(), open);
}

Value ConstantRewriter::countUp(OpOperand &use, CountingRows rows, const reference::Tensor &tensor,
                                Dim dim) {
  StringRef name = Node::of(use.get()).name();
  if (std::optional<int64_t> size = dims.newValue(dim)) {
    TensorAttr value = reference::attrOf(use.get().getContext(), rows.make(tensor, *size));
    return constantAt(use, name, value).output(0);
  }
  Type type = elementTypeOf(use.get());
  Value size = sizeAt(use, dim, type);
  if (!size)
    return {};
  auto scalar = [&](StringRef part, int64_t number) {
    return constantAt(use, part, makeIntegerTensor(type, {}, {number})).output(0);
  };
  Builder builder(type.getContext());
  Value limit = size;
  if (rows.step != 1)
    limit = arithmetic(use, "Mul", limit, scalar("step", rows.step));
  if (rows.first != 0)
    limit = arithmetic(use, "Add", limit, scalar("first", rows.first));
  NodeState range("Range");
  range.name = name.str();
  range.inputs = {scalar("start", rows.first), limit, scalar("delta", rows.step)};
  range.outputs = {RankedTensorType::get({ShapedType::kDynamic}, type)};
  range.attrs = {builder.getNamedAttr("Tidx", TypeAttr::get(type))};
  Value counted = nodeAt(use, std::move(range)).output(0);
  SmallVector<int64_t> shape(tensor.shape());
  shape[rows.axis] = -1;
  return shape.size() == 1 ? counted : reshapeTo(use, counted, shape);
}

Value ConstantRewriter::tile(OpOperand &use, Value rows, size_t rank, const Numbers &sizes) {
  Builder builder(rows.getContext());
  Type type = builder.getI32Type();
  SmallVector<int64_t> ones(rank, 1);
  Value multiples = makeElements(use, vectorOf(type, ones), sizes);
  if (!multiples)
    return {};
  NodeState state("Tile");
  state.name = (Node::of(use.get()).name() + "/rows").str();
  state.inputs = {rows, multiples};
  state.outputs = {UnrankedTensorType::get(elementTypeOf(rows))};
  state.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(rows))),
                 builder.getNamedAttr("Tmultiples", TypeAttr::get(type))};
  return nodeAt(use, std::move(state)).output(0);
}

Value ConstantRewriter::arithmetic(OpOperand &use, StringRef op, Value a, Value b) {
  Builder builder(a.getContext());
  NodeState state(op);
  state.name = "size";
  state.inputs = {a, b};
  state.outputs = {RankedTensorType::get({}, elementTypeOf(a))};
  state.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(a)))};
  return nodeAt(use, std::move(state)).output(0);
}

Value ConstantRewriter::sizeAt(OpOperand &use, Dim dim, Type type) {
  if (!isIndexType(type)) {
    fail(use, "sizes are int32 or int64");
    return {};
  }
  Value product;
  int64_t factor = dim.coefficient();
  for (uint32_t id : dim.symbols()) {
    if (id == 0)
      continue;
    if (std::optional<int64_t> size = dims.newValue(Dim::symbol(id))) {
      factor *= *size;
      continue;
    }
    std::optional<DimSource> source = findSource(use, id);
    if (!source || (!source->axis && !type.isInteger(32))) {
      fail(use, "no tensor at hand has the dimension that it would be computed from");
      return {};
    }
    Value size = readSize(use, *source, type);
    product = product ? arithmetic(use, "Mul", product, size) : size;
  }
  TensorAttr scalar = makeIntegerTensor(type, {}, {factor});
  if (!product)
    return constantAt(use, "size", scalar).output(0);
  return factor == 1 ? product
                     : arithmetic(use, "Mul", product, constantAt(use, "factor", scalar).output(0));
}

Value ConstantRewriter::readSize(OpOperand &use, DimSource source, Type type) {
  Builder builder(type.getContext());
  if (!source.axis) {
    NodeState length("TensorListLength");
    length.name = "length";
    length.inputs = {source.tensor};
    length.outputs = {RankedTensorType::get({}, builder.getI32Type())};
    return nodeAt(use, std::move(length)).output(0);
  }
  NodeState shape("Shape");
  shape.name = "shape";
  shape.inputs = {source.tensor};
  shape.outputs = {RankedTensorType::get({ShapedType::kDynamic}, type)};
  shape.attrs = {builder.getNamedAttr("T", TypeAttr::get(elementTypeOf(source.tensor))),
                 builder.getNamedAttr("out_type", TypeAttr::get(type))};
  Type index = builder.getI32Type();
  auto bound = [&](int64_t value) {
    return constantAt(use, "bound", vectorOf(index, {value})).output(0);
  };
  NodeState slice("StridedSlice");
  slice.name = "size";
  slice.inputs = {nodeAt(use, std::move(shape)).output(0), bound(*source.axis),
                  bound(*source.axis + 1), bound(1)};
  slice.outputs = {RankedTensorType::get({}, type)};
  slice.attrs = {builder.getNamedAttr("T", TypeAttr::get(type)),
                 builder.getNamedAttr("Index", TypeAttr::get(index))};
  for (StringRef mask : {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask"})
    slice.attrs.push_back(builder.getNamedAttr(mask, builder.getI64IntegerAttr(0)));
  slice.attrs.push_back(builder.getNamedAttr("shrink_axis_mask", builder.getI64IntegerAttr(1)));
  return nodeAt(use, std::move(slice)).output(0);
}

// Which dimension of `value` is the symbol; nothing when none is.
static std::optional<unsigned> axisOf(const ShapeInfo &info, uint32_t symbol) {
  auto it = llvm::find(info.dims, Dim::symbol(symbol));
  if (!info.ranked || it == info.dims.end())
    return std::nullopt;
  return it - info.dims.begin();
}

// At top level an input has it; in the body of a loop what comes round, or an input that is handed
// in; in a function an argument, or a list that has as many elements.
std::optional<DimSource> ConstantRewriter::findSource(OpOperand &use, uint32_t symbol) {
  Block *block = use.getOwner()->getBlock();
  auto firstOf = [&](auto &&values) -> std::optional<DimSource> {
    for (Value value : values)
      if (std::optional<unsigned> axis = axisOf(shapes.of(value), symbol))
        return DimSource{value, *axis, symbol};
    for (Value value : values)
      if (const ShapeInfo &info = shapes.of(value);
          info.list && info.list->length == Dim::symbol(symbol))
        return DimSource{value, std::nullopt, symbol};
    return std::nullopt;
  };
  if (!isa<GraphOp>(block->getParentOp())) {
    NodeSet later = nodesAfter(use.getOwner()->getResults());
    SmallVector<Value> candidates(block->getArguments());
    for (Operation &op : block->without_terminator())
      if (&op != use.getOwner() && !later.contains(&op))
        llvm::append_range(candidates, Node(&op).outputs());
    return firstOf(candidates);
  }
  SmallVector<Value> inputs;
  for (const InputDims::Input &input : dims.inputs())
    inputs.push_back(input.placeholder.output(0));
  std::optional<DimSource> source = firstOf(inputs);
  Frames frames(*block);
  if (StringRef frame = frames.of(use.getOwner()); source && !frame.empty())
    source->tensor = enterFrame(source->tensor, frame, frames);
  return source;
}

// The frames around it are entered one after the other.
Value ConstantRewriter::enterFrame(Value value, StringRef frame, const Frames &frames) {
  for (Operation &op : *value.getParentBlock()) {
    Node enter(Node::isNode(&op) ? &op : nullptr);
    if (!enter || !enter.is("Enter") || frames.behind(enter) != frame)
      continue;
    if (StringRef outer = frames.of(&op); !outer.empty())
      value = enterFrame(value, outer, frames);
    Type type = elementTypeOf(value);
    Builder builder(type.getContext());
    NodeState state("Enter");
    state.name = names(op.getBlock()).unique((Node::of(value).name() + "/Enter").str());
    state.inputs = {value};
    state.outputs = {value.getType()};
    state.attrs = {builder.getNamedAttr("T", TypeAttr::get(type)),
                   builder.getNamedAttr("frame_name", enter.attr("frame_name")),
                   builder.getNamedAttr("is_constant", builder.getBoolAttr(true))};
    if (Attribute parallel = enter.attr("parallel_iterations"))
      state.attrs.push_back(builder.getNamedAttr("parallel_iterations", parallel));
    OpBuilder before(&op);
    return createNode(before, op.getLoc(), state).output(0);
  }
  llvm_unreachable("a frame has an Enter");
}

void ConstantRewriter::replace(OpOperand &use, TensorAttr value) {
  Node constant = Node::of(use.get());
  if (constant.is("Const") && use.get().hasOneUse() && constant.control().use_empty()) {
    constant.setAttr("value", value);
    constant.output(0).setType(value.getType());
    return;
  }
  use.set(constantAt(use, constant.name(), value).output(0));
}

Node ConstantRewriter::constantAt(OpOperand &use, StringRef name, TensorAttr value) {
  SmallVector<Value> controls(Node::of(use.get()).controls());
  Node place(use.getOwner());
  std::string full = name.contains('/') || name == Node::of(use.get()).name()
                         ? name.str()
                         : (Node::of(use.get()).name() + "/" + name).str();
  return createConstant(place, names(place.operation()->getBlock()).unique(full), value, controls);
}

Node ConstantRewriter::nodeAt(OpOperand &use, NodeState state) {
  Node place(use.getOwner()), constant = Node::of(use.get());
  if (!StringRef(state.name).starts_with(constant.name()))
    state.name = (constant.name() + "/" + state.name).str();
  state.name = names(place.operation()->getBlock()).unique(state.name);
  state.device = place.operation()->getAttrOfType<StringAttr>(kDeviceAttr);
  OpBuilder builder(place.operation());
  return createNode(builder, place.operation()->getLoc(), state);
}

NodeIndex &ConstantRewriter::names(Block *block) {
  return indexes.try_emplace(block, *block).first->second;
}

void ConstantRewriter::fail(OpOperand &use, const llvm::Twine &why) {
  failures.push_back(("'" + Node::of(use.get()).name() + "', which '" +
                      Node(use.getOwner()).name() + "' reads: " + why)
                         .str());
}

void ConstantRewriter::report(OpOperand &use, const llvm::Twine &text) {
  changes.push_back({"rewritten", Node::of(use.get()).name().str(),
                     (text + ", for '" + Node(use.getOwner()).name() + "'").str()});
}

} // namespace firn::graph
