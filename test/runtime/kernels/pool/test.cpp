// The pool kernels at every level of this machine against the plain reference.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/pool/reference.h"
#include "runtime/kernels/pool/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/test_epilogue.h"
#include "test/runtime/kernels/common/windows.h"

#include <cmath>

#include <gtest/gtest.h>

#define FIRN_POOL(name, type)                                                                      \
  FIRN_DECLARE_KERNEL(name, 2, firn_pool_args)                                                     \
  FIRN_DECLARE_KERNEL(name, 3, firn_pool_args)                                                     \
  FIRN_DECLARE_KERNEL(name, 4, firn_pool_args)
#include "runtime/kernels/pool/kernels.inc"
#undef FIRN_POOL

namespace firn::kernels {
namespace {

const NativeKernel<firn_pool_args> kKernels[] = {
#define FIRN_POOL(name, type)                                                                      \
  FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)
#include "runtime/kernels/pool/kernels.inc"
};

class Pool : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  void TearDown() override { testEpilogue = {}; }

  void run(const firn_window_args &window, int64_t channels, int64_t images = 1,
           int64_t outputPixel = 0) {
    for (bool average : {false, true}) {
      const PoolTiling tiling = tilePool({window, channels, average, outputPixel});
      for (const auto &kernel : kKernels)
        if (kernel.level == GetParam() && kernel.name == tiling.kernel)
          check(kernel, tiling, average, images);
    }
  }

  void check(const NativeKernel<firn_pool_args> &kernel, const PoolTiling &tiling, bool average,
             int64_t images) {
    const firn_window_args &w = tiling.args.window;
    const int64_t channels = tiling.args.channels;
    const int64_t imageSize = w.in_height * w.in_width * channels;
    SCOPED_TRACE(testing::Message()
                 << kernel.name << ", " << w.in_height << " x " << w.in_width << " x " << channels
                 << ", window " << w.kernel_height << " x " << w.kernel_width);
    AlignedFloats input(images * imageSize),
        output(images * w.out_height * w.out_width * tiling.args.output_pixel + 16, kUntouched);
    fillRandom(input, 1);
    EXPECT_EQ(FIRN_DISPATCH_OK, runGrid(kernel.run, tiling.args, {input.data(), output.data()}, 0,
                                        tiling.gridX, 1, images));
    int64_t at = 0;
    for (int64_t image = 0, row = 0; image < images; ++image)
      for (int64_t y = 0; y < w.out_height; ++y)
        for (int64_t x = 0; x < w.out_width; ++x, ++row)
          for (int64_t column = 0; column < channels; ++column, ++at) {
            double expected =
                referencePool(tiling.args, average, input.data() + image * imageSize, y, x, column);
            if (testEpilogue.rowTerms)
              expected += testEpilogue.rowTerms[row] + testEpilogue.columnTerms[column];
            ASSERT_NEAR(expected, output[at], 1e-6) << y << ", " << x << ", " << column;
            if (column == channels - 1)
              for (int64_t gap = channels; gap < tiling.args.output_pixel; ++gap)
                ASSERT_EQ(kUntouched, output[++at]) << "between pixels";
          }
    for (; at < output.size(); ++at)
      ASSERT_EQ(kUntouched, output[at]) << "behind the end";
  }
};

TEST_P(Pool, Windows) {
  for (Square square : {Square{2, 2}, {3, 1}, {3, 2}, {5, 3}, {1, 2}})
    for (int64_t size = 5; size <= 12; ++size) {
      run(sameWindow(size, 17 - size, square), 20);
      run(validWindow(size, 17 - size, square), 20);
    }
}

TEST_P(Pool, Channels) {
  for (int64_t channels = 1; channels <= 70; ++channels)
    run(sameWindow(6, 7, {3, 2}), channels);
}

TEST_P(Pool, PixelsStandApart) {
  for (int64_t channels : {5, 16, 37, 70})
    run(sameWindow(6, 7, {3, 2}), channels, 2, channels + 11);
}

TEST_P(Pool, WholeImage) {
  run(validWindow(7, 7, {7, 1}), 1001, 2);
  run(validWindow(90, 90, {90, 1}), 5);
}

TEST_P(Pool, EpilogueKnowsItsPlace) {
  AlignedFloats rowTerms(3 * 56 * 56), columnTerms(70);
  fillRandom(rowTerms, 3);
  fillRandom(columnTerms, 4);
  testEpilogue = {rowTerms.data(), columnTerms.data(), false};
  run(sameWindow(112, 112, {3, 2}), 70, 3);
}

TEST_P(Pool, LimitsAndNan) {
  const float values[] = {NAN, 1, -INFINITY, NAN};
  AlignedFloats input(4), output(2, kUntouched);
  std::copy_n(values, 4, input.data());
  const PoolTiling tiling = tilePool({{1, 4, 1, 2, 1, 2, 1, 2, 1, 1, 0, 0}, 1, false});
  for (const auto &kernel : kKernels)
    if (kernel.level == GetParam() && kernel.name == tiling.kernel)
      runGrid(kernel.run, tiling.args, {input.data(), output.data()}, 0, tiling.gridX, 1, 1);
  EXPECT_EQ(1, output[0]);
  EXPECT_EQ(std::numeric_limits<float>::lowest(), output[1]);
}

INSTANTIATE_TEST_SUITE_P(Levels, Pool, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
