// Comparing the values of two tensors piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/tensor_reader.h"

namespace firn {

/// How two tensors of one dtype and shape differ. Elements are compared bit by bit: NaN equals
/// itself, 0 and -0 differ.
struct ValueDiff {
  uint64_t elements = 0, differing = 0;
  /// Largest |a - b|; NaN where one of the two is none, 0 for strings.
  double largest = 0;
  /// "3 of 784 elements differ, max |d| 0.001"; "" where none do.
  std::string text() const;
};

/// Elements a and b are also equal where |a - b| <= atol + rtol * |b|, or both are NaN; without
/// either only where their bits are.
struct Tolerance {
  double rtol = 0, atol = 0;
  bool exact() const { return rtol == 0 && atol == 0; }
};

/// Numbers of type `dtype`, read in pieces of at most 1 MiB. DataLoss where one has fewer bytes
/// than the other.
absl::StatusOr<ValueDiff> diffNumbers(int dtype, TensorReader a, TensorReader b,
                                      const Tolerance &tolerance = {});

ValueDiff diffStrings(const std::vector<std::string> &a, const std::vector<std::string> &b);

} // namespace firn
