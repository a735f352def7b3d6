#include "test/runtime/kernels/common/test_epilogue.h"

#include "runtime/kernels/common/epilogue.h"

using namespace firn::kernels;

extern "C" V FIRN_SYMBOL(firn_epilogue)(V value, int64_t row, int64_t column,
                                        const firn_workgroup *) {
  if (testEpilogue.rowTerms)
    value += splat(testEpilogue.rowTerms[row]);
  if (testEpilogue.columnTerms)
    value += load(testEpilogue.columnTerms + column);
  if (testEpilogue.relu)
    value = value > V{} ? value : V{};
  return value;
}
