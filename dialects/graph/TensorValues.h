// The elements of a `#graph.tensor` that is small: as text, and as numbers for passes that look at
// shapes, names and flags.
#pragma once

#include <optional>
#include <string>

#include "dialects/graph/Graph.h"

namespace firn::graph {

/// What stands between the encoding and the colon: `[1, 2.5]`, `["a"]` or `"0x0A0B"`.
struct ParsedElements {
  /// Spelling of each element with its place; strings are unescaped.
  struct Element {
    std::string text;
    bool isString = false;
  };
  llvm::SmallVector<Element> list;
  std::optional<std::string> hex;
};
mlir::ParseResult parseElements(mlir::AsmParser &parser, ParsedElements &elements);

/// Bytes for `TensorAttr::getData` of elements of this type; an error names the element that does
/// not fit.
mlir::FailureOr<std::string>
encodeElements(const ParsedElements &elements, mlir::Type elementType,
               llvm::function_ref<mlir::InFlightDiagnostic()> emitError);

/// Prints the elements so that `parseElements` reads them back to equal bytes, NaN payloads
/// included.
void printElements(mlir::AsmPrinter &printer, TensorAttr tensor);

/// `values` of strings: each with its length before it, as a varint (the layout of `getData`).
std::string packStrings(llvm::ArrayRef<llvm::StringRef> strings);
/// The inverse; nothing when `data` is cut short.
std::optional<llvm::SmallVector<llvm::StringRef>> unpackStrings(llvm::StringRef data);

/// Elements of a string tensor that is not a reference, one for each that the shape needs; nothing
/// for other tensors.
std::optional<llvm::SmallVector<llvm::StringRef>> stringElements(TensorAttr tensor);
/// Elements of an integer or bool tensor that is not a reference, one for each that the shape needs
/// (the last listed value repeats); nothing for other tensors.
std::optional<llvm::SmallVector<int64_t>> integerElements(TensorAttr tensor);

/// A scalar or vector of integers of `elementType` as `content`.
TensorAttr makeIntegerTensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                             llvm::ArrayRef<int64_t> values);

} // namespace firn::graph
