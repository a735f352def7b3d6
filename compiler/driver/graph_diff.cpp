#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/driver/artifact_diff.h"
#include "compiler/driver/constant_values.h"
#include "compiler/driver/graph_summary.h"
#include "compiler/driver/text.h"
#include "compiler/driver/value_diff.h"

using tensorflow::AttrValue;
using tensorflow::NodeDef;

namespace firn {
namespace {

using Side = Difference::Side;

std::string shorten(std::string text) {
  constexpr size_t kLongest = 80;
  if (text.size() > kLongest)
    text = absl::StrCat(text.substr(0, kLongest), "…");
  return text;
}

std::string attrText(const AttrValue &value) {
  std::vector<int64_t> shape;
  switch (value.value_case()) {
  case AttrValue::kType:
    return dataTypeName(value.type());
  case AttrValue::kShape: {
    const bool known = shapeOf(value.shape(), shape);
    return shapeText(shape, known);
  }
  case AttrValue::kTensor: {
    const bool known = shapeOf(value.tensor().tensor_shape(), shape);
    return absl::StrCat(dataTypeName(value.tensor().dtype()), " ", shapeText(shape, known));
  }
  case AttrValue::kS:
    return shorten(quotedText(value.s()));
  default:
    return shorten(value.ShortDebugString());
  }
}

class GraphDiffer {
public:
  GraphDiffer(const GraphFile &a, const GraphFile &b, const DiffOptions &options)
      : a(a), b(b), options(options), contentsA(a), contentsB(b) {}

  absl::StatusOr<std::vector<Difference>> run() {
    diffVersions();
    if (absl::Status status = diffNodes(); !status.ok())
      return status;
    diffNamed("function", functions(a), functions(b));
    diffNamed("signature", messages(a.meta.signature_def()), messages(b.meta.signature_def()));
    diffNamed("collection", messages(a.meta.collection_def()), messages(b.meta.collection_def()));
    return std::move(differences);
  }

private:
  using Messages = std::map<std::string, const google::protobuf::Message *>;

  static Messages functions(const GraphFile &file) {
    Messages result;
    for (const auto &function : file.meta.graph_def().library().function())
      result[function.signature().name()] = &function;
    return result;
  }

  template <typename Map> static Messages messages(const Map &map) {
    Messages result;
    for (const auto &[name, message] : map)
      result[name] = &message;
    return result;
  }

  // A bare graph has no signatures or collections to lack.
  void diffNamed(const char *what, const Messages &left, const Messages &right) {
    const bool bare = a.kind == GraphFile::Kind::GraphDef || b.kind == GraphFile::Kind::GraphDef;
    if (bare && absl::string_view(what) != "function")
      return;
    for (const auto &[name, message] : left) {
      auto it = right.find(name);
      if (it == right.end())
        differences.push_back({Side::OnlyFirst, what, name, "", {}});
      else if (serializeDeterministic(*message) != serializeDeterministic(*it->second))
        differences.push_back({Side::Both, what, name, "", {{"content", "", "", "differs"}}});
    }
    for (const auto &[name, message] : right)
      if (!left.count(name))
        differences.push_back({Side::OnlySecond, what, name, "", {}});
  }

  void diffVersions() {
    const auto &left = a.meta.graph_def().versions(), &right = b.meta.graph_def().versions();
    Difference difference{Side::Both, "versions", "", "", {}};
    diffField(difference, "producer", std::to_string(left.producer()),
              std::to_string(right.producer()));
    diffField(difference, "min_consumer", std::to_string(left.min_consumer()),
              std::to_string(right.min_consumer()));
    if (!difference.fields.empty())
      differences.push_back(std::move(difference));
  }

  static void diffField(Difference &difference, std::string field, const std::string &left,
                        const std::string &right) {
    if (left != right)
      difference.fields.push_back({std::move(field), left, right, ""});
  }

