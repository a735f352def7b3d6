// Any protobuf message as attributes: how the parts of a GraphDef that no pass looks at are carried
// through.
#pragma once

#include "google/protobuf/message.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace firn {

/// A dictionary of the fields that are set, by name: integers, floats, bools and bytes as builtin
/// attributes of the field's width, repeated fields as arrays, messages as dictionaries,
/// `map<string, AttrValue>` as one dictionary, other maps as arrays of {key, value} in key order;
/// unknown fields as bytes under "unknown". Fields whose numbers are in `skip` are left out.
/// `attrToMessage` is the inverse.
mlir::DictionaryAttr messageToAttr(mlir::MLIRContext *context,
                                   const google::protobuf::Message &message,
                                   llvm::ArrayRef<int> skip = {});

} // namespace firn
