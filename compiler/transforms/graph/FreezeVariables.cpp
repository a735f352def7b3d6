#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/PartitionSlices.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/RetypeVariables.h"
#include "compiler/transforms/graph/Writes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorSource.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FREEZEVARIABLESPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, dim] : llvm::enumerate(shape))
    text += (i ? "," : "") + (ShapedType::isDynamic(dim) ? std::string("?") : std::to_string(dim));
  return text + "]";
}

std::string declaredText(Node variable) {
  ShapeAttr shape = variableShape(variable);
  std::string text = dataTypeText(variableElementType(variable)) + " ";
  return text +
         (!shape || shape.getUnknownRank() ? "of unknown shape" : shapeText(shape.getDims()));
}

int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

// A variable that is needed, and what of the checkpoint goes into it.
struct Binding {
  Node variable;
  std::string key;
  std::optional<TensorSource::Slice> slice;
  SmallVector<int64_t> shape;
};

struct FreezeVariablesPass : impl::FreezeVariablesPassBase<FreezeVariablesPass> {
  using FreezeVariablesPassBase::FreezeVariablesPassBase;

  void runOnOperation() override {
    source = getContext().getLoadedDialect<GraphDialect>()->getTensorSource();
    SmallVector<Block *> blocks = bodies();
    for (Block *block : blocks)
      if (failed(dropWrites(*block, [this](Node variable) { return isChosen(variable); })))
        return signalPassFailure();
    SmallVector<Binding> bindings;
    if (failed(bindAll(bodies(), bindings)) || failed(replaceAll(bindings)))
      return signalPassFailure();
  }

  SmallVector<Block *> bodies() {
    SmallVector<Block *> blocks;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      blocks.push_back(&graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      blocks.push_back(&function.getNodes());
    return blocks;
  }

  bool isChosen(Node variable) {
    if (!only.empty() && !llvm::is_contained(only, variable.name()))
      return false;
    return !llvm::is_contained(skip, variable.name());
  }

  // Looks every variable up; all problems of all variables are one error.
  LogicalResult bindAll(ArrayRef<Block *> blocks, SmallVectorImpl<Binding> &bindings) {
    for (Block *block : blocks)
      for (Operation &op : block->without_terminator())
        if (Node variable(&op); isVariable(variable) && isChosen(variable))
          bindings.push_back({variable, keyOf(variable), std::nullopt, {}});
    std::vector<std::string> problems, unused = unusedKeys(bindings);
    for (Binding &binding : bindings)
      if (std::string problem = bind(binding, unused); !problem.empty())
        problems.push_back("'" + binding.variable.name().str() + "' (" +
                           declaredText(binding.variable) + "): " + problem);
    if (problems.empty())
      return success();
    std::string count =
        std::to_string(problems.size()) + (problems.size() == 1 ? " variable" : " variables");
    InFlightDiagnostic error = emitError(getOperation().getLoc());
    if (source)
      error << count << (problems.size() == 1 ? " does" : " do")
            << " not agree with the checkpoint '" << source->name() << "'";
    else
      error << "expected a checkpoint: the outputs need " << count << "; name it with --checkpoint";
    for (const std::string &problem : problems)
      error.attachNote() << problem;
    return error;
  }

  std::string keyOf(Node variable) {
    auto key = variable.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
    auto name = key ? key.getAs<StringAttr>("key") : StringAttr();
    return name ? name.str() : variable.name().str();
  }

  // A key that another variable has found is not what a missing one means.
  std::vector<std::string> unusedKeys(ArrayRef<Binding> bindings) {
    llvm::StringSet<> used;
    for (const Binding &binding : bindings)
      used.insert(binding.key);
    std::vector<std::string> keys = source ? source->keys() : std::vector<std::string>();
    llvm::erase_if(keys, [&](const std::string &key) { return used.contains(key); });
    return keys;
  }

  // Fills the binding; returns what is wrong, "" when all agrees.
  std::string bind(Binding &binding, const std::vector<std::string> &unused) {
    if (!source)
      return "no checkpoint is given";
    std::optional<TensorSource::Entry> entry = source->find(binding.key);
    if (!entry)
      return "no key '" + binding.key + "' in the checkpoint" + nearestText(binding.key, unused);
    auto key = binding.variable.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
    SmallVector<int64_t> full;
    auto spec = key ? key.getAs<StringAttr>("slice") : StringAttr();
    if (spec && !parseSliceSpec(spec.getValue(), full, binding.slice))
      return "the Saver's slice '" + spec.str() + "' is no slice";
    if (binding.slice && ArrayRef<int64_t>(full) != ArrayRef<int64_t>(entry->shape))
      return "it is a part of " + shapeText(full) + ", the checkpoint has " +
             shapeText(entry->shape);
    binding.shape = binding.slice ? binding.slice->length : entry->shape;
    return compare(binding, entry->dtype);
  }

  std::string compare(Binding &binding, int dtype) {
    Type stored = typeFromNumber(&getContext(), dtype);
    std::string have = "the checkpoint has " + dataTypeText(stored) + " " +
                       shapeText(binding.shape) + " under '" + binding.key + "'";
    if (stored != variableElementType(binding.variable))
      return have;
    ShapeAttr declared = variableShape(binding.variable);
    if (!declared || declared.getUnknownRank())
      return "";
    ArrayRef<int64_t> dims = declared.getDims();
    bool agrees = dims.size() == binding.shape.size();
    for (size_t i = 0; agrees && i < dims.size(); ++i)
      agrees = ShapedType::isDynamic(dims[i]) || dims[i] == binding.shape[i];
    if (agrees)
      return "";
    // Saver(reshape=True) restores any shape of as many elements.
    bool isStatic = llvm::none_of(dims, ShapedType::isDynamic);
    if (binding.variable.operation()->hasAttr(kReshapeAttr) && isStatic &&
        countElements(dims) == countElements(binding.shape)) {
      binding.shape.assign(dims.begin(), dims.end());
      return "";
    }
    return have;
  }

  LogicalResult replaceAll(ArrayRef<Binding> bindings) {
    VariableRetyper retyper(getOperation());
    for (const Binding &binding : bindings) {
      Node variable = binding.variable;
      auto type = RankedTensorType::get(binding.shape, variableElementType(variable));
      Location loc = variable.operation()->getLoc();
      FailureOr<TensorAttr> value =
          source->load(type, binding.key, binding.slice, [&] { return emitError(loc); });
      if (failed(value))
        return failure();
      Builder b(&getContext());
      NodeState state("Const");
      state.outputs = {type};
      llvm::append_range(state.controls, variable.controls());
      state.attrs = {b.getNamedAttr("dtype", TypeAttr::get(type.getElementType())),
                     b.getNamedAttr("value", *value)};
      retyper.add(replaceNode(variable, state).output(0));
    }
    return retyper.run();
  }

  TensorSource *source = nullptr;
};

} // namespace
} // namespace firn::graph