  absl::Status diffNodes() {
    std::map<std::string, int> right;
    for (int i = 0; i < b.meta.graph_def().node_size(); ++i)
      right[b.meta.graph_def().node(i).name()] = i;
    std::set<std::string> seen;
    for (int i = 0; i < a.meta.graph_def().node_size(); ++i) {
      const NodeDef &node = a.meta.graph_def().node(i);
      seen.insert(node.name());
      auto it = right.find(node.name());
      if (it == right.end())
        differences.push_back({Side::OnlyFirst, "node", node.name(), node.op(), {}});
      else if (absl::Status status = diffNode(i, it->second); !status.ok())
        return status;
    }
    for (const NodeDef &node : b.meta.graph_def().node())
      if (!seen.count(node.name()))
        differences.push_back({Side::OnlySecond, "node", node.name(), node.op(), {}});
    return absl::OkStatus();
  }

  absl::Status diffNode(int i, int j) {
    const NodeDef &left = a.meta.graph_def().node(i), &right = b.meta.graph_def().node(j);
    Difference difference{Side::Both, "node", left.name(), "", {}};
    diffField(difference, "op", left.op(), right.op());
    diffField(difference, "device", left.device(), right.device());
    for (int k = 0; k < std::max(left.input_size(), right.input_size()); ++k)
      diffField(difference, absl::StrCat("input ", k), k < left.input_size() ? left.input(k) : "",
                k < right.input_size() ? right.input(k) : "");
    std::set<std::string> names;
    for (const NodeDef *node : {&left, &right})
      for (const auto &[name, value] : node->attr())
        if (name != "_output_shapes")
          names.insert(name);
    for (const std::string &name : names)
      if (absl::Status status = diffAttr(i, j, name, difference); !status.ok())
        return status;
    if (!difference.fields.empty())
      differences.push_back(std::move(difference));
    return absl::OkStatus();
  }

  absl::Status diffAttr(int i, int j, const std::string &name, Difference &difference) {
    const auto &left = a.meta.graph_def().node(i).attr(),
               &right = b.meta.graph_def().node(j).attr();
    auto x = left.find(name), y = right.find(name);
    const std::string field = absl::StrCat("attr ", name);
    if (x == left.end() || y == right.end()) {
      difference.fields.push_back({field, x == left.end() ? "" : attrText(x->second),
                                   y == right.end() ? "" : attrText(y->second), ""});
      return absl::OkStatus();
    }
    if (x->second.has_tensor() && y->second.has_tensor())
      return diffTensors(i, j, name, difference);
    if (serializeDeterministic(x->second) == serializeDeterministic(y->second))
      return absl::OkStatus();
    std::string before = attrText(x->second), after = attrText(y->second);
    difference.fields.push_back(before == after ? FieldDiff{field, "", "", "differs"}
                                                : FieldDiff{field, before, after, ""});
    return absl::OkStatus();
  }

  absl::Status diffTensors(int i, int j, const std::string &name, Difference &difference) {
    const AttrValue &left = a.meta.graph_def().node(i).attr().at(name),
                    &right = b.meta.graph_def().node(j).attr().at(name);
    const std::string field = absl::StrCat("attr ", name), before = attrText(left),
                      after = attrText(right);
    if (before != after) {
      difference.fields.push_back({field, before, after, ""});
      return absl::OkStatus();
    }
    if (!options.values)
      return absl::OkStatus();
    absl::StatusOr<ValueDiff> values =
        diffConstants(contentsA, i, contentsB, j, name, options.tolerance);
    if (!values.ok())
      return absl::Status(
          values.status().code(),
          absl::StrCat("node '", difference.name, "', ", field, ": ", values.status().message()));
    if (values->differing)
      difference.fields.push_back({field, "", "", values->text()});
    return absl::OkStatus();
  }

  const GraphFile &a, &b;
  const DiffOptions &options;
  ConstantContents contentsA, contentsB;
  std::vector<Difference> differences;
};

} // namespace

absl::StatusOr<std::vector<Difference>> diffGraphs(const GraphFile &a, const GraphFile &b,
                                                   const DiffOptions &options) {
  return GraphDiffer(a, b, options).run();
}

} // namespace firn
