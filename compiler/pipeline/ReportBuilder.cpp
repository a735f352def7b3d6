#include "compiler/pipeline/ReportBuilder.h"

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpTable.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {

class FreezeObserver : public PassInstrumentation {
public:
  explicit FreezeObserver(ReportBuilder &builder) : builder(builder) {}
  void runBeforePass(Pass *pass, Operation *op) override {
    if (pass->getArgument() == "graph-freeze-variables")
      builder.beforeFreeze(cast<ModuleOp>(op));
  }

private:
  ReportBuilder &builder;
};

namespace {

template <typename Action> void forEachNode(ModuleOp module, Action action) {
  for (GraphOp graph : module.getOps<GraphOp>())
    for (Operation &op : graph.getNodes().without_terminator())
      action(Node(&op));
}

template <typename Action> void forEachNodeAndFunction(ModuleOp module, Action action) {
  forEachNode(module, action);
  for (FuncOp function : module.getOps<FuncOp>())
    for (Operation &op : function.getNodes().without_terminator())
      action(Node(&op));
}

FreezeReport::Tensor describe(Value value, StringRef name, StringRef op) {
  FreezeReport::Tensor tensor{name.str(), op.str(), "", {}, false};
  auto type = dyn_cast<TensorType>(value.getType());
  if (!type)
    return tensor;
  tensor.dtype = dataTypeText(type.getElementType());
  tensor.knownRank = type.hasRank();
  if (type.hasRank())
    for (int64_t dim : type.getShape())
      tensor.shape.push_back(ShapedType::isDynamic(dim) ? -1 : dim);
  return tensor;
}

bool isTrainingBatchNorm(Node node) {
  auto training = node.attr<BoolAttr>("is_training");
  return node.type().starts_with("FusedBatchNorm") && !node.type().contains("Grad") &&
         (!training || training.getValue());
}

// The kind of training-only part that a node is; "" for others.
StringRef trainingPart(Node node) {
  const OpSignature *op = lookupOp(node.type());
  if (op && op->effect == OpEffect::Random)
    return "random ops (dropout?)";
  if (isTrainingBatchNorm(node))
    return "batch norms on batch statistics";
  if (node.type().contains("Summary"))
    return "summaries";
  if (node.type().contains("Queue") || node.type().contains("Iterator"))
    return "queues and iterators";
  if (node.isOneOf("Assert", "CheckNumerics", "Print", "PrintV2"))
    return "asserts, checks and prints";
  return "";
}

} // namespace

ReportBuilder::ReportBuilder(const Model &model, const FreezeOptions &options) {
  result.graphPath = model.graph.path;
  if (model.checkpoint)
    result.checkpointPath = model.checkpoint->prefix();
  result.warnings = model.notes;
  result.bound = options.binds;
  result.nodesBefore = model.graph.meta.graph_def().node_size();
}

std::unique_ptr<PassInstrumentation> ReportBuilder::instrumentation() {
  return std::make_unique<FreezeObserver>(*this);
}

void ReportBuilder::beforeFreeze(ModuleOp module) {
  forEachNodeAndFunction(module, [&](Node node) {
    if (isVariable(node)) {
      auto key = node.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
      auto name = key ? key.getAs<StringAttr>("key") : StringAttr();
      Type element = variableElementType(node);
      result.variables.push_back(
          {node.name().str(), name ? name.str() : "", element ? dataTypeText(element) : "", {}, 0});
    } else if (const OpSignature *op = lookupOp(node.type());
               op && op->effect == OpEffect::WritesState) {
      writes.push_back(absl::StrCat(node.name().str(), "|", node.type().str()));
    }
  });
}

void ReportBuilder::finish(ModuleOp module) {
  std::map<std::string, Node> frozen;
  std::set<std::string> left;
  forEachNodeAndFunction(module, [&](Node node) {
    left.insert(node.name().str());
    if (node.is("Const"))
      frozen[node.name().str()] = node;
  });
  forEachNode(module, [&](Node) { ++result.nodesAfter; });
  for (FreezeReport::Variable &variable : result.variables) {
    auto it = frozen.find(variable.name);
    TensorAttr value = it == frozen.end() ? TensorAttr() : it->second.constantValue();
    if (!value)
      continue;
    variable.shape.assign(value.getShape().begin(), value.getShape().end());
    variable.bytes = value.getDataSize();
  }
  for (const std::string &write : writes) {
    auto [name, op] = StringRef(write).split('|');
    if (!left.count(name.str()))
      result.removed.push_back(
          {name.str(), absl::StrCat(op.str(), ": a write that only orders other nodes")});
  }
  for (graph::Change &change : graph::takeChanges(module)) {
    std::pair<std::string, std::string> entry{change.node, change.text};
    if (change.kind == "bound")
      result.bound.push_back(entry);
    else if (change.kind == "removed")
      result.removed.push_back(entry);
    else if (change.kind == "rewritten" || change.kind == "folded")
      result.rewritten.push_back(entry);
    else
      result.kept.push_back(entry);
  }
  collectInputs(module);
  collectOutputs(module);
  collectWarnings(module);
}

void ReportBuilder::collectInputs(ModuleOp module) {
  forEachNode(module, [&](Node node) {
    if (!isPlaceholder(node))
      return;
    result.inputs.push_back(describe(node.output(0), (node.name() + ":0").str(), node.type()));
    if (auto cut = node.operation()->getAttrOfType<StringAttr>(kCutAttr))
      result.renamed.push_back({cut.str(), node.name().str()});
  });
}

void ReportBuilder::collectOutputs(ModuleOp module) {
  for (GraphOp graph : module.getOps<GraphOp>())
    for (Value value : graph.getFetch()->getOperands()) {
      std::string name = edgeText(value);
      if (!isControl(value) && !absl::StrContains(name, ":"))
        name += ":0";
      result.outputs.push_back(describe(value, name, Node::of(value).type()));
    }
}

// A table is filled by a node of its own, which no lookup needs.
void ReportBuilder::collectEmptyTables(ModuleOp module) {
  forEachNode(module, [&](Node node) {
    if (!node.type().contains("HashTable"))
      return;
    bool filled = llvm::any_of(node.output(0).getUsers(), [](Operation *user) {
      return Node::isNode(user) && (Node(user).type().starts_with("InitializeTable") ||
                                    Node(user).type().starts_with("LookupTableI"));
    });
    if (!filled)
      result.warnings.push_back(
          absl::StrCat("the table '", node.name().str(),
                       "' stays empty: what fills it is not needed by "
                       "the outputs; add the node that does, or an init op, as --outputs …,^NODE"));
  });
}

void ReportBuilder::collectWarnings(ModuleOp module) {
  std::map<std::string, std::pair<size_t, std::string>> parts;
  forEachNodeAndFunction(module, [&](Node node) {
    StringRef part = trainingPart(node);
    if (part.empty())
      return;
    auto &[count, example] = parts[part.str()];
    if (count++ == 0)
      example = node.name().str();
  });
  collectEmptyTables(module);
  for (const auto &[part, found] : parts)
    result.warnings.push_back(absl::StrCat("training-only parts are still there: ", found.first,
                                           " ", part, ", for example '", found.second,
                                           "'; bind the flag that switches them off with --bind"));
}

} // namespace firn
