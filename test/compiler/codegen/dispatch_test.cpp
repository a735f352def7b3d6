// Dispatches in plain loops: they compute what they say, vectorised, at every level.
#include "test_code.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

using namespace firn::codegen;
using testing::HasSubstr;
using testing::Not;

namespace {

// output[i][j] = tanh(input[i][j] + bias[j])
const std::string tanhBias = R"(
func.func @tanh_bias(%in: memref<f32> {llvm.noalias, llvm.align = 64 : i64},
                     %bias: memref<f32> {llvm.noalias, llvm.align = 64 : i64},
                     %out: memref<f32> {llvm.noalias, llvm.align = 64 : i64},
                     %n: index, %x: index, %y: index, %z: index) -> i32
    attributes {firn.function = 0 : i32} {
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%n, 64], strides: [64, 1]
      : memref<f32> to memref<?x64xf32>
  %b = memref.reinterpret_cast %bias to offset: [0], sizes: [64], strides: [1]
      : memref<f32> to memref<64xf32>
  %c = memref.reinterpret_cast %out to offset: [0], sizes: [%n, 64], strides: [64, 1]
      : memref<f32> to memref<?x64xf32>
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>,
                                   affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : memref<?x64xf32>, memref<64xf32>) outs(%c : memref<?x64xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32):
    %sum = arith.addf %p, %q : f32
    %t = math.tanh %sum : f32
    linalg.yield %t : f32
  }
  %ok = arith.constant 0 : i32
  return %ok : i32
}
)";

// output[i] = sum of input[i][...], in workgroup x = i
const std::string rowSum = R"(
func.func @row_sum(%in: memref<f32> {llvm.noalias}, %out: memref<f32> {llvm.noalias},
                   %rows: index, %columns: index, %x: index, %y: index, %z: index)
    attributes {firn.function = 0 : i32} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%rows, %columns],
      strides: [%columns, 1] : memref<f32> to memref<?x?xf32>
  %c = memref.reinterpret_cast %out to offset: [0], sizes: [%rows], strides: [1]
      : memref<f32> to memref<?xf32>
  %sum = scf.for %j = %c0 to %columns step %c1 iter_args(%s = %zero) -> f32 {
    %v = memref.load %a[%x, %j] : memref<?x?xf32>
    %t = arith.addf %s, %v fastmath<reassoc> : f32
    scf.yield %t : f32
  }
  memref.store %sum, %c[%x] : memref<?xf32>
  return
}
)";

// output[j][i] = input[i][j] of shape [n][m]; a second function negates bools
const std::string transposeAndNot = R"(
func.func @transpose(%in: memref<f32> {llvm.noalias}, %out: memref<f32> {llvm.noalias},
                     %n: index, %m: index, %x: index, %y: index, %z: index)
    attributes {firn.function = 0 : i32} {
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%n, %m], strides: [%m, 1]
      : memref<f32> to memref<?x?xf32>
  %b = memref.reinterpret_cast %out to offset: [0], sizes: [%m, %n], strides: [%n, 1]
      : memref<f32> to memref<?x?xf32>
  linalg.transpose ins(%a : memref<?x?xf32>) outs(%b : memref<?x?xf32>) permutation = [1, 0]
  return
}
func.func @not(%in: memref<i1> {llvm.noalias}, %out: memref<i1> {llvm.noalias}, %n: index,
               %x: index, %y: index, %z: index) attributes {firn.function = 7 : i32} {
  %true = arith.constant true
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%n], strides: [1]
      : memref<i1> to memref<?xi1>
  %b = memref.reinterpret_cast %out to offset: [0], sizes: [%n], strides: [1]
      : memref<i1> to memref<?xi1>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %a[%i] : memref<?xi1>
    %w = arith.xori %v, %true : i1
    memref.store %w, %b[%i] : memref<?xi1>
  }
  return
}
)";

TEST(Dispatch, TanhWithBias) {
  const int64_t rows = 5, size = rows * 64;
  alignas(64) static float input[size], bias[64], output[size];
  for (int i = 0; i < size; ++i)
    input[i] = std::sin(float(i)), bias[i % 64] = 0.01f * float(i % 64);
  runText(tanhBias, [&](firn_dispatch_entry entry) {
    std::vector<void *> buffers = {input, bias, output};
    std::vector<int64_t> dims = {rows};
    firn_workgroup group = workgroup(buffers, dims);
    std::fill_n(output, size, 0.f);
    EXPECT_EQ(entry(0, &group), FIRN_DISPATCH_OK);
    for (int i = 0; i < size; ++i)
      ASSERT_NEAR(output[i], std::tanh(input[i] + bias[i % 64]), 3e-2) << i;
  });
}

