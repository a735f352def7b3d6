#include "compiler/pipeline/output_candidates.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/proto/signatures.pb.h"

using tensorflow::MetaGraphDef;
using tensorflow::NodeDef;

namespace firn {
namespace {

constexpr size_t kMaxPlausible = 12;
constexpr char kInitSignature[] = "__saved_model_init_op";

// In the order of their keys, each tensor once.
template <typename Map, typename TensorOf>
std::vector<std::string> tensorsOf(const Map &outputs, TensorOf tensorOf) {
  std::map<std::string, std::string> sorted;
  for (const auto &[key, info] : outputs)
    sorted[key] = tensorOf(info);
  std::vector<std::string> tensors;
  for (const auto &[key, tensor] : sorted)
    if (!tensor.empty() && std::find(tensors.begin(), tensors.end(), tensor) == tensors.end())
      tensors.push_back(tensor);
  return tensors;
}

bool chooseSignature(const MetaGraphDef &meta, absl::string_view wanted, OutputCandidates &result) {
  std::map<std::string, const tensorflow::SignatureDef *> signatures;
  for (const auto &[key, signature] : meta.signature_def())
    if (key != kInitSignature && signature.outputs_size())
      signatures[key] = &signature;
  std::string key(wanted.empty() ? "serving_default" : wanted);
  auto it = signatures.find(key);
  if (it == signatures.end() && wanted.empty() && signatures.size() == 1)
    it = signatures.begin();
  if (it != signatures.end()) {
    result.chosen = tensorsOf(it->second->outputs(),
                              [](const tensorflow::TensorInfo &info) { return info.name(); });
    result.reason = absl::StrCat("signature '", it->first, "'");
    return !result.chosen.empty();
  }
  if (!wanted.empty() || !signatures.empty()) {
    std::vector<std::string> names;
    for (const auto &[name, signature] : signatures)
      names.push_back(absl::StrCat("'", name, "'"));
    result.reason =
        wanted.empty()
            ? absl::StrCat("expected --signature: the graph has ", absl::StrJoin(names, ", "))
            : absl::StrCat("expected a signature of the graph, got '", wanted, "'",
                           names.empty() ? ": it has none" : "; it has ",
                           absl::StrJoin(names, ", "));
    return true;
  }
  return false;
}

// Session bundles kept their signatures in a collection.
bool chooseBundleSignature(const MetaGraphDef &meta, OutputCandidates &result) {
  auto it = meta.collection_def().find("serving_signatures");
  if (it == meta.collection_def().end() || it->second.any_list().value_size() == 0)
    return false;
  tensorflow::serving::Signatures signatures;
  if (!signatures.ParseFromString(it->second.any_list().value(0).value()))
    return false;
  const tensorflow::serving::Signature &signature = signatures.default_signature();
  std::map<std::string, std::string> tensors;
  if (signature.has_regression_signature())
    tensors["output"] = signature.regression_signature().output().tensor_name();
  else if (signature.has_classification_signature())
    tensors = {{"classes", signature.classification_signature().classes().tensor_name()},
               {"scores", signature.classification_signature().scores().tensor_name()}};
  else if (auto named = signatures.named_signatures().find("outputs");
           named != signatures.named_signatures().end())
    for (const auto &[key, binding] : named->second.generic_signature().map())
      tensors[key] = binding.tensor_name();
  result.chosen = tensorsOf(tensors, [](const std::string &name) { return name; });
  result.reason = "collection 'serving_signatures'";
  return !result.chosen.empty();
}

bool chooseCollection(const MetaGraphDef &meta, OutputCandidates &result) {
  for (const char *name :
       {"outputs", "output", "output_tensors", "predictions", "prediction", "logits"}) {
    auto it = meta.collection_def().find(name);
    if (it == meta.collection_def().end() || it->second.node_list().value_size() == 0)
      continue;
    result.chosen.assign(it->second.node_list().value().begin(),
                         it->second.node_list().value().end());
    result.reason = absl::StrCat("collection '", name, "'");
    return true;
  }
  return false;
}

bool contains(std::initializer_list<absl::string_view> words, absl::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Ops that save, initialise, update, check or feed: what they yield is no result of a model.
bool isMachinery(absl::string_view op) {
  static const std::initializer_list<absl::string_view> kOps = {"Assert",
                                                                "NoOp",
                                                                "Save",
                                                                "SaveSlices",
                                                                "MergeV2Checkpoints",
                                                                "ShardedFilename",
                                                                "VarIsInitializedOp",
                                                                "IsVariableInitialized",
                                                                "ReadVariableOp",
                                                                "Const",
                                                                "VariableV2",
                                                                "Variable",
                                                                "VarHandleOp",
                                                                "Print",
                                                                "CheckNumerics",
                                                                "ControlTrigger",
                                                                "Shape",
                                                                "ShapeN",
                                                                "BroadcastGradientArgs",
                                                                "HashTableV2",
                                                                "HashTable",
                                                                "LoopCond",
                                                                "NextIteration",
                                                                "Exit",
                                                                "Enter",
                                                                "Switch",
                                                                "RefSwitch",
                                                                "InTopK",
                                                                "InTopKV2",
                                                                "VariableShape"};
  return contains(kOps, op) || absl::StartsWith(op, "Placeholder") ||
         absl::StartsWith(op, "Save") || absl::StartsWith(op, "Restore") ||
         absl::StartsWith(op, "Assign") || absl::StartsWith(op, "Scatter") ||
         absl::StartsWith(op, "Initialize") || absl::StrContains(op, "Summary") ||
         absl::StrContains(op, "Apply") || absl::StrContains(op, "Grad") ||
         absl::StrContains(op, "Queue") || absl::StrContains(op, "Iterator") ||
         absl::StrContains(op, "Dataset") || absl::StrContains(op, "Backprop");
}

// Ops that hand a value on into a branch or an iteration: what they take is consumed.
bool isControlFlow(absl::string_view op) {
  absl::ConsumePrefix(&op, "Ref");
  return contains({"Switch", "Enter", "NextIteration", "Exit"}, op);
}

// Scopes that optimizers, Savers and initializers make.
bool isMachineryName(absl::string_view name) {
  for (absl::string_view scope :
       {"gradients/", "save/", "Initializer/", "Regularizer/", "GradientDescent/", "Adam/",
        "report_uninitialized_variables/", "AssignMovingAvg", "AssertGuard/"})
    if (absl::StartsWith(name, scope) || absl::StrContains(name, absl::StrCat("/", scope)))
      return true;
  absl::string_view last =
      name.substr(name.rfind('/') == absl::string_view::npos ? 0 : name.rfind('/') + 1);
  return contains({"switch_t", "switch_f", "pred_id", "read"}, last);
}

// Ops of which losses and metrics are made.
bool isLossPart(absl::string_view op) {
  static const std::initializer_list<absl::string_view> kOps = {"Square",       "SquaredDifference",
                                                                "Sub",          "Mul",
                                                                "Neg",          "Log",
                                                                "Log1p",        "Exp",
                                                                "Abs",          "Pow",
                                                                "Sum",          "Mean",
                                                                "L2Loss",       "Cast",
                                                                "Equal",        "NotEqual",
                                                                "RealDiv",      "Div",
                                                                "DivNoNan",     "Add",
                                                                "AddV2",        "AddN",
                                                                "Select",       "SelectV2",
                                                                "OneHot",       "Rank",
                                                                "Pack",         "Slice",
                                                                "Greater",      "GreaterEqual",
                                                                "Less",         "LogicalAnd",
                                                                "Maximum",      "Minimum",
                                                                "Softplus",     "StopGradient",
                                                                "Reshape",      "ConcatV2",
                                                                "StridedSlice", "ExpandDims",
                                                                "ArgMax",       "BroadcastTo",
                                                                "Size",         "Prod"};
  return contains(kOps, op) || absl::StrContains(op, "CrossEntropy");
}

class Ranking {
public:
  explicit Ranking(const tensorflow::GraphDef &graph) : graph(graph) {
    for (int i = 0; i < graph.node_size(); ++i)
      index[graph.node(i).name()] = i;
    users.resize(graph.node_size());
    for (int i = 0; i < graph.node_size(); ++i)
      for (const std::string &input : graph.node(i).input())
        if (int from = find(input); from >= 0 && input[0] != '^')
          users[from].push_back(i);
    markFed();
    markLosses();
  }

  std::vector<OutputCandidate> plausible() {
    std::vector<std::pair<double, int>> ranked;
    for (int i = 0; i < graph.node_size(); ++i)
      if (fed[i] && isCandidate(i))
        ranked.push_back({-score(i), -i}); // of equals the one that was made later
    std::sort(ranked.begin(), ranked.end());
    std::vector<OutputCandidate> result;
    for (size_t k = 0; k < std::min(kMaxPlausible, ranked.size()); ++k)
      result.push_back(describe(graph.node(-ranked[k].second)));
    return result;
  }

  // A frozen graph ends with its outputs.
  std::vector<std::string> ends() const {
    std::vector<std::string> names;
    for (int i = 0; i < graph.node_size(); ++i) {
      const NodeDef &node = graph.node(i);
      if (contains({"Variable", "VariableV2", "VarHandleOp"}, node.op()))
        return {};
      if (fed[i] && users[i].empty() && !isMachinery(node.op()) && !isControlFlow(node.op()))
        names.push_back(node.name());
    }
    return names;
  }

private:
  int find(const std::string &input) const {
    std::string name = input.substr(input[0] == '^', input.find(':') - (input[0] == '^'));
    auto it = index.find(name);
    return it == index.end() ? -1 : it->second;
  }

  // Nodes that are computed from what is fed.
  void markFed() {
    fed.assign(graph.node_size(), false);
    std::vector<int> worklist;
    for (int i = 0; i < graph.node_size(); ++i) {
      const std::string &op = graph.node(i).op();
      if (absl::StartsWith(op, "Placeholder") || absl::StrContains(op, "Dequeue") ||
          op == "IteratorGetNext")
        worklist.push_back(i);
    }
    while (!worklist.empty()) {
      int i = worklist.back();
      worklist.pop_back();
      for (int user : users[i])
        if (!fed[user]) {
          fed[user] = true;
          worklist.push_back(user);
        }
    }
  }

  bool isScalar(const NodeDef &node) const {
    auto shapes = node.attr().find("_output_shapes");
    return shapes != node.attr().end() && shapes->second.list().shape_size() &&
           !shapes->second.list().shape(0).unknown_rank() &&
           shapes->second.list().shape(0).dim_size() == 0;
  }

  // Scalars of the batch, what follows from them, and what leads to nothing else through the ops
  // that losses are made of.
  void markLosses() {
    loss.assign(graph.node_size(), false);
    inLoss.assign(graph.node_size(), false);
    std::vector<int> worklist;
    for (int i = 0; i < graph.node_size(); ++i) {
      const NodeDef &node = graph.node(i);
      const bool handsOn = isControlFlow(node.op()) && !users[i].empty();
      loss[i] = (isMachinery(node.op()) && !handsOn) || isMachineryName(node.name());
      bool reduction = contains({"Mean", "Sum", "L2Loss", "AddN", "RealDiv", "Prod"}, node.op());
      if (!loss[i] && fed[i] && reduction && isScalar(node)) {
        loss[i] = true;
        worklist.push_back(i);
      }
    }
    while (!worklist.empty()) {
      int i = worklist.back();
      worklist.pop_back();
      for (const std::string &input : graph.node(i).input()) {
        int from = find(input);
        if (from < 0 || loss[from] ||
            !(isLossPart(graph.node(from).op()) || isControlFlow(graph.node(from).op())))
          continue;
        if (std::all_of(users[from].begin(), users[from].end(),
                        [&](int user) { return loss[user]; })) {
          loss[from] = true;
          inLoss[from] = !isScalar(graph.node(from));
          worklist.push_back(from);
        }
      }
    }
  }

  // A result that only a loss consumes may be made of the same ops as the loss: it counts, behind
  // the others.
  bool isCandidate(int i) const {
    if ((loss[i] && !inLoss[i]) || isControlFlow(graph.node(i).op()))
      return false;
    return std::all_of(users[i].begin(), users[i].end(), [&](int user) {
      const NodeDef &node = graph.node(user);
      return loss[user] && !absl::StartsWith(node.op(), "Assign") &&
             !absl::StrContains(node.name(), "AssignMovingAvg");
    });
  }

  double score(int i) const {
    const NodeDef &node = graph.node(i);
    static const std::map<std::string, double> *const kByOp = new std::map<std::string, double>{
        {"Softmax", 9}, {"Sigmoid", 8},     {"ArgMax", 7}, {"BiasAdd", 6}, {"Identity", 5},
        {"Squeeze", 5}, {"Reshape", 4},     {"Tanh", 6},   {"Add", 5},     {"AddV2", 5},
        {"MatMul", 5},  {"L2Normalize", 6}, {"TopKV2", 6}, {"Mul", 3},     {"Rsqrt", -2}};
    auto it = kByOp->find(node.op());
    double value = it == kByOp->end() ? 2 : it->second;
    if (users[i].empty())
      value += 3;
    if (isScalar(node))
      value -= 6;
    if (inLoss[i])
      value -= 4;
    else if (!users[i].empty() &&
             std::all_of(users[i].begin(), users[i].end(), [&](int user) { return inLoss[user]; }))
      value -= 3;
    std::string lower = absl::AsciiStrToLower(node.name());
    for (const char *word :
         {"output", "predict", "prob", "logits", "score", "softmax", "embedding", "result"})
      if (absl::StrContains(lower, word))
        value += 0.5;
    for (const char *word : {"loss", "accuracy", "metric", "error", "cost", "learning_rate",
                             "cross_entropy", "dropout"})
      if (absl::StrContains(lower, word))
        value -= 5;
    return value;
  }

  OutputCandidate describe(const NodeDef &node) const {
    OutputCandidate candidate{node.name(), node.op(), "", {}, false};
    for (const char *attr : {"T", "dtype", "DstT", "Tparams", "output_type"})
      if (auto it = node.attr().find(attr); it != node.attr().end() && candidate.dtype.empty())
        candidate.dtype = dataTypeName(it->second.type());
    if (node.op() == "ArgMax")
      candidate.dtype = "int64";
    auto shapes = node.attr().find("_output_shapes");
    if (shapes == node.attr().end() || shapes->second.list().shape_size() == 0 ||
        shapes->second.list().shape(0).unknown_rank())
      return candidate;
    candidate.knownRank = true;
    for (const auto &dim : shapes->second.list().shape(0).dim())
      candidate.shape.push_back(dim.size());
    return candidate;
  }

  const tensorflow::GraphDef &graph;
  std::unordered_map<std::string, int> index;
  std::vector<std::vector<int>> users;
  std::vector<bool> fed, loss, inLoss;
};

} // namespace

std::string OutputCandidate::str() const {
  std::string text = absl::StrCat(tensor, "  ", op, dtype.empty() ? "" : " ", dtype);
  if (!knownRank)
    return text;
  return absl::StrCat(text, " [",
                      absl::StrJoin(shape, ",",
                                    [](std::string *out, int64_t dim) {
                                      absl::StrAppend(out, dim < 0 ? std::string("?")
                                                                   : std::to_string(dim));
                                    }),
                      "]");
}

OutputCandidates findOutputs(const MetaGraphDef &meta, absl::string_view signature) {
  OutputCandidates result;
  if (chooseSignature(meta, signature, result) || chooseBundleSignature(meta, result) ||
      chooseCollection(meta, result))
    return result;
  Ranking ranking(meta.graph_def());
  result.plausible = ranking.plausible();
  result.ends = ranking.ends();
  return result;
}

} // namespace firn
