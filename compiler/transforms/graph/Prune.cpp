#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/Reachability.h"
#include "dialects/graph/Signature.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_PRUNEPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// Adds the names of functions that an attribute calls.
void collectCalls(Attribute attr, SmallVectorImpl<StringRef> &names) {
  attr.walk([&](FuncAttr func) { names.push_back(func.getName().getValue()); });
}

struct PrunePass : impl::PrunePassBase<PrunePass> {
  using PrunePassBase::PrunePassBase;

  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      eraseUnreachable(graph.getNodes());
    pruneFunctions();
  }

  void pruneFunctions() {
    llvm::StringMap<FuncOp> functions;
    for (FuncOp function : getOperation().getOps<FuncOp>())
      functions[function.getFuncName()] = function;
    llvm::StringSet<> called;
    SmallVector<StringRef> worklist;
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      collectBody(graph.getNodes(), worklist);
    while (!worklist.empty()) {
      StringRef name = worklist.pop_back_val();
      FuncOp function = functions.lookup(name);
      if (!function || !called.insert(name).second)
        continue;
      collectBody(function.getNodes(), worklist);
      collectCalls(function->getAttrDictionary(), worklist);
    }
    for (auto &entry : functions)
      if (!called.contains(entry.first()))
        entry.second.erase();
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      pruneGradients(graph, called);
  }

  // An op type may be a function's name, too.
  void collectBody(Block &block, SmallVectorImpl<StringRef> &names) {
    for (Operation &op : block.without_terminator()) {
      collectCalls(op.getAttrDictionary(), names);
      names.push_back(Node(&op).type());
    }
  }

  // The library's gradient entries name functions: those of erased ones go.
  void pruneGradients(GraphOp graph, const llvm::StringSet<> &kept) {
    auto extra = graph.getExtra().value_or(DictionaryAttr());
    auto library = extra ? extra.getAs<DictionaryAttr>("library") : DictionaryAttr();
    auto gradients = library ? library.getAs<ArrayAttr>("gradient") : ArrayAttr();
    if (!gradients)
      return;
    SmallVector<Attribute> left;
    for (Attribute gradient : gradients) {
      auto name = cast<DictionaryAttr>(gradient).getAs<StringAttr>("function_name");
      if (name && kept.contains(name.getValue()))
        left.push_back(gradient);
    }
    NamedAttrList newLibrary(library), newExtra(extra);
    newLibrary.erase("gradient");
    if (!left.empty())
      newLibrary.set("gradient", ArrayAttr::get(&getContext(), left));
    newExtra.set("library", newLibrary.getDictionary(&getContext()));
    graph.setExtraAttr(newExtra.getDictionary(&getContext()));
  }
};

} // namespace
} // namespace firn::graph
