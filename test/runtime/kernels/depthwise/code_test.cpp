// The machine code of specialised depthwise convolutions: no calls, no spills in the inner loops.
#include "runtime/kernels/depthwise/tiling.h"
#include "test/runtime/kernels/common/machine_code.h"
#include "test/runtime/kernels/common/specialise.h"
#include "test/runtime/kernels/common/windows.h"

#include <gtest/gtest.h>

namespace firn::kernels {
namespace {

class DepthwiseCode : public testing::TestWithParam<int> {};

TEST_P(DepthwiseCode, HotLoopsNeitherCallNorSpill) {
  const int level = GetParam();
  for (const DepthwiseProblem &problem : {DepthwiseProblem{sameWindow(112, 112, {3, 1}), 32},
                                          {sameWindow(112, 112, {3, 2}), 64},
                                          {sameWindow(7, 7, {3, 1}), 1024},
                                          {sameWindow(56, 56, {5, 2}), 144},
                                          {sameWindow(14, 14, {5, 1}), 672},
                                          {sameWindow(33, 33, {3, 1, 2}), 256}}) {
    const DepthwiseTiling tiling = tileDepthwise(problem);
    const SpecialisedKernel kernel(level, tiling.kernel, argumentWords(tiling.args), kRelu);
    const std::vector<Loop> loops = hotLoops(kernel.assembly());
    EXPECT_FALSE(loops.empty()) << tiling.kernel;
    for (const Loop &loop : loops) {
      SCOPED_TRACE(tiling.kernel + ":\n" + print(loop));
      EXPECT_EQ(0, countLines(loop, "call"));
      EXPECT_GE(level == 2 ? 4 : 0, countSpills(loop)); // products take a register there
      if (level == 4)
        EXPECT_LT(0, countLines(loop, "zmm"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, DepthwiseCode, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
