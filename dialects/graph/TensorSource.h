// Where passes get the values of variables from: a checkpoint, seen without its format.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "dialects/graph/Graph.h"

namespace firn::graph {

/// A table of tensors by key. Attached to the dialect by whoever opened the checkpoint
/// (`GraphDialect::setTensorSource`).
class TensorSource {
public:
  virtual ~TensorSource() = default;

  struct Entry {
    int dtype = 0; // DataType number
    llvm::SmallVector<int64_t> shape;
  };
  /// Part of a tensor: start and length for each dimension.
  struct Slice {
    llvm::SmallVector<int64_t> start, length;
  };

  /// How messages call it: the checkpoint's prefix.
  virtual std::string name() const = 0;
  virtual std::vector<std::string> keys() const = 0;
  virtual std::optional<Entry> find(llvm::StringRef key) const = 0;
  /// The key under which an object-based checkpoint keeps the variable of this name; "" when it
  /// does not say.
  virtual std::string keyOfVariable(llvm::StringRef name) const { return ""; }
  /// Whether a user's rule, not the checkpoint, calls the tensor `key`: then it is what the
  /// variable of this name gets, whatever the graph's Saver says.
  virtual bool isRenamed(llvm::StringRef key) const { return false; }
  /// The tensor, or `slice` of it, as a `#graph.tensor`: a reference where its bytes lie in files
  /// as they are. `type` gives the shape to declare (it may differ from the stored one by a
  /// reshape). An error names the key and what is wrong with the data.
  virtual mlir::FailureOr<TensorAttr>
  load(mlir::RankedTensorType type, llvm::StringRef key, const std::optional<Slice> &slice,
       llvm::function_ref<mlir::InFlightDiagnostic()> emitError) = 0;
};

} // namespace firn::graph
