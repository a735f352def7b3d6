#include <map>

#include "compiler/driver/graph_summary.h"
#include "compiler/driver/json_text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

void writeTensor(const GraphTensor &tensor, llvm::json::OStream &json) {
  json.attribute("name", utf8(tensor.name));
  json.attribute("op", utf8(tensor.op));
  json.attribute("dtype", tensor.dtype);
  json.attribute("shape", jsonShape(tensor.shape, tensor.knownRank));
}

template <typename Map>
void writeSignatureTensors(const char *title, const Map &tensors, llvm::json::OStream &json) {
  std::map<std::string, const tensorflow::TensorInfo *> sorted;
  for (const auto &[key, info] : tensors)
    sorted[key] = &info;
  json.attributeObject(title, [&] {
    for (const auto &[key, info] : sorted)
      json.attributeObject(utf8(key), [&, info = info] {
        std::vector<int64_t> shape;
        const bool known = shapeOf(info->tensor_shape(), shape);
        json.attribute("tensor", utf8(info->name()));
        json.attribute("dtype", dataTypeName(info->dtype()));
        json.attribute("shape", jsonShape(shape, known));
      });
  });
}

void writeMeta(const tensorflow::MetaGraphDef &meta, llvm::json::OStream &json) {
  std::map<std::string, const tensorflow::SignatureDef *> signatures;
  for (const auto &[key, signature] : meta.signature_def())
    signatures[key] = &signature;
  json.attributeObject("signatures", [&] {
    for (const auto &[key, signature] : signatures)
      json.attributeObject(utf8(key), [&, signature = signature] {
        json.attribute("method", utf8(signature->method_name()));
        writeSignatureTensors("inputs", signature->inputs(), json);
        writeSignatureTensors("outputs", signature->outputs(), json);
      });
  });
  std::map<std::string, const tensorflow::CollectionDef *> collections;
  for (const auto &[name, collection] : meta.collection_def())
    collections[name] = &collection;
  json.attributeObject("collections", [&] {
    for (const auto &[name, collection] : collections)
      json.attributeObject(utf8(name), [&, collection = collection] {
        json.attribute("kind", collectionSize(*collection).first);
        json.attribute("count", collectionSize(*collection).second);
      });
  });
  if (!meta.has_saver_def())
    return;
  json.attributeObject("saver", [&] {
    json.attribute("version", meta.saver_def().version() == tensorflow::SaverDef::V2 ? "V2" : "V1");
    json.attribute("sharded", meta.saver_def().sharded());
    json.attribute("save", utf8(meta.saver_def().save_tensor_name()));
    json.attribute("restore", utf8(meta.saver_def().restore_op_name()));
    json.attribute("filename", utf8(meta.saver_def().filename_tensor_name()));
  });
}

void writeParts(const GraphSummary &summary, llvm::json::OStream &json) {
  json.attributeArray("inputs", [&] {
    for (const GraphTensor &tensor : summary.inputs)
      json.object([&] { writeTensor(tensor, json); });
  });
  json.attribute("outputs", jsonStrings(summary.outputs.chosen));
  json.attribute("outputs_reason", utf8(summary.outputs.reason));
  json.attributeArray("likely_outputs", [&] {
    for (const OutputCandidate &candidate : summary.outputs.plausible)
      json.object([&] {
        writeTensor(
            {candidate.tensor, candidate.op, candidate.dtype, candidate.shape, candidate.knownRank},
            json);
      });
  });
  json.attributeArray("variables", [&] {
    for (const GraphVariable &variable : summary.variables)
      json.object([&] {
        writeTensor(variable.tensor, json);
        json.attribute("trainable", variable.trainable);
        json.attribute("parameters", variable.parameters);
      });
  });
  json.attributeArray("training", [&] {
    for (const TrainingPart &part : summary.training)
      json.object([&] {
        json.attribute("part", part.title);
        json.attribute("count", part.count);
        json.attribute("example", utf8(part.example));
      });
  });
  json.attributeObject("devices", [&] {
    for (const auto &[device, count] : summary.devices)
      json.attribute(utf8(device), count);
  });
  json.attributeObject("ops", [&] {
    for (const auto &[op, count] : summary.ops)
      json.attribute(utf8(op), count);
  });
}

} // namespace

void writeGraph(const GraphFile &file, llvm::json::OStream &json) {
  const GraphSummary summary = summarizeGraph(file);
  const auto &versions = file.meta.graph_def().versions();
  json.attribute("path", utf8(file.path));
  json.attribute("kind", graphKindName(file));
  json.attribute("text", file.text);
  json.attribute("frozen", summary.variables.empty());
  json.attribute("tensorflow_version", utf8(file.meta.meta_info_def().tensorflow_version()));
  json.attribute("producer", versions.producer());
  json.attribute("min_consumer", versions.min_consumer());
  json.attribute("nodes", summary.nodes);
  json.attribute("functions", summary.functions);
  json.attribute("constants", summary.constants);
  json.attribute("constant_bytes", summary.constantBytes);
  writeParts(summary, json);
  writeMeta(file.meta, json);
}

} // namespace firn
