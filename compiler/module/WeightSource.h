// The elements of a constant, wherever they are: in the attribute or in files.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/formats/tensor_files.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <functional>
#include <string>
#include <vector>

namespace firn {

/// Elements row-major, little-endian, bools as bytes.
class WeightSource {
public:
  /// Of a `#graph.tensor` or `dense` attribute with as many elements as `type` says. With `verify`,
  /// checksums of files are compared.
  static absl::StatusOr<WeightSource> create(mlir::Attribute value, mlir::RankedTensorType type,
                                             TensorFiles &files, bool verify);

  bool liesInFiles() const { return !extents.empty(); }

  /// All bytes of one that lies in files, in order.
  absl::Status stream(const TensorFiles::Piece &piece) const {
    return files->stream(extents, verify, piece);
  }
  /// Compares checksums now, for those who read parts.
  absl::Status check() const;
  /// Fills `out` from byte `offset`, which begins an element.
  absl::Status read(uint64_t offset, llvm::MutableArrayRef<char> out) const;

private:
  absl::Status setTensor(mlir::Attribute value, mlir::Type elementType);
  absl::Status setDense(mlir::Attribute value);
  void readMemory(uint64_t offset, llvm::MutableArrayRef<char> out) const;

  TensorFiles *files = nullptr;
  bool verify = false;
  uint64_t size = 0; // bytes of all elements
  unsigned elementSize = 0;
  std::vector<Extent> extents;
  // In memory: the first elements; the others are like the last of them, zero where there is none.
  llvm::StringRef data;
  std::string owned;
};

} // namespace firn
