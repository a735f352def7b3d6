// The softmax kernels at every level of this machine against the plain reference.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/softmax/reference.h"
#include "runtime/kernels/softmax/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/test_epilogue.h"

#include <gtest/gtest.h>

#define FIRN_SOFTMAX(name, type)                                                                   \
  FIRN_DECLARE_KERNEL(name, 2, firn_softmax_args)                                                  \
  FIRN_DECLARE_KERNEL(name, 3, firn_softmax_args)                                                  \
  FIRN_DECLARE_KERNEL(name, 4, firn_softmax_args)
#include "runtime/kernels/softmax/kernels.inc"
#undef FIRN_SOFTMAX

namespace firn::kernels {
namespace {

const NativeKernel<firn_softmax_args> kKernels[] = {
#define FIRN_SOFTMAX(name, type)                                                                   \
  FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)
#include "runtime/kernels/softmax/kernels.inc"
};

class SoftmaxTest : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  void TearDown() override { testEpilogue = {}; }

  /// Inputs between -scale and scale.
  void run(int64_t count, int64_t columns, float scale = 3, bool inPlace = false) {
    for (const auto &kernel : kKernels)
      if (kernel.level == GetParam())
        check(kernel, count, columns, scale, inPlace);
  }

  void check(const NativeKernel<firn_softmax_args> &kernel, int64_t count, int64_t columns,
             float scale, bool inPlace) {
    SCOPED_TRACE(testing::Message() << kernel.name << ", " << count << " x " << columns);
    const bool log = kernel.name == std::string("log_softmax");
    const SoftmaxTiling tiling = tileSoftmax(kernel.level, count, columns);
    AlignedFloats input(count * columns), output(count * columns + 16, kUntouched);
    fillRandom(input, 1);
    for (int64_t i = 0; i < input.size(); ++i)
      input[i] *= scale;
    if (inPlace)
      std::copy_n(input.data(), input.size(), output.data());
    const float *from = inPlace ? output.data() : input.data();
    EXPECT_EQ(FIRN_DISPATCH_OK,
              runGrid(kernel.run, tiling.args, {from, output.data()}, 0, tiling.gridX, 1, 1));
    for (int64_t row = 0; row < count; ++row) {
      const auto reference = referenceSoftmax(input.data() + row * columns, columns, log);
      for (int64_t column = 0; column < columns; ++column) {
        double expected = reference[column];
        const double tolerance = 1e-6 * std::abs(expected) + (log ? 1e-7 * (scale + 1) : 1e-37);
        if (testEpilogue.rowTerms)
          expected += testEpilogue.rowTerms[row] + testEpilogue.columnTerms[column];
        ASSERT_NEAR(expected, output[row * columns + column],
                    testEpilogue.rowTerms ? 1e-5 : 2 * tolerance)
            << row << ", " << column;
      }
    }
    for (int64_t at = count * columns; at < output.size(); ++at)
      ASSERT_EQ(kUntouched, output[at]) << "behind the end";
  }
};

TEST_P(SoftmaxTest, Columns) {
  for (int64_t columns = 1; columns <= 70; ++columns)
    run(5, columns);
}

TEST_P(SoftmaxTest, ManyRows) { run(4000, 130); }

TEST_P(SoftmaxTest, WideRange) { run(50, 100, 200); }

TEST_P(SoftmaxTest, InPlace) { run(7, 37, 3, true); }

TEST_P(SoftmaxTest, EpilogueKnowsItsPlace) {
  AlignedFloats rowTerms(31), columnTerms(75);
  fillRandom(rowTerms, 3);
  fillRandom(columnTerms, 4);
  testEpilogue = {rowTerms.data(), columnTerms.data(), false};
  run(31, 75);
}

TEST_P(SoftmaxTest, NanFillsItsRowOnly) {
  for (const auto &kernel : kKernels) {
    if (kernel.level != GetParam())
      continue;
    AlignedFloats input(60, 1.0f), output(60, kUntouched);
    input[27] = NAN;
    const SoftmaxTiling tiling = tileSoftmax(kernel.level, 3, 20);
    runGrid(kernel.run, tiling.args, {input.data(), output.data()}, 0, tiling.gridX, 1, 1);
    for (int64_t i = 0; i < 60; ++i)
      EXPECT_EQ(i / 20 == 1, std::isnan(output[i])) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, SoftmaxTest, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
