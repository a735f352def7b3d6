#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/RetypeVariables.h"
#include "compiler/transforms/graph/VariableBinding.h"
#include "compiler/transforms/graph/VariableChoice.h"
#include "compiler/transforms/graph/Writes.h"
#include "dialects/graph/TensorSource.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_FREEZEVARIABLESPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct FreezeVariablesPass : impl::FreezeVariablesPassBase<FreezeVariablesPass> {
  using FreezeVariablesPassBase::FreezeVariablesPassBase;

  void runOnOperation() override {
    source = getContext().getLoadedDialect<GraphDialect>()->getTensorSource();
    VariableChoice chosen(only, skip);
    choice = &chosen;
    SmallVector<Block *> blocks = bodies();
    for (Block *block : blocks)
      if (failed(dropWrites(*block, [this](Node variable) { return isChosen(variable); })))
        return signalPassFailure();
    std::vector<VariableBinding> bindings;
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
    return choice->isChosen(variable) || variable.operation()->hasAttr(kInitialAttr);
  }

  // Looks every variable up; all problems of all variables are one error.
  LogicalResult bindAll(ArrayRef<Block *> blocks, std::vector<VariableBinding> &bindings) {
    for (Block *block : blocks)
      for (Operation &op : block->without_terminator())
        if (Node variable(&op); isVariable(variable) && isChosen(variable))
          bindings.push_back(bindVariable(variable, source));
    std::vector<std::string> problems, unused = unusedKeys(bindings);
    for (const VariableBinding &binding : bindings) {
      if (binding.state == VariableBinding::State::Bound)
        continue;
      const bool isMissing = source && binding.state == VariableBinding::State::Missing;
      problems.push_back("'" + binding.variable.name().str() + "' (" +
                         declaredText(binding.variable) + "): " + binding.problem +
                         (isMissing ? nearestText(binding.key, unused) : ""));
    }
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

  // A key that another variable has found is not what a missing one means.
  std::vector<std::string> unusedKeys(ArrayRef<VariableBinding> bindings) {
    llvm::StringSet<> used;
    for (const VariableBinding &binding : bindings)
      used.insert(binding.key);
    std::vector<std::string> keys = source ? source->keys() : std::vector<std::string>();
    llvm::erase_if(keys, [&](const std::string &key) { return used.contains(key); });
    return keys;
  }

  LogicalResult replaceAll(ArrayRef<VariableBinding> bindings) {
    VariableRetyper retyper(getOperation());
    for (const VariableBinding &binding : bindings) {
      Node variable = binding.variable;
      auto type = RankedTensorType::get(binding.shape, variableElementType(variable));
      Location loc = variable.operation()->getLoc();
      FailureOr<TensorAttr> value = binding.initial;
      if (!binding.initial)
        value = source->load(type, binding.key, binding.slice, [&] { return emitError(loc); });
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
  const VariableChoice *choice = nullptr;
};

} // namespace
} // namespace firn::graph
