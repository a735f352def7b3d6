#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/MovingAverages.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/PartitionSlices.h"
#include "compiler/transforms/graph/Passes.h"
#include "dialects/graph/Signature.h"
#include "dialects/graph/TensorSource.h"
#include "dialects/graph/TensorValues.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_ASSIGNKEYSPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

struct KeyOfVariable {
  std::string key, slice;
  bool reshaped = false;
};
// One Saver: what its restores say, by variable.
struct Saver {
  std::string filename; // the node that gives the prefix
  llvm::MapVector<Operation *, KeyOfVariable> keys;
};

// The node that a prefix comes from, looked through what a Saver puts between.
Node prefixRoot(Value prefix) {
  Node node = Node::of(prefix);
  while (node && node.isOneOf("Identity", "PlaceholderWithDefault") && node.numInputs() == 1 &&
         Node::of(node.input(0)))
    node = Node::of(node.input(0));
  return node;
}

std::optional<SmallVector<StringRef>> constantStrings(Node restore, unsigned input) {
  Node node = input < restore.numInputs() ? Node::of(restore.input(input)) : Node();
  TensorAttr value = node ? node.constantValue() : TensorAttr();
  return value ? stringElements(value) : std::nullopt;
}

// What the first operand of an assignment is: the output of a variable, or an argument that stands
// for one.
Value assignedVariable(Node assign) {
  Value value = assign.input(0);
  while (Node node = Node::of(value)) {
    if (isVariable(node))
      return value;
    if (!passesOn(node))
      return {};
    value = node.input(0);
  }
  return value;
}

// Follows a restored tensor to the variables that it is assigned to: through Identity, Reshape
// (Saver(reshape=True)) and Cast.
void forEachAssigned(Value restored, llvm::function_ref<void(Value variable, bool reshaped)> action,
                     bool reshaped = false) {
  for (Operation *user : restored.getUsers()) {
    if (!Node::isNode(user))
      continue;
    Node node(user);
    if (node.isOneOf("Assign", "AssignVariableOp") && node.numInputs() == 2 &&
        node.input(1) == restored) {
      if (Value variable = assignedVariable(node))
        action(variable, reshaped);
    } else if (node.isOneOf("Identity", "Reshape", "Cast") && node.input(0) == restored) {
      forEachAssigned(node.output(0), action, reshaped || node.is("Reshape"));
    }
  }
}

struct AssignKeysPass : impl::AssignKeysPassBase<AssignKeysPass> {
  using AssignKeysPassBase::AssignKeysPassBase;

  void runOnOperation() override {
    source = getContext().getLoadedDialect<GraphDialect>()->getTensorSource();
    for (GraphOp graph : getOperation().getOps<GraphOp>()) {
      std::vector<Saver> savers = collectSavers(graph);
      std::optional<Saver> saver;
      if (failed(chooseSaver(graph, savers, saver)))
        return signalPassFailure();
      if (saver)
        for (auto &[variable, key] : saver->keys)
          if (!hasRule(Node(variable).name()))
            assign(Node(variable), key);
      assignByName(graph.getNodes());
    }
    for (FuncOp function : getOperation().getOps<FuncOp>())
      assignByName(function.getNodes());
    if (!averages.empty() && source)
      useAverages();
  }

  // Whether the user said what the variable, or the whole that it is a part of, gets.
  bool hasRule(StringRef name) {
    return source && (source->isRenamed(name) || source->isRenamed(splitPartName(name).first));
  }

