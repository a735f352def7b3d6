#include "compiler/pipeline/Freeze.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/export/GraphWriter.h"
#include "compiler/formats/output_file.h"
#include "compiler/import/ImportGraph.h"
#include "compiler/pipeline/BindFiles.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/pipeline/FreezePipeline.h"
#include "compiler/pipeline/Model.h"
#include "compiler/pipeline/ReportBuilder.h"
#include "compiler/pipeline/needed_nodes.h"
#include "compiler/pipeline/output_candidates.h"
#include "compiler/support/Status.h"
#include "mlir/IR/MLIRContext.h"

using namespace mlir;

namespace firn {
namespace {

// A name that is not in the graph may be an output key of the signature.
std::vector<std::string> withSignatureKeys(const tensorflow::MetaGraphDef &meta,
                                           const FreezeOptions &options) {
  std::set<std::string> nodes;
  for (const auto &node : meta.graph_def().node())
    nodes.insert(node.name());
  std::vector<std::string> outputs;
  for (const std::string &name : options.outputs) {
    std::string node = name.substr(name[0] == '^', name.find(':') - (name[0] == '^'));
    std::string resolved = name;
    if (!nodes.count(node))
      for (const auto &[key, signature] : meta.signature_def())
        if (options.signature.empty() || options.signature == key)
          if (auto it = signature.outputs().find(name);
              it != signature.outputs().end() && !it->second.name().empty())
            resolved = it->second.name();
    outputs.push_back(resolved);
  }
  return outputs;
}

absl::StatusOr<std::vector<std::string>> chooseOutputs(const tensorflow::MetaGraphDef &meta,
                                                       const FreezeOptions &options) {
  if (!options.outputs.empty())
    return withSignatureKeys(meta, options);
  OutputCandidates candidates = findOutputs(meta, options.signature);
  if (!candidates.chosen.empty())
    return candidates.chosen;
  std::string text =
      "expected --outputs: the graph has no signature and no collection that names its outputs";
  if (!candidates.reason.empty())
    text = candidates.reason;
  if (!candidates.plausible.empty()) {
    absl::StrAppend(&text, "\nplausible outputs, the likeliest first:");
    for (const auto &candidate : candidates.plausible)
      absl::StrAppend(&text, "\n  ", candidate.str());
    absl::StrAppend(&text, "\nfor example: firn freeze ", options.model, " --outputs ",
                    candidates.plausible.front().tensor, " -o ",
                    options.output.empty() ? "frozen.pb" : options.output);
  }
  return absl::InvalidArgumentError(text);
}

absl::Status write(ModuleOp module, const FreezeOptions &options, FreezeReport &report,
                   TensorFiles &files) {
  GraphWriterOptions writerOptions;
  writerOptions.text = options.text;
  writerOptions.verify = options.verifyChecksums;
  writerOptions.progress = options.progress;
  // The file is created with the first byte: a graph that can't be written leaves nothing to clean
  // up.
  std::unique_ptr<OutputFile> file;
  auto sink = [&](absl::string_view bytes) -> absl::Status {
    if (!file) {
      absl::StatusOr<std::unique_ptr<OutputFile>> created = OutputFile::create(options.output);
      if (!created.ok())
        return created.status();
      file = std::move(*created);
    }
    return file->append(bytes);
  };
  if (absl::Status status = sink(""); !status.ok())
    return status;
  absl::Status status = writeGraph(module, files, writerOptions, sink, &report.bytesWritten);
  return status.ok() ? file->commit() : status;
}

class Freezer {
public:
  explicit Freezer(const FreezeOptions &options)
      : options(options), context(MLIRContext::Threading::DISABLED) {}

  absl::StatusOr<FreezeReport> run() {
    model = openModel(options.model, options.checkpoint, options.tags, options.verifyChecksums);
    if (!model.ok())
      return model.status();
    absl::StatusOr<std::vector<std::string>> outputs = chooseOutputs(model->graph.meta, options);
    if (!outputs.ok())
      return outputs.status();
    ReportBuilder report(*model, options);
    DiagnosticCollector diagnostics(&context);
    context.loadDialect<graph::GraphDialect>();
    if (model->checkpoint)
      context.getLoadedDialect<graph::GraphDialect>()->setTensorSource(
          makeCheckpointSource(model->checkpoint));
    OwningOpRef<ModuleOp> module = importGraph(&context, model->graph, importOptions(*outputs));
    if (!module)
      return located(diagnostics.status());
    const tensorflow::SaverDef &saver = model->graph.meta.saver_def();
    auto others = bindFiles(*module, options);
    if (!others.ok())
      return others.status();
    options.binds = std::move(*others);
    if (failed(runPasses(*module, *outputs, saver, report)))
      return located(diagnostics.status());
    report.finish(*module);
    for (const std::string &warning : diagnostics.warnings())
      report.report().warnings.push_back(warning);
    TensorFiles own;
    TensorFiles &files = model->checkpoint ? model->checkpoint->tensorFiles() : own;
    absl::Status written = write(*module, options, report.report(), files);
    if (written.code() == absl::StatusCode::kInternal)
      return diagnostics.status().ok() ? written
                                       : absl::InternalError(diagnostics.status().message());
    if (!written.ok())
      return written;
    // Giving a large graph back piece by piece takes longer than what the process has left to do.
    module.release();
    return std::move(report.report());
  }

private:
  // Of a large training graph most nodes are gradients and updates: they are not even made.
  ImportOptions importOptions(const std::vector<std::string> &outputs) {
    std::vector<std::string> roots = outputs;
    roots.insert(roots.end(), options.inputs.begin(), options.inputs.end());
    for (const auto &[name, value] : options.binds)
      roots.push_back(name);
    return {/*dropOutputShapes=*/true, neededNodes(model->graph.meta, roots)};
  }

  absl::Status located(const absl::Status &status) {
    return absl::Status(
        status.code(),
        absl::StrCat(status.message(), absl::StrContains(status.message(), options.model)
                                           ? ""
                                           : absl::StrCat("\nin '", options.model, "'")));
  }

  LogicalResult runPasses(ModuleOp module, const std::vector<std::string> &outputs,
                          const tensorflow::SaverDef &saver, ReportBuilder &report) {
    PassManager passes(&context);
    passes.enableVerifier(false);
    if (options.printIr)
      passes.enableIRPrinting([](Pass *, Operation *) { return false; },
                              [](Pass *, Operation *) { return true; },
                              /*printModuleScope=*/true, /*printAfterOnlyOnChange=*/true,
                              /*printAfterOnlyOnFailure=*/false, llvm::errs());
    passes.addInstrumentation(report.instrumentation());
    buildFreezePipeline(passes, options, outputs, saver);
    return passes.run(module);
  }

  FreezeOptions options;
  absl::StatusOr<Model> model;
  MLIRContext context;
};

} // namespace

absl::StatusOr<FreezeReport> freeze(const FreezeOptions &options) {
  // Contexts outlive the call: tearing one down costs time that a command has no use for.
  static std::vector<std::unique_ptr<Freezer>> *freezers =
      new std::vector<std::unique_ptr<Freezer>>();
  freezers->push_back(std::make_unique<Freezer>(options));
  return freezers->back()->run();
}

} // namespace firn
