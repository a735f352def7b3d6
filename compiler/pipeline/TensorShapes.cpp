#include "compiler/pipeline/TensorShapes.h"

#include "compiler/import/ImportGraph.h"
#include "compiler/pipeline/needed_nodes.h"
#include "compiler/support/Status.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "compiler/transforms/graph/shapes/ShapeInference.h"

using namespace mlir;

namespace firn {

static TensorShape shapeOf(const graph::ShapeInfo &info) {
  TensorShape shape{info.ranked, {}};
  for (graph::Dim dim : info.dims)
    shape.dims.push_back(dim.constant().value_or(-1));
  return shape;
}

std::vector<TensorShape> inferShapes(const GraphFile &file,
                                     const std::vector<std::string> &tensors) {
  std::vector<TensorShape> shapes(tensors.size());
  if (tensors.empty())
    return shapes;
  MLIRContext context(MLIRContext::Threading::DISABLED);
  DiagnosticCollector diagnostics(&context);
  context.loadDialect<graph::GraphDialect>();
  ImportOptions options;
  options.only = neededNodes(file.meta, tensors, /*withAverages=*/false);
  OwningOpRef<ModuleOp> module = importGraph(&context, file, options);
  if (!module)
    return shapes;
  for (graph::GraphOp graph : module->getOps<graph::GraphOp>()) {
    graph::ShapeInference inference(graph.getNodes(), *module);
    graph::NodeIndex index(graph.getNodes());
    for (auto [tensor, shape] : llvm::zip(tensors, shapes)) {
      std::string why;
      Value value = graph::resolveTensorName(index, tensor, why);
      if (value && !graph::isControl(value))
        shape = shapeOf(inference.of(value));
    }
  }
  return shapes;
}

} // namespace firn
