#include "compiler/pipeline/MatchCheckpoint.h"

#include <algorithm>
#include <set>

#include "compiler/import/ImportGraph.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/pipeline/FrozenModel.h"
#include "compiler/pipeline/variable_warnings.h"
#include "compiler/support/Status.h"
#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/VariableBinding.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

VariableMatch::State stateOf(VariableBinding::State state) {
  switch (state) {
  case VariableBinding::State::Bound:
    return VariableMatch::State::Matched;
  case VariableBinding::State::WrongShape:
    return VariableMatch::State::WrongShape;
  case VariableBinding::State::WrongDtype:
    return VariableMatch::State::WrongDtype;
  case VariableBinding::State::WrongSlice:
    return VariableMatch::State::WrongSlice;
  case VariableBinding::State::Missing:
  case VariableBinding::State::NotChosen:
    break;
  }
  return VariableMatch::State::Missing;
}

VariableMatch describe(const VariableBinding &binding) {
  Node variable = binding.variable;
  VariableMatch match;
  match.state = stateOf(binding.state);
  match.name = variable.name().str();
  match.key = binding.key;
  match.dtype = dataTypeText(variableElementType(variable));
  if (ShapeAttr shape = variableShape(variable); shape && !shape.getUnknownRank()) {
    match.knownRank = true;
    for (int64_t dim : shape.getDims())
      match.shape.push_back(ShapedType::isDynamic(dim) ? -1 : dim);
  }
  if (binding.stored) {
    match.storedDtype =
        dataTypeText(typeFromNumber(variable.operation()->getContext(), binding.stored->dtype));
    match.storedShape.assign(binding.stored->shape.begin(), binding.stored->shape.end());
  }
  auto place = variable.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
  if (auto slice = place ? place.getAs<StringAttr>("slice") : StringAttr())
    match.slice = slice.str();
  return match;
}

absl::Status runPasses(ModuleOp module, const FreezeOptions &options,
                       const tensorflow::SaverDef &saver, DiagnosticCollector &diagnostics) {
  PassManager passes(module.getContext());
  passes.enableVerifier(false);
  AssignKeysPassOptions keys;
  keys.saverFilename = saver.filename_tensor_name();
  keys.saverRestore = saver.restore_op_name();
  keys.averages = options.movingAverages;
  passes.addPass(createAssignKeysPass(keys));
  if (!options.outputs.empty()) {
    SelectOutputsPassOptions select;
    select.outputs = options.outputs;
    passes.addPass(createSelectOutputsPass(select));
    passes.addPass(createPrunePass());
  }
  return succeeded(passes.run(module)) ? absl::OkStatus() : diagnostics.status();
}

// Where a graph's variables stand: at top level; handles in functions, too.
std::vector<Node> variablesOf(ModuleOp module, const std::set<std::string> &skipped) {
  std::vector<Node> variables;
  auto visit = [&](Block &block) {
    for (Operation &op : block.without_terminator())
      if (isVariable(Node(&op)) && !skipped.count(Node(&op).name().str()))
        variables.push_back(Node(&op));
  };
  for (GraphOp graph : module.getOps<GraphOp>())
    visit(graph.getNodes());
  for (FuncOp function : module.getOps<FuncOp>())
    visit(function.getNodes());
  return variables;
}

void fillTable(ModuleOp module, const tensorflow::MetaGraphDef &meta, bool all,
               CheckpointMatch &match) {
  std::set<std::string> locals, asked;
  if (all) {
    locals = collectedVariables(meta, "local_variables");
    for (const std::string &global : collectedVariables(meta, "variables"))
      locals.erase(global);
  }
  const TensorSource *source =
      module.getContext()->getLoadedDialect<GraphDialect>()->getTensorSource();
  for (Node variable : variablesOf(module, locals)) {
    match.variables.push_back(describe(bindVariable(variable, source)));
    asked.insert(match.variables.back().key);
  }
  for (const auto &[name, tensor] : match.checkpoint->tensors())
    if (!asked.count(name))
      match.unused.push_back(name);
  for (VariableMatch &variable : match.variables)
    if (variable.state == VariableMatch::State::Missing)
      variable.nearest = nearestNames(variable.key, match.unused);
}

} // namespace

absl::StatusOr<CheckpointMatch> matchCheckpoint(const FreezeOptions &options) {
  absl::StatusOr<Model> model = openModel(options);
  if (!model.ok())
    return model.status();
  MLIRContext context(MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  context.loadDialect<GraphDialect>();
  auto *dialect = context.getLoadedDialect<GraphDialect>();
  TensorFiles files;
  dialect->setExtentReader(makeExtentReader(files));
  if (!model->checkpoint->empty())
    dialect->setTensorSource(makeCheckpointSource(model->checkpoint));
  OwningOpRef<ModuleOp> module =
      importGraph(&context, model->graph, {/*dropOutputShapes=*/true, {}});
  if (!module)
    return diagnostics.status();
  const tensorflow::MetaGraphDef &meta = model->graph.meta;
  absl::Status status = runPasses(*module, options, meta.saver_def(), diagnostics);
  if (!status.ok())
    return status;
  CheckpointMatch match{model->graph.path, model->checkpoint, {}, {}, model->notes};
  fillTable(*module, meta, options.outputs.empty(), match);
  return match;
}

absl::StatusOr<std::vector<std::string>> neededKeys(FreezeOptions options) {
  // What folding would do to values is of no interest, and what is written is not the graph.
  options.optimize = 0;
  absl::StatusOr<FrozenModel *> model = FrozenModel::create(options);
  if (!model.ok())
    return model.status();
  std::set<std::string> keys;
  for (const FreezeReport::Variable &variable : (*model)->report().variables)
    if (!variable.isInitial)
      keys.insert(variable.key);
  return std::vector<std::string>(keys.begin(), keys.end());
}

} // namespace firn
