// The last stage of the compiler: dispatches (DispatchFunction.h) become one image of machine code
// per CPU level.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/codegen/CpuLevel.h"
#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <string>
#include <vector>

namespace firn::codegen {

/// LLVM bitcode of a level: kernels with mathematical functions, and what LLVM calls without being
/// told (memcpy and its like).
struct KernelBitcode {
  llvm::StringRef kernels, support;
};

/// Those of runtime/kernels, which the compiler carries.
KernelBitcode embeddedKernels(CpuLevel level);

struct CodegenOptions {
  std::vector<CpuLevel> levels = {FIRN_CPU_X86_64_V2, FIRN_CPU_X86_64_V3, FIRN_CPU_X86_64_V4};
  /// 0: as many as the machine has processors.
  unsigned threads = 0;
  /// The entry's name in emitted objects; models that share a program have different ones.
  std::string entry = "firn_dispatch";
  /// What it returns lives until the call ends.
  std::function<KernelBitcode(CpuLevel)> kernels = embeddedKernels;
};

/// Where the time of one dispatch at one level went, in milliseconds of its thread.
struct FunctionTimes {
  uint32_t function = 0;
  CpuLevel level = FIRN_CPU_X86_64_V2;
  double lower = 0, link = 0, optimise = 0, generate = 0;
};

/// A code section of a module file: an ELF image as checkImage wants it.
struct CodeImage {
  CpuLevel level;
  std::string elf;
};

struct GeneratedCode {
  std::vector<CodeImage> images;    // in the order of the levels
  std::vector<FunctionTimes> times; // by level, then by function
  double linkMilliseconds = 0;      // of all images
};

/// Compiles every function with `firn.function` of the module; where one has `firn.level`, for that
/// level only. Every level has to have the same function numbers. The same module gives the same
/// bytes, whatever the number of threads. Errors: an op that has no lowering (invalid argument);
/// code that calls what does not exist, or that needs relocations or writable data (internal).
absl::StatusOr<GeneratedCode> generateCode(mlir::ModuleOp dispatches,
                                           const CodegenOptions &options);

/// The forms in which one may look at the code of a level: optimised LLVM IR, assembly, or a
/// relocatable object whose only symbol is the entry and which needs memcpy and its like.
enum class CodeForm { LLVM, Assembly, Object };
absl::StatusOr<std::string> emitCode(mlir::ModuleOp dispatches, const CodegenOptions &options,
                                     CpuLevel level, CodeForm form);

} // namespace firn::codegen
