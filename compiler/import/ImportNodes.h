// NodeDefs of one graph or function body as operations of one block.
#pragma once

#include <functional>

#include "compiler/formats/proto/graph.pb.h"
#include "compiler/formats/tensor_files.h"
#include "dialects/graph/Signature.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace firn {

/// Creates the nodes of a body in their order, then ties their edges: a GraphDef may name a node
/// before it comes, and in cycles.
class NodeImporter {
public:
  /// Signature of a library function by name, null for other names. The pointer stays valid.
  using FindFunction = std::function<const tensorflow::OpDef *(llvm::StringRef)>;
  /// Where the tensor_content of attribute `attr` of node `index` lies, when it was left in the
  /// file.
  using FindExternal = std::function<const Extent *(int index, llvm::StringRef attr)>;

  NodeImporter(mlir::Block *block, bool isFunction, FindFunction findFunction,
               FindExternal findExternal = nullptr);

  /// Declares a block argument under a name, before `import`. `control` is its control token, if it
  /// has one.
  void addArgument(llvm::StringRef name, mlir::Value value, mlir::Value control);

  /// Leaves `_output_shapes` out; result types say the same.
  void dropOutputShapes() { keepOutputShapes = false; }

  /// Leaves out the nodes whose entry, by their index, is false. `only` outlives the import.
  void importOnly(const std::vector<bool> &only) { wanted = &only; }

  /// Declares an edge from outside the nodes, before `import`: what a function returns.
  void addUse(llvm::StringRef edge) { outsideUses.push_back(edge.str()); }

  /// Errors at the location of the node: a duplicate name, an input that names no node, an output
  /// that the node does not have.
  mlir::LogicalResult import(const google::protobuf::RepeatedPtrField<tensorflow::NodeDef> &nodes,
                             mlir::Location file);

  /// The value that an edge text means ("n", "n:1", "^n"; in functions "arg", "n:out:0"). Null with
  /// an error at `loc`.
  mlir::Value resolve(llvm::StringRef edge, mlir::Location loc);

  /// True when export would write `value` as `edge` spells it.
  bool isCanonical(llvm::StringRef edge, mlir::Value value) const;

private:
  struct Entry {
    mlir::Operation *op = nullptr;
    mlir::Value argument, argumentControl;
    // First result and number of results of each named output, for edges of functions.
    llvm::SmallVector<std::tuple<std::string, unsigned, unsigned>> outputs;
  };

  void collectOpaqueOutputs(const google::protobuf::RepeatedPtrField<tensorflow::NodeDef> &nodes);
  mlir::LogicalResult create(const tensorflow::NodeDef &node, int index, mlir::Location file);
  mlir::LogicalResult connect(const tensorflow::NodeDef &node);
  mlir::LogicalResult addResultTypes(const tensorflow::NodeDef &node, mlir::OperationState &state,
                                     Entry &entry);
  mlir::Value resolveOutput(const Entry &entry, llvm::StringRef edge, llvm::StringRef name,
                            llvm::StringRef rest, mlir::Location loc);

  mlir::OpBuilder builder;
  bool isFunction;
  bool keepOutputShapes = true;
  const std::vector<bool> *wanted = nullptr;
  FindFunction findFunction;
  FindExternal findExternal;
  llvm::StringMap<Entry> entries;
  /// For nodes of unknown ops: outputs that edges name, by node; graphs use the highest index,
  /// functions the texts "out:0".
  llvm::StringMap<llvm::SmallVector<std::string>> opaqueOutputs;
  std::vector<std::string> outsideUses;
};

/// Splits "^name", "name", "name:rest" into (is control, name, rest).
std::tuple<bool, llvm::StringRef, llvm::StringRef> splitEdge(llvm::StringRef edge);

} // namespace firn
