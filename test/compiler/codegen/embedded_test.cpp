// The kernels that the compiler carries, called by functions that DispatchFunction.h builds.
#include "compiler/codegen/DispatchFunction.h"
#include "compiler/codegen/LowerToLLVM.h"
#include "mapped_image.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "runtime/kernels/matmul/tiling.h"
#include "test_code.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace firn::codegen;
using namespace firn::kernels;
using namespace mlir;

namespace {

struct Dispatches {
  Dispatches() : builder(&context) {
    DialectRegistry registry;
    registerDispatchDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    module = ModuleOp::create(builder.getUnknownLoc());
    builder.setInsertionPointToEnd(module->getBody());
  }
  MLIRContext context{MLIRContext::Threading::DISABLED};
  OpBuilder builder;
  OwningOpRef<ModuleOp> module;
};

// max(0, value + bias[column]); bias is buffer 3
void addEpilogue(OpBuilder &builder, func::FuncOp dispatch, const std::string &name,
                 int64_t columns) {
  Location loc = builder.getUnknownLoc();
  func::FuncOp epilogue = createEpilogue(builder, loc, dispatch, name);
  OpBuilder body = OpBuilder::atBlockEnd(&epilogue.front());
  DispatchArguments arguments = dispatchArguments(epilogue);
  auto type = MemRefType::get({columns}, body.getF32Type());
  Value bias = viewBuffer(body, loc, arguments.buffers[3], type, {});
  Value addend = body.create<memref::LoadOp>(loc, bias, arguments.column);
  Value sum = body.create<arith::AddFOp>(loc, arguments.value, addend);
  Value zero = body.create<arith::ConstantOp>(loc, body.getF32FloatAttr(0));
  Value below = body.create<arith::CmpFOp>(loc, arith::CmpFPredicate::OGT, zero, sum);
  Value result = body.create<arith::SelectOp>(loc, below, zero, sum);
  body.create<func::ReturnOp>(loc, result);
}

// One function of a product for one level, its rows dims[0] where they are dynamic.
void addMatmul(OpBuilder &builder, uint32_t number, CpuLevel level, const MatmulProblem &problem) {
  Location loc = builder.getUnknownLoc();
  std::string name = "matmul_" + std::to_string(number) + "_v" + std::to_string(level);
  Type f32 = builder.getF32Type();
  std::vector<BufferArgument> buffers(4, BufferArgument{f32});
  func::FuncOp dispatch =
      createDispatch(builder, loc, name, number, buffers, problem.dynamicRows ? 1 : 0, true);
  dispatch->setAttr(levelAttr, builder.getI32IntegerAttr(level));
  addEpilogue(builder, dispatch, name + "_epilogue", problem.columns);
  OpBuilder body = OpBuilder::atBlockEnd(&dispatch.front());
  MatmulTiling tiling = tileMatmul(level, problem);
  auto *numbers = reinterpret_cast<const int64_t *>(&tiling.args);
  SmallVector<Value> fields;
  for (size_t i = 0; i < sizeof tiling.args / sizeof(int64_t); ++i)
    fields.push_back(body.create<arith::ConstantOp>(loc, body.getI64IntegerAttr(numbers[i])));
  if (problem.dynamicRows)
    fields[0] = dispatchArguments(dispatch).dims[0];
  body.create<func::ReturnOp>(loc, callKernel(body, loc, tiling.kernel, fields));
}

void runGrid(firn_dispatch_entry entry, const firn_workgroup &group, int64_t x, int64_t y) {
  firn_workgroup part = group;
  for (part.y = 0; part.y < y; ++part.y)
    for (part.x = 0; part.x < x; ++part.x)
      EXPECT_EQ(entry(0, &part), FIRN_DISPATCH_OK);
}

void checkMatmul(bool dynamic) {
  const MatmulProblem problem{dynamic ? 1 : 29, 45, 37, 1, dynamic};
  const int64_t rows = 29, columns = problem.columns, depth = problem.depth;
  std::vector<CpuLevel> levels = runnableLevels();
  Dispatches dispatches;
  for (CpuLevel level : levels)
    addMatmul(dispatches.builder, 0, level, problem);
  CodegenOptions options;
  options.levels = levels;
  auto code = generateCode(*dispatches.module, options);
  ASSERT_TRUE(code.ok()) << code.status().message();

  const int64_t padded = (columns + 31) / 32 * 32;
  alignas(64) static float a[29 * 37 + 16], b[64 * 37], c[29 * 45 + 16], bias[64 + 16];
  for (int64_t i = 0; i < rows * depth; ++i)
    a[i] = float(i % 7) - 3;
  for (int64_t k = 0; k < depth; ++k)
    for (int64_t n = 0; n < columns; ++n)
      b[(n / 32 * depth + k) * 32 + n % 32] = float((k * 3 + n) % 5) - 2;
  for (int64_t n = 0; n < padded; ++n)
    bias[n] = float(n) - 20;
  for (const CodeImage &image : code->images) {
    MappedImage mapped(image.elf);
    MatmulTiling tiling = tileMatmul(image.level, problem);
    std::vector<void *> buffers = {a, b, c, bias};
    std::vector<int64_t> dims = {rows};
    int64_t x = dynamic ? ceilDiv(rows, tiling.rowsPerGroup) : tiling.gridX;
    runGrid(mapped.entry(), workgroup(buffers, dims), x, tiling.gridY);
    for (int64_t m = 0; m < rows; ++m)
      for (int64_t n = 0; n < columns; ++n) {
        float sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += a[m * depth + k] * (float((k * 3 + n) % 5) - 2);
        ASSERT_EQ(c[m * columns + n], std::max(0.f, sum + bias[n])) << image.level;
      }
  }
}

TEST(Embedded, Matmul) { checkMatmul(false); }

TEST(Embedded, MatmulOfDynamicRows) { checkMatmul(true); }

// A loop over each function of math that has a name in the family, of both precisions.
std::string mathText() {
  std::string text;
  int number = 0;
  for (const char *type : {"f32", "f64"})
    for (const char *op :
         {"acos",  "acosh", "asin",  "asinh", "atan", "atanh", "ceil",  "cos",   "cosh",
          "erf",   "exp",   "expm1", "floor", "log",  "log1p", "log2",  "round", "roundeven",
          "rsqrt", "sin",   "sinh",  "sqrt",  "tan",  "tanh",  "trunc", "absf"}) {
      std::string t = type;
      text += "func.func @f" + std::to_string(number) + "(%b: memref<" + t +
              ">, %x: index, %y: index, %z: index) attributes {firn.function = " +
              std::to_string(number) + " : i32} {\n  %v = memref.load %b[] : memref<" + t +
              ">\n  %w = math." + op + " %v : " + t + "\n  memref.store %w, %b[] : memref<" + t +
              ">\n  return\n}\n";
      ++number;
    }
  return text;
}

TEST(Embedded, MathHasNoHoles) {
  CodegenOptions options;
  auto code = generateText(mathText(), options);
  EXPECT_TRUE(code.ok()) << code.status().message();
}

// What a network costs: 25 products of ResNet-50's shapes at each level, printed by stage.
TEST(Embedded, Times) {
  Dispatches dispatches;
  uint32_t number = 0;
  for (CpuLevel level : allLevels) {
    number = 0;
    for (int64_t rows : {3136, 784, 196, 49, 1})
      for (int64_t depth : {64, 147, 256, 576, 1024})
        addMatmul(dispatches.builder, number++, level,
                  {rows, depth == 147 ? 64 : 4 * depth, depth});
  }
  auto code = generateCode(*dispatches.module, CodegenOptions());
  ASSERT_TRUE(code.ok()) << code.status().message();
  for (CpuLevel level : allLevels) {
    FunctionTimes sum;
    for (const FunctionTimes &times : code->times)
      if (times.level == level)
        sum.lower += times.lower, sum.link += times.link, sum.optimise += times.optimise,
            sum.generate += times.generate;
    printf("level %d, ms of %u functions: lower %.0f, link %.0f, optimise %.0f, generate %.0f; "
           "%zu bytes\n",
           int(level), number, sum.lower, sum.link, sum.optimise, sum.generate,
           code->images[level - 2].elf.size());
  }
  printf("images linked in %.0f ms\n", code->linkMilliseconds);
}

} // namespace