  void useAverages() {
    MovingAverages found(*source, averages);
    auto visit = [&](Block &block) {
      for (Operation &op : block.without_terminator())
        if (isVariable(Node(&op)))
          found.use(Node(&op));
    };
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      visit(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      visit(function.getNodes());
  }

  void assign(Node variable, const KeyOfVariable &key) {
    Builder b(&getContext());
    SmallVector<NamedAttribute> fields{b.getNamedAttr("key", b.getStringAttr(key.key))};
    if (!key.slice.empty())
      fields.push_back(b.getNamedAttr("slice", b.getStringAttr(key.slice)));
    variable.operation()->setAttr(kKeyAttr, b.getDictionaryAttr(fields));
    if (key.reshaped)
      variable.operation()->setAttr(kReshapeAttr, b.getUnitAttr());
  }

  std::vector<Saver> collectSavers(GraphOp graph) {
    NodeIndex index(graph.getNodes());
    Node restoreOp = index.find(saverRestore);
    NodeSet reached;
    if (restoreOp)
      reached = nodesBehind(restoreOp.control());
    std::vector<Saver> savers;
    StringRef wanted = StringRef(saverFilename).split(':').first;
    for (Operation &op : graph.getNodes().without_terminator()) {
      Node node(&op);
      if (restoreOp && !reached.contains(&op))
        continue;
      if (restoreOp && node.isOneOf("StatefulPartitionedCall", "PartitionedCall"))
        collectRestoreFunction(node, savers);
      if (!isRestore(node))
        continue;
      Node root = prefixRoot(node.input(0));
      if (!root || (!wanted.empty() ? !isPrefix(node.input(0), wanted) : !isDefaultPrefix(root)))
        continue;
      auto saver = llvm::find_if(savers, [&](const Saver &s) { return s.filename == root.name(); });
      if (saver == savers.end())
        saver = savers.insert(savers.end(), Saver{root.name().str(), {}});
      collectRestore(node, *saver, [](Value variable) { return variable; });
    }
    return savers;
  }

  static bool isRestore(Node node) { return node.isOneOf("RestoreV2", "Restore", "RestoreSlice"); }

  // TensorFlow 2 restores in a function that takes the handles as arguments.
  void collectRestoreFunction(Node call, std::vector<Saver> &savers) {
    auto callee = call.attr<FuncAttr>("f");
    FuncOp function = callee ? findFunction(getOperation(), callee.getName().getValue()) : FuncOp();
    if (!function)
      return;
    Saver saver{call.name().str(), {}};
    auto callerValue = [&](Value value) -> Value {
      auto arg = dyn_cast<BlockArgument>(value);
      return arg && arg.getArgNumber() < call.numInputs() ? call.input(arg.getArgNumber())
                                                          : Value();
    };
    for (Operation &op : function.getNodes().without_terminator())
      if (isRestore(Node(&op)))
        collectRestore(Node(&op), saver, callerValue);
    if (!saver.keys.empty())
      savers.push_back(std::move(saver));
  }

  // `wanted` may be any of the nodes between the constant and the restore.
  bool isPrefix(Value prefix, StringRef wanted) {
    for (Node node = Node::of(prefix); node;
         node = node.numInputs() == 1 ? Node::of(node.input(0)) : Node())
      if (node.name() == wanted)
        return true;
    return false;
  }

  bool isDefaultPrefix(Node root) {
    TensorAttr value = root.constantValue();
    std::optional<SmallVector<StringRef>> text = value ? stringElements(value) : std::nullopt;
    return (text && text->size() == 1 && text->front() == "model") ||
           root.isOneOf("Placeholder", "PlaceholderV2");
  }

  void collectRestore(Node restore, Saver &saver, llvm::function_ref<Value(Value)> inGraph) {
    std::optional<SmallVector<StringRef>> names = constantStrings(restore, 1);
    std::optional<SmallVector<StringRef>> slices = constantStrings(restore, 2);
    if (!names)
      return;
    for (auto [k, output] : llvm::enumerate(restore.outputs())) {
      if (k >= names->size())
        break;
      std::string slice = slices && k < slices->size() ? (*slices)[k].str() : "";
      forEachAssigned(output, [&, key = (*names)[k].str()](Value assigned, bool reshaped) {
        Value value = inGraph(assigned);
        if (Node variable = value ? Node::of(value) : Node(); variable && isVariable(variable))
          saver.keys[variable.operation()] = {key, slice, reshaped};
      });
    }
  }

  size_t countMissing(const Saver &saver) {
    return llvm::count_if(
        saver.keys, [&](const auto &entry) { return source && !source->find(entry.second.key); });
  }

  // Savers that agree are one; of several that don't, the one whose keys are all there.
  LogicalResult chooseSaver(GraphOp graph, std::vector<Saver> &savers,
                            std::optional<Saver> &chosen) {
    SmallVector<Saver *> candidates;
    for (Saver &saver : savers) {
      if (saver.keys.empty())
        continue;
      bool known = llvm::any_of(candidates, [&](Saver *other) { return mergeInto(*other, saver); });
      if (!known)
        candidates.push_back(&saver);
    }
    if (candidates.size() > 1 && source) {
      SmallVector<Saver *> complete;
      llvm::copy_if(candidates, std::back_inserter(complete),
                    [&](Saver *s) { return countMissing(*s) == 0; });
      if (complete.size() == 1)
        candidates = complete;
    }
    if (candidates.size() > 1) {
      InFlightDiagnostic error = emitError(graph.getLoc())
                                 << "expected one Saver whose keys are in the checkpoint, got "
                                 << candidates.size()
                                 << " that disagree; name a MetaGraph with its SaverDef or a "
                                    "checkpoint that one of them wrote";
      for (Saver *saver : candidates)
        error.attachNote() << "'" << saver->filename << "' restores " << saver->keys.size()
                           << " variables, " << countMissing(*saver)
                           << " of which the checkpoint lacks";
      return error;
    }
    if (!candidates.empty())
      chosen = std::move(*candidates.front());
    return success();
  }

  bool mergeInto(Saver &known, const Saver &other) {
    for (const auto &[variable, key] : other.keys) {
      auto it = known.keys.find(variable);
      if (it != known.keys.end() && (it->second.key != key.key || it->second.slice != key.slice))
        return false;
    }
    for (const auto &[variable, key] : other.keys)
      known.keys.insert({variable, key});
    return true;
  }

  // Variables that no restore named.
  void assignByName(Block &block) {
    SmallVector<Node> rest;
    for (Operation &op : block.without_terminator())
      if (isVariable(Node(&op)) && !op.hasAttr(kKeyAttr))
        rest.push_back(Node(&op));
    PartitionSlices partitions(rest, source);
    for (Node variable : rest) {
      auto shared = variable.attr<StringAttr>("shared_name");
      auto [key, slice] = keyByName(variable.name(), variable, partitions);
      if (key.empty() && shared && !shared.getValue().empty())
        std::tie(key, slice) = keyByName(shared.getValue(), variable, partitions);
      assign(variable, {key.empty() ? variable.name().str() : key, slice});
    }
  }

  std::pair<std::string, std::string> keyByName(StringRef name, Node variable,
                                                const PartitionSlices &partitions) {
    if (!source)
      return {};
    if (source->find(name))
      return {name.str(), ""};
    std::string object = source->keyOfVariable(name);
    if (!object.empty())
      return {object, ""};
    std::string numbered = (name + ":0").str();
    if (source->find(numbered))
      return {numbered, ""};
    return partitions.keyOf(variable);
  }

  TensorSource *source = nullptr;
};

} // namespace
} // namespace firn::graph
