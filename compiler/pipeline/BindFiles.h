// `--bind name=@value.npy`.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/pipeline/Freeze.h"
#include "mlir/IR/BuiltinOps.h"

namespace firn {

/// Binds the placeholders whose value is `@file.npy` and returns the other bindings. An array of
/// another element type than the placeholder's is converted where that loses nothing. Errors name
/// the placeholder and the file.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
bindFiles(mlir::ModuleOp module, const FreezeOptions &options);

} // namespace firn
