// The epilogue of native entries in tests: shows that a kernel says the right row and column.
#pragma once

namespace firn::kernels {

/// value := value + rowTerms[row] + columnTerms[column], then its positive part. Null, false: not.
/// columnTerms needs 64 readable bytes behind its end.
struct TestEpilogue {
  const float *rowTerms = nullptr;
  const float *columnTerms = nullptr;
  bool relu = false;
};

/// What the native `firn_epilogue` of every level does now.
extern TestEpilogue testEpilogue;

} // namespace firn::kernels
