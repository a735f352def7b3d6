// What the values of a tensor are like.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/formats/checkpoint.h"
#include "llvm/Support/JSON.h"

namespace firn {

/// Of numbers; complex ones count by their magnitude. Least, largest, mean and standard deviation
/// are of what is finite.
struct TensorStatistics {
  uint64_t elements = 0, finite = 0, zeros = 0, nans = 0, infinities = 0;
  double least = 0, largest = 0, mean = 0, deviation = 0;

  /// "min -1.5  max 3  mean 0.25  std 0.5  zeros 12 of 1,024".
  std::string text() const;
  /// Attributes of the JSON object that is open.
  void write(llvm::json::OStream &json) const;
};

/// Reads the part `slice` of `key` in pieces. InvalidArgument for what is no numbers.
absl::StatusOr<TensorStatistics> computeStatistics(Checkpoint &checkpoint, const std::string &key,
                                                   const TensorSlice &slice, bool verify);

} // namespace firn
