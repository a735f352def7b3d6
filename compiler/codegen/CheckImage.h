// What a code section may be.
#pragma once

#include "absl/status/status.h"
#include "llvm/ADT/StringRef.h"

namespace firn::codegen {

/// Ok when the runtime can map the ELF image from a file and run it as it is: segments R and RX
/// only, all bytes in the file, the entry in code, no dynamic relocation, no import, no
/// initialisation, no thread-local data. Otherwise an internal error that names what is wrong.
absl::Status checkImage(llvm::StringRef image);

} // namespace firn::codegen
