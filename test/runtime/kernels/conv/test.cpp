// The convolution kernels at every level of this machine against the plain reference.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/conv/reference.h"
#include "runtime/kernels/conv/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/test_epilogue.h"

#include <gtest/gtest.h>

#define FIRN_CONV_V4(name, pixels, rest) FIRN_DECLARE_KERNEL(name, 4, firn_conv_args)
#define FIRN_CONV(name, pixels, rest)                                                              \
  FIRN_DECLARE_KERNEL(name, 2, firn_conv_args)                                                     \
  FIRN_DECLARE_KERNEL(name, 3, firn_conv_args)                                                     \
  FIRN_DECLARE_KERNEL(name, 4, firn_conv_args)
#include "runtime/kernels/conv/kernels.inc"
#undef FIRN_CONV
#undef FIRN_CONV_V4

namespace firn::kernels {
namespace {

const NativeKernel<firn_conv_args> kKernels[] = {
#define FIRN_CONV_V4(name, pixels, rest) FIRN_NATIVE_KERNEL(name, 4)
#define FIRN_CONV(name, pixels, rest)                                                              \
  FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)
#include "runtime/kernels/conv/kernels.inc"
};

/// Output size of one dimension for padding at both ends.
int64_t outputSize(int64_t input, int64_t kernel, int64_t stride, int64_t dilation,
                   int64_t padding) {
  return (input + padding - (kernel - 1) * dilation - 1) / stride + 1;
}

/// A square problem: the shortest way to say most of them.
ConvProblem square(int64_t input, int64_t channels, int64_t filters, int64_t kernel,
                   int64_t stride = 1, int64_t padding = 0, int64_t dilation = 1) {
  const int64_t output = outputSize(input, kernel, stride, dilation, 2 * padding);
  return {input,  input,  channels, output,   output,   filters, kernel,
          kernel, stride, stride,   dilation, dilation, padding, padding};
}

/// Operands, a guarded output, and the comparison.
class ConvCase {
public:
  ConvCase(const ConvProblem &problem, int64_t batch, const TestEpilogue &epilogue)
      : problem(problem), batch(batch), args(convArguments(problem)),
        input(batch * problem.inputRows * problem.inputColumns * args.input_pixel),
        filters(groupDepth() * problem.filters),
        packed(problem.groups * packedFloats(groupDepth(), args.filters)),
        output(batch * args.output_rows * args.output_columns * args.output_pixel),
        epilogue(epilogue) {
    fillRandom(input, 1);
    fillRandom(filters, 2);
    for (int64_t group = 0; group < problem.groups; ++group)
      packPanels(
          {filters.data() + group * args.filters, groupDepth(), args.filters, problem.filters, 1},
          packed.data() + group * packedFloats(groupDepth(), args.filters));
    testEpilogue = epilogue;
  }

  void run(int level) {
    const ConvTiling tiling = tileConv(level, problem);
    SCOPED_TRACE(testing::Message() << tiling.kernel << " v" << level << ", output "
                                    << problem.outputRows << " x " << problem.outputColumns);
    const auto *kernel = std::find_if(std::begin(kKernels), std::end(kKernels), [&](const auto &k) {
      return k.level == level && k.name == tiling.kernel;
    });
    ASSERT_NE(std::end(kKernels), kernel);
    std::fill_n(output.data(), output.size(), kUntouched);
    EXPECT_EQ(FIRN_DISPATCH_OK,
              runGrid(kernel->run, tiling.args, {input.data(), packed.data(), output.data()},
                      tiling.scratchBytes, tiling.gridX, tiling.gridY, batch * tiling.gridZ));
    check();
  }

private:
  int64_t groupDepth() const { return args.kernel_rows * args.kernel_columns * args.channels; }

  float expected(int64_t pixel, int64_t filter, const ReferenceSum &sum) const {
    float value = sum.value;
    if (epilogue.rowTerms)
      value += epilogue.rowTerms[pixel];
    if (epilogue.columnTerms)
      value += epilogue.columnTerms[filter];
    return epilogue.relu ? std::max(value, 0.0f) : value;
  }

