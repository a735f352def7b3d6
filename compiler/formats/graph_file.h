// Reading graphs in whatever form they were left: GraphDef, MetaGraphDef or SavedModel, binary or
// text, told apart by content.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/proto/meta_graph.pb.h"
#include "compiler/formats/tensor_files.h"

namespace firn {

/// Bytes of a `tensor_content` that were left in the file: those of
/// `graph_def.node(node).attr[attr].tensor`. The message itself holds an empty tensor_content
/// there.
struct ExternalContent {
  int node;
  std::string attr;
  Extent content;
};

struct GraphFile {
  enum class Kind { GraphDef, MetaGraph, SavedModel };
  Kind kind;
  bool text;
  std::string path;
  /// For a GraphDef only `graph_def` is set. For a SavedModel the chosen MetaGraph.
  tensorflow::MetaGraphDef meta;
  std::vector<ExternalContent> external;
  /// For a SavedModel: the checkpoint prefix inside it ("dir/variables/variables"), "" when it has
  /// none.
  std::string variablesPrefix;
};

struct GraphFileOptions {
  /// tensor_content of at least this many bytes stays in a binary file. SIZE_MAX: read everything.
  size_t externalThreshold = 4096;
  /// SavedModel: tags of the MetaGraph wanted, in any order. Empty: the only one, or the one tagged
  /// "serve".
  std::vector<std::string> tags;
};

/// `path`: a file, "-" for standard input, or a SavedModel directory. Errors: NotFound;
/// InvalidArgument that says what the bytes look like (empty, a checkpoint index, a frozen TFLite
/// file, text with a parse error at line:column, truncated at byte N).
absl::StatusOr<GraphFile> readGraphFile(const std::string &path,
                                        const GraphFileOptions &options = {});

/// Binary protobuf with map entries in key order, so that equal messages give equal bytes.
std::string serializeDeterministic(const google::protobuf::Message &message);

} // namespace firn
