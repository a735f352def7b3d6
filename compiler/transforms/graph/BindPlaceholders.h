// Placeholders made constants.
#pragma once

#include <string>

#include "dialects/graph/Node.h"

namespace firn::graph {

/// Placeholder, PlaceholderV2 or PlaceholderWithDefault.
bool isPlaceholder(Node node);

/// A tensor of `elementType` from text: `true`, `0.5`, `nan`, `"text"`, `[[1,2],[3,4]]`. Null when
/// the text is no such value or when the type can't hold it without loss (0.5 as int32, 300 as
/// uint8, 16777217 as float); `why` then says what.
TensorAttr parseTensorLiteral(llvm::StringRef text, mlir::Type elementType, std::string &why);

/// Replaces the placeholder by a Const of its name. False when `value` has another shape or dtype
/// than it; `why` says which.
bool bindPlaceholder(Node placeholder, TensorAttr value, std::string &why);

} // namespace firn::graph
