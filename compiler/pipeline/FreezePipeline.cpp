#include "compiler/pipeline/FreezePipeline.h"

#include "compiler/transforms/graph/Passes.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

template <typename List> void assign(List &to, const std::vector<std::string> &from) { to = from; }

struct FreezePipelineOptions : PassPipelineOptions<FreezePipelineOptions> {
  ListOption<std::string> outputs{*this, "outputs", llvm::cl::desc("tensors and nodes to fetch")};
  ListOption<std::string> inputs{*this, "inputs", llvm::cl::desc("tensors that are fed")};
  ListOption<std::string> bindings{*this, "bindings", llvm::cl::desc("placeholder=value")};
  Option<std::string> mode{*this, "mode", llvm::cl::desc("as-is or inference"),
                           llvm::cl::init("as-is")};
  Option<int> optimize{*this, "optimize", llvm::cl::desc("0, 1 or 2"), llvm::cl::init(0)};
  Option<std::string> targetVersion{*this, "target-version", llvm::cl::desc("1.4, 1.15 or 2.x")};
};

// From training to inference, on the whole training graph: the updates of batch norms, which no
// output needs, tell which variables keep their statistics.
void addModePasses(OpPassManager &passes, const FreezeOptions &options) {
  // Flags and masks are looked for at top level: calls become their bodies first.
  passes.addPass(createInlineCallsPass());
  BindModePassOptions bind;
  assign(bind.inputs, options.inputs);
  assign(bind.keepRandom, options.keepRandom);
  passes.addPass(createBindModePass(bind));
  // Flags reach the bodies of loops as arguments.
  passes.addPass(createSpecialiseFunctionsPass());
  // With the flags known, branches of training go; what they held is not looked at again.
  passes.addPass(createFoldCondsPass());
  passes.addPass(createInlineCallsPass());
  StoredStatisticsPassOptions statistics;
  assign(statistics.keep, options.keepBatchStatistics);
  statistics.bestEffort = options.bestEffort;
  passes.addPass(createStoredStatisticsPass(statistics));
  RemoveDropoutPassOptions dropout;
  assign(dropout.keep, options.keepRandom);
  passes.addPass(createRemoveDropoutPass(dropout));
  // Masks of all iterations became constants of their loops.
  passes.addPass(createSpecialiseFunctionsPass());
}

void addStrip(OpPassManager &passes, const FreezeOptions &options) {
  StripTrainingPassOptions strip;
  assign(strip.keep, options.keepNames);
  passes.addPass(createStripTrainingPass(strip));
}

// Code is made for known ranks; with them, more is known of what follows.
void addInputShapes(OpPassManager &passes, const FreezeOptions &options) {
  InferInputShapesPassOptions inputs;
  std::vector<std::string> given;
  for (const auto &[name, sizes] : options.inputShapes)
    given.push_back(name);
  assign(inputs.given, given);
  passes.addPass(createInferInputShapesPass(inputs));
}

void addRebatch(OpPassManager &passes, const FreezeOptions &options) {
  if (options.batch.empty() && options.inputShapes.empty())
    return;
  RebatchPassOptions rebatch;
  rebatch.batch = options.batch;
  for (const auto &[name, sizes] : options.inputShapes)
    rebatch.inputShapes += name + "=" + sizes + ";";
  rebatch.bestEffort = options.bestEffort;
  passes.addPass(createRebatchPass(rebatch));
  passes.addPass(createPrunePass());
}

// What may round in another way than the training graph did.
void addReassociation(OpPassManager &passes, const FreezeOptions &options) {
  // Chains first: a batch norm may stand behind them.
  SimplifyLayoutPassOptions layout;
  assign(layout.keep, options.keepNames);
  passes.addPass(createSimplifyLayoutPass(layout));
  passes.addPass(createSimplifyPass({/*everything=*/true}));
  FoldBatchNormPassOptions norms;
  assign(norms.keep, options.keepNames);
  passes.addPass(createFoldBatchNormPass(norms));
  FoldPadPassOptions pad;
  assign(pad.keep, options.keepNames);
  // Readers that are not named may be other tools, which know less than TensorFlow.
  pad.explicitPaddings =
      options.targetVersion.empty() ? options.forCompiling : options.targetVersion != "1.4";
  passes.addPass(createFoldPadPass(pad));
}

