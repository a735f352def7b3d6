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

} // namespace firn
