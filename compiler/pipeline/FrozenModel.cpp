#include "compiler/pipeline/FrozenModel.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/import/ImportGraph.h"
#include "compiler/pipeline/BindFiles.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/pipeline/FreezePipeline.h"
#include "compiler/pipeline/ReportBuilder.h"
#include "compiler/pipeline/needed_nodes.h"
#include "compiler/pipeline/output_candidates.h"
#include "compiler/pipeline/signature_keys.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;

namespace firn {
namespace {

absl::StatusOr<std::vector<std::string>> chooseOutputs(const tensorflow::MetaGraphDef &meta,
                                                       const FreezeOptions &options) {
  if (!options.outputs.empty())
    return withSignatureKeys(meta, options.signature, SignatureSide::Outputs, options.outputs);
  OutputCandidates candidates = findOutputs(meta, options.signature);
  if (!candidates.chosen.empty())
    return candidates.chosen;
  if (options.endsAreOutputs && !candidates.ends.empty())
    return candidates.ends;
  const bool inMemory = options.output.empty();
  std::string text =
      absl::StrCat("expected ", inMemory ? "--fetch" : "--outputs",
                   ": the graph has no signature and no collection that names its outputs");
  if (!candidates.reason.empty())
    text = candidates.reason;
  if (!candidates.plausible.empty()) {
    absl::StrAppend(&text, "\nplausible outputs, the likeliest first:");
    for (const auto &candidate : candidates.plausible)
      absl::StrAppend(&text, "\n  ", candidate.str());
    const std::string &likeliest = candidates.plausible.front().tensor;
    if (inMemory)
      absl::StrAppend(&text, "\nfor example: --fetch ", likeliest);
    else
      absl::StrAppend(&text, "\nfor example: firn ", options.command, " ", options.model,
                      " --outputs ", likeliest, " -o ", options.output);
  }
  return absl::InvalidArgumentError(text);
}

// Of a large training graph most nodes are gradients and updates: they are not even made.
ImportOptions importOptions(const tensorflow::MetaGraphDef &meta, const FreezeOptions &options,
                            const std::vector<std::string> &outputs) {
  // Initializers are needed by nothing but by themselves.
  if (options.initMissing)
    return {/*dropOutputShapes=*/true, {}};
  std::vector<std::string> roots = outputs;
  roots.insert(roots.end(), options.inputs.begin(), options.inputs.end());
  for (const auto &[name, value] : options.binds)
    roots.push_back(name);
  return {/*dropOutputShapes=*/true, neededNodes(meta, roots, options.mode == Mode::Inference)};
}

// Tensors by which users feed the model keep their names, also where they are not placeholders.
std::vector<std::string> signatureInputs(const tensorflow::MetaGraphDef &meta) {
  std::vector<std::string> names;
  for (const auto &[key, signature] : meta.signature_def())
    for (const auto &[input, info] : signature.inputs())
      names.push_back(info.name().substr(0, info.name().find(':')));
  return names;
}

} // namespace

absl::StatusOr<FrozenModel *> FrozenModel::create(const FreezeOptions &options) {
  static auto *models = new std::vector<std::unique_ptr<FrozenModel>>();
  models->emplace_back(new FrozenModel(options));
  FrozenModel *model = models->back().get();
  if (absl::Status status = model->lower(); !status.ok())
    return model->located(status);
  return model;
}

FrozenModel::FrozenModel(const FreezeOptions &options)
    : options(options), context(MLIRContext::Threading::DISABLED) {}

absl::Status FrozenModel::lower() {
  model = openModel(options);
  if (!model.ok())
    return model.status();
  const tensorflow::MetaGraphDef &meta = model->graph.meta;
  absl::StatusOr<std::vector<std::string>> outputs = chooseOutputs(meta, options);
  if (!outputs.ok())
    return outputs.status();
  ReportBuilder report(*model, options);
  options.inputs = withSignatureKeys(meta, options.signature, SignatureSide::Inputs, options.inputs,
                                     &report.report().keys);
  for (std::string &name : signatureInputs(meta))
    options.keepNames.push_back(std::move(name));
  diagnostics.emplace(&context);
  context.loadDialect<graph::GraphDialect>();
  auto *dialect = context.getLoadedDialect<graph::GraphDialect>();
  dialect->setExtentReader(makeExtentReader(files()));
  if (!model->checkpoint->empty())
    dialect->setTensorSource(makeCheckpointSource(model->checkpoint));
  graph = importGraph(&context, model->graph, importOptions(meta, options, *outputs));
  if (!graph)
    return diagnostics->status();
  auto others = bindFiles(*graph, options);
  if (!others.ok())
    return others.status();
  options.binds = std::move(*others);
  if (absl::Status status = runPasses(*outputs, report); !status.ok())
    return status;
  report.finish(*graph);
  for (const std::string &warning : diagnostics->warnings())
    report.report().warnings.push_back(warning);
  result = std::move(report.report());
  return absl::OkStatus();
}

absl::Status FrozenModel::runPasses(const std::vector<std::string> &outputs,
                                    ReportBuilder &report) {
  PassManager passes(&context);
  passes.enableVerifier(false);
  if (options.printIr)
    passes.enableIRPrinting([](Pass *, Operation *) { return false; },
                            [](Pass *, Operation *) { return true; },
                            /*printModuleScope=*/true, /*printAfterOnlyOnChange=*/true,
                            /*printAfterOnlyOnFailure=*/false, llvm::errs());
  passes.addInstrumentation(report.instrumentation());
  buildFreezePipeline(passes, options, outputs, model->graph.meta.saver_def());
  return succeeded(passes.run(*graph)) ? absl::OkStatus() : diagnostics->status();
}

absl::Status FrozenModel::located(const absl::Status &status) const {
  if (absl::StrContains(status.message(), options.model))
    return status;
  return absl::Status(status.code(), absl::StrCat(status.message(), "\nin '", options.model, "'"));
}

} // namespace firn
