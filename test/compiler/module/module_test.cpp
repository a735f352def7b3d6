// Modules as files: what is written runs, is the same each time, and appears whole or not at all.
#include "compiler/module/WriteModule.h"
#include "runtime/firn/runtime.h"
#include "schedule_text.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace firn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// y[i] = x[i] + w[i] for 8 elements from row %r on; less[0] = x[0] < w[0].
const std::string kFunctions = R"(
module @code {
  func.func @add(%x: memref<f32>, %w: memref<f32>, %y: memref<f32>, %r: index, %gx: index, %gy: index, %gz: index)
      attributes {firn.function = 0 : i32} {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %a = memref.reinterpret_cast %x to offset: [0], sizes: [8], strides: [1] : memref<f32> to memref<8xf32>
    %b = memref.reinterpret_cast %w to offset: [0], sizes: [8], strides: [1] : memref<f32> to memref<8xf32>
    %c = memref.reinterpret_cast %y to offset: [0], sizes: [8], strides: [1] : memref<f32> to memref<8xf32>
    scf.for %i = %c0 to %c8 step %c1 {
      %p = memref.load %a[%i] : memref<8xf32>
      %q = memref.load %b[%i] : memref<8xf32>
      %s = arith.addf %p, %q : f32
      memref.store %s, %c[%i] : memref<8xf32>
    }
    return
  }
  func.func @less(%x: memref<f32>, %w: memref<f32>, %y: memref<i8>, %gx: index, %gy: index, %gz: index)
      attributes {firn.function = 1 : i32} {
    %p = memref.load %x[] : memref<f32>
    %q = memref.load %w[] : memref<f32>
    %less = arith.cmpf olt, %p, %q : f32
    %byte = arith.extui %less : i1 to i8
    memref.store %byte, %y[] : memref<i8>
    return
  }
}
)";

// while (y[0] < limit) y += w, for x of 8 elements; the rows of x[?][8] one after another.
const std::string kLoops = programOf(R"(
  %x = schedule.input "x:0" 1 : tensor<?x8xf32>
  %limit = schedule.input "limit:0" 1 : tensor<f32>
  %n = schedule.dim %x[0]
  %c32 = arith.constant 32 : index
  %bytes = arith.muli %n, %c32 : index
  %w = schedule.weights dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32> -> tensor<8xf32>
  %y = schedule.buffer %bytes output
  %flag = schedule.buffer %c1
  %sum = schedule.buffer %c32
  schedule.copy %x to %y size %bytes
  schedule.for %n {
  ^bb0(%i: index):
    %offset = arith.muli %i, %c32 : index
    %row = schedule.view %y[%offset]
    schedule.while %flag {
      schedule.dispatch 1 (%row, %limit, %flag) grid(%c1, %c1, %c1) scratch %c0
    } do {
      schedule.dispatch 0 (%row, %w, %sum) dims(%i) grid(%c1, %c1, %c1) scratch %c0
      schedule.copy %sum to %row size %c32
    }
  }
  schedule.output "y:0" 1 %y dims(%n) : tensor<?x8xf32>
)");

class ModuleFiles : public testing::Test {
protected:
  ~ModuleFiles() override { unlink(path.c_str()); }

  absl::Status write(const std::string &program) {
    ScheduleText text(program + kFunctions);
    mlir::FailureOr<BuiltProgram> built = text.build();
    EXPECT_TRUE(mlir::succeeded(built)) << text.message();
    codegen::CodegenOptions options;
    options.levels = {FIRN_CPU_X86_64_V2};
    auto code = codegen::generateCode(text.module().lookupSymbol<mlir::ModuleOp>("code"), options);
    EXPECT_TRUE(code.ok()) << code.status().message();
    TensorFiles files;
    return saveModule(path, {*built, text.weights(), code->images, {{"flags", "--none"}}}, files,
                      {});
  }

  static std::string readAll(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path = testing::TempDir() + "firn_module_" + std::to_string(getpid());
};

TEST_F(ModuleFiles, Run) {
  ASSERT_TRUE(write(kLoops).ok());
  firn_status status;
  firn_module *module = nullptr;
  firn_context *context = nullptr;
  const firn_open_options verify = {FIRN_OPEN_VERIFY, 0};
  ASSERT_EQ(firn_module_open(path.c_str(), &verify, &module, &status), FIRN_OK) << status.message;
  ASSERT_EQ(firn_context_create(module, nullptr, &context, &status), FIRN_OK) << status.message;
  const std::vector<float> x = {1, 1, 1, 1, 1, 1, 1, 1, 5, 0, 0, 0, 0, 0, 0, 0};
  const float limit = 3;
  const int64_t dims[] = {2, 8};
  firn_set_input_dims(context, "x", dims, 2, &status);
  firn_set_input(context, "x:0", FIRN_FLOAT, x.data(), x.size() * 4, &status);
  firn_set_input(context, "limit", FIRN_FLOAT, &limit, 4, &status);
  ASSERT_EQ(firn_run(context, &status), FIRN_OK) << status.message;
  firn_tensor y;
  ASSERT_EQ(firn_get_output(context, "y", &y, &status), FIRN_OK) << status.message;
  const float *values = static_cast<const float *>(y.data);
  EXPECT_THAT(std::vector<float>(values, values + 16),
              ElementsAre(3, 5, 7, 9, 11, 13, 15, 17, 5, 0, 0, 0, 0, 0, 0, 0));
  firn_context_destroy(context);
  firn_module_close(module);
}

TEST_F(ModuleFiles, AreTheSameEachTime) {
  ASSERT_TRUE(write(kLoops).ok());
  const std::string first = readAll(path);
  ASSERT_TRUE(write(kLoops).ok());
  EXPECT_EQ(readAll(path), first);
  EXPECT_THAT(first, HasSubstr("flags: --none\n"));
}

TEST_F(ModuleFiles, AppearWholeOrNotAtAll) {
  ASSERT_TRUE(write(kLoops).ok());
  const std::string before = readAll(path);
  const std::string missing = programOf(R"(
    %w = schedule.weights #graph.tensor<content file("/nowhere/at/all", 0, 16) : tensor<4xf32>> -> tensor<4xf32> loc("fc1/W")
    %y = schedule.buffer %c1 output
    schedule.dispatch 0 (%w, %w, %y) dims(%c0) grid(%c1, %c1, %c1) scratch %c0
  )");
  const absl::Status status = write(missing);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("node 'fc1/W': "));
  EXPECT_EQ(readAll(path), before);
}

} // namespace
} // namespace firn
