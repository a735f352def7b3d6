#include "compiler/driver/verify_modules.h"

#include "absl/strings/str_cat.h"
#include "compiler/driver/module_run.h"
#include "compiler/driver/progress.h"

namespace firn {
namespace {

absl::Status about(absl::string_view side, const absl::Status &status) {
  return absl::Status(status.code(), absl::StrCat(side, ": ", status.message()));
}

/// One of the two: a graph or a module.
struct Side {
  const char *name; // "A"
  FreezeOptions options;
  std::optional<RunnableModel> graph = {};
  std::optional<LoadedModule> module = {};
  std::vector<std::string> fed = {}; // inputs of a graph

  const std::vector<ModelTensor> &inputs() const {
    return module ? module->inputs() : graph->inputs();
  }
  const std::vector<ModelTensor> &outputs() const {
    return module ? module->outputs() : graph->outputs();
  }
  std::string how() const {
    if (graph)
      return frozenText(options, *graph);
    return absl::StrCat("(compiled, x86-64-v", firn_module_cpu_level(module->module()), ", ",
                        firn_context_threads(module->context()), " threads)");
  }
};

absl::Status openCompiled(Side &side, const ParsedFlags &flags) {
  absl::StatusOr<unsigned> threads = threadsOf(flags);
  if (!threads.ok())
    return threads.status();
  absl::StatusOr<LoadedModule> module = LoadedModule::open(side.options.model, {*threads});
  if (module.ok())
    side.module = std::move(*module);
  return module.ok() ? absl::OkStatus() : about(side.name, module.status());
}

// The graph whose inputs and outputs are those of the module, where flags do not say otherwise.
absl::Status openGraph(Side &side, const LoadedModule &like) {
  if (side.options.outputs.empty())
    for (const ModelTensor &output : like.outputs())
      side.options.outputs.push_back(output.name);
  std::vector<std::string> names;
  for (const ModelTensor &input : like.inputs())
    names.push_back(input.name);
  if (side.options.model != "-") {
    absl::StatusOr<std::vector<std::string>> found = feedableNames(side.options, names);
    if (!found.ok())
      return about(side.name, found.status());
    side.fed = std::move(*found);
  }
  absl::StatusOr<RunnableModel> graph = RunnableModel::open(side.options, side.fed);
  if (graph.ok())
    side.graph = std::move(*graph);
  return graph.ok() ? absl::OkStatus() : about(side.name, graph.status());
}

absl::StatusOr<NamedArrays> run(Side &side, const NamedArrays &feeds,
                                const NodeCallback &callback) {
  if (side.graph) {
    absl::StatusOr<NamedArrays> values = side.graph->run(feeds, callback);
    return values.ok() ? values : about(side.name, values.status());
  }
  absl::Status status = side.module->feed(feeds);
  if (status.ok())
    status = side.module->run();
  return status.ok() ? side.module->results() : about(side.name, status);
}

absl::Status compareOutputs(Side &a, Side &b, Verification &verification) {
  auto pairs = pairOutputs(a.outputs(), b.outputs());
  if (!pairs.ok())
    return pairs.status();
  absl::StatusOr<NamedArrays> want = run(a, verification.inputs.a, verification.options.callback);
  if (!want.ok())
    return want.status();
  absl::StatusOr<NamedArrays> got = run(b, verification.inputs.b, verification.options.callback);
  if (!got.ok())
    return got.status();
  for (auto [i, j] : *pairs)
    verification.result.outputs.push_back(
        compareArrays((*want)[i], (*got)[j], verification.options));
  return absl::OkStatus();
}

// What dispatches leave is held against the graph as it is compiled: folding gives nodes other
// values, batch norms go into convolutions.
absl::StatusOr<DispatchReport> compareSteps(const Side &graph, const NamedArrays &graphValues,
                                            Side &module, const NamedArrays &moduleValues,
                                            bool asGiven, const VerifyOptions &options) {
  if (asGiven)
    return compareDispatches(*graph.graph, graphValues, *module.module, moduleValues, options);
  FreezeOptions folding = graph.options;
  folding.optimize = 2;
  folding.forCompiling = true;
  absl::StatusOr<RunnableModel> folded = RunnableModel::open(folding, graph.fed);
  if (!folded.ok())
    return about(graph.name, folded.status());
  return compareDispatches(*folded, graphValues, *module.module, moduleValues, options);
}

} // namespace

absl::Status verifyModules(const ParsedFlags &flags, const FreezeOptions &optionsA,
                           const FreezeOptions &optionsB, const Feeds &feeds,
                           Verification &verification) {
  Side a{"A", optionsA}, b{"B", optionsB};
  for (Side *side : {&a, &b})
    if (isModuleFile(side->options.model))
      if (absl::Status status = openCompiled(*side, flags); !status.ok())
        return status;
  for (auto [side, other] : {std::pair(&a, &b), {&b, &a}})
    if (!side->module)
      if (absl::Status status = openGraph(*side, *other->module); !status.ok())
        return status;
  const bool keepAll = flags.boolean("keep-all");
  if (keepAll && a.module && b.module)
    return absl::InvalidArgumentError(
        "--keep-all compares a module with a graph: expected one of each, got two modules");
  absl::StatusOr<VerifyInputs> inputs = verifyInputs(a.inputs(), b.inputs(), feeds);
  if (!inputs.ok())
    return inputs.status();
  verification.inputs = std::move(*inputs);
  verification.howA = a.how();
  verification.howB = b.how();
  verification.comparesNodes = false;
  RunProgress progress(flags.boolean("quiet"));
  verification.options.callback = progress.callback();
  if (absl::Status status = compareOutputs(a, b, verification); !status.ok())
    return status;
  if ((verification.result.good() && !keepAll) || (a.module && b.module))
    return absl::OkStatus();
  const VerifyInputs &values = verification.inputs;
  const bool asGiven = flags.has(a.graph ? "optimize" : "optimize-b");
  absl::StatusOr<DispatchReport> report =
      a.graph ? compareSteps(a, values.a, b, values.b, asGiven, verification.options)
              : compareSteps(b, values.b, a, values.a, asGiven, verification.options);
  if (report.ok())
    verification.dispatches = std::move(*report);
  return report.ok() ? absl::OkStatus() : report.status();
}

} // namespace firn
