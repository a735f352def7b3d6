// GraphDef → `graph` dialect. `compiler/export/ExportGraph.h` is the inverse: what is imported
// exports to an equal message.
#pragma once

#include "compiler/formats/graph_file.h"
#include "dialects/graph/Graph.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace firn {

struct ImportOptions {
  /// Leave `_output_shapes` out of the attributes; result types say the same. For a graph that is
  /// not exported as it was.
  bool dropOutputShapes = false;
  /// By the index of a top-level node: import it. Empty: all. What is imported must need nothing
  /// that is not.
  std::vector<bool> only;
};

/// A module of one `graph.graph` without fetches and a `graph.func` for each function of the
/// library. Tensors that `file` left on disk become references. Errors are diagnostics at the
/// node's location: duplicate names, edges to nodes or outputs that are not there. The op table is
/// used for result types only: unknown ops are carried through.
mlir::OwningOpRef<mlir::ModuleOp> importGraph(mlir::MLIRContext *context, const GraphFile &file,
                                              const ImportOptions &options = {});

} // namespace firn
