#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/mode/Changes.h"
#include "compiler/transforms/graph/target/Downgrades.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/OpVersions.h"
#include "dialects/graph/Signature.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_TARGETVERSIONPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

std::string_view view(StringRef text) { return {text.data(), text.size()}; }

// What a message says of an op, attribute or dtype that the reader lacks.
std::string sinceText(std::optional<Reader> first) {
  return first ? "known from target version " + std::string(readerName(*first)) + " on"
               : "known to no target version";
}

/// Writes one block for a reader.
class BlockWriter {
public:
  BlockWriter(const llvm::StringSet<> &functions, Block &block, Reader reader)
      : functions(functions), block(block), reader(reader), names(block) {
    if (auto function = dyn_cast<FuncOp>(block.getParentOp()))
      where = (" in the function '" + function.getFuncName() + "'").str();
  }

  void run() {
    auto forEachNode = [&](auto visit) {
      for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
        visit(Node(&op));
    };
    forEachNode([&](Node node) { writeOp(node); });
    // Ops first: what they become has attributes as well.
    forEachNode([&](Node node) { writeAttrs(node); });
    forEachNode([&](Node node) { checkTypes(node); });
  }

  std::vector<std::string> problems;
  std::vector<Change> changes;

private:
  bool isUnknown(Node node) const {
    return !readerKnows(reader, view(node.type())) && !functions.contains(node.type());
  }
  void addProblem(Node node, StringRef op, const Twine &text) {
    problems.push_back(("'" + node.name() + "' (" + op + ")" + where + ": " + text).str());
  }

  // An op that is replaced may be replaced by one that is too new as well.
  void writeOp(Node node) {
    std::string op = node.type().str();
    while (isUnknown(node)) {
      std::string why;
      if (!downgradeOp(node, names, why))
        return addProblem(node, op,
                          "an op " + sinceText(firstReader(op)) + (why.empty() ? "" : "; " + why));
    }
    if (node.type() != op)
      changes.push_back({"rewritten", node.name().str(), op + " as " + node.type().str()});
  }

  // Attributes that the reader lacks. With its default one says nothing.
  void writeAttrs(Node node) {
    if (isUnknown(node) || functions.contains(node.type()))
      return;
    for (NamedAttribute named : SmallVector<NamedAttribute>(node.operation()->getAttrs())) {
      StringRef attr = toNodeAttr(named.getName());
      if (attr.empty() || attr.starts_with("_") ||
          readerKnows(reader, view(node.type()), view(attr)))
        continue;
      if (isDefault(node, attr)) {
        node.removeAttr(attr);
        continue;
      }
      Operation *before = node.operation();
      std::string op = node.type().str(), why;
      if (!downgradeAttr(node, attr, names, why))
        addProblem(node, op,
                   "its attribute " + attr + " is " + sinceText(firstReader(op, view(attr))) +
                       (why.empty() ? "" : "; " + why));
      if (node.operation() != before) {
        changes.push_back({"rewritten", node.name().str(), op + " without " + attr.str()});
        return writeAttrs(node);
      }
    }
  }

  static bool isDefault(Node node, StringRef attr) {
    StringRef type = node.type();
    const OpSignature *op = lookupOp(view(type));
    return op && node.attr(attr) == defaultAttr(node.operation()->getContext(), *op, attr);
  }

  void checkTypes(Node node) {
    auto check = [&](StringRef attr, Attribute value) {
      auto type = dyn_cast<TypeAttr>(value);
      int dtype = type ? numberFromType(type.getValue()) : DT_INVALID;
      if (type && !readerAllows(reader, view(node.type()), view(attr), dtype))
        addProblem(node, node.type(),
                   dataTypeText(type.getValue()) + " as " + attr + " is " +
                       sinceText(firstReader(view(node.type()), view(attr), dtype)));
    };
    if (isUnknown(node))
      return;
    for (NamedAttribute named : node.operation()->getAttrs()) {
      StringRef attr = toNodeAttr(named.getName());
      if (auto list = dyn_cast<ArrayAttr>(named.getValue()); list && !attr.empty())
        for (Attribute element : list)
          check(attr, element);
      else if (!attr.empty())
        check(attr, named.getValue());
    }
  }

  const llvm::StringSet<> &functions;
  Block &block;
  Reader reader;
  NodeIndex names;
  std::string where;
};

// The versions of a graph that the reader could have written itself: no later ones than its own.
DictionaryAttr lowerVersions(DictionaryAttr versions, Reader reader) {
  Builder builder(versions.getContext());
  NamedAttrList fields(versions);
  for (StringRef name : {"producer", "min_consumer"})
    if (auto number = versions.getAs<IntegerAttr>(name);
        number && number.getInt() > graphDefVersion(reader))
      fields.set(name, IntegerAttr::get(number.getType(), graphDefVersion(reader)));
  return fields.getDictionary(versions.getContext());
}

struct TargetVersionPass : impl::TargetVersionPassBase<TargetVersionPass> {
  using TargetVersionPassBase::TargetVersionPassBase;

  void runOnOperation() override {
    std::optional<Reader> reader = parseReader(version.getValue());
    if (!reader) {
      emitError(getOperation().getLoc())
          << "expected a version of TensorFlow (1.4, 1.15, 2.x), got '" << version << "'";
      return signalPassFailure();
    }
    for (FuncOp function : getOperation().getOps<FuncOp>())
      functions.insert(function.getFuncName());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      write(function.getNodes(), *reader);
    for (GraphOp graph : getOperation().getOps<GraphOp>()) {
      write(graph.getNodes(), *reader);
      if (std::optional<DictionaryAttr> versions = graph.getVersions())
        graph.setVersionsAttr(lowerVersions(*versions, *reader));
    }
    if (!problems.empty())
      report(*reader);
  }

  void write(Block &block, Reader reader) {
    BlockWriter writer(functions, block, reader);
    writer.run();
    llvm::append_range(problems, writer.problems);
    recordChanges(getOperation(), writer.changes);
  }

  void report(Reader reader) {
    constexpr size_t kShown = 20;
    InFlightDiagnostic error = emitError(getOperation().getLoc());
    error << "TensorFlow " << llvm::StringRef(readerName(reader)) << " can't read this graph";
    for (const std::string &problem : ArrayRef(problems).take_front(kShown))
      error.attachNote() << problem;
    if (problems.size() > kShown)
      error.attachNote() << "and " << problems.size() - kShown << " more";
    signalPassFailure();
  }

  llvm::StringSet<> functions;
  std::vector<std::string> problems;
};

} // namespace
} // namespace firn::graph
