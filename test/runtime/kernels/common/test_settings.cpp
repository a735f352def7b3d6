#include "test/runtime/kernels/common/test_epilogue.h"

firn::kernels::TestEpilogue firn::kernels::testEpilogue;
