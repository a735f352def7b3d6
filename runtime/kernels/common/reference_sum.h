// What plain references of dot kernels give.
#pragma once

namespace firn::kernels {

/// A sum of products, and that of their magnitudes, by which an error is to be judged.
struct ReferenceSum {
  double value = 0, magnitude = 0;

  void add(float a, float b) {
    const double product = double(a) * double(b);
    value += product;
    magnitude += product < 0 ? -product : product;
  }
};

} // namespace firn::kernels
