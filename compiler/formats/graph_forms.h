// The forms in which graphs are left in files, apart from one another. Internal to
// compiler/formats.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/wire_reader.h"

namespace firn {

struct GraphForm {
  GraphFile::Kind kind;
  bool text;
};

/// Which form the bytes have. InvalidArgument says what they look like instead.
absl::StatusOr<GraphForm> sniffGraphForm(ByteSource &source);

/// What is read of a binary file.
struct GraphSink {
  tensorflow::MetaGraphDef *meta;
  std::vector<ExternalContent> *external;
  size_t threshold; // tensor_content of at least this many bytes is not read
};

/// Read the message in bytes [begin, end) of a source into `sink`. Bytes of the constants of the
/// main graph's nodes stay out of memory; everything else is parsed by protobuf.
absl::Status readBinaryGraphDef(ByteSource &source, uint64_t begin, uint64_t end, GraphSink &sink);
absl::Status readBinaryMetaGraph(ByteSource &source, uint64_t begin, uint64_t end, GraphSink &sink);

/// A MetaGraph of a binary SavedModel, by position.
struct MetaGraphRange {
  uint64_t begin, end;
  std::vector<std::string> tags;
};
absl::StatusOr<std::vector<MetaGraphRange>> listMetaGraphs(ByteSource &source);

} // namespace firn
