// The inference of one block, to a fixpoint.
#pragma once

#include <map>

#include "compiler/transforms/graph/shapes/NodeShapes.h"

namespace firn::graph {

class BlockShapes {
public:
  BlockShapes(mlir::Block &block, ShapeState &state, unsigned depth);
  ~BlockShapes();

  /// Infers with these shapes of the block's arguments.
  void run(llvm::ArrayRef<ShapeInfo> args);

  mlir::Block &getBlock() const { return block; }
  /// Null for a value that is not of this block, or was not reached.
  const ShapeInfo *find(mlir::Value value) const;
  /// Null for a node that makes no TensorArray.
  const ListInfo *findArray(mlir::Operation *node) const;
  /// Shapes of what the block yields.
  Infos results();
  void collectConflicts(llvm::SmallVectorImpl<Conflict> &all) const;
  /// This block, and those of functions that its nodes call.
  void collectBlocks(llvm::SmallVectorImpl<BlockShapes *> &all);

  // For NodeShapes.
  std::optional<Infos> call(Node node, llvm::StringRef function, unsigned slot,
                            llvm::ArrayRef<ShapeInfo> args);
  const ListInfo *readArray(mlir::Operation *array, Node reader);
  void makeArray(Node node, ShapeInfo item, Dim length);
  void writeArray(mlir::Operation *array, NodeShapes &writer, const ShapeInfo &item);

private:
  /// `declared` is what the TensorArray node says, `info` what is known with all that is written.
  struct ArrayState {
    ListInfo declared, info;
    std::map<unsigned, ShapeInfo> written;
    llvm::SmallVector<unsigned> readers;
  };
  void updateArray(ArrayState &array, ListInfo info);
  struct Callee {
    std::unique_ptr<BlockShapes> shapes;
    Infos args;
  };

  void sort();
  void evaluate(unsigned index);
  void evaluateOnce(unsigned index, llvm::MutableArrayRef<ShapeInfo> results);
  void applyRule(NodeShapes &node);
  const ShapeInfo *input(mlir::OpOperand &use, ShapeInfo &copy);
  void enqueueUsers(unsigned index, unsigned result);
  void enqueue(unsigned index);
  void refineByType(mlir::Value value, ShapeInfo &info);

  mlir::Block &block;
  ShapeState &state;
  unsigned depth;
  Infos args;
  /// Nodes so that inputs come first, but for what comes round loops.
  std::vector<mlir::Operation *> nodes;
  llvm::DenseMap<mlir::Operation *, unsigned> positions;
  /// Where a node's results stand in `shapes`.
  std::vector<unsigned> firstResult;
  std::vector<ShapeInfo> shapes;
  std::vector<unsigned> evaluations;
  std::vector<bool> queued;
  /// Positions to be looked at again, a heap with the first on top.
  std::vector<unsigned> queue;
  /// By operation name, null for ops without a rule.
  llvm::DenseMap<const void *, ShapeRule> rules;
  std::map<unsigned, llvm::SmallVector<Conflict>> conflicts;
  std::map<std::pair<mlir::Operation *, unsigned>, Callee> callees;
  llvm::DenseMap<mlir::Operation *, ArrayState> arrays;
};

} // namespace firn::graph
