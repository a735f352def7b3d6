#include "compiler/transforms/graph/VariableChoice.h"

using namespace mlir;

namespace firn::graph {

NamePatterns::NamePatterns(ArrayRef<std::string> patterns) : names(patterns) {
  // The compiled patterns point into `names`, which does not change any more.
  for (const std::string &name : names)
    if (llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(name))
      globs.push_back(std::move(*glob));
    else
      llvm::consumeError(glob.takeError());
}

bool NamePatterns::match(StringRef name) const {
  return llvm::is_contained(names, name) ||
         llvm::any_of(globs, [&](const llvm::GlobPattern &glob) { return glob.match(name); });
}

std::string keyOfVariable(Node variable) {
  auto key = variable.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
  auto name = key ? key.getAs<StringAttr>("key") : StringAttr();
  return name ? name.str() : variable.name().str();
}

} // namespace firn::graph
