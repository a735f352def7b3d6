// JSON for programs to read.
#pragma once

#include <string>
#include <vector>

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/JSON.h"

namespace firn {

/// Names may hold bytes that are no UTF-8; JSON can't: those become U+FFFD.
inline std::string utf8(llvm::StringRef text) { return llvm::json::fixUTF8(text); }
inline llvm::json::Array jsonStrings(const std::vector<std::string> &texts) {
  llvm::json::Array array;
  for (const std::string &text : texts)
    array.push_back(utf8(text));
  return array;
}
/// A shape as an array; null where the rank is not known.
inline llvm::json::Value jsonShape(const std::vector<int64_t> &shape, bool knownRank = true) {
  return knownRank ? llvm::json::Value(llvm::json::Array(shape)) : llvm::json::Value(nullptr);
}

using JsonBody = llvm::function_ref<void(llvm::json::OStream &)>;
/// Writes one JSON object, indented, its keys in the order in which `body` gives them behind the
/// version of the schema that JSON.md describes.
void printJson(JsonBody body);
/// The same as text.
std::string jsonText(JsonBody body);

} // namespace firn
