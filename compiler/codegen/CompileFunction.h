// One dispatch at one level, from MLIR to optimised LLVM IR.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/codegen/Codegen.h"
#include "compiler/codegen/FunctionSources.h"

namespace firn::codegen {

/// The optimised module of a dispatch; `times` is filled in but for `generate`.
absl::StatusOr<std::unique_ptr<llvm::Module>>
compileFunction(const FunctionSource &source, CpuLevel level, llvm::StringRef kernels,
                llvm::TargetMachine &machine, llvm::LLVMContext &context, FunctionTimes &times);

/// The module of firn_dispatch and of the `support` functions, optimised.
absl::StatusOr<std::unique_ptr<llvm::Module>> compileCommon(llvm::ArrayRef<FunctionSource> sources,
                                                            llvm::StringRef support,
                                                            llvm::TargetMachine &machine,
                                                            llvm::LLVMContext &context);

/// Milliseconds since the last call of the same stopwatch.
class Stopwatch {
public:
  Stopwatch();
  double lap();

private:
  double last;
};

} // namespace firn::codegen
