// What a graph is made of, gathered for a reader.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "compiler/formats/graph_file.h"
#include "compiler/pipeline/output_candidates.h"
#include "llvm/Support/JSON.h"

namespace firn {

/// A tensor of the graph. `dtype` is "" and the rank unknown where the node does not say; -1 is an
/// unknown dimension.
struct GraphTensor {
  std::string name, op, dtype;
  std::vector<int64_t> shape;
  bool knownRank = false;
};

struct GraphVariable {
  GraphTensor tensor;
  /// As the collection trainable_variables says; false where there is none.
  bool trainable = false;
  /// 0 where the shape is not known or the type is no number.
  uint64_t parameters = 0;
};

/// Something that only training needs: "random ops on the way to the outputs", how many nodes, one
/// of them.
struct TrainingPart {
  std::string title;
  uint64_t count = 0;
  std::string example;
};

using NameCounts = std::vector<std::pair<std::string, uint64_t>>;

struct GraphSummary {
  uint64_t nodes = 0, functions = 0;
  /// Of Const nodes, as stored: a value that is repeated counts once.
  uint64_t constants = 0, constantBytes = 0;
  /// Of the graph and its functions, the most frequent first.
  NameCounts ops;
  /// How many nodes name a device, the most frequent first.
  NameCounts devices;
  /// Placeholders; not those that give a Saver its file name.
  std::vector<GraphTensor> inputs;
  OutputCandidates outputs;
  std::vector<GraphVariable> variables;
  /// What changes results comes first.
  std::vector<TrainingPart> training;
};

GraphSummary summarizeGraph(const GraphFile &file);

/// "GraphDef", "MetaGraph", "SavedModel".
const char *graphKindName(const GraphFile &file);

/// Dimensions, -1 for unknown ones; false for an unknown rank.
bool shapeOf(const tensorflow::TensorShapeProto &proto, std::vector<int64_t> &shape);

/// "node_list", "bytes_list", … and the number of elements.
std::pair<const char *, int> collectionSize(const tensorflow::CollectionDef &collection);

/// The summary for a reader; long lists only begin unless `all`.
void printGraph(const GraphFile &file, bool all);

/// The attributes of the JSON object that is open.
void writeGraph(const GraphFile &file, llvm::json::OStream &json);

} // namespace firn
