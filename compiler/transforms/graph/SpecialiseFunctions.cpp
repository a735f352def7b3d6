#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/mode/LoopInvariants.h"
#include "dialects/graph/Signature.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_SPECIALISEFUNCTIONSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct SpecialiseFunctionsPass : impl::SpecialiseFunctionsPassBase<SpecialiseFunctionsPass> {
  using SpecialiseFunctionsPassBase::SpecialiseFunctionsPassBase;

  void runOnOperation() override {
    for (FuncOp function : getOperation().getOps<FuncOp>())
      functions[function.getFuncName()] = function;
    if (functions.empty())
      return;
    SmallVector<Block *> blocks;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      blocks.push_back(&graph.getNodes());
    // Bodies made here may hold further loops and conds; a function that calls itself is made anew
    // only so many times.
    constexpr size_t kMaxBlocks = 4096;
    for (size_t i = 0; i < blocks.size() && i < kMaxBlocks; ++i)
      for (Operation &op : blocks[i]->without_terminator())
        specialise(Node(&op), blocks);
  }

  void specialise(Node node, SmallVectorImpl<Block *> &blocks) {
    SmallVector<StringRef> attributes;
    unsigned first = 0;
    if (node.isOneOf("While", "StatelessWhile")) {
      attributes = {"cond", "body"};
    } else if (node.isOneOf("If", "StatelessIf")) {
      attributes = {"then_branch", "else_branch"};
      first = 1;
    }
    llvm::SmallDenseMap<unsigned, TensorAttr> constants = constantArguments(node, first);
    if (constants.empty())
      return;
    for (StringRef attribute : attributes)
      if (auto name = node.attr<FuncAttr>(attribute))
        if (FuncOp function = functions.lookup(name.getName().getValue())) {
          auto used = usedBy(function, constants);
          if (used.empty())
            continue;
          FuncOp copy = copyWith(function, used);
          node.setAttr(attribute,
                       FuncAttr::get(&getContext(), copy.getFuncNameAttr(), name.getAttrs()));
          blocks.push_back(&copy.getNodes());
        }
  }

  // Those that a node of the function reads.
  static llvm::SmallDenseMap<unsigned, TensorAttr>
  usedBy(FuncOp function, const llvm::SmallDenseMap<unsigned, TensorAttr> &constants) {
    llvm::SmallDenseMap<unsigned, TensorAttr> used;
    for (auto [index, value] : constants)
      if (index < function.getNumDataArgs() &&
          llvm::any_of(
              function.getNodes().getArgument(index).getUsers(),
              [](Operation *user) { return !isa<FetchOp>(user); }))
        used[index] = value;
    return used;
  }

  // Arguments that are scalar constants in each call, flags and counts: of a loop those that it
  // hands through. Weights stay where they are.
  llvm::SmallDenseMap<unsigned, TensorAttr> constantArguments(Node node, unsigned first) {
    llvm::SmallDenseMap<unsigned, TensorAttr> constants;
    bool loop = node.isOneOf("While", "StatelessWhile");
    if (!loop && first == 0)
      return constants;
    FuncAttr body = loop ? node.attr<FuncAttr>("body") : FuncAttr();
    FuncOp function = body ? functions.lookup(body.getName().getValue()) : FuncOp();
    for (unsigned i = first; i < node.numInputs(); ++i) {
      Node source = Node::of(node.input(i));
      TensorAttr value = source ? source.constantValue() : TensorAttr();
      if (!value || value.isReference() || !value.getShape().empty())
        continue;
      if (!loop || (function && handsThrough(function, i)))
        constants[i - first] = value;
    }
    return constants;
  }

  FuncOp copyWith(FuncOp function, const llvm::SmallDenseMap<unsigned, TensorAttr> &constants) {
    FuncOp copy = function.clone();
    std::string name;
    for (unsigned i = 0; name.empty() || functions.count(name); ++i)
      name = (function.getFuncName() + "_with" + Twine(i)).str();
    copy.setFuncName(name);
    getOperation().push_back(copy);
    functions[copy.getFuncName()] = copy;
    Block &block = copy.getNodes();
    NodeIndex names(block);
    OpBuilder builder = OpBuilder::atBlockBegin(&block);
    for (auto [index, value] : constants) {
      BlockArgument argument = block.getArgument(index);
      NodeState state("Const");
      state.name = names.unique((copy.getArgName(index) + "/value").str());
      state.outputs = {value.getType()};
      state.attrs = {builder.getNamedAttr("dtype", TypeAttr::get(value.getElementType())),
                     builder.getNamedAttr("value", value)};
      Node constant = createNode(builder, copy.getLoc(), state);
      // What the function returns stays its argument.
      argument.replaceUsesWithIf(constant.output(0),
                                 [](OpOperand &use) { return !isa<FetchOp>(use.getOwner()); });
    }
    return copy;
  }

  llvm::StringMap<FuncOp> functions;
};

} // namespace
} // namespace firn::graph
