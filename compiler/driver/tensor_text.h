// Tensor values as NumPy prints them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firn {

/// One element of type `dtype` (tensorflow.DataType; not a string) from its little-endian bytes, in
/// the fewest digits that give the same value back: "0.1", "-3", "True", "1+2j", "nan".
std::string elementText(int dtype, const char *bytes);

/// An element as a double: for differences. Complex numbers, `part` 0 or 1; 64-bit integers round.
double elementValue(int dtype, const char *bytes, int part = 0);

/// Elements to print, already reduced to what is shown. Where `elided` of a dimension is set, its
/// first half was taken from the front and the rest from the end, and "..." stands between them.
struct ShownTensor {
  int dtype = 0;
  std::vector<int64_t> shape; // of what is shown
  std::vector<bool> elided;
  std::string bytes; // row-major; of strings: `strings`
  std::vector<std::string> strings;
};

/// Nested brackets, elements padded to one width, lines of at most 75 columns: NumPy's defaults.
std::string tensorText(const ShownTensor &tensor);

} // namespace firn
