// The language server for .mlir files with firn's dialects: set it as `mlir.server_path` in the
// editor.
#include "dialects/graph/Graph.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<firn::graph::GraphDialect>();
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}
