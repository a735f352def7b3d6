// The machine code of specialised convolutions: loads and multiply-adds in the inner loops.
#include "runtime/kernels/conv/tiling.h"
#include "test/runtime/kernels/common/machine_code.h"
#include "test/runtime/kernels/common/specialise.h"

#include <gtest/gtest.h>

namespace firn::kernels {
namespace {

class ConvCode : public testing::TestWithParam<int> {};

TEST_P(ConvCode, HotLoopsNeitherCallNorSpill) {
  const int level = GetParam();
  for (const ConvProblem &problem :
       {ConvProblem{56, 56, 64, 56, 56, 64, 3, 3, 1, 1, 1, 1, 1, 1},
        ConvProblem{7, 7, 512, 7, 7, 512, 3, 3, 1, 1, 1, 1, 1, 1},
        ConvProblem{224, 224, 3, 112, 112, 64, 7, 7, 2, 2, 1, 1, 3, 3},
        ConvProblem{14, 14, 1024, 7, 7, 2048, 1, 1, 2, 2},
        ConvProblem{17, 17, 128, 17, 17, 136, 1, 7, 1, 1, 1, 1, 0, 3}}) {
    const ConvTiling tiling = tileConv(level, problem);
    const SpecialisedKernel kernel(level, tiling.kernel, argumentWords(tiling.args), kRelu);
    checkHotLoops(kernel.assembly(), level, tiling.kernel);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, ConvCode, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
