// The machine code of specialised softmax kernels: exponentials and logarithms are inlined.
#include "runtime/kernels/softmax/tiling.h"
#include "test/runtime/kernels/common/machine_code.h"
#include "test/runtime/kernels/common/specialise.h"

#include <gtest/gtest.h>

namespace firn::kernels {
namespace {

class SoftmaxCode : public testing::TestWithParam<int> {};

TEST_P(SoftmaxCode, MathIsInlined) {
  const int level = GetParam();
  for (const char *name : {"softmax", "log_softmax"})
    for (int64_t columns : {10, 128, 1001}) {
      const SoftmaxTiling tiling = tileSoftmax(level, 100, columns);
      const SpecialisedKernel kernel(level, name, argumentWords(tiling.args), kIdentity);
      EXPECT_FALSE(hotLoops(kernel.assembly()).empty()) << name;
      EXPECT_EQ(std::string::npos, kernel.assembly().find("\tcall")) << name << columns;
    }
}

INSTANTIATE_TEST_SUITE_P(Levels, SoftmaxCode, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
