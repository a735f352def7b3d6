#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/graph_summary.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

class GraphPrinter {
public:
  GraphPrinter(const GraphFile &file, bool all)
      : file(file), meta(file.meta), summary(summarizeGraph(file)), limit(all ? SIZE_MAX : 20) {}

  void print() const {
    printHead();
    printTensors();
    printVariables();
    printTraining();
    printSignatures();
    printCollections();
    printOps();
  }

private:
  void section(absl::string_view title, const TextTable &table) const {
    if (!table.empty())
      std::cout << "\n" << title << "\n" << table.str();
  }

  // The rows that are shown; what is left out is said.
  template <typename List, typename Row>
  void listed(TextTable &table, const List &list, Row row) const {
    size_t shown = 0;
    for (const auto &item : list) {
      if (shown++ == limit) {
        table.row({absl::StrCat("… and ", list.size() - limit, " more: --all")});
        return;
      }
      table.row(row(item));
    }
  }

  static std::string typeText(const GraphTensor &tensor) {
    return absl::StrCat(tensor.dtype, tensor.dtype.empty() ? "" : " ",
                        shapeText(tensor.shape, tensor.knownRank));
  }

  void printHead() const {
    const auto &versions = meta.graph_def().versions();
    std::cout << file.path << ": " << graphKindName(file) << (file.text ? ", text" : "") << ", "
              << (summary.variables.empty() ? "no variables: frozen" : "with variables: not frozen")
              << "\n\n";
    TextTable table;
    const auto &info = meta.meta_info_def();
    if (!info.tensorflow_version().empty())
      table.row({"written by", absl::StrCat("TensorFlow ", info.tensorflow_version())});
    table.row({"versions", absl::StrCat("producer ", versions.producer(), ", min_consumer ",
                                        versions.min_consumer())});
    if (info.tags_size())
      table.row({"tags", absl::StrJoin(info.tags(), ", ")});
    table.row({"nodes",
               absl::StrCat(countText(summary.nodes), ", of ", plural(summary.ops.size(), "op"))});
    if (summary.functions)
      table.row({"functions", countText(summary.functions)});
    table.row({"constants",
               absl::StrCat(countText(summary.constants), ", ", sizeText(summary.constantBytes))});
    if (!summary.variables.empty())
      table.row({"variables", variablesText()});
    if (meta.has_saver_def())
      table.row({"saver", saverText()});
    for (const auto &[device, count] : summary.devices)
      table.row({"device", absl::StrCat(device, "  on ", plural(count, "node"))});
    std::cout << table.str();
  }

  std::string variablesText() const {
    uint64_t parameters = 0, trainable = 0, trainableParameters = 0;
    for (const GraphVariable &variable : summary.variables) {
      parameters += variable.parameters;
      trainable += variable.trainable;
      trainableParameters += variable.trainable ? variable.parameters : 0;
    }
    std::string text =
        absl::StrCat(countText(summary.variables.size()), ", ", plural(parameters, "parameter"));
    if (trainable)
      absl::StrAppend(&text, "; of these ", countText(trainable), " trainable, ",
                      plural(trainableParameters, "parameter"));
    return text;
  }

  std::string saverText() const {
    const auto &saver = meta.saver_def();
    return absl::StrCat(saver.version() == tensorflow::SaverDef::V2 ? "V2" : "V1",
                        saver.sharded() ? ", sharded" : "", ": save ", saver.save_tensor_name(),
                        ", restore ", saver.restore_op_name(), ", file name ",
                        saver.filename_tensor_name());
  }

  void printTensors() const {
    TextTable inputs;
    listed(inputs, summary.inputs, [](const GraphTensor &tensor) {
      return std::vector<std::string>{tensor.name, tensor.op, typeText(tensor)};
    });
    section("inputs", inputs);
    TextTable outputs;
    for (const std::string &name : summary.outputs.chosen)
      outputs.row({name});
    section(absl::StrCat("outputs, by ", summary.outputs.reason), outputs);
    TextTable plausible;
    for (const OutputCandidate &candidate : summary.outputs.plausible)
      plausible.row({candidate.tensor, candidate.op,
                     candidate.dtype.empty() && !candidate.knownRank
                         ? ""
                         : absl::StrCat(candidate.dtype, " ",
                                        shapeText(candidate.shape, candidate.knownRank))});
    section("likely outputs, the likeliest first", plausible);
  }

  void printVariables() const {
    TextTable table;
    listed(table, summary.variables, [](const GraphVariable &variable) {
      return std::vector<std::string>{variable.tensor.name, typeText(variable.tensor),
                                      variable.trainable ? "trainable" : ""};
    });
    section("variables", table);
  }

  void printTraining() const {
    TextTable table({false, true});
    for (const TrainingPart &part : summary.training)
      table.row({part.title, countText(part.count), absl::StrCat("such as ", part.example)});
    section("parts for training", table);
  }

  template <typename Map>
  static void addTensors(TextTable &table, const char *title, const Map &tensors) {
    std::map<std::string, const tensorflow::TensorInfo *> sorted;
    for (const auto &[key, info] : tensors)
      sorted[key] = &info;
    for (const auto &[key, info] : sorted) {
      std::vector<int64_t> shape;
      const bool known = shapeOf(info->tensor_shape(), shape);
      table.row({absl::StrCat("  ", title), key, info->name(),
                 absl::StrCat(dataTypeName(info->dtype()), " ", shapeText(shape, known))});
    }
  }

  void printSignatures() const {
    std::map<std::string, const tensorflow::SignatureDef *> sorted;
    for (const auto &[key, signature] : meta.signature_def())
      sorted[key] = &signature;
    for (const auto &[key, signature] : sorted) {
      TextTable table;
      addTensors(table, "in", signature->inputs());
      addTensors(table, "out", signature->outputs());
      std::cout << "\nsignature " << key << (signature->method_name().empty() ? "" : "  ")
                << signature->method_name() << "\n"
                << table.str(0);
    }
  }

  void printCollections() const {
    TextTable table({false, false, true});
    std::map<std::string, const tensorflow::CollectionDef *> sorted;
    for (const auto &[name, collection] : meta.collection_def())
      sorted[name] = &collection;
    for (const auto &[name, collection] : sorted) {
      auto [kind, count] = collectionSize(*collection);
      table.row({name, kind, countText(count)});
    }
    section("collections", table);
  }

  void printOps() const {
    TextTable table({false, true});
    listed(table, summary.ops,
           [](const auto &op) { return std::vector<std::string>{op.first, countText(op.second)}; });
    section("ops", table);
  }

  const GraphFile &file;
  const tensorflow::MetaGraphDef &meta;
  GraphSummary summary;
  size_t limit;
};

} // namespace

void printGraph(const GraphFile &file, bool all) { GraphPrinter(file, all).print(); }

} // namespace firn
