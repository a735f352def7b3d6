// The depthwise kernels at every level of this machine against the plain reference.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/depthwise/reference.h"
#include "runtime/kernels/depthwise/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/test_epilogue.h"
#include "test/runtime/kernels/common/windows.h"

#include <gtest/gtest.h>

#define FIRN_DEPTHWISE_ANY(name)                                                                   \
  FIRN_DECLARE_KERNEL(name, 2, firn_depthwise_args)                                                \
  FIRN_DECLARE_KERNEL(name, 3, firn_depthwise_args)                                                \
  FIRN_DECLARE_KERNEL(name, 4, firn_depthwise_args)
#define FIRN_DEPTHWISE(name, width, stride) FIRN_DEPTHWISE_ANY(name)
#include "runtime/kernels/depthwise/kernels.inc"
#undef FIRN_DEPTHWISE
#undef FIRN_DEPTHWISE_ANY

namespace firn::kernels {
namespace {

const NativeKernel<firn_depthwise_args> kKernels[] = {
#define FIRN_DEPTHWISE_ANY(name)                                                                   \
  FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)
#define FIRN_DEPTHWISE(name, width, stride) FIRN_DEPTHWISE_ANY(name)
#include "runtime/kernels/depthwise/kernels.inc"
#undef FIRN_DEPTHWISE
#undef FIRN_DEPTHWISE_ANY
};

class Depthwise : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  void TearDown() override { testEpilogue = {}; }

  /// By the kernel that the tiling names and by the one for all windows.
  void run(const DepthwiseProblem &problem, int64_t images = 1) {
    const DepthwiseTiling tiling = tileDepthwise(problem);
    for (const auto &kernel : kKernels)
      if (kernel.level == GetParam() &&
          (kernel.name == tiling.kernel || kernel.name == std::string("depthwise_any")))
        check(kernel, problem, tiling, images);
  }

  void check(const NativeKernel<firn_depthwise_args> &kernel, const DepthwiseProblem &problem,
             const DepthwiseTiling &tiling, int64_t images) {
    const firn_window_args &w = problem.window;
    const int64_t columns = problem.channels * problem.multiplier;
    const int64_t imageSize = w.in_height * w.in_width * problem.channels;
    SCOPED_TRACE(testing::Message() << kernel.name << ", " << w.in_height << " x " << w.in_width
                                    << " x " << problem.channels << ", window " << w.kernel_height
                                    << " x " << w.kernel_width << ", stride " << w.stride_x);
    AlignedFloats input(images * imageSize), filter(w.kernel_height * w.kernel_width * columns),
        output(images * w.out_height * w.out_width * tiling.args.output_pixel + 16, kUntouched);
    fillRandom(input, 1);
    fillRandom(filter, 2);
    EXPECT_EQ(FIRN_DISPATCH_OK,
              runGrid(kernel.run, tiling.args, {input.data(), filter.data(), output.data()},
                      tiling.scratchBytes, tiling.gridX, 1, images));
    int64_t at = 0;
    for (int64_t image = 0, row = 0; image < images; ++image)
      for (int64_t y = 0; y < w.out_height; ++y)
        for (int64_t x = 0; x < w.out_width; ++x, ++row)
          for (int64_t column = 0; column < columns; ++column, ++at) {
            double expected = referenceDepthwise(tiling.args, input.data() + image * imageSize,
                                                 filter.data(), y, x, column);
            if (testEpilogue.rowTerms)
              expected += testEpilogue.rowTerms[row] + testEpilogue.columnTerms[column];
            ASSERT_NEAR(expected, output[at], 1e-5) << y << ", " << x << ", " << column;
            if (column == columns - 1)
              for (int64_t gap = columns; gap < tiling.args.output_pixel; ++gap)
                ASSERT_EQ(kUntouched, output[++at]) << "between pixels";
          }
    for (; at < output.size(); ++at)
      ASSERT_EQ(kUntouched, output[at]) << "behind the end";
  }
};

TEST_P(Depthwise, Widths) {
  for (Square square : {Square{3, 1}, {3, 2}, {5, 1}, {5, 2}, {7, 1}})
    for (int64_t width = 1; width <= 31; ++width)
      run({sameWindow(5, width, square), 20});
}

TEST_P(Depthwise, Heights) {
  for (Square square : {Square{3, 1}, {3, 2}, {5, 1}, {5, 2}, {7, 1}})
    for (int64_t height = 1; height <= 9; ++height)
      run({sameWindow(height, 16, square), 16});
}

TEST_P(Depthwise, Channels) {
  for (int64_t channels = 1; channels <= 70; ++channels)
    run({sameWindow(6, 9, {3, 1}), channels});
}

TEST_P(Depthwise, NoPadding) {
  for (Square square : {Square{3, 1}, {3, 2}, {5, 1}, {5, 2}, {7, 1}, {2, 1}, {4, 3}})
    run({validWindow(18, 23, square), 33});
}

TEST_P(Depthwise, Dilation) {
  for (int64_t dilation : {2, 3, 6})
    run({sameWindow(13, 11, {3, 1, dilation}), 24});
}

TEST_P(Depthwise, Multiplier) {
  for (int64_t multiplier : {2, 3, 8, 17})
    for (int64_t channels : {1, 3, 16, 19})
      run({sameWindow(7, 8, {3, 2}), channels, multiplier});
}

TEST_P(Depthwise, PixelsStandApart) {
  for (Square square : {Square{3, 1}, {3, 2}, {4, 3}})
    run({sameWindow(7, 19, square), 37, 1, 53}, 2);
}

TEST_P(Depthwise, UnlikeAxes) {
  firn_window_args window = sameWindow(12, 17, {3, 1});
  window.kernel_height = 5, window.stride_y = 2, window.out_height = 6, window.dilation_y = 2;
  window.pad_top = 3;
  run({window, 21});
}

TEST_P(Depthwise, EpilogueKnowsItsPlace) {
  AlignedFloats rowTerms(3 * 56 * 56), columnTerms(70);
  fillRandom(rowTerms, 3);
  fillRandom(columnTerms, 4);
  testEpilogue = {rowTerms.data(), columnTerms.data(), false};
  run({sameWindow(56, 56, {3, 1}), 70}, 3);
}

INSTANTIATE_TEST_SUITE_P(Levels, Depthwise, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
