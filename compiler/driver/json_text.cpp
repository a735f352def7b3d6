#include "compiler/driver/json_text.h"

#include <iostream>

#include "llvm/Support/raw_os_ostream.h"

namespace firn {

void printJson(llvm::function_ref<void(llvm::json::OStream &)> body) {
  llvm::raw_os_ostream stream(std::cout);
  llvm::json::OStream json(stream, 2);
  json.object([&] { body(json); });
  stream << "\n";
}

} // namespace firn
