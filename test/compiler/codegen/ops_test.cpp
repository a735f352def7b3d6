// Every op that dispatches use has a form without calls, at every level.
#include "test_code.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace firn::codegen;
using testing::HasSubstr;

namespace {

std::string replaced(std::string text, const std::string &what, const std::string &by) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

// out[i] = body of in[i]; the body names %v and %r, types FROM and TO.
const std::string loop = R"(
func.func @NAME(%in: memref<FROM> {llvm.noalias}, %out: memref<TO> {llvm.noalias}, %n: index,
                %x: index, %y: index, %z: index) attributes {firn.function = NUMBER : i32} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%n], strides: [1]
      : memref<FROM> to memref<?xFROM>
  %b = memref.reinterpret_cast %out to offset: [0], sizes: [%n], strides: [1]
      : memref<TO> to memref<?xTO>
  scf.for %i = %c0 to %n step %c1 {
    %v = memref.load %a[%i] : memref<?xFROM>
    BODY
    memref.store %r, %b[%i] : memref<?xTO>
  }
  return
}
)";

struct Case {
  const char *from, *to, *body;
};

const Case cases[] = {
    {"f32", "f32", "%r = arith.remf %v, %v : f32"},
    {"f64", "f64", "%r = arith.remf %v, %v : f64"},
    {"f32", "f32", "%r = arith.maximumf %v, %v : f32"},
    {"f32", "f32", "%r = arith.minnumf %v, %v : f32"},
    {"f32", "f32", "%r = math.powf %v, %v : f32"},
    {"f64", "f64", "%r = math.atan2 %v, %v : f64"},
    {"f32", "f32", "%r = math.fma %v, %v, %v : f32"},
    {"f64", "f64", "%r = math.fma %v, %v, %v : f64"},
    {"f32", "f32", "%r = math.copysign %v, %v : f32"},
    {"f32", "f32", "%c = arith.constant 3 : i32\n%r = math.fpowi %v, %c : f32, i32"},
    {"f32", "f64", "%r = arith.extf %v : f32 to f64"},
    {"f64", "f16", "%r = arith.truncf %v : f64 to f16"},
    {"f16", "f64", "%r = arith.extf %v : f16 to f64"},
    {"f64", "bf16", "%r = arith.truncf %v : f64 to bf16"},
    {"bf16", "f64", "%r = arith.extf %v : bf16 to f64"},
    {"f16", "f16", "%r = arith.mulf %v, %v : f16"},
    {"bf16", "bf16", "%r = math.exp %v : bf16"},
    {"f16", "i1", "%r = arith.cmpf olt, %v, %v : f16"},
    {"i32", "f16", "%r = arith.sitofp %v : i32 to f16"},
    {"f16", "i64", "%r = arith.fptosi %v : f16 to i64"},
    {"bf16", "f16", "%f = arith.extf %v : bf16 to f32\n%r = arith.truncf %f : f32 to f16"},
    {"i64", "f32", "%r = arith.uitofp %v : i64 to f32"},
    {"f64", "i64", "%r = arith.fptoui %v : f64 to i64"},
    {"i64", "i64", "%c = arith.constant 7 : i64\n%r = arith.floordivsi %v, %c : i64"},
    {"i64", "i64", "%c = arith.constant 7 : i64\n%r = arith.ceildivsi %v, %c : i64"},
    {"i64", "i64", "%r = math.ipowi %v, %v : i64"},
    {"i32", "i32", "%r = math.ctpop %v : i32"},
    {"i32", "i32", "%r = math.absi %v : i32"},
    {"i8", "i8", "%r = arith.maxui %v, %v : i8"},
    {"i1", "i8", "%r = arith.extui %v : i1 to i8"},
    {"complex<f32>", "complex<f32>", "%r = complex.mul %v, %v : complex<f32>"},
    {"complex<f64>", "complex<f64>", "%r = complex.div %v, %v : complex<f64>"},
    {"complex<f32>", "complex<f32>", "%r = complex.exp %v : complex<f32>"},
    {"complex<f32>", "complex<f32>", "%r = complex.log %v : complex<f32>"},
    {"complex<f32>", "complex<f32>", "%r = complex.sqrt %v : complex<f32>"},
    {"complex<f32>", "complex<f32>", "%r = complex.tanh %v : complex<f32>"},
    {"complex<f32>", "complex<f32>", "%r = complex.pow %v, %v : complex<f32>"},
    {"complex<f32>", "f32", "%r = complex.abs %v : complex<f32>"},
    {"complex<f32>", "f32", "%r = complex.angle %v : complex<f32>"},
    {"complex<f32>", "complex<f32>", "%r = complex.sin %v : complex<f32>"},
};

