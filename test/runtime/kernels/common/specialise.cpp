#include "test/runtime/kernels/common/specialise.h"

#include "runtime/kernels/kernel_bitcode.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Linker/Linker.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/IPO/Internalize.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

namespace firn::kernels {
namespace {

/// The module that calls the kernel: its arguments, the epilogue, `run`.
std::string callerText(int level, const std::string &kernel, const std::vector<int64_t> &arguments,
                       std::string epilogue) {
  const std::string lanes = std::to_string(4 << (level - 2));
  auto replaceWord = [&](const std::string &word, const std::string &by) {
    for (size_t at = 0; (at = epilogue.find(word, at)) != std::string::npos; at += by.size())
      epilogue.replace(at, word.size(), by);
  };
  replaceWord("V ", "<" + lanes + " x float> ");
  replaceWord("M ", "<" + lanes + " x i1> ");
  std::string words;
  for (int64_t word : arguments)
    words += (words.empty() ? "i64 " : ", i64 ") + std::to_string(word);
  return "@args = internal constant [" + std::to_string(arguments.size()) + " x i64] [" + words +
         "]\n"
         "declare i32 @firn_kernel_" +
         kernel +
         "(ptr, ptr)\n"
         "define <" +
         lanes + " x float> @firn_epilogue(<" + lanes +
         " x float> %value, i64 %row, "
         "i64 %column, ptr %group) alwaysinline {\n" +
         epilogue +
         "\n}\n"
         "define i32 @run(ptr %group) {\n"
         "%code = call i32 @firn_kernel_" +
         kernel +
         "(ptr %group, ptr @args) alwaysinline\n"
         "ret i32 %code\n}\n";
}

/// The caller with the kernel linked into it; all functions have the kernel's target attributes,
/// without which LLVM would inline nothing.
std::unique_ptr<Module> link(LLVMContext &context, int level, const std::string &kernel,
                             const std::string &text) {
  SMDiagnostic diagnostic;
  std::unique_ptr<Module> module = parseAssemblyString(text, diagnostic, context);
  if (!module)
    report_fatal_error(diagnostic.getMessage());
  const Bitcode file = bitcode(level);
  std::unique_ptr<Module> kernels =
      cantFail(getLazyBitcodeModule({StringRef(file.data, file.size), "kernels"}, context));
  module->setDataLayout(kernels->getDataLayout());
  module->setTargetTriple(kernels->getTargetTriple());
  if (Linker::linkModules(*module, std::move(kernels), Linker::LinkOnlyNeeded))
    report_fatal_error("the kernel does not link");
  const AttributeList attributes = module->getFunction("firn_kernel_" + kernel)->getAttributes();
  for (const char *name : {"run", "firn_epilogue"})
    module->getFunction(name)->addFnAttrs(AttrBuilder(context, attributes.getFnAttrs()));
  return module;
}

std::unique_ptr<TargetMachine> targetMachine(int level, const Module &module) {
  InitializeNativeTarget();
  InitializeNativeTargetAsmPrinter();
  std::string error;
  const Target *target = TargetRegistry::lookupTarget(module.getTargetTriple(), error);
  if (!target)
    report_fatal_error(StringRef(error));
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      module.getTargetTriple(), "x86-64-v" + std::to_string(level), "", TargetOptions(),
      Reloc::PIC_, std::nullopt, CodeGenOptLevel::Aggressive));
}

void optimise(Module &module, TargetMachine &machine) {
  internalizeModule(module, [](const GlobalValue &value) { return value.getName() == "run"; });
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3).run(module, modules);
  if (verifyModule(module, &errs()))
    report_fatal_error("the specialised kernel is not valid");
}

SmallVector<char, 0> emit(Module &module, TargetMachine &machine, CodeGenFileType type) {
  SmallVector<char, 0> code;
  raw_svector_ostream stream(code);
  legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
    report_fatal_error("the target emits no such file");
  passes.run(module);
  return code;
}

} // namespace

struct SpecialisedKernel::Implementation {
  LLVMContext context;
  std::string assembly;
  std::unique_ptr<orc::LLJIT> jit;
  uint32_t (*run)(const firn_workgroup *) = nullptr;
};

SpecialisedKernel::SpecialisedKernel(int level, const std::string &kernel,
                                     const std::vector<int64_t> &arguments,
                                     const std::string &epilogue)
    : implementation(std::make_unique<Implementation>()) {
  std::unique_ptr<Module> module =
      link(implementation->context, level, kernel, callerText(level, kernel, arguments, epilogue));
  std::unique_ptr<TargetMachine> machine = targetMachine(level, *module);
  optimise(*module, *machine);
  const auto text = emit(*CloneModule(*module), *machine, CodeGenFileType::AssemblyFile);
  implementation->assembly.assign(text.data(), text.size());
  implementation->jit = cantFail(orc::LLJITBuilder().create());
  cantFail(implementation->jit->addObjectFile(std::make_unique<SmallVectorMemoryBuffer>(
      emit(*module, *machine, CodeGenFileType::ObjectFile), false)));
  implementation->run =
      cantFail(implementation->jit->lookup("run")).toPtr<uint32_t (*)(const firn_workgroup *)>();
}

SpecialisedKernel::~SpecialisedKernel() = default;

uint32_t SpecialisedKernel::operator()(const firn_workgroup *group) {
  return implementation->run(group);
}

const std::string &SpecialisedKernel::assembly() const { return implementation->assembly; }

} // namespace firn::kernels
