// `graph` dialect → GraphDef, the inverse of `compiler/import/ImportGraph.h`.
#pragma once

#include "compiler/export/ExportAttr.h"
#include "compiler/formats/proto/graph.pb.h"
#include "compiler/formats/tensor_files.h"
#include "dialects/graph/Node.h"
#include "mlir/IR/BuiltinOps.h"

namespace firn {

/// An attribute whose tensor lies in files and is not in the exported message.
struct PendingContent {
  std::string attr;
  graph::TensorAttr tensor;
};

/// One node of the top level. Tensors in files are left without their content and named in
/// `pending`.
mlir::LogicalResult exportNode(graph::Node node, tensorflow::NodeDef &proto,
                               llvm::SmallVectorImpl<PendingContent> &pending);

/// All but the nodes of the top level: versions, library, the remaining fields. Tensors of function
/// bodies are read through `files`.
mlir::LogicalResult exportHeader(mlir::ModuleOp module, TensorFiles &files,
                                 tensorflow::GraphDef &proto);

/// The whole graph in memory. `graph.fetch` is not part of a GraphDef and is left out. Errors are
/// diagnostics at the node.
mlir::LogicalResult exportGraph(mlir::ModuleOp module, TensorFiles &files,
                                tensorflow::GraphDef &proto);

/// The graph of a module; null with an error when there is not exactly one.
graph::GraphOp findGraph(mlir::ModuleOp module);

/// Where the elements of a reference lie.
std::vector<Extent> extentsOf(graph::TensorAttr tensor);

} // namespace firn
