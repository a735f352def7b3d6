#include "compiler/pipeline/KeptParts.h"

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/transforms/graph/NameGlobs.h"
#include "compiler/transforms/graph/mode/TrainingParts.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

constexpr char kRandom[] = "random ops";
constexpr char kBatchNorm[] = "batch norms on batch statistics";

// The kind of training-only part that a node is; "" for others.
StringRef trainingPart(Node node) {
  if (isRandom(node))
    return kRandom;
  if (isTrainingBatchNorm(node))
    return kBatchNorm;
  if (node.type().contains("Summary"))
    return "summaries";
  if (node.type().contains("Queue") || node.type().contains("Iterator"))
    return "queues and iterators";
  if (node.isOneOf("Assert", "CheckNumerics", "Print", "PrintV2"))
    return "asserts, checks and prints";
  return "";
}

class KeptParts {
public:
  KeptParts(ModuleOp module, const FreezeOptions &options, FreezeReport &report)
      : options(options), report(report), random(options.keepRandom) {
    for (const FreezeReport::Kept &kept : report.kept)
      told.insert(kept.name);
    for (GraphOp graph : module.getOps<GraphOp>())
      append(graph.getNodes());
    for (FuncOp function : module.getOps<FuncOp>())
      append(function.getNodes());
  }

  void run() {
    for (Node node : nodes) {
      addPart(node);
      warnOfEmptyTable(node);
    }
    for (const auto &[part, names] : unasked)
      report.warnings.push_back(warningText(part, names));
    warnOfPatterns(
        "keep-random", options.keepRandom, [](Node node) { return trainingPart(node) == kRandom; },
        "random op that the outputs need");
    warnOfPatterns(
        "keep-names", options.keepNames, [](Node) { return true; }, "node of the frozen graph");
    warnOfStatistics();
  }

private:
  void append(Block &block) {
    for (Operation &op : block.without_terminator())
      nodes.push_back(Node(&op));
  }

  void addPart(Node node) {
    StringRef part = trainingPart(node);
    if (part.empty() || told.count(node.name().str()))
      return;
    const bool inference = options.mode == Mode::Inference;
    const bool asked = inference && part == kRandom && random.match(node);
    const char *why = asked             ? "as asked"
                      : !inference      ? "as it is in the graph"
                      : part == kRandom ? "no dropout that could be told"
                                        : "the outputs need it";
    report.kept.push_back({node.name().str(), absl::StrCat(node.type().str(), ": ", why), asked});
    if (!asked)
      unasked[part.str()].push_back(node.name().str());
  }

  std::string warningText(const std::string &part, const std::vector<std::string> &names) const {
    constexpr size_t kShown = 3;
    const size_t shown = std::min(kShown, names.size());
    std::string text =
        absl::StrCat("training-only parts are still there: ", names.size(), " ", part, " ('",
                     absl::StrJoin(names.begin(), names.begin() + shown, "', '"),
                     shown < names.size() ? "', …)" : "')");
    if (options.mode == Mode::AsIs)
      absl::StrAppend(&text, "; --mode inference takes them out, or bind the flag that switches "
                             "them off with --bind");
    return text;
  }

  // A table is filled by a node of its own, which no lookup needs.
  void warnOfEmptyTable(Node node) {
    if (!node.type().contains("HashTable"))
      return;
    bool filled = llvm::any_of(node.output(0).getUsers(), [](Operation *user) {
      return Node::isNode(user) && (Node(user).type().starts_with("InitializeTable") ||
                                    Node(user).type().starts_with("LookupTableI"));
    });
    if (!filled)
      report.warnings.push_back(
          absl::StrCat("the table '", node.name().str(),
                       "' stays empty: what fills it is not needed by "
                       "the outputs; add the node that does, or an init op, as --outputs …,^NODE"));
  }

  void warnOfPatterns(const char *flag, const std::vector<std::string> &patterns,
                      function_ref<bool(Node)> counts, const char *what) {
    for (const std::string &pattern : patterns) {
      NameGlobs glob({pattern});
      if (llvm::none_of(nodes, [&](Node node) { return counts(node) && glob.match(node); }))
        warnOfPattern(flag, pattern, what);
    }
  }

  // Layers that are spelled out are known by the nodes that the pass told of.
  void warnOfStatistics() {
    for (const std::string &pattern : options.keepBatchStatistics) {
      NameGlobs glob({pattern});
      if (llvm::none_of(report.kept,
                        [&](const FreezeReport::Kept &kept) { return glob.match(kept.name); }))
        warnOfPattern("keep-batch-statistics", pattern,
                      "batch norm on batch statistics that the outputs need");
    }
  }

  void warnOfPattern(const char *flag, const std::string &pattern, const char *what) {
    report.warnings.push_back(absl::StrCat("--", flag, " '", pattern, "' matches no ", what));
  }

  const FreezeOptions &options;
  FreezeReport &report;
  NameGlobs random;
  SmallVector<Node> nodes;
  std::set<std::string> told;
  std::map<std::string, std::vector<std::string>> unasked;
};

} // namespace

void collectKeptParts(ModuleOp module, const FreezeOptions &options, FreezeReport &report) {
  KeptParts(module, options, report).run();
}

} // namespace firn
