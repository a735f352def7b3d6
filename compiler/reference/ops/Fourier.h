// Discrete Fourier transforms.
#pragma once

#include <complex>

#include "llvm/ADT/ArrayRef.h"

namespace firn::reference {

/// In place: element k becomes Σ x[n] e^(∓2πi·k·n/size), with + and divided by the size where
/// `isInverse`. Sizes that are powers of two take size × log2(size) steps, others size².
void fourierTransform(llvm::MutableArrayRef<std::complex<double>> values, bool isInverse);

} // namespace firn::reference
