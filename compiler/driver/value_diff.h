// Comparing the values of two tensors piece by piece.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/checkpoint.h"

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

/// Where tensor bytes are: a file each its own, read in pieces of at most 1 MiB.
struct TensorBytes {
  TensorData data;
  TensorFiles *files = nullptr;
};

/// Numbers of type `dtype`. `verify`: compare checksums where the file records them. DataLoss where
/// one has fewer bytes than the other.
absl::StatusOr<ValueDiff> diffNumbers(int dtype, const TensorBytes &a, const TensorBytes &b,
                                      bool verify);

ValueDiff diffStrings(const std::vector<std::string> &a, const std::vector<std::string> &b);

} // namespace firn
