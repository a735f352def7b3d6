#include "compiler/codegen/Optimise.h"

#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Transforms/IPO/Internalize.h"

using namespace llvm;

namespace firn::codegen {
namespace {

bool link(Module &module, Expected<std::unique_ptr<Module>> source, unsigned flags,
          std::string &error) {
  if (!source) {
    error = toString(source.takeError());
    return false;
  }
  (*source)->setTargetTriple(module.getTargetTriple());
  (*source)->setDataLayout(module.getDataLayout());
  if (!Linker::linkModules(module, std::move(*source), flags))
    return true;
  error = "the kernels do not link";
  return false;
}

} // namespace

bool linkNeeded(Module &module, StringRef bitcode, std::string &error) {
  MemoryBufferRef buffer(bitcode, "kernels");
  return link(module, getLazyBitcodeModule(buffer, module.getContext(), true),
              Linker::LinkOnlyNeeded, error);
}

bool linkAll(Module &module, StringRef bitcode, std::vector<std::string> &names,
             std::string &error) {
  auto source = parseBitcodeFile(MemoryBufferRef(bitcode, "support"), module.getContext());
  if (source)
    for (Function &function : **source)
      if (!function.isDeclaration())
        names.push_back(function.getName().str());
  return link(module, std::move(source), Linker::None, error);
}

void optimise(Module &module, TargetMachine &machine, ArrayRef<std::string> kept) {
  internalizeModule(module,
                    [&](const GlobalValue &value) { return is_contained(kept, value.getName()); });
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = tuning.SLPVectorization = true;
  // The kernels say which of their loops are unrolled. All others have constant trip counts here,
  // and LLVM would unroll every one that it can: a third of the time is left without, and no speed
  // is lost.
  tuning.LoopUnrolling = false;
  PassBuilder builder(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  // There is no C library: no call becomes one of its functions, none is assumed to be one.
  TargetLibraryInfoImpl library(Triple(module.getTargetTriple()));
  library.disableAllFunctions();
  functions.registerPass([&] { return TargetLibraryAnalysis(library); });
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3).run(module, modules);
}

SmallVector<char, 0> generate(Module &module, TargetMachine &machine, CodeGenFileType type) {
  // The bitcode's producer would stand in the image; names of files are the builder's own.
  if (NamedMDNode *identity = module.getNamedMetadata("llvm.ident"))
    identity->eraseFromParent();
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  TargetLibraryInfoImpl library(Triple(module.getTargetTriple()));
  library.disableAllFunctions();
  passes.add(new TargetLibraryInfoWrapperPass(library));
  bool unsupported = machine.addPassesToEmitFile(passes, stream, nullptr, type);
  assert(!unsupported && "the x86 target emits objects and assembly");
  (void)unsupported;
  passes.run(module);
  return bytes;
}

} // namespace firn::codegen
