#include "compiler/driver/graph_summary.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "compiler/formats/data_type.h"
#include "compiler/formats/proto/variable.pb.h"
#include "compiler/pipeline/TensorShapes.h"

namespace firn {
namespace {

using tensorflow::AttrValue;
using tensorflow::GraphDef;
using tensorflow::MetaGraphDef;
using tensorflow::NodeDef;

NameCounts mostFrequent(const std::map<std::string, uint64_t> &counts) {
  NameCounts sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto &a, const auto &b) { return a.second > b.second; });
  return sorted;
}

const AttrValue *findAttr(const NodeDef &node, const char *name) {
  auto it = node.attr().find(name);
  return it == node.attr().end() ? nullptr : &it->second;
}

GraphTensor describe(const NodeDef &node) {
  GraphTensor tensor{node.name(), node.op(), "", {}, false};
  if (const AttrValue *dtype = findAttr(node, "dtype"))
    tensor.dtype = dataTypeName(dtype->type());
  if (const AttrValue *shape = findAttr(node, "shape"))
    tensor.knownRank = shapeOf(shape->shape(), tensor.shape);
  return tensor;
}

uint64_t elementCount(const GraphTensor &tensor) {
  uint64_t count = tensor.knownRank;
  for (int64_t dim : tensor.shape)
    if (dim < 0 || __builtin_mul_overflow(count, static_cast<uint64_t>(dim), &count))
      return 0;
  return count;
}

// The file name that a Saver is told is no input of the model.
bool isInput(const NodeDef &node, const std::string &saverFile) {
  const bool filename = node.name() == saverFile || absl::EndsWith(node.name(), "save/filename");
  return absl::StartsWith(node.op(), "Placeholder") && !filename;
}

bool isVariable(const NodeDef &node) {
  return node.op() == "VariableV2" || node.op() == "Variable" || node.op() == "VarHandleOp" ||
         node.op() == "AutoReloadVariable";
}

// The node of "^a", "a:0", "a".
std::string nodeOf(absl::string_view tensor) {
  absl::ConsumePrefix(&tensor, "^");
  return std::string(tensor.substr(0, tensor.find(':')));
}

std::set<std::string> trainableVariables(const MetaGraphDef &meta) {
  std::set<std::string> names;
  auto it = meta.collection_def().find("trainable_variables");
  if (it == meta.collection_def().end())
    return names;
  for (const std::string &tensor : it->second.node_list().value())
    names.insert(nodeOf(tensor));
  for (const std::string &bytes : it->second.bytes_list().value())
    if (tensorflow::VariableDef variable; variable.ParseFromString(bytes))
      names.insert(nodeOf(variable.variable_name()));
  return names;
}

void addVariables(const MetaGraphDef &meta, GraphSummary &summary) {
  const std::set<std::string> trainable = trainableVariables(meta);
  for (const NodeDef &node : meta.graph_def().node()) {
    if (!isVariable(node))
      continue;
    GraphVariable variable{describe(node), trainable.count(node.name()) > 0, 0};
    if (const AttrValue *dtype = findAttr(node, "dtype"); dtype && dataTypeSize(dtype->type()))
      variable.parameters = elementCount(variable.tensor);
    summary.variables.push_back(std::move(variable));
  }
}

uint64_t storedBytes(const tensorflow::TensorProto &tensor) {
  uint64_t bytes = tensor.tensor_content().size() + tensor.float8_val().size();
  for (const std::string &text : tensor.string_val())
    bytes += text.size();
  bytes += 4ull * (tensor.float_val_size() + tensor.int_val_size() + tensor.scomplex_val_size() +
                   tensor.uint32_val_size());
  bytes += 8ull * (tensor.double_val_size() + tensor.int64_val_size() + tensor.dcomplex_val_size() +
                   tensor.uint64_val_size());
  return bytes + 2ull * tensor.half_val_size() + tensor.bool_val_size();
}

// The nodes that the outputs are computed from.
std::unordered_set<std::string> ancestors(const GraphDef &graph, const OutputCandidates &outputs) {
  std::unordered_map<std::string, const NodeDef *> nodes;
  for (const NodeDef &node : graph.node())
    nodes[node.name()] = &node;
  std::vector<std::string> worklist;
  for (const std::string &tensor : outputs.chosen)
    worklist.push_back(nodeOf(tensor));
  for (const OutputCandidate &candidate : outputs.plausible)
    worklist.push_back(nodeOf(candidate.tensor));
  std::unordered_set<std::string> seen;
  while (!worklist.empty()) {
    std::string name = std::move(worklist.back());
    worklist.pop_back();
    auto it = nodes.find(name);
    if (it == nodes.end() || !seen.insert(name).second)
      continue;
    for (const std::string &input : it->second->input())
      if (!absl::StartsWith(input, "^"))
        worklist.push_back(nodeOf(input));
  }
  return seen;
}

bool isRandom(absl::string_view op) {
  return absl::StrContains(op, "Random") || op == "TruncatedNormal" || op == "Multinomial" ||
         op == "ParameterizedTruncatedNormal" || absl::StrContains(op, "Stateless");
}

bool isTrainingBatchNorm(const NodeDef &node) {
  if (!absl::StartsWith(node.op(), "FusedBatchNorm") || absl::StrContains(node.op(), "Grad"))
    return false;
  const AttrValue *training = findAttr(node, "is_training");
  return !training || training->b();
}

