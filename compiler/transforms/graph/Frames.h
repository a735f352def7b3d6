// The loop frame in which each node of a v1 loop runs.
#pragma once

#include "dialects/graph/Node.h"
#include "llvm/ADT/DenseMap.h"

namespace firn::graph {

/// Frames of one block. A frame is named by the `frame_name` of its Enter nodes and the frame
/// around it; "" is the outermost.
class Frames {
public:
  /// Nodes whose inputs come from different frames are collected as conflicts.
  explicit Frames(mlir::Block &block);
  llvm::StringRef of(mlir::Operation *op) const;
  /// The frame in which what a node yields is used: inside for an Enter, outside for an Exit.
  std::string behind(Node node) const;

  struct Conflict {
    Node node;
    std::string first, second;
  };
  llvm::ArrayRef<Conflict> conflicts() const { return found; }

private:
  llvm::DenseMap<mlir::Operation *, std::string> frames;
  llvm::SmallVector<Conflict> found;
};

} // namespace firn::graph
