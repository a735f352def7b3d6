// From LLVM IR of one level to machine code.
#pragma once

#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Target/TargetMachine.h"

#include <string>
#include <vector>

namespace firn::codegen {

/// Links what the module calls from `bitcode` (read in place, function by function). False with
/// `error` set where the two do not fit.
bool linkNeeded(llvm::Module &module, llvm::StringRef bitcode, std::string &error);

/// Links all of `bitcode` and adds the names of its functions to `names`.
bool linkAll(llvm::Module &module, llvm::StringRef bitcode, std::vector<std::string> &names,
             std::string &error);

/// Hides everything but the symbols in `kept` and optimises at level 3.
void optimise(llvm::Module &module, llvm::TargetMachine &machine, llvm::ArrayRef<std::string> kept);

/// An object file or assembly.
llvm::SmallVector<char, 0> generate(llvm::Module &module, llvm::TargetMachine &machine,
                                    llvm::CodeGenFileType type);

} // namespace firn::codegen
