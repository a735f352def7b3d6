#include "compiler/import/ImportGraph.h"

#include "compiler/import/ImportNodes.h"
#include "compiler/import/MessageToAttr.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Node.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace firn::graph;
using tensorflow::FunctionDef;
using tensorflow::GraphDef;

namespace firn {
namespace {

class GraphImporter {
public:
  GraphImporter(MLIRContext *context, const GraphFile &file, const ImportOptions &options)
      : builder(context), options(options), graphDef(file.meta.graph_def()),
        loc(FileLineColLoc::get(builder.getStringAttr(file.path), 0, 0)) {
    for (const FunctionDef &function : graphDef.library().function())
      functions.try_emplace(function.signature().name(), &function.signature());
    for (const ExternalContent &content : file.external)
      external[{content.node, content.attr}] = &content.content;
  }

  OwningOpRef<ModuleOp> import() {
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    builder.setInsertionPointToEnd(module->getBody());
    if (failed(importTopLevel()))
      return nullptr;
    for (const FunctionDef &function : graphDef.library().function()) {
      builder.setInsertionPointToEnd(module->getBody());
      if (failed(importFunction(function)))
        return nullptr;
    }
    return module;
  }

private:
  NodeImporter::FindFunction findFunction() {
    return [this](StringRef name) { return functions.lookup(name); };
  }

  LogicalResult importTopLevel() {
    DictionaryAttr versions, extra;
    MLIRContext *context = builder.getContext();
    if (graphDef.has_versions())
      versions = messageToAttr(context, graphDef.versions());
    NamedAttrList fields(messageToAttr(context, graphDef, {1, 2, 4}));
    if (graphDef.has_library())
      fields.append("library", messageToAttr(context, graphDef.library(), {1}));
    if (!fields.empty())
      extra = fields.getDictionary(context);
    auto graph = builder.create<GraphOp>(loc, versions, extra);
    Block *block = builder.createBlock(&graph.getBody());
    auto findExternal = [this](int index, StringRef attr) -> const Extent * {
      auto it = external.find({index, attr.str()});
      return it == external.end() ? nullptr : it->second;
    };
    NodeImporter nodes(block, /*isFunction=*/false, findFunction(), findExternal);
    if (options.dropOutputShapes)
      nodes.dropOutputShapes();
    if (!options.only.empty())
      nodes.importOnly(options.only);
    if (failed(nodes.import(graphDef.node(), loc)))
      return failure();
    builder.setInsertionPointToEnd(block);
    builder.create<FetchOp>(loc, ValueRange(), ValueRange());
    return success();
  }

  // Adds the block's arguments; those that a node names as a control input get a token behind the
  // tensors.
  LogicalResult addArguments(const FunctionDef &function, FuncOp op, NodeImporter &nodes,
                             Location funcLoc) {
    llvm::StringSet<> controlled;
    auto collect = [&](StringRef edge) {
      auto [control, name, rest] = splitEdge(edge);
      if (control)
        controlled.insert(name);
    };
    for (const auto &node : function.node_def())
      llvm::for_each(node.input(), collect);
    for (const auto &[name, node] : function.control_ret())
      controlled.insert(node);

    Block &block = op.getNodes();
    SmallVector<int64_t> controlArgs;
    SmallVector<Value> values;
    for (const auto &arg : function.signature().input_arg()) {
      if (!arg.number_attr().empty() || !arg.type_list_attr().empty())
        return emitError(funcLoc) << "expected arguments of one tensor each, got the list '"
                                  << arg.name() << "'";
      int number = arg.type() ? arg.type() : int(DT_OPAQUE);
      Type element = typeFromNumber(builder.getContext(), number);
      values.push_back(block.addArgument(UnrankedTensorType::get(element), funcLoc));
    }
    auto controlType = ControlType::get(builder.getContext());
    for (auto [index, arg] : llvm::enumerate(function.signature().input_arg())) {
      Value control;
      if (controlled.contains(arg.name())) {
        control = block.addArgument(controlType, funcLoc);
        controlArgs.push_back(index);
      }
      nodes.addArgument(arg.name(), values[index], control);
    }
    if (!controlArgs.empty())
      op.setControlArgs(controlArgs);
    return success();
  }

  LogicalResult importFunction(const FunctionDef &function) {
    MLIRContext *context = builder.getContext();
    const std::string &name = function.signature().name();
    auto funcLoc = NameLoc::get(builder.getStringAttr(name), loc);
    DictionaryAttr extra = messageToAttr(context, function, {1, 3, 4, 6});
    auto op = builder.create<FuncOp>(
        funcLoc, builder.getStringAttr(name), messageToAttr(context, function.signature(), {1}),
        extra.empty() ? DictionaryAttr() : extra, nullptr, nullptr, nullptr);
    Block *block = builder.createBlock(&op.getBody());
    NodeImporter nodes(block, /*isFunction=*/true, findFunction());
    if (options.dropOutputShapes)
      nodes.dropOutputShapes();
    for (const auto &output : function.signature().output_arg())
      if (auto it = function.ret().find(output.name()); it != function.ret().end())
        nodes.addUse(it->second);
    if (failed(addArguments(function, op, nodes, funcLoc)) ||
        failed(nodes.import(function.node_def(), funcLoc)))
      return failure();
    return addReturns(function, op, nodes, funcLoc);
  }

  LogicalResult addReturns(const FunctionDef &function, FuncOp op, NodeImporter &nodes,
                           Location funcLoc) {
    SmallVector<Value> tensors, controls;
    SmallVector<NamedAttribute> spelling;
    for (const auto &arg : function.signature().output_arg()) {
      auto it = function.ret().find(arg.name());
      if (it == function.ret().end())
        return emitError(funcLoc) << "expected a value for output '" << arg.name()
                                  << "' of function '" << function.signature().name() << "'";
      Value value = nodes.resolve(it->second, funcLoc);
      if (!value)
        return failure();
      if (!nodes.isCanonical(it->second, value))
        spelling.push_back(builder.getNamedAttr(arg.name(), builder.getStringAttr(it->second)));
      tensors.push_back(value);
    }
    if (static_cast<int>(function.ret_size()) != function.signature().output_arg_size())
      return emitError(funcLoc) << "expected " << function.signature().output_arg_size()
                                << " returned values, as the signature has outputs, got "
                                << function.ret_size();
    std::map<std::string, std::string> controlRet(function.control_ret().begin(),
                                                  function.control_ret().end());
    SmallVector<StringRef> names;
    for (const auto &[name, node] : controlRet) {
      Value value = nodes.resolve("^" + node, funcLoc);
      if (!value)
        return failure();
      names.push_back(name);
      controls.push_back(value);
    }
    if (!names.empty())
      op.setControlRetAttr(builder.getStrArrayAttr(names));
    if (!spelling.empty())
      op.setRetSpellingAttr(builder.getDictionaryAttr(spelling));
    builder.setInsertionPointToEnd(&op.getNodes());
    builder.create<FetchOp>(funcLoc, tensors, controls);
    return success();
  }

  OpBuilder builder;
  const ImportOptions &options;
  const GraphDef &graphDef;
  Location loc;
  llvm::StringMap<const tensorflow::OpDef *> functions;
  std::map<std::pair<int, std::string>, const Extent *> external;
};

} // namespace

OwningOpRef<ModuleOp> importGraph(MLIRContext *context, const GraphFile &file,
                                  const ImportOptions &options) {
  context->loadDialect<GraphDialect>();
  return GraphImporter(context, file, options).import();
}

} // namespace firn
