#include "compiler/driver/json_text.h"

#include <iostream>

#include "llvm/Support/raw_os_ostream.h"
#include "llvm/Support/raw_ostream.h"

namespace firn {

namespace {

// What a program may hold on to; it grows with a key that goes or means something else.
constexpr int kSchema = 1;

void writeObject(llvm::raw_ostream &stream, JsonBody body) {
  llvm::json::OStream json(stream, 2);
  json.object([&] {
    json.attribute("schema", kSchema);
    body(json);
  });
  stream << "\n";
}

} // namespace

void printJson(JsonBody body) {
  llvm::raw_os_ostream stream(std::cout);
  writeObject(stream, body);
}

std::string jsonText(JsonBody body) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  writeObject(stream, body);
  return text;
}

} // namespace firn
