// The bytes of one weight, as they are written.
#pragma once

#include "absl/status/status.h"
#include "compiler/formats/tensor_files.h"
#include "compiler/module/Weights.h"

#include <functional>

namespace firn {

using WeightSink = std::function<absl::Status(absl::string_view bytes)>;

/// Hands the bytes of `entry`, in its form, to `sink`, piece by piece: of a weight that lies in
/// files at most a few MiB are in memory at once, of a packed one at least a panel. `verify`:
/// compares checksums of files. InvalidArgument: a value that has no plain elements, or not as many
/// as its shape; DataLoss and NotFound from files; otherwise what `sink` returned.
absl::Status writeWeight(const WeightEntry &entry, TensorFiles &files, bool verify,
                         const WeightSink &sink);

} // namespace firn