  void check() const {
    const int64_t imagePixels = args.output_rows * args.output_columns;
    for (int64_t pixel = 0; pixel < batch * imagePixels; ++pixel)
      for (int64_t filter = 0; filter < args.output_pixel; ++filter) {
        const float value = output[pixel * args.output_pixel + filter];
        if (filter >= problem.filters) {
          ASSERT_EQ(kUntouched, value) << "behind the last filter of pixel " << pixel;
          continue;
        }
        const int64_t row = pixel % imagePixels / args.output_columns;
        const ReferenceSum sum =
            referenceConv(args, input.data(), filters.data(), pixel / imagePixels, row,
                          pixel % args.output_columns, filter);
        ASSERT_NEAR(expected(pixel, filter, sum), value, 1e-6 * (sum.magnitude + 4))
            << "image " << pixel / imagePixels << ", row " << row << ", column "
            << pixel % args.output_columns << ", filter " << filter;
      }
  }

  ConvProblem problem;
  int64_t batch;
  firn_conv_args args;
  AlignedFloats input, filters, packed, output;
  TestEpilogue epilogue;
};

class Conv : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  void TearDown() override { testEpilogue = {}; }

  void run(const ConvProblem &problem, int64_t batch = 1, const TestEpilogue &epilogue = {}) {
    ConvCase(problem, batch, epilogue).run(GetParam());
  }
};

TEST_P(Conv, EverySize) {
  for (int64_t size = 1; size <= 31; ++size)
    run(square(size, 5, 33, 3, 1, 1));
}

TEST_P(Conv, Strides) {
  for (int64_t stride : {2, 3})
    for (int64_t padding : {0, 1, 2})
      run(square(17, 6, 40, 3, stride, padding));
}

TEST_P(Conv, Dilations) {
  for (int64_t dilation : {2, 3})
    for (int64_t padding : {0, 2, 3})
      run(square(15, 7, 20, 3, 1, padding, dilation));
}

TEST_P(Conv, PaddingAtTheEndOnly) {
  ConvProblem problem = square(16, 3, 32, 3, 2);
  problem.outputRows = problem.outputColumns = 8;
  run(problem);
}

TEST_P(Conv, PaddingWiderThanTheImage) { run(square(2, 4, 8, 7, 1, 5)); }

TEST_P(Conv, OnlyOneDimensionIsPadded) {
  run({9, 12, 8, 9, 6, 24, 7, 1, 1, 2, 1, 1, 3, 0});
  run({9, 12, 8, 3, 12, 24, 1, 7, 3, 1, 1, 1, 0, 3});
}

TEST_P(Conv, FirstLayer) { run(square(37, 3, 64, 7, 2, 3)); }

TEST_P(Conv, OneByOneWithStride) {
  run(square(14, 64, 40, 1, 2));
  run(square(27, 1024, 20, 1, 2)); // pixels collide in the cache
}

TEST_P(Conv, ManyChannels) {
  run(square(7, 512, 64, 3, 1, 1)); // the padded copy has gaps
  run(square(14, 130, 200, 3, 1, 1));
}

TEST_P(Conv, Batch) { run(square(9, 12, 33, 3, 1, 1), 3); }

TEST_P(Conv, Groups) {
  for (int64_t padding : {0, 1}) {
    ConvProblem problem = square(9, 12, 36, 3, 1, padding);
    problem.groups = 3;
    run(problem, 2);
  }
}

TEST_P(Conv, PixelsWithGaps) {
  for (int64_t padding : {0, 1}) {
    ConvProblem problem = square(10, 12, 35, 3, 1, padding);
    problem.inputPixel = 19;
    problem.outputPixel = 50;
    run(problem, 2);
  }
}

TEST_P(Conv, EpilogueKnowsItsPlace) {
  AlignedFloats rowTerms(2 * 13 * 13), columnTerms(70);
  fillRandom(rowTerms, 3);
  fillRandom(columnTerms, 4);
  for (int64_t size : {7, 13}) {
    ConvProblem problem = square(size, 8, 70, 3, 1, 1);
    problem.groups = 2;
    run(problem, 2, {rowTerms.data(), columnTerms.data(), true});
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Conv, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
