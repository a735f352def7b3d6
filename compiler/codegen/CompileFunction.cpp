#include "compiler/codegen/CompileFunction.h"

#include "absl/strings/str_cat.h"
#include "compiler/codegen/DispatchEntry.h"
#include "compiler/codegen/ExpandHalf.h"
#include "compiler/codegen/LowerToLLVM.h"
#include "compiler/codegen/Optimise.h"

#include <chrono>

namespace firn::codegen {
namespace {

double now() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

// Loops vectorise only around what is inlined; kernels have one caller.
void inlineLinked(llvm::Module &module, llvm::StringRef entry) {
  for (llvm::Function &function : module)
    if (!function.isDeclaration() && function.getName() != entry &&
        !function.hasFnAttribute(llvm::Attribute::NoInline))
      function.addFnAttr(llvm::Attribute::AlwaysInline);
}

} // namespace

Stopwatch::Stopwatch() : last(now()) {}

double Stopwatch::lap() {
  double before = last;
  last = now();
  return last - before;
}

absl::StatusOr<std::unique_ptr<llvm::Module>>
compileFunction(const FunctionSource &source, CpuLevel level, llvm::StringRef kernels,
                llvm::TargetMachine &machine, llvm::LLVMContext &context, FunctionTimes &times) {
  Stopwatch watch;
  times.function = source.function;
  times.level = level;
  std::string error;
  std::string layout = machine.createDataLayout().getStringRepresentation();
  LoweredDispatch lowered = lowerDispatch(source.bytecode, lanesOf(level), layout, context, error);
  if (!lowered.module)
    return absl::InvalidArgumentError(absl::StrCat("function ", source.function, ": ", error));
  refineMemoryAccess(*lowered.module);
  addEntries(*lowered.module, lowered.signature, lanesOf(level));
  adoptLevel(*lowered.module, machine);
  times.lower = watch.lap();
  if (!kernels.empty() && !linkNeeded(*lowered.module, kernels, error))
    return absl::InternalError(absl::StrCat("function ", source.function, ": ", error));
  adoptLevel(*lowered.module, machine);
  if (getenv("FIRN_DUMP")) lowered.module->print(llvm::errs(), nullptr);
  inlineLinked(*lowered.module, entrySymbol(source.function));
  expandHalf(*lowered.module, level);
  times.link = watch.lap();
  optimise(*lowered.module, machine, {entrySymbol(source.function)});
  times.optimise = watch.lap();
  return std::move(lowered.module);
}

absl::StatusOr<std::unique_ptr<llvm::Module>> compileCommon(llvm::ArrayRef<FunctionSource> sources,
                                                            llvm::StringRef support,
                                                            llvm::TargetMachine &machine,
                                                            llvm::LLVMContext &context) {
  std::vector<uint32_t> functions;
  for (const FunctionSource &source : sources)
    functions.push_back(source.function);
  std::unique_ptr<llvm::Module> common = createSwitch(context, functions);
  std::vector<std::string> kept = {"firn_dispatch"};
  std::string error;
  adoptLevel(*common, machine);
  if (!support.empty() && !linkAll(*common, support, kept, error))
    return absl::InternalError(error);
  adoptLevel(*common, machine);
  optimise(*common, machine, kept);
  return common;
}

} // namespace firn::codegen
