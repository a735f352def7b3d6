// Variables that are parts of one tensor in the checkpoint, where no Saver tells which part is
// which.
#pragma once

#include <string>
#include <utility>

#include "dialects/graph/Node.h"
#include "dialects/graph/TensorSource.h"
#include "llvm/ADT/MapVector.h"

namespace firn::graph {

/// Groups variables `…/part_0…`, `…/part_1…` by the name without that component, which is the key
/// of the whole tensor.
class PartitionSlices {
public:
  PartitionSlices(llvm::ArrayRef<Node> variables, const TensorSource *source);
  /// The key of the whole and the slice ("1000 32 0,250:0,32") of this part; {"", ""} for a
  /// variable that is no part, and where the parts in their order do not tile the whole along one
  /// dimension.
  std::pair<std::string, std::string> keyOf(Node variable) const;

private:
  llvm::DenseMap<mlir::Operation *, std::pair<std::string, std::string>> keys;
};

/// "a/part_2/b" → {"a/b", 2}; a negative number when no component is a part.
std::pair<std::string, int> splitPartName(llvm::StringRef name);

/// Parses "1000 32 0,250:0,32" ("-": a whole dimension). False when the text is no slice spec;
/// `full` is the whole's shape, and `slice` is empty when the spec is "" (the tensor as it is).
bool parseSliceSpec(llvm::StringRef spec, llvm::SmallVectorImpl<int64_t> &full,
                    std::optional<TensorSource::Slice> &slice);

} // namespace firn::graph
