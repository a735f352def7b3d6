// Dispatches that call kernels: arguments become constants, epilogues are inlined.
#include "test_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

using namespace firn::codegen;
using testing::HasSubstr;
using testing::Not;

namespace {

// max(0, 3 + 2 * input + bias[column] + residual[row][column])
const std::string scaleWithEpilogue = R"(
func.func private @firn_kernel_scale(i64, i64, i64, f64) -> i32
func.func @scale(%in: memref<f32>, %out: memref<f32>, %bias: memref<f32>, %residual: memref<f32>,
                 %rows: index, %x: index, %y: index, %z: index) -> i32
    attributes {firn.function = 2 : i32, firn.epilogue = @relu} {
  %n = arith.index_cast %rows : index to i64
  %columns = arith.constant 33 : i64
  %first = arith.constant 3 : i64
  %factor = arith.constant 2.0 : f64
  %code = func.call @firn_kernel_scale(%n, %columns, %first, %factor)
      : (i64, i64, i64, f64) -> i32
  return %code : i32
}
func.func private @relu(%value: f32, %row: index, %column: index, %in: memref<f32>,
                        %out: memref<f32>, %bias: memref<f32>, %residual: memref<f32>,
                        %rows: index) -> f32 {
  %zero = arith.constant 0.0 : f32
  %b = memref.reinterpret_cast %bias to offset: [0], sizes: [33], strides: [1]
      : memref<f32> to memref<33xf32>
  %r = memref.reinterpret_cast %residual to offset: [0], sizes: [%rows, 33], strides: [33, 1]
      : memref<f32> to memref<?x33xf32>
  %p = memref.load %b[%column] : memref<33xf32>
  %q = memref.load %r[%row, %column] : memref<?x33xf32>
  %s = arith.addf %value, %p : f32
  %t = arith.addf %s, %q : f32
  %negative = arith.cmpf ogt, %zero, %t : f32
  %u = arith.select %negative, %zero, %t : f32
  return %u : f32
}
)";

// tanh(1 + input) by the op, plus the same by the function's name
const std::string epilogueOfFunctions = R"(
func.func private @firn_kernel_scale(i64, i64, i64, f64) -> i32
func.func private @firn_tanh_f32(f32) -> f32
func.func @scale(%in: memref<f32>, %out: memref<f32>, %x: index, %y: index, %z: index) -> i32
    attributes {firn.function = 0 : i32, firn.epilogue = @twice} {
  %n = arith.constant 20 : i64
  %one = arith.constant 1 : i64
  %factor = arith.constant 1.0 : f64
  %code = func.call @firn_kernel_scale(%one, %n, %one, %factor) : (i64, i64, i64, f64) -> i32
  return %code : i32
}
func.func private @twice(%value: f32, %row: index, %column: index, %in: memref<f32>,
                         %out: memref<f32>) -> f32 {
  %a = math.tanh %value : f32
  %b = func.call @firn_tanh_f32(%value) : (f32) -> f32
  %c = arith.addf %a, %b : f32
  return %c : f32
}
)";

const std::string plainCall = R"(
func.func private @firn_kernel_NAME() -> i32
func.func @call(%x: index, %y: index, %z: index) -> i32 attributes {firn.function = 0 : i32} {
  %code = func.call @firn_kernel_NAME() : () -> i32
  return %code : i32
}
)";

std::string callOf(const std::string &name) {
  std::string text = plainCall;
  for (size_t at; (at = text.find("NAME")) != std::string::npos;)
    text.replace(at, 4, name);
  return text;
}

TEST(KernelCall, RunsWithItsEpilogue) {
  const int64_t rows = 4, columns = 33;
  std::vector<float> input(rows * columns + 16), bias(columns + 16, -50.f),
      residual(rows * columns + 16), output(rows * columns);
  std::iota(input.begin(), input.end(), -40.f);
  std::iota(residual.begin(), residual.end(), 0.f);
  runText(scaleWithEpilogue, [&](firn_dispatch_entry entry) {
    std::vector<void *> buffers = {input.data(), output.data(), bias.data(), residual.data()};
    std::vector<int64_t> dims = {rows};
    firn_workgroup group = workgroup(buffers, dims);
    EXPECT_EQ(entry(2, &group), FIRN_DISPATCH_OK);
    for (int64_t i = 0; i < rows * columns; ++i)
      ASSERT_EQ(output[i], std::max(0.f, 3 + 2 * input[i] - 50 + residual[i])) << i;
  });
}

TEST(KernelCall, EpiloguesCallMathFunctions) {
  std::vector<float> input(32), output(20);
  std::iota(input.begin(), input.end(), -5.f);
  runText(epilogueOfFunctions, [&](firn_dispatch_entry entry) {
    std::vector<void *> buffers = {input.data(), output.data()};
    firn_workgroup group = workgroup(buffers, {});
    EXPECT_EQ(entry(0, &group), FIRN_DISPATCH_OK);
    for (size_t i = 0; i < output.size(); ++i) {
      float x = 1 + input[i];
      ASSERT_NEAR(output[i], 2 * x * (27 + x * x) / (27 + 9 * x * x), 1e-5) << i;
    }
  });
}

TEST(KernelCall, IsInlinedWithItsArguments) {
  auto ir = emitText(scaleWithEpilogue, FIRN_CPU_X86_64_V4, CodeForm::LLVM);
  ASSERT_TRUE(ir.ok()) << ir.status().message();
  EXPECT_THAT(*ir, HasSubstr("<16 x float>"));
  EXPECT_THAT(*ir, Not(HasSubstr("alloca")));
  EXPECT_THAT(*ir, Not(HasSubstr("call i32 @firn_kernel")));
  EXPECT_THAT(*ir, Not(HasSubstr("@firn_epilogue")));
}

TEST(KernelCall, RefusesWritableData) {
  auto code = generateText(callOf("stateful"), testOptions());
  EXPECT_EQ(code.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(code.status().message()), HasSubstr("cannot be mapped"));
}

TEST(KernelCall, NamesAKernelThatDoesNotExist) {
  auto code = generateText(callOf("absent"), testOptions());
  EXPECT_EQ(code.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(code.status().message()), HasSubstr("firn_kernel_absent"));
}

} // namespace
