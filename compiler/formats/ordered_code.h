// Keys of tensor slices in checkpoints: an encoding whose bytewise order is the order of name, then
// slice. Source: tensorflow/core/util/saved_tensor_slice_util and
// tensorflow/core/lib/strings/ordered_code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firn {

/// One dimension of a slice as it is stored; the length -1 stands for the whole dimension (start
/// 0).
struct StoredExtent {
  int64_t start = 0, length = -1;

  bool operator==(const StoredExtent &o) const { return start == o.start && length == o.length; }
};

struct TensorNameSlice {
  std::string name;
  std::vector<StoredExtent> slice;
};

/// The key of a slice of the tensor `name`. It begins with a zero byte, which no tensor's name
/// does.
std::string encodeTensorNameSlice(absl::string_view name, const std::vector<StoredExtent> &slice);

/// The inverse; InvalidArgument for a key that is no encoding.
absl::StatusOr<TensorNameSlice> decodeTensorNameSlice(absl::string_view key);

/// The parts, appended to `out` (encode) or taken off the front of `in` (decode, false when
/// malformed).
void encodeOrderedNumber(uint64_t value, std::string *out);
void encodeOrderedSigned(int64_t value, std::string *out);
void encodeOrderedString(absl::string_view value, std::string *out);
bool decodeOrderedNumber(absl::string_view *in, uint64_t *value);
bool decodeOrderedSigned(absl::string_view *in, int64_t *value);
bool decodeOrderedString(absl::string_view *in, std::string *value);

} // namespace firn
