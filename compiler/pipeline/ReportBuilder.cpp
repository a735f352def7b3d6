#include "compiler/pipeline/ReportBuilder.h"

#include <filesystem>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/pipeline/KeptParts.h"
#include "compiler/pipeline/UnusedAverages.h"
#include "compiler/pipeline/variable_warnings.h"
#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/VariableChoice.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpTable.h"
#include "mlir/Pass/Pass.h"

namespace fs = std::filesystem;
using namespace mlir;
using namespace firn::graph;

namespace firn {

class FreezeObserver : public PassInstrumentation {
public:
  explicit FreezeObserver(ReportBuilder &builder) : builder(builder) {}
  void runBeforePass(Pass *pass, Operation *op) override {
    if (pass->getArgument() == "graph-freeze-variables")
      builder.beforeFreeze(cast<ModuleOp>(op));
    else if (pass->getArgument() == "graph-fold-constants")
      builder.beforeFold(cast<ModuleOp>(op));
  }
  // What a variable became is known here only: it may be folded away.
  void runAfterPass(Pass *pass, Operation *op) override {
    if (pass->getArgument() == "graph-freeze-variables")
      builder.afterFreeze(cast<ModuleOp>(op));
    else if (pass->getArgument() == "graph-fold-constants")
      builder.afterFold(cast<ModuleOp>(op));
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

uint64_t sizeOf(const std::string &path) {
  std::error_code error;
  const uint64_t size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  return error ? 0 : size;
}

// Of the files that a model is read from.
uint64_t bytesOf(const Model &model) {
  const std::string &path = model.graph.path;
  uint64_t bytes =
      sizeOf(path) + sizeOf(path + "/saved_model.pb") + sizeOf(path + "/saved_model.pbtxt");
  // Standard input is gone: its bytes were as many as the message takes.
  if (bytes == 0)
    bytes = model.graph.meta.ByteSizeLong();
  for (const std::shared_ptr<Checkpoint> &checkpoint : model.checkpoint->checkpoints())
    for (const std::string &file : checkpoint->files())
      bytes += sizeOf(file);
  return bytes;
}

} // namespace

ReportBuilder::ReportBuilder(const Model &model, const FreezeOptions &options) : options(options) {
  result.graphPath = model.graph.path;
  checkpoint = model.checkpoint;
  result.checkpointPath = checkpoint->name();
  trainable = collectedVariables(model.graph.meta, "trainable_variables");
  result.warnings = model.notes;
  for (const auto &[name, value] : options.binds)
    result.bound.push_back({name, value, /*asked=*/true});
  result.nodesBefore = model.graph.meta.graph_def().node_size();
  result.bytesRead = bytesOf(model);
}

std::unique_ptr<PassInstrumentation> ReportBuilder::instrumentation() {
  return std::make_unique<FreezeObserver>(*this);
}

void ReportBuilder::beforeFreeze(ModuleOp module) {
  forEachNodeAndFunction(module, [&](Node node) {
    if (isVariable(node)) {
      addVariable(node);
    } else if (const OpSignature *op = lookupOp(node.type());
               op && op->effect == OpEffect::WritesState) {
      writes.push_back(absl::StrCat(node.name().str(), "|", node.type().str()));
    }
  });
}

void ReportBuilder::addVariable(Node node) {
  const std::string name = keyOfVariable(node);
  const ViewedTensor *tensor = checkpoint->find(name);
  const bool isInitial = isa_and_nonnull<TensorAttr>(node.operation()->getAttr(kInitialAttr));
  Type element = variableElementType(node);
  result.variables.push_back({node.name().str(),
                              isInitial ? ""
                              : tensor  ? tensor->key
                                        : name,
                              element ? dataTypeText(element) : "",
                              {},
                              0,
                              isInitial});
}

void ReportBuilder::afterFreeze(ModuleOp module) {
  std::map<std::string, TensorAttr> constants;
  forEachNodeAndFunction(module, [&](Node node) {
    if (TensorAttr value = node.constantValue())
      constants[node.name().str()] = value;
  });
  for (FreezeReport::Variable &variable : result.variables)
    if (auto it = constants.find(variable.name); it != constants.end()) {
      variable.shape.assign(it->second.getShape().begin(), it->second.getShape().end());
      variable.bytes = it->second.getDataSize();
    }
  warnOfUnusedAverages(module);
  warnOfVariables(result, options, *checkpoint, trainable);
}

void ReportBuilder::warnOfUnusedAverages(ModuleOp module) {
  std::set<std::string> names;
  for (const FreezeReport::Variable &variable : result.variables)
    names.insert(variable.name);
  std::vector<UnusedAverages> found = unusedAverages(module, names);
  if (found.empty())
    return;
  std::string text = absl::StrCat(
      found.size(), found.size() == 1 ? " batch norm has" : " batch norms have",
      " means of 0 and variances of 1 only, as before training: the updates of the moving averages "
      "were never run, and the results are not those of training");
  constexpr size_t kShown = 3;
  for (size_t i = 0; i < std::min(kShown, found.size()); ++i)
    absl::StrAppend(&text, i == 0 ? ": '" : ", '", found[i].norm, "' (", found[i].mean, ", ",
                    found[i].variance, ")");
  result.warnings.push_back(text + (found.size() > kShown ? ", …" : ""));
}

void ReportBuilder::beforeFold(ModuleOp module) {
  unfolded.clear();
  forEachNodeAndFunction(module, [&](Node node) {
    if (!node.is("Const"))
      unfolded[node.name().str()] = node.type().str();
  });
}

void ReportBuilder::afterFold(ModuleOp module) {
  forEachNodeAndFunction(module, [&](Node node) {
    if (!node.is("Const"))
      unfolded.erase(node.name().str());
  });
  for (const auto &[name, op] : unfolded)
    result.folded.push_back({name, op + ": a constant"});
}

void ReportBuilder::finish(ModuleOp module) {
  forEachNode(module, [&](Node) { ++result.nodesAfter; });
  takeChanges(module);
  collectWrites(module);
  collectInputs(module);
  collectOutputs(module);
  collectKeptParts(module, options, result);
}

void ReportBuilder::collectWrites(ModuleOp module) {
  std::set<std::string> left;
  forEachNodeAndFunction(module, [&](Node node) { left.insert(node.name().str()); });
  for (const std::string &write : writes)
    if (auto [name, op] = StringRef(write).split('|'); !left.count(name.str()))
      result.removed.push_back(
          {name.str(), absl::StrCat(op.str(), ": a write that only orders other nodes")});
}

void ReportBuilder::takeChanges(ModuleOp module) {
  for (graph::Change &change : graph::takeChanges(module)) {
    if (change.kind == "bound")
      result.bound.push_back({change.node, change.text, /*asked=*/false});
    else if (change.kind == "removed")
      result.removed.push_back({change.node, change.text});
    else if (change.kind == "rewritten")
      result.rewritten.push_back({change.node, change.text});
    else if (change.kind == "folded")
      result.folded.push_back({change.node, change.text});
    else
      result.kept.push_back({change.node, change.text, /*asked=*/change.kind == "kept"});
  }
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

} // namespace firn
