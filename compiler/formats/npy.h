// NumPy's .npy files, version 1.0. Source: numpy/lib/format.py.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firn {

/// What numpy calls the element type in a header, "<f4", "|b1", "|S12"; `width` is of strings, in
/// bytes. bfloat16, the quantised and the 8-bit float types, which NumPy lacks, are the unsigned or
/// signed integers of their size. "" when there is none (resource, variant).
std::string npyDescr(int dtype, size_t width = 0);

/// The header for row-major data, its length a multiple of 64.
std::string npyHeader(int dtype, const std::vector<int64_t> &shape, size_t width = 0);

struct NpyArray {
  int dtype; // tensorflow.DataType
  std::vector<int64_t> shape;
  /// Row-major, little-endian. Of strings: `strings` instead, NumPy's zero padding taken off.
  std::string bytes;
  std::vector<std::string> strings;
};

/// A whole file: header and elements. `array` must be of a type that has a descr.
std::string npyBytes(const NpyArray &array);

/// Reads a file of version 1, 2 or 3, either byte order, either array order. NotFound;
/// InvalidArgument for what is no .npy file or an element type that TensorFlow lacks (objects,
/// dates); DataLoss when the file ends before its data.
absl::StatusOr<NpyArray> readNpy(const std::string &path);
/// The same of a file's bytes; messages without a path.
absl::StatusOr<NpyArray> parseNpy(absl::string_view bytes);

} // namespace firn
