// The inverse of `messageToAttr`.
#pragma once

#include "google/protobuf/message.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Diagnostics.h"

namespace firn {

using ErrorEmitter = llvm::function_ref<mlir::InFlightDiagnostic()>;

/// Sets the fields of `message` that `dict` names; others stay. An error names the field that does
/// not exist or whose attribute is of the wrong kind.
mlir::LogicalResult attrToMessage(mlir::DictionaryAttr dict, google::protobuf::Message &message,
                                  ErrorEmitter emitError);

} // namespace firn
