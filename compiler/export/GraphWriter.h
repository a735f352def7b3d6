// Writing a graph to a file or stream without ever holding its weights.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "compiler/export/ExportGraph.h"

namespace firn {

struct GraphWriterOptions {
  bool text = false;
  /// Compare checksums of tensors that lie in files.
  bool verify = true;
  /// Called now and then with the bytes written and their total (binary only).
  std::function<void(uint64_t, uint64_t)> progress;
};

/// Takes the next bytes of the output.
using ByteSink = std::function<absl::Status(absl::string_view)>;

/// Sizes first, then a stream: message headers from protobuf, tensor bytes in pieces from their
/// files. The bytes are those that protobuf's deterministic serialisation of the whole message
/// would give. ResourceExhausted before the first byte when the message would exceed the 2 GB that
/// a GraphDef can hold; Internal for a graph that can't be exported, after its diagnostics.
absl::Status writeGraph(mlir::ModuleOp module, TensorFiles &files,
                        const GraphWriterOptions &options, const ByteSink &sink,
                        uint64_t *bytesWritten = nullptr);

} // namespace firn
