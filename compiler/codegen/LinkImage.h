// Objects become the image that the runtime maps.
#pragma once

#include "absl/status/statusor.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <string>

namespace firn::codegen {

/// Links relocatable objects into a shared image with the entry firn_dispatch and checks it
/// (CheckImage.h). The bytes depend on the objects and their order only. One thread at a time: lld
/// keeps its state in globals.
absl::StatusOr<std::string> linkImage(llvm::ArrayRef<llvm::StringRef> objects);

} // namespace firn::codegen
