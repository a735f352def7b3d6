// Packing of weights into panels of 32 columns, on the host. Constants are packed once, when a
// model is compiled; kernels that get their operand at run time pack it themselves.
#pragma once

#include <cstdint>

namespace firn::kernels {

/// A matrix of weights [depth, columns] with any strides, in elements. Filters [kh, kw, ic, oc] are
/// [kh * kw * ic, oc] with the strides (oc, 1); a transposed matrix [columns, depth] has the
/// strides (1, depth).
struct WeightMatrix {
  const float *data;
  int64_t depth, columns;
  int64_t depthStride, columnStride;
};

/// Columns of a panel, floats of all panels: [ceil(columns / 32)][depth][32].
constexpr int64_t kPanelColumns = 32;
inline int64_t panelCount(int64_t columns) { return (columns + kPanelColumns - 1) / kPanelColumns; }
inline int64_t packedFloats(int64_t depth, int64_t columns) {
  return panelCount(columns) * depth * kPanelColumns;
}

/// Writes one panel, [depth][32], columns behind the last as 0. Panels lie one after another.
inline void packPanel(const WeightMatrix &weights, int64_t panel, float *to) {
  const int64_t first = panel * kPanelColumns;
  const float *from = weights.data + first * weights.columnStride;
  for (int64_t k = 0; k < weights.depth; ++k, from += weights.depthStride, to += kPanelColumns)
    for (int64_t n = 0; n < kPanelColumns; ++n)
      to[n] = first + n < weights.columns ? from[n * weights.columnStride] : 0.0f;
}

inline void packPanels(const WeightMatrix &weights, float *to) {
  for (int64_t panel = 0; panel < panelCount(weights.columns); ++panel)
    packPanel(weights, panel, to + panel * weights.depth * kPanelColumns);
}

} // namespace firn::kernels
