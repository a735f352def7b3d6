#include "compiler/export/ExportGraph.h"

#include "compiler/support/Status.h"
#include "dialects/graph/Signature.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

// "n:0" and "n" (in functions "n:out:0" and "n:out") are one edge.
StringRef withoutFirstIndex(StringRef edge) {
  edge.consume_back(":0");
  return edge;
}

void exportInputs(Node node, bool inFunction, tensorflow::NodeDef &proto) {
  auto spelling = node.operation()->getAttrOfType<ArrayAttr>(kSpellingAttr);
  for (auto [index, operand] : llvm::enumerate(node.operation()->getOperands())) {
    std::string text = inFunction ? functionEdgeText(operand) : edgeText(operand);
    if (spelling && spelling.size() == node.operation()->getNumOperands())
      if (auto written = dyn_cast<StringAttr>(spelling[index]))
        if (withoutFirstIndex(written.getValue()) == withoutFirstIndex(text))
          text = written.str();
    proto.add_input(std::move(text));
  }
}

LogicalResult exportNodeFields(Node node, bool inFunction, tensorflow::NodeDef &proto,
                               SmallVectorImpl<PendingContent> &pending) {
  Operation *op = node.operation();
  auto error = [op] { return op->emitError(); };
  proto.set_name(node.name().str());
  proto.set_op(node.type().str());
  proto.set_device(node.device().str());
  exportInputs(node, inFunction, proto);
  for (NamedAttribute named : op->getAttrs()) {
    StringRef name = toNodeAttr(named.getName());
    if (name.empty())
      continue;
    if (failed(exportAttr(named.getValue(), (*proto.mutable_attr())[name.str()], error)))
      return failure();
    if (auto tensor = dyn_cast<TensorAttr>(named.getValue()); tensor && tensor.isReference())
      pending.push_back({name.str(), tensor});
  }
  auto extra = op->getAttrOfType<DictionaryAttr>(kExtraAttr);
  return extra ? attrToMessage(extra, proto, error) : success();
}

LogicalResult fillContent(Node node, tensorflow::NodeDef &proto, ArrayRef<PendingContent> pending,
                          TensorFiles &files) {
  for (const PendingContent &content : pending) {
    std::string &bytes =
        *(*proto.mutable_attr())[content.attr].mutable_tensor()->mutable_tensor_content();
    bytes.reserve(content.tensor.getDataSize());
    std::vector<Extent> extents = extentsOf(content.tensor);
    absl::Status status = files.stream(extents, /*verify=*/true, [&](absl::string_view piece) {
      bytes.append(piece.data(), piece.size());
      return absl::OkStatus();
    });
    if (!status.ok())
      return emitStatus(node.operation()->getLoc(), status);
  }
  return success();
}

class FunctionExporter {
public:
  FunctionExporter(FuncOp op, TensorFiles &files, tensorflow::FunctionDef &proto)
      : op(op), files(files), proto(proto) {}

  LogicalResult run() {
    auto error = [this] { return op.emitError(); };
    tensorflow::OpDef &signature = *proto.mutable_signature();
    if (failed(attrToMessage(op.getSignature(), signature, error)) ||
        (op.getExtra() && failed(attrToMessage(*op.getExtra(), proto, error))))
      return failure();
    signature.set_name(op.getFuncName().str());
    for (Operation &node : op.getNodes().without_terminator()) {
      SmallVector<PendingContent> pending;
      tensorflow::NodeDef &nodeDef = *proto.add_node_def();
      if (failed(exportNodeFields(Node(&node), /*inFunction=*/true, nodeDef, pending)) ||
          failed(fillContent(Node(&node), nodeDef, pending, files)))
        return failure();
    }
    return exportReturns(signature);
  }

private:
  LogicalResult exportReturns(const tensorflow::OpDef &signature) {
    FetchOp fetch = op.getFetch();
    if (fetch.getTensors().size() != static_cast<size_t>(signature.output_arg_size()))
      return op.emitOpError("expected ") << signature.output_arg_size() << " returned tensors, got "
                                         << fetch.getTensors().size();
    for (auto [arg, value] : llvm::zip(signature.output_arg(), fetch.getTensors())) {
      std::string text = functionEdgeText(value);
      if (auto spelling = op.getRetSpelling())
        if (auto written = spelling->getAs<StringAttr>(arg.name()))
          if (withoutFirstIndex(written.getValue()) == withoutFirstIndex(text))
            text = written.str();
      (*proto.mutable_ret())[arg.name()] = text;
    }
    auto names = op.getControlRet().value_or(ArrayAttr());
    if ((names ? names.size() : 0) != fetch.getControls().size())
      return op.emitOpError("expected a name in control_ret for each control token returned");
    for (auto [index, value] : llvm::enumerate(fetch.getControls()))
      (*proto.mutable_control_ret())[cast<StringAttr>(names[index]).str()] =
          edgeText(value).substr(1);
    return success();
  }

  FuncOp op;
  TensorFiles &files;
  tensorflow::FunctionDef &proto;
};

} // namespace

std::vector<Extent> extentsOf(TensorAttr tensor) {
  std::vector<Extent> extents;
  for (const FileExtent &extent : tensor.getExtents())
    extents.push_back({extent.file.str(), extent.offset, extent.size, extent.crc32c});
  return extents;
}

GraphOp findGraph(ModuleOp module) {
  auto graphs = module.getOps<GraphOp>();
  if (llvm::hasSingleElement(graphs))
    return *graphs.begin();
  module.emitError("expected one 'graph.graph' in the module, got ")
      << std::distance(graphs.begin(), graphs.end());
  return {};
}

LogicalResult exportNode(Node node, tensorflow::NodeDef &proto,
                         SmallVectorImpl<PendingContent> &pending) {
  return exportNodeFields(node, /*inFunction=*/false, proto, pending);
}

LogicalResult exportHeader(ModuleOp module, TensorFiles &files, tensorflow::GraphDef &proto) {
  GraphOp graph = findGraph(module);
  if (!graph)
    return failure();
  auto error = [&] { return graph.emitError(); };
  if (graph.getVersions() &&
      failed(attrToMessage(*graph.getVersions(), *proto.mutable_versions(), error)))
    return failure();
  if (graph.getExtra() && failed(attrToMessage(*graph.getExtra(), proto, error)))
    return failure();
  for (FuncOp function : module.getOps<FuncOp>())
    if (failed(FunctionExporter(function, files, *proto.mutable_library()->add_function()).run()))
      return failure();
  return success();
}

LogicalResult exportGraph(ModuleOp module, TensorFiles &files, tensorflow::GraphDef &proto) {
  GraphOp graph = findGraph(module);
  if (!graph || failed(exportHeader(module, files, proto)))
    return failure();
  for (Operation &op : graph.getNodes().without_terminator()) {
    SmallVector<PendingContent> pending;
    tensorflow::NodeDef &nodeDef = *proto.add_node();
    if (failed(exportNode(Node(&op), nodeDef, pending)) ||
        failed(fillContent(Node(&op), nodeDef, pending, files)))
      return failure();
  }
  return success();
}

} // namespace firn
