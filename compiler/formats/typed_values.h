// The values of a TensorProto as the bytes of a tensor.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/formats/proto/types.pb.h"

namespace firn {

/// Row-major little-endian bytes of the `elements` values that `tensor` lists in the field of its
/// type, as V1 checkpoints hold them
/// (`dtype` is said elsewhere there). DataLoss where the count is another: a checkpoint never
/// leaves out repeated values.
absl::StatusOr<std::string> typedValues(const tensorflow::TensorProto &tensor, int dtype,
                                        int64_t elements);

/// Where a TensorProto lists values of a type: the number of the field, 0 where a V1 checkpoint has
/// none; values as varints, else as they lie in memory.
struct ValueField {
  int number = 0;
  bool isVarint = false;
  int bytes = 0; // of one number: half of a complex one
  bool isSigned = false;
};
ValueField valueField(int dtype);
/// The varint that stands for the number at `bytes`.
uint64_t varintOf(const ValueField &field, const char *bytes);

} // namespace firn
