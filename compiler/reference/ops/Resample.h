// Images at another size: each row and column of the result is a weighted sum of the image's.
#pragma once

#include <vector>

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

struct Tap {
  int64_t source;
  float weight;
};

/// For each place along an axis of the result, what it is made of; nothing for a place outside of
/// the image.
using AxisTaps = std::vector<llvm::SmallVector<Tap, 4>>;

/// Where along an axis of `in` elements the centre of output element `at` of `out` lies.
class AxisScale {
public:
  AxisScale(int64_t in, int64_t out, bool alignCorners)
      : ratio(alignCorners && out > 1 ? (in - 1) / static_cast<float>(out - 1)
                                      : in / static_cast<float>(out)) {}
  float scale() const { return ratio; }
  float corner(int64_t at) const { return static_cast<float>(at) * ratio; }
  float centre(int64_t at) const { return (static_cast<float>(at) + 0.5f) * ratio - 0.5f; }

private:
  float ratio;
};

/// `image` [height, width, channels] to `result` [rows.size(), columns.size(), channels]; what lies
/// outside gets `outside`.
void resample(const float *image, int64_t width, int64_t channels, const AxisTaps &rows,
              const AxisTaps &columns, float outside, float *result);

/// Elements of a real tensor as floats.
std::vector<float> floatsOf(Evaluation &e, const Tensor &tensor);

/// Checks that input 0 is [batch, height, width, channels] with places to read from and `size` two
/// positive integers; gives [height, width] of the result.
std::optional<std::array<int64_t, 2>> resizedTo(Evaluation &e, const Tensor &size);

} // namespace firn::reference
