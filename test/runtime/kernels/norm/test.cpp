// The normalisations at every level of this machine against the plain reference.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/norm/reference.h"
#include "runtime/kernels/norm/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/test_epilogue.h"

#include <gtest/gtest.h>

#define FIRN_NORM(name, arguments, function)                                                       \
  FIRN_DECLARE_KERNEL(name, 2, arguments)                                                          \
  FIRN_DECLARE_KERNEL(name, 3, arguments)                                                          \
  FIRN_DECLARE_KERNEL(name, 4, arguments)
#include "runtime/kernels/norm/kernels.inc"
#undef FIRN_NORM

namespace firn::kernels {
namespace {

using NormKernels = NativeKernel<firn_norm_args>[3];
#define FIRN_LEVELS(name)                                                                          \
  {FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)}
const NormKernels kLayerNorm = FIRN_LEVELS(layer_norm), kInstanceNorm = FIRN_LEVELS(instance_norm);
const NativeKernel<firn_lrn_args> kLrn[3] = FIRN_LEVELS(lrn);

class Norm : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  void TearDown() override { testEpilogue = {}; }

  /// expected(row, column) for each element.
  template <class Expected>
  void check(const AlignedFloats &output, int64_t rows, int64_t columns,
             const Expected &expected) const {
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t column = 0; column < columns; ++column) {
        double value = expected(row, column);
        if (testEpilogue.rowTerms)
          value += testEpilogue.rowTerms[row] + testEpilogue.columnTerms[column];
        ASSERT_NEAR(value, output[row * columns + column], 1e-5) << row << ", " << column;
      }
    for (int64_t at = rows * columns; at < output.size(); ++at)
      ASSERT_EQ(kUntouched, output[at]) << "behind the end";
  }

  /// `images` 0: layer norm.
  void run(const NormProblem &problem, int64_t images = 0) {
    const auto &[count, columns, hasGamma, hasBeta, epsilon] = problem;
    const int64_t grid = images ? images : 1, rows = count * grid;
    const auto tiling =
        images ? tileInstanceNorm(GetParam(), problem) : tileLayerNorm(GetParam(), problem);
    const auto &kernel = (images ? kInstanceNorm : kLayerNorm)[GetParam() - 2];
    SCOPED_TRACE(testing::Message() << kernel.name << ", " << rows << " x " << columns);
    AlignedFloats input(rows * columns), gamma(columns), beta(columns),
        output(rows * columns + 16, kUntouched);
    fillRandom(input, 1);
    fillRandom(gamma, 2);
    fillRandom(beta, 3);
    std::vector<const float *> buffers = {input.data()};
    if (hasGamma)
      buffers.push_back(gamma.data());
    if (hasBeta)
      buffers.push_back(beta.data());
    buffers.push_back(output.data());
    EXPECT_EQ(FIRN_DISPATCH_OK,
              runGrid(kernel.run, tiling.args, buffers, 0, tiling.gridX, 1, grid));
    const std::vector<Moments> moments = momentsOf(input, problem, images);
    check(output, rows, columns, [&](int64_t row, int64_t column) {
      const auto &[mean, variance] =
          moments[images ? row / problem.count * problem.columns + column : row];
      const double y =
          (input[row * problem.columns + column] - mean) / std::sqrt(variance + problem.epsilon);
      return y * (problem.gamma ? gamma[column] : 1) + (problem.beta ? beta[column] : 0);
    });
  }

  /// Of each row, or of each channel of each image.
  static std::vector<Moments> momentsOf(const AlignedFloats &input, const NormProblem &problem,
                                        int64_t images) {
    const int64_t count = problem.count, columns = problem.columns;
    std::vector<Moments> moments;
    for (int64_t row = 0; row < count && !images; ++row)
      moments.emplace_back(input.data() + row * columns, columns, 1);
    for (int64_t image = 0; image < images; ++image)
      for (int64_t column = 0; column < columns; ++column)
        moments.emplace_back(input.data() + image * count * columns + column, count, columns);
    return moments;
  }

  void runLrn(firn_lrn_args args) {
    const auto tiling = tileLocalResponseNorm(GetParam(), args);
    SCOPED_TRACE(testing::Message() << "lrn, " << args.count << " x " << args.channels);
    AlignedFloats input(args.count * args.channels), output(input.size() + 16, kUntouched);
    fillRandom(input, 1);
    EXPECT_EQ(FIRN_DISPATCH_OK,
              runGrid(kLrn[GetParam() - 2].run, tiling.args, {input.data(), output.data()},
                      tiling.scratchBytes, tiling.gridX, 1, 1));
    check(output, args.count, args.channels, [&](int64_t row, int64_t column) {
      return referenceLrn(args, input.data() + row * args.channels, column);
    });
  }
};

TEST_P(Norm, Layer) {
  for (int64_t columns = 1; columns <= 140; columns += columns < 70 ? 1 : 7)
    for (int operands = 0; operands < 4; ++operands)
      run({3, columns, bool(operands & 1), bool(operands & 2), 0.1});
}

TEST_P(Norm, LayerOfManyRows) { run({3000, 96, true, true, 1e-3}); }

TEST_P(Norm, Instance) {
  for (int64_t channels = 1; channels <= 70; ++channels)
    run({35, channels, channels % 2 == 0, channels % 3 == 0, 1e-3}, 2);
}

TEST_P(Norm, InstanceOfLargeImages) { run({40 * 50, 80, true, true, 1e-3}, 2); }

TEST_P(Norm, LocalResponse) {
  for (int64_t channels = 1; channels <= 50; ++channels)
    for (double beta : {0.75, 0.5, 1.0, 0.3})
      runLrn({5, channels, 0, channels % 7, 1.5, 0.25, beta});
  runLrn({700, 96, 0, 5, 1, 0.01, 0.75});
}

TEST_P(Norm, EpilogueKnowsItsPlace) {
  AlignedFloats rowTerms(66), columnTerms(70);
  fillRandom(rowTerms, 3);
  fillRandom(columnTerms, 4);
  testEpilogue = {rowTerms.data(), columnTerms.data(), false};
  run({66, 70, true, true, 1e-3});
  run({33, 70, true, true, 1e-3}, 2);
  runLrn({66, 70, 0, 5, 1, 1, 0.5});
}

INSTANTIATE_TEST_SUITE_P(Levels, Norm, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