void addFolding(OpPassManager &passes, const FreezeOptions &options) {
  // Reads of variables hand weights on: taken out here, they are not copied below.
  addStrip(passes, options);
  passes.addPass(createInferShapesPass());
  passes.addPass(createFoldShapesPass());
  FoldConstantsPassOptions fold;
  fold.everything = options.optimize > 1;
  passes.addPass(createFoldConstantsPass(fold));
  // Arguments of loops and conds that became scalars only now.
  passes.addPass(createSpecialiseFunctionsPass());
  passes.addPass(createFoldConstantsPass(fold));
  passes.addPass(createSimplifyPass());
  // Predicates may have become known.
  passes.addPass(createFoldCondsPass());
  // What was placed on a branch that is folded now stands free.
  addStrip(passes, options);
  if (options.optimize > 1)
    addReassociation(passes, options);
  passes.addPass(createPrunePass());
  passes.addPass(createCsePass());
}

} // namespace

void buildFreezePipeline(OpPassManager &passes, const FreezeOptions &options,
                         const std::vector<std::string> &outputs,
                         const tensorflow::SaverDef &saver) {
  // The Saver's nodes tell the keys; they are about to be pruned.
  AssignKeysPassOptions keys;
  keys.saverFilename = saver.filename_tensor_name();
  keys.saverRestore = saver.restore_op_name();
  keys.averages = options.movingAverages;
  passes.addPass(createAssignKeysPass(keys));
  // Names are resolved on the graph as it was left, before any pass moves them.
  SelectOutputsPassOptions select;
  assign(select.outputs, outputs);
  passes.addPass(createSelectOutputsPass(select));
  if (options.initMissing) {
    // Initializers are about to be pruned, too.
    InitVariablesPassOptions init;
    assign(init.only, options.onlyVariables);
    assign(init.skip, options.skipVariables);
    passes.addPass(createInitVariablesPass(init));
  }
  if (!options.binds.empty()) {
    BindPlaceholdersPassOptions bind;
    std::vector<std::string> bindings;
    for (const auto &[name, value] : options.binds)
      bindings.push_back(name + "=" + value);
    assign(bind.bindings, bindings);
    passes.addPass(createBindPlaceholdersPass(bind));
  }
  bool inference = options.mode == Mode::Inference;
  if (inference)
    addModePasses(passes, options);
  // Cut before pruning: what is behind a cut must not count as needed.
  CutInputsPassOptions cut;
  assign(cut.inputs, options.inputs);
  cut.queues = inference;
  cut.inferShapes = options.forCompiling;
  passes.addPass(createCutInputsPass(cut));
  passes.addPass(createPrunePass());
  if (inference)
    addStrip(passes, options);
  // What is left is what will be written: from here on TensorFlow must accept it.
  passes.addPass(createCleanAttributesPass({options.keepDevices}));
  passes.addPass(createVerifyGraphPass());
  FreezeVariablesPassOptions freeze;
  assign(freeze.only, options.onlyVariables);
  assign(freeze.skip, options.skipVariables);
  passes.addPass(createFreezeVariablesPass(freeze));
  // Writes are gone, and with them what only they needed; functions were copied, and colocations
  // point at what went.
  passes.addPass(createPrunePass());
  if (options.forCompiling)
    addInputShapes(passes, options);
  addRebatch(passes, options);
  if (options.optimize > 0)
    addFolding(passes, options);
  // Last of what changes ops: none of these comes back.
  if (!options.targetVersion.empty())
    passes.addPass(createTargetVersionPass({options.targetVersion}));
  passes.addPass(createCleanAttributesPass({options.keepDevices}));
  passes.addPass(createVerifyGraphPass());
}

void registerFreezePipeline() {
  PassPipelineRegistration<FreezePipelineOptions>(
      "graph-freeze", "freeze a graph: what `firn freeze` does between import and export",
      [](OpPassManager &passes, const FreezePipelineOptions &given) {
        FreezeOptions options;
        options.mode = given.mode == "inference" ? Mode::Inference : Mode::AsIs;
        options.optimize = given.optimize;
        options.targetVersion = given.targetVersion;
        options.inputs.assign(given.inputs.begin(), given.inputs.end());
        for (const std::string &binding : given.bindings) {
          auto [name, value] = StringRef(binding).split('=');
          options.binds.emplace_back(name.str(), value.str());
        }
        buildFreezePipeline(passes, options, {given.outputs.begin(), given.outputs.end()}, {});
      });
}

} // namespace firn
