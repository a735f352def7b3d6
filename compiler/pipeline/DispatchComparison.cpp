#include "compiler/pipeline/DispatchComparison.h"

#include <cstring>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/pipeline/ModuleProgram.h"
#include "compiler/pipeline/RunTensors.h"
#include "compiler/pipeline/TensorCompare.h"

namespace firn {
namespace {

using Step = ModuleProgram::Step;

std::string nodeOf(const std::string &tensor) { return tensor.substr(0, tensor.find(':')); }

class DispatchComparison {
public:
  DispatchComparison(const ModuleProgram &program, const VerifyOptions &options)
      : program(program), options(options), runs(program.steps.size()) {
    for (const Step &step : program.steps)
      if (!step.tensor.empty())
        wanted.insert(nodeOf(step.tensor));
  }

  absl::Status keep(const RunnableModel &graph, const NamedArrays &feeds) {
    return runTensors(graph, feeds,
                      [&](graph::Node node, llvm::ArrayRef<reference::Tensor> tensors) {
                        keepNode(node.name().str(), tensors);
                      })
        .status();
  }

  absl::Status compare(LoadedModule &module, const NamedArrays &feeds) {
    absl::Status status = module.feed(feeds);
    firn_set_step_hook(module.context(), hook, this);
    if (status.ok())
      status = module.run();
    firn_set_step_hook(module.context(), nullptr, nullptr);
    return status;
  }

  DispatchReport report;

private:
  static void hook(void *self, const firn_step *step) {
    static_cast<DispatchComparison *>(self)->compareStep(*step);
  }

  void keepNode(const std::string &node, llvm::ArrayRef<reference::Tensor> tensors) {
    if (!wanted.count(node) || tensors.empty() || !tensors[0])
      return;
    std::vector<reference::Tensor> &all = kept[node];
    const bool plain = reference::elementBytes(tensors[0].dtype()) > 0;
    const uint64_t bytes = plain ? tensors[0].bytes().size() : 0;
    const bool fits = plain && used + bytes <= options.budget;
    used += fits ? bytes : 0;
    all.push_back(fits ? tensors[0] : reference::Tensor());
  }

  // The buffer may reach beyond the tensor: where others stand behind it.
  void compareStep(const firn_step &ran) {
    const Step &step = program.steps[ran.index];
    if (step.kind != ModuleProgram::Kind::Dispatch)
      return;
    ++report.dispatches;
    const size_t turn = runs[ran.index]++;
    const auto found = step.tensor.empty() ? kept.end() : kept.find(nodeOf(step.tensor));
    if (found == kept.end() || turn >= found->second.size() || !found->second[turn])
      return;
    const reference::Tensor &want = found->second[turn];
    const ModuleProgram::Binding &binding = step.bindings[step.result];
    const int64_t room =
        ran.slots[program.buffers[binding.buffer].size] - ran.slots[binding.offset];
    if (int64_t(want.bytes().size()) > room)
      return;
    reference::Tensor got(want.dtype(), want.shape());
    std::memcpy(got.mutableBytes().data(), ran.bindings[step.result], want.bytes().size());
    add(step, compareTensors(want, got, options));
  }

  void add(const Step &step, TensorDifference difference) {
    ++report.compared;
    report.agreeing += difference.good;
    if (difference.good || report.first)
      return;
    difference.name = difference.other = step.tensor;
    report.first = DispatchDifference{step.index, step.kernel, step.nodes, std::move(difference)};
  }

  const ModuleProgram &program;
  const VerifyOptions &options;
  std::vector<size_t> runs; // of each step
  std::set<std::string> wanted;
  std::map<std::string, std::vector<reference::Tensor>> kept; // of nodes, each time they ran
  uint64_t used = 0;
};

} // namespace

absl::StatusOr<DispatchReport>
compareDispatches(const RunnableModel &graph, const NamedArrays &graphFeeds, LoadedModule &module,
                  const NamedArrays &moduleFeeds, const VerifyOptions &options) {
  const ModuleProgram program = readModuleProgram(module.module());
  DispatchComparison comparison(program, options);
  if (absl::Status status = comparison.keep(graph, graphFeeds); !status.ok())
    return status;
  if (absl::Status status = comparison.compare(module, moduleFeeds); !status.ok())
    return status;
  return std::move(comparison.report);
}

} // namespace firn
