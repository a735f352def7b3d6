// Linked into programs with LLVM's archives (FirnLibraries.cmake).
// LLVM's link-time optimiser, which lld brings along, names the extensions that LLVM was built
// with; Debian's is Polly, whose archive is a package of its own. firn links no bitcode.
#include "llvm/Passes/PassPlugin.h"

llvm::PassPluginLibraryInfo getPollyPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "none", "0", [](llvm::PassBuilder &) {}};
}
