// The `graph` dialect: its types, attributes and the three operations that are registered.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "mlir/Bytecode/BytecodeImplementation.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"

namespace firn::graph {

/// A run of bytes in a file that a `#graph.tensor` refers to. `crc32c` is the masked checksum of
/// exactly these bytes.
struct FileExtent {
  mlir::StringAttr file;
  uint64_t offset = 0;
  uint64_t size = 0;
  std::optional<uint32_t> crc32c;

  bool operator==(const FileExtent &o) const {
    return file == o.file && offset == o.offset && size == o.size && crc32c == o.crc32c;
  }
};
inline llvm::hash_code hash_value(const FileExtent &e) {
  return llvm::hash_combine(e.file, e.offset, e.size, e.crc32c.value_or(0));
}

/// Fills `out` with the bytes of an extent of as many; an error's text, "" when all is well.
using ExtentReader =
    std::function<std::string(const FileExtent &extent, llvm::MutableArrayRef<char> out)>;

class FetchOp;
class TensorSource;

} // namespace firn::graph

#include "dialects/graph/GraphDialect.h.inc"
#include "dialects/graph/GraphEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/graph/GraphTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/graph/GraphAttributes.h.inc"
#define GET_OP_CLASSES
#include "dialects/graph/GraphOps.h.inc"
