// Arrays to feed a model with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/npy.h"

namespace firn {

/// The value that `0.5`, `[[1,2],[3,4]]`, `true` or `"text"` is of type `dtype`. InvalidArgument
/// where it is none.
absl::StatusOr<NpyArray> literalArray(const std::string &text, int dtype);

/// The numbers of `array` as elements of `dtype`. Floats are rounded to narrower floats, and
/// `rounded` says so; anything else that a type can't hold is InvalidArgument.
absl::StatusOr<NpyArray> convertArray(const NpyArray &array, int dtype, bool &rounded);

/// The same numbers for the same `dtype`, `shape`, `name` and `seed`, in every process: standard
/// normal for floats and each part of complex numbers, 0 or 1 for integers and bool.
/// InvalidArgument for other types.
absl::StatusOr<NpyArray> randomArray(int dtype, const std::vector<int64_t> &shape,
                                     const std::string &name, uint64_t seed);

} // namespace firn
