#include "compiler/transforms/graph/shapes/ShapeInference.h"

#include "compiler/transforms/graph/shapes/BlockShapes.h"

using namespace mlir;

namespace firn::graph {

// Arguments of a block that nobody calls are what their types say.
static Infos argumentsByType(Block &block, ShapeState &state) {
  Infos args;
  for (BlockArgument arg : block.getArguments()) {
    ShapeInfo &info = args.emplace_back();
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (!type)
      continue;
    info.ranked = true;
    for (auto [i, size] : llvm::enumerate(type.getShape()))
      info.dims.push_back(ShapedType::isDynamic(size) ? state.symbol(arg.getAsOpaquePointer(), i, 0)
                                                      : Dim(size));
  }
  return args;
}

// The inference of each block that is called in one place.
static llvm::DenseMap<Block *, BlockShapes *> uniqueBlocks(BlockShapes &top) {
  SmallVector<BlockShapes *> all;
  top.collectBlocks(all);
  llvm::DenseMap<Block *, BlockShapes *> unique;
  for (BlockShapes *shapes : all) {
    auto [it, isNew] = unique.try_emplace(&shapes->getBlock(), shapes);
    if (!isNew)
      it->second = nullptr;
  }
  return unique;
}

ShapeInference::ShapeInference(Block &block, ModuleOp module, ShapeOptions options)
    : state(std::make_unique<ShapeState>(module, std::move(options))),
      top(std::make_unique<BlockShapes>(block, *state, 0)) {
  top->run(argumentsByType(block, *state));
  unique = uniqueBlocks(*top);
}

ShapeInference::~ShapeInference() = default;

const ShapeInfo &ShapeInference::of(Value value) const {
  static const ShapeInfo unknown;
  if (const ShapeInfo *info = top->find(value))
    return *info;
  BlockShapes *shapes = unique.lookup(value.getParentBlock());
  const ShapeInfo *info = shapes ? shapes->find(value) : nullptr;
  return info ? *info : unknown;
}

const ListInfo *ShapeInference::array(Operation *node) const {
  BlockShapes *shapes = unique.lookup(node->getBlock());
  return shapes ? shapes->findArray(node) : nullptr;
}

SmallVector<Block *> ShapeInference::blocks() const {
  SmallVector<BlockShapes *> all;
  top->collectBlocks(all);
  SmallVector<Block *> blocks;
  for (BlockShapes *shapes : all)
    if (unique.lookup(&shapes->getBlock()))
      blocks.push_back(&shapes->getBlock());
  return blocks;
}

SmallVector<Conflict> ShapeInference::conflicts() const {
  SmallVector<Conflict> all;
  top->collectConflicts(all);
  return all;
}

const Origin &ShapeInference::origin(uint32_t id) const { return state->origin(id); }

std::optional<int64_t> ShapeInference::writtenValue(Dim dim) const {
  return state->writtenValue(dim);
}

Type typeOf(const ShapeInfo &info, Type elementType) {
  if (!info.ranked)
    return UnrankedTensorType::get(elementType);
  SmallVector<int64_t> sizes;
  for (Dim dim : info.dims)
    sizes.push_back(dim.isConstant() && dim.coefficient() >= 0 ? dim.coefficient()
                                                               : ShapedType::kDynamic);
  return RankedTensorType::get(sizes, elementType);
}

} // namespace firn::graph
