// Nodes chosen by patterns of their names: --keep-random 'mc/*'.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dialects/graph/Node.h"
#include "llvm/Support/GlobPattern.h"

namespace firn::graph {

class NameGlobs {
public:
  NameGlobs() = default;
  /// A pattern that is none matches the name that it spells.
  explicit NameGlobs(llvm::ArrayRef<std::string> patterns) {
    for (const std::string &given : patterns) {
      const std::string &pattern = *names.emplace_back(std::make_shared<const std::string>(given));
      llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(pattern);
      if (glob)
        globs.push_back(std::move(*glob));
      else
        llvm::consumeError(glob.takeError());
    }
  }
  /// True for the node's name and for a scope that it lies in.
  bool match(Node node) const { return match(node.name()); }
  bool match(llvm::StringRef name) const {
    return llvm::any_of(names, [&](const auto &own) { return *own == name; }) ||
           llvm::any_of(globs, [&](const llvm::GlobPattern &glob) {
             for (size_t end = name.size(); end != llvm::StringRef::npos;
                  end = name.rfind('/', end == 0 ? 0 : end - 1))
               if (glob.match(name.take_front(end)))
                 return true;
               else if (end == 0)
                 return false;
             return false;
           });
  }
  bool empty() const { return names.empty(); }

private:
  std::vector<llvm::GlobPattern> globs;
  std::vector<std::shared_ptr<const std::string>> names; // the patterns point into them
};

} // namespace firn::graph
