// What tensors are written into.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/checkpoint.h"

namespace firn {

/// Takes tensors one after another.
class TensorSink {
public:
  virtual ~TensorSink() = default;
  /// Begins a tensor, or with `slice` one part of it; its bytes (row-major, little-endian) follow
  /// through `append`.
  virtual absl::Status begin(absl::string_view key, int dtype, const std::vector<int64_t> &shape,
                             const std::optional<TensorSlice> &slice = std::nullopt) = 0;
  virtual absl::Status append(absl::string_view bytes) = 0;
  /// InvalidArgument when the bytes given are not what dtype and shape need.
  virtual absl::Status end() = 0;
  /// A string tensor, or with `slice` one part of it.
  virtual absl::Status addStrings(absl::string_view key, const std::vector<int64_t> &shape,
                                  const std::vector<std::string> &values,
                                  const std::optional<TensorSlice> &slice = std::nullopt) = 0;
};

/// A sink whose file or files appear whole or not at all: one that is destroyed unfinished leaves
/// nothing behind.
class TensorWriter : public TensorSink {
public:
  /// Completes the files and gives them their names; what stood under the names is replaced.
  virtual absl::Status finish() = 0;
};

/// What will be written, by key: formats whose files begin with a table of contents need it first.
using TensorTable = std::map<std::string, CheckpointEntry>;

} // namespace firn
