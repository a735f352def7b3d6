// The softmax of a row of logits.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "llvm/ADT/ArrayRef.h"

namespace firn::reference {

/// Computes in `T`; the largest logit is taken off first, so that no exponential overflows.
template <typename T> class Softmax {
public:
  template <typename Element> explicit Softmax(llvm::ArrayRef<Element> logits) {
    for (const Element &logit : logits)
      largest = std::max(largest, static_cast<T>(logit));
    for (const Element &logit : logits)
      sum += std::exp(static_cast<T>(logit) - largest);
    logOfSum = std::log(sum);
  }
  T of(T logit) const { return std::exp(logit - largest) / sum; }
  T log(T logit) const { return logit - largest - logOfSum; }

private:
  T largest = -std::numeric_limits<T>::infinity(), sum = 0, logOfSum = 0;
};

} // namespace firn::reference
