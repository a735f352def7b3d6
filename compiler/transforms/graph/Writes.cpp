#include "compiler/transforms/graph/Writes.h"

#include "compiler/transforms/graph/Effects.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace firn::graph {
namespace {

class WriteDropper {
public:
  WriteDropper(Block &block, llvm::function_ref<bool(Node)> isChosen)
      : block(block), dead(deadNodes(block)) {
    auto add = [&](Value variable, StringRef name) {
      VariableUses uses = usesOf(variable);
      for (Operation *write : uses.writes)
        variables[write].push_back(variable);
      if (!uses.writes.empty())
        names[variable] = name.str();
      reads[variable] = uses.reads;
    };
    for (Operation &op : block.without_terminator())
      if (Node node(&op); isVariable(node) && isChosen(node))
        add(node.output(0), node.name());
    if (auto function = dyn_cast<FuncOp>(block.getParentOp()))
      for (BlockArgument arg : block.getArguments())
        if (!isControl(arg) && isResource(elementTypeOf(arg)))
          add(arg, function.getArgName(arg.getArgNumber()));
  }

  LogicalResult run() {
    if (variables.empty())
      return success();
    collectLateReads();
    for (auto &[write, written] : variables)
      dropControlUses(Node(write));
    dropEmptyGroups();
    eraseUnreachableWrites();
    return refuseOrForward();
  }

private:
  // Reads that come after a write of the same variable that runs: what they see is not what the
  // checkpoint holds.
  void collectLateReads() {
    for (auto &[write, written] : variables) {
      if (dead.contains(write))
        continue;
      NodeSet after = nodesAfter(write->getResults());
      for (Value variable : written)
        for (Operation *read : reads[variable])
          if (after.contains(read) && !dead.contains(read))
            lateReads.push_back({read, ("'" + Node(read).name() + "' reads '" + names[variable] +
                                        "' after '" + Node(write).name() + "' has written it")
                                           .str()});
    }
  }

  // Where a node would be left without any input, it stays in its loop or branch by what the write
  // took its value from.
  void dropControlUses(Node write) {
    SmallVector<Operation *> users(write.control().getUsers());
    for (Operation *user : llvm::SetVector<Operation *>(users.begin(), users.end())) {
      if (variables.contains(user))
        continue;
      if (isa<FetchOp>(user)) {
        problems.push_back(
            ("'" + write.name() + "' (" + write.type() + ") is wanted itself").str());
        continue;
      }
      removeOperand(user, write.control());
      if (Node::isNode(user) && Node(user).is("NoOp")) {
        lightened.insert(user);
      } else if (Node::isNode(user) && user->getNumOperands() == 0) {
        if (Value anchor = anchorOf(write))
          user->insertOperands(0, anchor);
      }
    }
  }

  Value anchorOf(Node write) {
    for (Value input : write.inputs())
      if (Node node = Node::of(input); node && !isVariable(node) &&
                                       !isa<RefType>(elementTypeOf(input)) &&
                                       !isResource(elementTypeOf(input)))
        return node.control();
    return {};
  }

  static void removeOperand(Operation *user, Value operand) {
    for (unsigned i = user->getNumOperands(); i-- > 0;)
      if (user->getOperand(i) == operand)
        eraseOperand(user, i);
  }

  static void eraseOperand(Operation *user, unsigned index) {
    user->eraseOperand(index);
    user->removeAttr(kSpellingAttr);
  }

  // A NoOp that grouped nothing but writes orders nothing.
  void dropEmptyGroups() {
    SmallVector<Operation *> worklist(lightened.begin(), lightened.end());
    while (!worklist.empty()) {
      Operation *group = worklist.pop_back_val();
      if (group->getNumOperands())
        continue;
      Value token = Node(group).control();
      SmallVector<Operation *> users(token.getUsers());
      for (Operation *user : llvm::SetVector<Operation *>(users.begin(), users.end())) {
        // A fetched group is wanted for itself; a node that has no other input may stand in a
        // branch or loop by this one.
        bool isGroup = Node::isNode(user) && Node(user).is("NoOp");
        if (!isGroup && (!Node::isNode(user) || user->getNumOperands() == 1))
          continue;
        removeOperand(user, token);
        if (isGroup)
          worklist.push_back(user);
      }
    }
  }

  void eraseUnreachableWrites() {
    NodeSet needed = nodesBehind(block.getTerminator()->getOperands());
    llvm::erase_if(lateReads, [&](const auto &late) { return !needed.contains(late.first); });
    variables.remove_if([&](const auto &entry) { return !needed.contains(entry.first); });
    eraseUnreachable(block);
  }

  LogicalResult refuseOrForward() {
    for (const auto &[read, text] : lateReads)
      problems.push_back(text);
    for (auto &[write, written] : variables)
      if (!dead.contains(write))
        problems.push_back(("the value of '" + Node(write).name() + "' (" + Node(write).type() +
                            " of '" + names[written.front()] + "') reaches an output")
                               .str());
    if (!problems.empty()) {
      InFlightDiagnostic error = emitError(block.getParentOp()->getLoc())
                                 << "expected outputs that no write of a variable changes; fetch a "
                                    "tensor before the write "
                                    "with --outputs, feed one behind it with --inputs, or bind the "
                                    "flag that switches it off";
      for (const std::string &problem : problems)
        error.attachNote() << problem;
      return error;
    }
    for (auto &[write, written] : variables)
      forward(Node(write));
    return success();
  }

  // In a branch that never runs any value of the right type will do.
  void forward(Node write) {
    if (write.numOutputs() == 0)
      return;
    Value variable = write.input(0);
    NodeState state(isa<RefType>(elementTypeOf(variable)) ? "RefIdentity" : "Identity");
    state.inputs = {variable};
    state.attrs = {{StringAttr::get(block.getParentOp()->getContext(), "T"),
                    TypeAttr::get(valueType(elementTypeOf(variable)))}};
    replaceNode(write, state);
  }

  Block &block;
  NodeSet dead;
  llvm::MapVector<Operation *, SmallVector<Value>> variables; // by write
  llvm::DenseMap<Value, std::string> names;
  llvm::DenseMap<Value, SmallVector<Operation *>> reads;
  llvm::SetVector<Operation *> lightened;
  SmallVector<std::string> problems;
  SmallVector<std::pair<Operation *, std::string>> lateReads; // and what to say of them
};

} // namespace

LogicalResult dropWrites(Block &block, llvm::function_ref<bool(Node)> isChosen) {
  return WriteDropper(block, isChosen).run();
}

} // namespace firn::graph