bool isApply(absl::string_view op) {
  for (absl::string_view prefix : {"Resource", "Sparse"})
    absl::ConsumePrefix(&op, prefix);
  absl::ConsumePrefix(&op, "Sparse");
  return absl::StartsWith(op, "Apply");
}

// What a node outside of the outputs' ancestors shows; "" for nothing.
const char *trainingPart(const NodeDef &node) {
  const std::string &op = node.op();
  if (isApply(op))
    return "optimizer updates";
  if (absl::StrContains(op, "Queue"))
    return "input queues";
  if (absl::EndsWith(op, "Summary") || absl::EndsWith(op, "SummaryV2"))
    return "summaries";
  if (absl::StartsWith(node.name(), "gradients/") || absl::StrContains(node.name(), "/gradients/"))
    return "gradient nodes";
  if (absl::StartsWith(op, "Save") || absl::StartsWith(op, "Restore"))
    return "saver nodes";
  return "";
}

void addTrainingParts(const GraphDef &graph, GraphSummary &summary) {
  const auto forward = ancestors(graph, summary.outputs);
  std::vector<TrainingPart> &parts = summary.training;
  parts = {{"random ops on the way to the outputs", 0, ""},
           {"batch norms in training mode on the way to the outputs", 0, ""}};
  auto count = [&](absl::string_view title, const NodeDef &node) {
    auto part = std::find_if(parts.begin(), parts.end(),
                             [&](const TrainingPart &other) { return other.title == title; });
    if (part == parts.end())
      part = parts.insert(part, {std::string(title), 0, ""});
    if (part->count++ == 0)
      part->example = node.name();
  };
  for (const NodeDef &node : graph.node()) {
    if (const char *title = trainingPart(node); *title)
      count(title, node);
    if (!forward.count(node.name()))
      continue;
    if (isRandom(node.op()))
      count(parts[0].title, node);
    if (isTrainingBatchNorm(node))
      count(parts[1].title, node);
  }
  parts.erase(std::remove_if(parts.begin(), parts.end(),
                             [](const TrainingPart &part) { return part.count == 0; }),
              parts.end());
}

void addNodes(const GraphFile &file, GraphSummary &summary) {
  const GraphDef &graph = file.meta.graph_def();
  const std::string saverFile = nodeOf(file.meta.saver_def().filename_tensor_name());
  std::map<std::string, uint64_t> ops, devices;
  for (const NodeDef &node : graph.node()) {
    ++ops[node.op()];
    if (!node.device().empty())
      ++devices[node.device()];
    if (isInput(node, saverFile))
      summary.inputs.push_back(describe(node));
    if (const AttrValue *value = findAttr(node, "value"); value && node.op() == "Const") {
      ++summary.constants;
      summary.constantBytes += storedBytes(value->tensor());
    }
  }
  for (const ExternalContent &external : file.external)
    summary.constantBytes += external.content.size;
  for (const auto &function : graph.library().function())
    for (const NodeDef &node : function.node_def())
      ++ops[node.op()];
  summary.nodes = graph.node_size();
  summary.functions = graph.library().function_size();
  summary.ops = mostFrequent(ops);
  summary.devices = mostFrequent(devices);
}

// The nodes themselves rarely say it.
void addShapes(const GraphFile &file, std::vector<OutputCandidate> &candidates) {
  std::vector<std::string> tensors;
  for (const OutputCandidate &candidate : candidates)
    tensors.push_back(candidate.tensor);
  std::vector<TensorShape> shapes = inferShapes(file, tensors);
  for (size_t i = 0; i < candidates.size(); ++i)
    if (shapes[i].knownRank) {
      candidates[i].knownRank = true;
      candidates[i].shape = shapes[i].dims;
    }
}

} // namespace

const char *graphKindName(const GraphFile &file) {
  switch (file.kind) {
  case GraphFile::Kind::MetaGraph:
    return "MetaGraph";
  case GraphFile::Kind::SavedModel:
    return "SavedModel";
  case GraphFile::Kind::GraphDef:
    break;
  }
  return "GraphDef";
}

bool shapeOf(const tensorflow::TensorShapeProto &proto, std::vector<int64_t> &shape) {
  for (const auto &dim : proto.dim())
    shape.push_back(dim.size());
  return !proto.unknown_rank();
}

std::pair<const char *, int> collectionSize(const tensorflow::CollectionDef &collection) {
  using Kind = tensorflow::CollectionDef::KindCase;
  switch (collection.kind_case()) {
  case Kind::kNodeList:
    return {"node_list", collection.node_list().value_size()};
  case Kind::kBytesList:
    return {"bytes_list", collection.bytes_list().value_size()};
  case Kind::kInt64List:
    return {"int64_list", collection.int64_list().value_size()};
  case Kind::kFloatList:
    return {"float_list", collection.float_list().value_size()};
  case Kind::kAnyList:
    return {"any_list", collection.any_list().value_size()};
  case Kind::KIND_NOT_SET:
    break;
  }
  return {"empty", 0};
}

GraphSummary summarizeGraph(const GraphFile &file) {
  GraphSummary summary;
  addNodes(file, summary);
  addVariables(file.meta, summary);
  summary.outputs = findOutputs(file.meta, "");
  addShapes(file, summary.outputs.plausible);
  addTrainingParts(file.meta.graph_def(), summary);
  return summary;
}

} // namespace firn
