#include "compiler/transforms/graph/shapes/BlockShapes.h"

#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {

// A node that still changes after so many rounds has no shape that could be told.
static constexpr unsigned kMaxEvaluations = 24;
// Functions that call each other in a circle end here.
static constexpr unsigned kMaxDepth = 12;

BlockShapes::BlockShapes(Block &block, ShapeState &state, unsigned depth)
    : block(block), state(state), depth(depth) {
  sort();
  firstResult.reserve(nodes.size());
  unsigned count = 0;
  for (Operation *op : nodes) {
    firstResult.push_back(count);
    count += op->getNumResults() - 1;
  }
  shapes.resize(count);
  evaluations.resize(nodes.size());
  queued.resize(nodes.size());
}

BlockShapes::~BlockShapes() = default;

// Depth first, by tensor inputs; what comes round a loop to a Merge is not waited for.
void BlockShapes::sort() {
  llvm::DenseSet<Operation *> seen;
  SmallVector<std::pair<Operation *, unsigned>> stack;
  for (Operation &root : block.without_terminator()) {
    if (!Node::isNode(&root) || !seen.insert(&root).second)
      continue;
    stack.push_back({&root, 0});
    while (!stack.empty()) {
      auto &[op, next] = stack.back();
      if (next == op->getNumOperands()) {
        positions[op] = nodes.size();
        nodes.push_back(op);
        stack.pop_back();
        continue;
      }
      Value operand = op->getOperand(next++);
      Operation *source = operand.getDefiningOp();
      if (source && !isControl(operand) && !Node(source).is("NextIteration") &&
          seen.insert(source).second)
        stack.push_back({source, 0});
    }
  }
}

void BlockShapes::run(ArrayRef<ShapeInfo> given) {
  args.assign(given.begin(), given.end());
  std::fill(evaluations.begin(), evaluations.end(), 0);
  for (unsigned index = 0; index < nodes.size(); ++index)
    evaluate(index);
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), std::greater<>());
    unsigned index = queue.back();
    queue.pop_back();
    queued[index] = false;
    evaluate(index);
  }
}

const ShapeInfo *BlockShapes::find(Value value) const {
  if (auto arg = dyn_cast<BlockArgument>(value))
    return arg.getOwner() == &block && arg.getArgNumber() < args.size() ? &args[arg.getArgNumber()]
                                                                        : nullptr;
  auto result = cast<OpResult>(value);
  auto it = positions.find(result.getOwner());
  if (it == positions.end() || evaluations[it->second] == 0 || isControl(value))
    return nullptr;
  return &shapes[firstResult[it->second] + result.getResultNumber()];
}

const ListInfo *BlockShapes::findArray(Operation *node) const {
  auto it = arrays.find(node);
  return it == arrays.end() ? nullptr : &it->second.info;
}

// With tracked symbols, the numbers of a constant remember the use that they were read through.
const ShapeInfo *BlockShapes::input(OpOperand &use, ShapeInfo &copy) {
  const ShapeInfo *info = find(use.get());
  Operation *source = use.get().getDefiningOp();
  if (!info || !state.isTracking() || !source || !Node(source).is("Const"))
    return info;
  copy = *info;
  for (auto [index, dim] : llvm::enumerate(copy.dims))
    dim = state.stamped(dim, {Origin::Dimension, &use, nullptr, static_cast<unsigned>(index)});
  for (auto [index, element] : llvm::enumerate(copy.elements))
    element =
        state.stamped(element, {Origin::Element, &use, nullptr, static_cast<unsigned>(index)});
  return &copy;
}

Infos BlockShapes::results() {
  Infos all;
  for (OpOperand &use : block.getTerminator()->getOpOperands()) {
    if (isControl(use.get()))
      continue;
    ShapeInfo copy;
    const ShapeInfo *info = input(use, copy);
    all.push_back(info ? *info : ShapeInfo());
  }
  return all;
}

void BlockShapes::evaluateOnce(unsigned index, MutableArrayRef<ShapeInfo> results) {
  Operation *op = nodes[index];
  Node node(op);
  unsigned numInputs = node.numInputs();
  SmallVector<const ShapeInfo *, 8> inputs(numInputs);
  Infos copies(state.isTracking() ? numInputs : 0);
  for (unsigned i = 0; i < numInputs; ++i)
    inputs[i] =
        state.isTracking() ? input(op->getOpOperand(i), copies[i]) : find(op->getOperand(i));
  SmallVector<Conflict> found;
  NodeShapes view(node, state, *this, inputs, results, found);
  applyRule(view);
  if (state.options().useTypes)
    for (auto [i, info] : llvm::enumerate(results))
      refineByType(op->getResult(i), info);
  if (found.empty())
    conflicts.erase(index);
  else
    conflicts[index] = std::move(found);
}