TEST(Ops, HaveCodeWithoutCalls) {
  std::string text;
  int number = 0;
  for (const Case &c : cases) {
    std::string function = replaced(replaced(loop, "FROM", c.from), "TO", c.to);
    function = replaced(function, "NAME", "f" + std::to_string(number));
    function = replaced(function, "NUMBER", std::to_string(number));
    text += replaced(function, "BODY", c.body);
    ++number;
  }
  auto code = generateText(text, CodegenOptions());
  EXPECT_TRUE(code.ok()) << code.status().message();
}

// A transposed copy into scratch, times a table, in a loop that ends by a condition.
const std::string views = R"(
memref.global "private" constant @table : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
func.func @views(%in: memref<f32> {llvm.noalias}, %out: memref<f32> {llvm.noalias},
                 %scratch: memref<i8> {firn.scratch}, %n: index, %x: index, %y: index, %z: index)
    -> i32 attributes {firn.function = 0 : i32} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %s = memref.reinterpret_cast %scratch to offset: [0], sizes: [48], strides: [1]
      : memref<i8> to memref<48xi8>
  %t = memref.view %s[%c0][] : memref<48xi8> to memref<3x4xf32>
  %a = memref.reinterpret_cast %in to offset: [0], sizes: [%n, 3], strides: [3, 1]
      : memref<f32> to memref<?x3xf32>
  %b = memref.reinterpret_cast %out to offset: [0], sizes: [3, 4], strides: [4, 1]
      : memref<f32> to memref<3x4xf32>
  %p = memref.transpose %a (i, j) -> (j, i) : memref<?x3xf32> to memref<3x?xf32, strided<[1, 3]>>
  %q = memref.cast %p : memref<3x?xf32, strided<[1, 3]>> to memref<3x4xf32, strided<[1, 3]>>
  memref.copy %q, %t : memref<3x4xf32, strided<[1, 3]>> to memref<3x4xf32>
  %table = memref.get_global @table : memref<4xf32>
  %end = scf.while (%i = %c0) : (index) -> index {
    %more = arith.cmpi slt, %i, %c3 : index
    scf.condition(%more) %i : index
  } do {
  ^bb0(%i: index):
    affine.for %j = 0 to 4 {
      %v = memref.load %t[%i, %j] : memref<3x4xf32>
      %w = affine.load %table[%j] : memref<4xf32>
      %r = arith.mulf %v, %w : f32
      memref.store %r, %b[%i, %j] : memref<3x4xf32>
    }
    %next = arith.addi %i, %c1 : index
    scf.yield %next : index
  }
  %code = arith.constant 3 : i32
  return %code : i32
}
)";

TEST(Ops, ViewsTablesScratchAndLoops) {
  float input[12], output[12], expected[12];
  for (int i = 0; i < 12; ++i)
    input[i] = float(i), expected[i] = float(i % 4 * 3 + i / 4) * float(i % 4 + 1);
  runText(views, [&](firn_dispatch_entry entry) {
    alignas(64) char scratch[64];
    std::vector<void *> buffers = {input, output};
    std::vector<int64_t> dims = {4};
    firn_workgroup group = workgroup(buffers, dims);
    group.scratch = scratch;
    EXPECT_EQ(entry(0, &group), FIRN_DISPATCH_SHAPE);
    EXPECT_THAT(output, testing::ElementsAreArray(expected));
  });
}

void expectRefused(const std::string &text, const std::string &why) {
  auto code = generateText(text, testOptions());
  EXPECT_EQ(code.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(code.status().message()), HasSubstr(why));
}

TEST(Ops, RefusesAllocations) {
  expectRefused(R"(
func.func @f(%x: index, %y: index, %z: index) attributes {firn.function = 0 : i32} {
  %m = memref.alloc(%x) : memref<?xf32>
  %v = memref.load %m[%y] : memref<?xf32>
  memref.store %v, %m[%z] : memref<?xf32>
  return
}
)",
                "memref.alloc");
}

TEST(Ops, RefusesOtherSignatures) {
  expectRefused(R"(
func.func @f(%in: memref<?xf32>, %x: index, %y: index, %z: index)
    attributes {firn.function = 0 : i32} { return }
)",
                "expected buffers as memref<T>");
  expectRefused("func.func @f() attributes {firn.function = 0 : i32} { return }",
                "expected x, y, z");
}

} // namespace
