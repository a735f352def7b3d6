// The matmul kernels at every level of this machine against the plain reference.
#include "runtime/kernels/common/native.h"
#include "runtime/kernels/matmul/reference.h"
#include "runtime/kernels/matmul/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/test_epilogue.h"

#include <gtest/gtest.h>

#define FIRN_MATMUL_V4(name, rows) FIRN_DECLARE_KERNEL(name, 4, firn_matmul_args)
#define FIRN_MATMUL(name, rows)                                                                    \
  FIRN_DECLARE_KERNEL(name, 2, firn_matmul_args)                                                   \
  FIRN_DECLARE_KERNEL(name, 3, firn_matmul_args)                                                   \
  FIRN_DECLARE_KERNEL(name, 4, firn_matmul_args)
#include "runtime/kernels/matmul/kernels.inc"
#undef FIRN_MATMUL
#undef FIRN_MATMUL_V4

namespace firn::kernels {
namespace {

const NativeKernel<firn_matmul_args> kKernels[] = {
#define FIRN_MATMUL_V4(name, rows) FIRN_NATIVE_KERNEL(name, 4)
#define FIRN_MATMUL(name, rows)                                                                    \
  FIRN_NATIVE_KERNEL(name, 2) FIRN_NATIVE_KERNEL(name, 3) FIRN_NATIVE_KERNEL(name, 4)
#include "runtime/kernels/matmul/kernels.inc"
};

const NativeKernel<firn_matmul_args> &kernelOf(int level, const std::string &name) {
  for (const auto &kernel : kKernels)
    if (kernel.level == level && kernel.name == name)
      return kernel;
  ADD_FAILURE() << "no kernel " << name << " at v" << level;
  return kKernels[0];
}

/// Operands, a guarded output, and the comparison.
class MatmulCase {
public:
  MatmulCase(const MatmulProblem &problem, const TestEpilogue &epilogue)
      : problem(problem), aStride(problem.aStride ? problem.aStride : problem.depth),
        cStride(problem.cStride ? problem.cStride : problem.columns),
        a(problem.batch * problem.rows * aStride), b(batchOfB() * problem.depth * problem.columns),
        packed(packedFloats(problem.depth, problem.columns)),
        c(problem.batch * problem.rows * cStride, kUntouched), epilogue(epilogue) {
    fillRandom(a, 1);
    fillRandom(b, 2);
    packPanels({b.data(), problem.depth, problem.columns, problem.columns, 1}, packed.data());
    testEpilogue = epilogue;
  }

  void run(int level) {
    const MatmulTiling tiling = tileMatmul(level, problem);
    const int64_t gridX =
        problem.dynamicRows ? ceilDiv(problem.rows, tiling.rowsPerGroup) : tiling.gridX;
    const float *operand = problem.form == FIRN_MATMUL_PANELS ? packed.data() : b.data();
    const auto &kernel = kernelOf(level, tiling.kernel);
    SCOPED_TRACE(testing::Message() << kernel.name << " v" << level << ", " << problem.rows << " x "
                                    << problem.columns << " x " << problem.depth);
    std::fill_n(c.data(), c.size(), kUntouched);
    EXPECT_EQ(FIRN_DISPATCH_OK, runGrid(kernel.run, tiling.args, {a.data(), operand, c.data()},
                                        tiling.scratchBytes, gridX, tiling.gridY, problem.batch));
    check();
  }

private:
  int64_t batchOfB() const { return problem.form == FIRN_MATMUL_PANELS ? 1 : problem.batch; }

  float expected(int64_t row, int64_t column, const ReferenceSum &sum) const {
    float value = sum.value;
    if (epilogue.rowTerms)
      value += epilogue.rowTerms[row];
    if (epilogue.columnTerms)
      value += epilogue.columnTerms[column];
    return epilogue.relu ? std::max(value, 0.0f) : value;
  }