// A node whose op is a function is a call of it.
void BlockShapes::applyRule(NodeShapes &node) {
  OperationName name = node.node.operation()->getName();
  auto [rule, isNew] = rules.try_emplace(name.getAsOpaquePointer(), nullptr);
  StringRef type = node.node.type();
  if (isNew)
    rule->second = findShapeRule(type);
  if (rule->second)
    return rule->second(node);
  if (!state.function(type))
    return;
  Infos args;
  for (unsigned i = 0; i < node.numInputs(); ++i)
    args.push_back(node.in(i));
  if (std::optional<Infos> results = call(node.node, type, 0, args))
    for (auto [i, info] : llvm::enumerate(*results))
      node.out(i, info);
}

void BlockShapes::evaluate(unsigned index) {
  Operation *op = nodes[index];
  unsigned numResults = op->getNumResults() - 1;
  bool isFirst = evaluations[index]++ == 0;
  Infos results(numResults);
  if (evaluations[index] <= kMaxEvaluations)
    evaluateOnce(index, results);
  else if (evaluations[index] > kMaxEvaluations + 1)
    return;
  for (unsigned i = 0; i < numResults; ++i) {
    ShapeInfo &known = shapes[firstResult[index] + i];
    if (!isFirst && known.isIdentical(results[i]))
      continue;
    known = std::move(results[i]);
    enqueueUsers(index, i);
  }
}

void BlockShapes::enqueueUsers(unsigned index, unsigned result) {
  for (Operation *user : nodes[index]->getResult(result).getUsers()) {
    auto it = positions.find(user);
    // Those that come later in the first round see the change anyway.
    if (it != positions.end() && evaluations[it->second] > 0)
      enqueue(it->second);
  }
}

void BlockShapes::enqueue(unsigned index) {
  if (queued[index])
    return;
  queued[index] = true;
  queue.push_back(index);
  std::push_heap(queue.begin(), queue.end(), std::greater<>());
}

void BlockShapes::refineByType(Value value, ShapeInfo &info) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || (info.ranked && info.rank() != static_cast<size_t>(type.getRank())))
    return;
  // Apart from the symbols that rules make.
  constexpr unsigned kFromType = 1u << 24;
  bool wasRanked = info.ranked;
  info.ranked = true;
  info.dims.resize(type.getRank());
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    if (!ShapedType::isDynamic(size)) {
      if (!wasRanked || !info.dims[i].isConstant())
        info.dims[i] = Dim(size);
    } else if (!wasRanked) {
      info.dims[i] = state.symbol(value.getAsOpaquePointer(), kFromType + i, 0);
    }
  }
}

void BlockShapes::collectConflicts(SmallVectorImpl<Conflict> &all) const {
  for (const auto &[index, found] : conflicts)
    llvm::append_range(all, found);
  for (const auto &[key, callee] : callees)
    if (callee.shapes)
      callee.shapes->collectConflicts(all);
}

void BlockShapes::collectBlocks(SmallVectorImpl<BlockShapes *> &all) {
  all.push_back(this);
  for (auto &[key, callee] : callees)
    if (callee.shapes)
      callee.shapes->collectBlocks(all);
}

static bool areIdentical(ArrayRef<ShapeInfo> a, ArrayRef<ShapeInfo> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           return std::get<0>(pair).isIdentical(std::get<1>(pair));
         });
}

std::optional<Infos> BlockShapes::call(Node node, StringRef name, unsigned slot,
                                       ArrayRef<ShapeInfo> given) {
  FuncOp function = state.function(name);
  if (!function || depth >= kMaxDepth)
    return std::nullopt;
  Callee &callee = callees[{node.operation(), slot}];
  if (!callee.shapes)
    callee.shapes = std::make_unique<BlockShapes>(function.getNodes(), state, depth + 1);
  else if (areIdentical(callee.args, given))
    return callee.shapes->results();
  callee.args.assign(given.begin(), given.end());
  callee.shapes->run(given);
  return callee.shapes->results();
}

const ListInfo *BlockShapes::readArray(Operation *array, Node reader) {
  if (!array)
    return nullptr;
  ArrayState &known = arrays[array];
  unsigned position = positions.lookup(reader.operation());
  if (!llvm::is_contained(known.readers, position))
    known.readers.push_back(position);
  return &known.info;
}

void BlockShapes::makeArray(Node node, ShapeInfo item, Dim length) {
  ArrayState &array = arrays[node.operation()];
  array.declared = {std::move(item), length};
  ListInfo info = array.declared;
  if (!info.item.ranked)
    info.item = array.info.item;
  updateArray(array, std::move(info));
}

// What all writers have in common; a disagreement is a conflict of the one that is looked at last.
void BlockShapes::writeArray(Operation *array, NodeShapes &writer, const ShapeInfo &item) {
  if (!array)
    return;
  ArrayState &known = arrays[array];
  known.written[positions.lookup(writer.node.operation())] = item;
  ListInfo info = known.declared;
  for (const auto &[position, written] : known.written)
    info.item = writer.sameItem(written, info.item);
  updateArray(known, std::move(info));
}

void BlockShapes::updateArray(ArrayState &array, ListInfo info) {
  info.item.hasElements = false;
  info.item.elements.clear();
  if (info.item.isIdentical(array.info.item) && info.length.isIdentical(array.info.length))
    return;
  array.info = std::move(info);
  for (unsigned reader : array.readers)
    enqueue(reader);
}

} // namespace firn::graph
