// The machine code of specialised products: nothing but loads and multiply-adds in the inner loops.
#include "runtime/kernels/matmul/tiling.h"
#include "test/runtime/kernels/common/machine_code.h"
#include "test/runtime/kernels/common/specialise.h"

#include <gtest/gtest.h>

namespace firn::kernels {
namespace {

class MatmulCode : public testing::TestWithParam<int> {};

TEST_P(MatmulCode, HotLoopsNeitherCallNorSpill) {
  const int level = GetParam();
  for (const MatmulProblem &problem :
       {MatmulProblem{3136, 64, 64}, MatmulProblem{49, 2048, 512}, MatmulProblem{1, 1000, 2048},
        MatmulProblem{3, 1001, 100}, MatmulProblem{196, 24, 96},
        MatmulProblem{1, 256, 300, 1, true},
        MatmulProblem{128, 128, 64, 4, false, FIRN_MATMUL_TRANSPOSED}}) {
    const MatmulTiling tiling = tileMatmul(level, problem);
    const SpecialisedKernel kernel(level, tiling.kernel, argumentWords(tiling.args), kRelu);
    checkHotLoops(kernel.assembly(), level, tiling.kernel);
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, MatmulCode, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
