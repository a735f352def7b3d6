// A module of dispatches, taken apart.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/codegen/CpuLevel.h"
#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace firn::codegen {

/// One dispatch with what it calls as bytecode: the form in which it goes to a thread of its own.
struct FunctionSource {
  uint32_t function;
  std::string bytecode;
};

/// The dispatches of a module that a level has, by number. Numbers have to be distinct.
absl::StatusOr<std::vector<FunctionSource>> splitFunctions(mlir::ModuleOp dispatches,
                                                           CpuLevel level);

} // namespace firn::codegen