  /// Stops at the first wrong element: one index says more than thousands.
  void check() const {
    const bool transposed = problem.form == FIRN_MATMUL_TRANSPOSED;
    for (int64_t row = 0; row < problem.batch * problem.rows; ++row)
      for (int64_t column = 0; column < cStride; ++column) {
        const float value = c[row * cStride + column];
        if (column >= problem.columns) {
          ASSERT_EQ(kUntouched, value) << "behind the last column of row " << row;
          continue;
        }
        const int64_t matrix = problem.form == FIRN_MATMUL_PANELS ? 0 : row / problem.rows;
        const ReferenceSum sum =
            referenceMatmul(a.data(), aStride, b.data() + matrix * problem.depth * problem.columns,
                            transposed ? 1 : problem.columns, transposed ? problem.depth : 1,
                            problem.depth, row, column);
        ASSERT_NEAR(expected(row, column, sum), value, 1e-6 * (sum.magnitude + 4))
            << "row " << row << ", column " << column;
      }
  }

  MatmulProblem problem;
  int64_t aStride, cStride;
  AlignedFloats a, b, packed, c;
  TestEpilogue epilogue;
};

class Matmul : public testing::TestWithParam<int> {
protected:
  void SetUp() override {
    if (!machineHas(GetParam()))
      GTEST_SKIP() << "this machine has no x86-64-v" << GetParam();
  }
  void TearDown() override { testEpilogue = {}; }

  void run(const MatmulProblem &problem, const TestEpilogue &epilogue = {}) {
    MatmulCase(problem, epilogue).run(GetParam());
  }
};

TEST_P(Matmul, EveryRowCount) {
  for (int64_t rows = 1; rows <= 45; ++rows)
    run({rows, 37, 19});
}

TEST_P(Matmul, EveryColumnCount) {
  for (int64_t columns = 1; columns <= 70; ++columns)
    run({17, columns, 5});
}

TEST_P(Matmul, EveryDepth) {
  for (int64_t rows : {1, 2, 3, 13})
    for (int64_t depth = 1; depth <= 20; ++depth)
      run({rows, 40, depth});
}

TEST_P(Matmul, DynamicRows) {
  for (int64_t rows = 1; rows <= 45; ++rows)
    run({rows, 33, 7, 1, true});
  run({1500, 33, 300, 1, true});
}

TEST_P(Matmul, ManyWorkgroups) {
  run({353, 200, 700});
  run({1, 3000, 513});
}

TEST_P(Matmul, Batch) {
  run({18, 45, 12, 5});
  run({7, 45, 12, 3, true});
}

TEST_P(Matmul, SecondOperandAtRunTime) {
  for (firn_matmul_b form : {FIRN_MATMUL_ROWS, FIRN_MATMUL_TRANSPOSED})
    for (int64_t columns : {1, 15, 32, 40, 64, 77})
      run({18, columns, 21, 3, false, form});
}

TEST_P(Matmul, RowsWithGaps) { run({29, 43, 11, 2, false, FIRN_MATMUL_PANELS, 14, 64}); }

TEST_P(Matmul, RowsThatCollideInTheCache) {
  for (int64_t depth : {1024, 1000, 63, 2048})
    for (int64_t rows : {13, 29})
      run({rows, 40, depth, 1, rows == 29, FIRN_MATMUL_PANELS, depth == 2048 ? 2048 : 1024});
}

TEST_P(Matmul, EpilogueKnowsItsPlace) {
  AlignedFloats rowTerms(2 * 31), columnTerms(75);
  fillRandom(rowTerms, 3);
  fillRandom(columnTerms, 4);
  for (bool dynamic : {false, true})
    run({31, 75, 9, 2, dynamic}, {rowTerms.data(), columnTerms.data(), true});
}

INSTANTIATE_TEST_SUITE_P(Levels, Matmul, testing::Values(2, 3, 4),
                         [](const auto &level) { return "v" + std::to_string(level.param); });

} // namespace
} // namespace firn::kernels
