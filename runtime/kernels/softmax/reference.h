// Softmax, plainly. Host side.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace firn::kernels {

/// One row.
inline std::vector<double> referenceSoftmax(const float *row, int64_t columns, bool log) {
  const double largest = *std::max_element(row, row + columns);
  double sum = 0;
  for (int64_t c = 0; c < columns; ++c)
    sum += std::exp(row[c] - largest);
  std::vector<double> result(columns);
  for (int64_t c = 0; c < columns; ++c)
    result[c] = log ? row[c] - largest - std::log(sum) : std::exp(row[c] - largest) / sum;
  return result;
}

} // namespace firn::kernels