TEST(Dispatch, ReductionByWorkgroups) {
  const int64_t rows = 3, columns = 101;
  std::vector<float> input(rows * columns), output(rows);
  std::iota(input.begin(), input.end(), 0.f);
  runText(rowSum, [&](firn_dispatch_entry entry) {
    std::vector<void *> buffers = {input.data(), output.data()};
    std::vector<int64_t> dims = {rows, columns};
    for (uint32_t row = 0; row < rows; ++row) {
      firn_workgroup group = workgroup(buffers, dims);
      group.x = row;
      EXPECT_EQ(entry(0, &group), FIRN_DISPATCH_OK);
      const float *first = input.data() + row * columns;
      EXPECT_EQ(output[row], std::accumulate(first, first + columns, 0.f)) << row;
    }
  });
}

TEST(Dispatch, TranspositionAndBools) {
  const int64_t n = 7, m = 13;
  std::vector<float> input(n * m), output(n * m);
  std::iota(input.begin(), input.end(), 0.f);
  std::vector<uint8_t> bools = {0, 1, 1, 0, 1}, negated(5);
  runText(transposeAndNot, [&](firn_dispatch_entry entry) {
    std::vector<void *> buffers = {input.data(), output.data()};
    std::vector<int64_t> dims = {n, m};
    firn_workgroup group = workgroup(buffers, dims);
    EXPECT_EQ(entry(0, &group), FIRN_DISPATCH_OK);
    for (int64_t i = 0; i < n * m; ++i)
      ASSERT_EQ(output[i % m * n + i / m], input[i]);
    buffers = {bools.data(), negated.data()};
    dims = {5};
    group = workgroup(buffers, dims);
    EXPECT_EQ(entry(7, &group), FIRN_DISPATCH_OK);
    EXPECT_EQ(negated, (std::vector<uint8_t>{1, 0, 0, 1, 0}));
    EXPECT_EQ(entry(3, &group), FIRN_DISPATCH_INDEX_RANGE);
  });
}

TEST(Dispatch, UsesTheLevelsRegistersWithoutChecks) {
  for (const std::string &text : {tanhBias, rowSum}) {
    auto v4 = emitText(text, FIRN_CPU_X86_64_V4, CodeForm::Assembly);
    auto v3 = emitText(text, FIRN_CPU_X86_64_V3, CodeForm::Assembly);
    ASSERT_TRUE(v4.ok() && v3.ok()) << v4.status().message();
    EXPECT_THAT(*v4, HasSubstr("%zmm"));
    EXPECT_THAT(*v3, HasSubstr("%ymm"));
    EXPECT_THAT(*v3, Not(HasSubstr("%zmm")));
    EXPECT_THAT(*v3, Not(HasSubstr("firn_tanh")));
    auto ir = emitText(text, FIRN_CPU_X86_64_V4, CodeForm::LLVM);
    EXPECT_THAT(*ir, Not(HasSubstr("memcheck")));
    EXPECT_THAT(*ir, Not(HasSubstr("scevcheck")));
  }
}

TEST(Dispatch, BuildsAreIdentical) {
  CodegenOptions one = testOptions(), four = testOptions();
  one.threads = 1, four.threads = 4;
  auto a = generateText(transposeAndNot, one), b = generateText(transposeAndNot, four);
  ASSERT_TRUE(a.ok() && b.ok());
  for (size_t i = 0; i < a->images.size(); ++i)
    EXPECT_TRUE(a->images[i].elf == b->images[i].elf) << a->images[i].level;
  EXPECT_EQ(a->times.size(), 6u);
}

TEST(Dispatch, EmitsWhatShowsNothingButTheEntry) {
  auto object = emitText(rowSum, FIRN_CPU_X86_64_V2, CodeForm::Object);
  auto text = emitText(rowSum, FIRN_CPU_X86_64_V2, CodeForm::Assembly);
  ASSERT_TRUE(object.ok() && text.ok());
  EXPECT_EQ(object->substr(1, 3), "ELF");
  EXPECT_THAT(*text, HasSubstr(".globl\tfirn_dispatch"));
  EXPECT_THAT(*text, Not(HasSubstr(".globl\tfirn_function_0")));
  EXPECT_THAT(*text, Not(HasSubstr("memcpy")));
}

} // namespace
