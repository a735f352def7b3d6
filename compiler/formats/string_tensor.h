// How tensor bundles hold string tensors: varint lengths, the checksum of the lengths, the bytes.
// Source: tensorflow/core/util/tensor_bundle (WriteStringTensor). Internal to compiler/formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firn {

struct StringLayout {
  bool bigEndian = false;
  bool verify = true;
};

struct EncodedStrings {
  std::string bytes;
  uint32_t crc32c; // masked, as the entry holds it: not over `bytes` but over fixed-width lengths
                   // and the rest
};

EncodedStrings encodeStrings(const std::vector<std::string> &values);

/// The inverse; DataLoss says which part does not agree.
absl::StatusOr<std::vector<std::string>> decodeStrings(absl::string_view bytes, int64_t elements,
                                                       uint32_t entryCrc32c,
                                                       const StringLayout &layout);

} // namespace firn
