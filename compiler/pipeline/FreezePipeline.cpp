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
};

} // namespace

void buildFreezePipeline(OpPassManager &passes, const FreezeOptions &options,
                         const std::vector<std::string> &outputs,
                         const tensorflow::SaverDef &saver) {
  // The Saver's nodes tell the keys; they are about to be pruned.
  AssignKeysPassOptions keys;
  keys.saverFilename = saver.filename_tensor_name();
  keys.saverRestore = saver.restore_op_name();
  passes.addPass(createAssignKeysPass(keys));
  // Names are resolved on the graph as it was left, before any pass moves them.
  SelectOutputsPassOptions select;
  assign(select.outputs, outputs);
  passes.addPass(createSelectOutputsPass(select));
  if (!options.binds.empty()) {
    BindPlaceholdersPassOptions bind;
    std::vector<std::string> bindings;
    for (const auto &[name, value] : options.binds)
      bindings.push_back(name + "=" + value);
    assign(bind.bindings, bindings);
    passes.addPass(createBindPlaceholdersPass(bind));
  }
  // Cut before pruning: what is behind a cut must not count as needed.
  CutInputsPassOptions cut;
  assign(cut.inputs, options.inputs);
  passes.addPass(createCutInputsPass(cut));
  passes.addPass(createPrunePass());
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
  passes.addPass(createCleanAttributesPass({options.keepDevices}));
  passes.addPass(createVerifyGraphPass());
}

void registerFreezePipeline() {
  PassPipelineRegistration<FreezePipelineOptions>(
      "graph-freeze", "freeze a graph: what `firn freeze` does between import and export",
      [](OpPassManager &passes, const FreezePipelineOptions &given) {
        FreezeOptions options;
        options.inputs.assign(given.inputs.begin(), given.inputs.end());
        for (const std::string &binding : given.bindings) {
          auto [name, value] = StringRef(binding).split('=');
          options.binds.emplace_back(name.str(), value.str());
        }
        buildFreezePipeline(passes, options, {given.outputs.begin(), given.outputs.end()}, {});
      });
}

} // namespace firn
