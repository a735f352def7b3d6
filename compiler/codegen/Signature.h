// What the arguments of a lowered dispatch are; the border between its MLIR and its LLVM IR.
#pragma once

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace firn::codegen {

/// Where an argument of a lowered body comes from.
struct ArgumentSource {
  enum Kind { Group, Buffer, Dim, Scratch, X, Y, Z, Value, Row, Column } kind;
  /// Of Buffer and Dim: which.
  unsigned index = 0;
  /// Of Buffer and Scratch: bytes, 1 where nothing is known.
  unsigned alignment = 1;
};

struct DispatchSignature {
  uint32_t function = 0;
  std::string body, epilogue; // symbols; no epilogue: empty
  std::vector<ArgumentSource> bodyArguments, epilogueArguments;
};

/// Gives every dispatch and epilogue of the module a first argument, the workgroup, and returns the
/// signature of the one dispatch. Failure, with a diagnostic, where a function has another form.
mlir::FailureOr<DispatchSignature> bindSignature(mlir::ModuleOp module);

} // namespace firn::codegen
