#include "compiler/codegen/CpuLevel.h"

#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>

using namespace llvm;

namespace firn::codegen {
namespace {

constexpr StringLiteral triple = "x86_64-pc-linux-gnu";

const char *processorOf(CpuLevel level) {
  switch (level) {
  case FIRN_CPU_X86_64_V2:
    return "x86-64-v2";
  case FIRN_CPU_X86_64_V3:
    return "x86-64-v3";
  case FIRN_CPU_X86_64_V4:
    return "x86-64-v4";
  }
  llvm_unreachable("a level that no module has");
}

const Target &x86Target() {
  static std::once_flag once;
  std::call_once(once, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
  });
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(triple.str(), error);
  assert(target && "libLLVM has no x86 target");
  return *target;
}

void adoptLevel(Function &function, const TargetMachine &machine) {
  // Unwind tables would bring sections and relocations; nothing here throws.
  for (StringRef name : {"target-cpu", "target-features", "tune-cpu", "stack-protector-buffer-size",
                         "frame-pointer", "probe-stack"})
    function.removeFnAttr(name);
  for (Attribute::AttrKind kind :
       {Attribute::UWTable, Attribute::StackProtect, Attribute::StackProtectStrong})
    function.removeFnAttr(kind);
  function.addFnAttr("target-cpu", machine.getTargetCPU());
  function.addFnAttr("prefer-vector-width", "512");
  function.addFnAttr("no-builtins");
  function.addFnAttr(Attribute::NoUnwind);
}

} // namespace

unsigned lanesOf(CpuLevel level) {
  return level == FIRN_CPU_X86_64_V4 ? 16 : level == FIRN_CPU_X86_64_V3 ? 8 : 4;
}

std::unique_ptr<TargetMachine> createTargetMachine(CpuLevel level) {
  TargetOptions options;
  options.FunctionSections = options.DataSections = true;
  options.AllowFPOpFusion = FPOpFusion::Standard;
  return std::unique_ptr<TargetMachine>(
      x86Target().createTargetMachine(triple, processorOf(level), "", options, Reloc::PIC_,
                                      CodeModel::Small, CodeGenOptLevel::Default));
}

void adoptLevel(Module &module, const TargetMachine &machine) {
  module.setTargetTriple(triple);
  module.setDataLayout(machine.createDataLayout());
  if (!module.getModuleFlag("PIC Level"))
    module.setPICLevel(PICLevel::BigPIC);
  for (Function &function : module)
    adoptLevel(function, machine);
}

} // namespace firn::codegen
