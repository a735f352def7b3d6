// What a node takes and yields, worked out from its op's signature and its attributes.
#pragma once

#include <string>
#include <utility>

#include "dialects/graph/Node.h"
#include "dialects/graph/OpTable.h"

namespace firn::graph {

/// One argument or result of an op or function, as an OpDef.ArgDef says it.
struct ArgSpec {
  llvm::StringRef name;
  int type = 0; // DataType number; 0: one of the attributes below tells
  llvm::StringRef typeAttr, numberAttr, typeListAttr;
  bool isRef = false;
};

/// A signature with its attributes filled in.
struct ResolvedSignature {
  llvm::SmallVector<mlir::Type> inputs, outputs; // element types
  /// Name and number of tensors of each result, in order: "output" stands for one, a list for as
  /// many as it has.
  llvm::SmallVector<std::pair<llvm::StringRef, unsigned>> inputGroups, outputGroups;
};

using AttrLookup = llvm::function_ref<mlir::Attribute(llvm::StringRef)>;

/// Nothing when an attribute that decides types or numbers is missing or of another kind; `why`
/// says which.
std::optional<ResolvedSignature> resolveSignature(mlir::MLIRContext *context,
                                                  llvm::ArrayRef<ArgSpec> inputs,
                                                  llvm::ArrayRef<ArgSpec> outputs, AttrLookup attrs,
                                                  std::string *why = nullptr);

/// For an op of the op table; missing attributes take their defaults.
std::optional<ResolvedSignature> resolveSignature(mlir::MLIRContext *context, const OpSignature &op,
                                                  AttrLookup attrs, std::string *why = nullptr);

/// The arguments or results of a function: `args` is `input_arg` or `output_arg` of a
/// `graph.func`'s signature.
llvm::SmallVector<ArgSpec> functionArgs(mlir::ArrayAttr args);

/// The default of an op's attribute as an attribute of this dialect; null where it has none.
mlir::Attribute defaultAttr(mlir::MLIRContext *context, const OpSignature &op,
                            llvm::StringRef name);

/// For a node: by its op, or by the function of this name in the module when the op type is one.
/// Nothing for an opaque op.
std::optional<ResolvedSignature> resolveSignature(Node node, mlir::ModuleOp module,
                                                  std::string *why = nullptr);

/// How a function's body writes an edge: "arg", "node:output:0", "^node". Canonical where the op is
/// known; the name that the message used where it is not.
std::string functionEdgeText(mlir::Value value);

/// The function of this name; null when there is none. Linear in the number of functions.
FuncOp findFunction(mlir::ModuleOp module, llvm::StringRef name);

} // namespace firn::graph
