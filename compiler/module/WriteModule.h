// The module file: a program, its weights, its code.
#pragma once

#include "absl/status/status.h"
#include "compiler/codegen/Codegen.h"
#include "compiler/module/BuildProgram.h"
#include "compiler/module/WeightBytes.h"

#include <string>
#include <utility>
#include <vector>

namespace firn {

/// What a module is made of. Nothing in it is changed.
struct ModuleContents {
  const BuiltProgram &program;
  const WeightLayout &weights;
  const std::vector<codegen::CodeImage> &images;
  /// What the build section tells: "flags" → "--outputs prob".
  std::vector<std::pair<std::string, std::string>> build;
};

struct WriteModuleOptions {
  bool verifyChecksums = true;
  /// Called now and then while weights are written: done, total.
  std::function<void(uint64_t, uint64_t)> progress = nullptr;
};

/// Writes the module, whole or not at all. The same contents give the same bytes. Weights are read
/// from `files` while they are written: errors of theirs are DataLoss, NotFound or InvalidArgument
/// and name the node.
absl::Status saveModule(const std::string &path, const ModuleContents &contents, TensorFiles &files,
                        const WriteModuleOptions &options);

} // namespace firn
