// Parts of checkpoint tensors, as a user names them and as `firn checkpoint show` shows them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/driver/tensor_text.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/npy.h"

namespace firn {

/// "0:2,:,-1" for a tensor of `shape`: start:stop of each dimension, either may be left out or
/// count from the end; one index is a part of length 1; dimensions that are not named are whole.
/// InvalidArgument says which part is wrong.
absl::StatusOr<TensorSlice> parseSlice(absl::string_view text, const std::vector<int64_t> &shape);

/// Reads what is shown of the part `slice` of `key`: all of it when `all` or when it has at most
/// 1000 elements, else the first and last three along each dimension.
absl::StatusOr<ShownTensor> readShown(Checkpoint &checkpoint, const std::string &key,
                                      const TensorSlice &slice, bool all);

/// The same of a whole array in memory: all of it when it has at most `most` elements.
ShownTensor shownArray(const NpyArray &array, int64_t most);

} // namespace firn
