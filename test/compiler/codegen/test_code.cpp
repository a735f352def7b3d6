#include "test_code.h"

#include "compiler/codegen/LowerToLLVM.h"
#include "mapped_image.h"
#include "mlir/Parser/Parser.h"

#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <sstream>

using namespace firn::codegen;

namespace {

KernelBitcode testKernels(CpuLevel level) {
  static std::map<CpuLevel, std::string> loaded;
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  std::string &bitcode = loaded[level];
  if (bitcode.empty()) {
    std::ifstream file(KERNEL_FOLDER "/kernels.cpp.v" + std::to_string(level) + ".bc");
    std::stringstream content;
    content << file.rdbuf();
    bitcode = content.str();
  }
  return {bitcode, embeddedKernels(level).support};
}

// A context with the dispatches' dialects and the module of a text.
struct Parsed {
  explicit Parsed(const std::string &text) {
    mlir::DialectRegistry registry;
    registerDispatchDialects(registry);
    context.appendDialectRegistry(registry);
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text;
  }
  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

} // namespace

const std::vector<CpuLevel> allLevels = {FIRN_CPU_X86_64_V2, FIRN_CPU_X86_64_V3,
                                         FIRN_CPU_X86_64_V4};

std::vector<CpuLevel> runnableLevels() {
  std::vector<CpuLevel> levels = {FIRN_CPU_X86_64_V2};
  if (__builtin_cpu_supports("x86-64-v3"))
    levels.push_back(FIRN_CPU_X86_64_V3);
  if (__builtin_cpu_supports("x86-64-v4"))
    levels.push_back(FIRN_CPU_X86_64_V4);
  return levels;
}

CodegenOptions testOptions(std::vector<CpuLevel> levels) {
  CodegenOptions options;
  options.levels = std::move(levels);
  options.kernels = testKernels;
  return options;
}

absl::StatusOr<GeneratedCode> generateText(const std::string &text, const CodegenOptions &options) {
  Parsed parsed(text);
  return generateCode(*parsed.module, options);
}

absl::StatusOr<std::string> emitText(const std::string &text, CpuLevel level, CodeForm form) {
  Parsed parsed(text);
  return emitCode(*parsed.module, testOptions(), level, form);
}

void runText(const std::string &text, const std::function<void(firn_dispatch_entry)> &check) {
  auto code = generateText(text, testOptions(runnableLevels()));
  ASSERT_TRUE(code.ok()) << code.status().message();
  for (const CodeImage &image : code->images) {
    SCOPED_TRACE("level " + std::to_string(image.level));
    MappedImage mapped(image.elf);
    check(mapped.entry());
  }
}

firn_workgroup workgroup(const std::vector<void *> &buffers, const std::vector<int64_t> &dims) {
  return {buffers.data(), dims.data(), nullptr, 0, 0, 0};
}
