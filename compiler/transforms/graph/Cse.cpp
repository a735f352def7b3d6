#include <unordered_map>

#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/Passes.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/Node.h"
#include "dialects/graph/OpTable.h"
#include "mlir/IR/Operation.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_CSEPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

// What makes two nodes the same: everything but their names and places.
struct Signature {
  StringRef type;
  SmallVector<Value> operands;
  DictionaryAttr attrs;
  SmallVector<Type> results;

  explicit Signature(Node node) : type(node.type()) {
    Operation *op = node.operation();
    llvm::append_range(operands, op->getOperands());
    llvm::append_range(results, op->getResultTypes());
    // The order of control inputs means nothing.
    std::sort(operands.begin() + node.numInputs(), operands.end(),
              [](Value a, Value b) { return a.getAsOpaquePointer() < b.getAsOpaquePointer(); });
    NamedAttrList list(op->getAttrDictionary());
    list.erase(kNameAttr);
    list.erase(kSpellingAttr);
    list.erase(kExtraAttr);
    attrs = list.getDictionary(op->getContext());
  }
  llvm::hash_code hash() const {
    return llvm::hash_combine(type, attrs,
                              llvm::hash_combine_range(operands.begin(), operands.end()));
  }
  bool operator==(const Signature &o) const {
    return type == o.type && operands == o.operands && attrs == o.attrs && results == o.results;
  }
};

// Floats with a shape are weights: each keeps its name, also where two happen to be equal.
bool isWeight(Node node) {
  TensorAttr value = node.constantValue();
  return value && !value.getShape().empty() && isa<FloatType>(value.getElementType());
}

bool mayMerge(Node node) {
  const OpSignature *op = lookupOp(node.type());
  if (!op || op->effect != OpEffect::Pure || node.is("NoOp") || isPlaceholder(node) ||
      isWeight(node))
    return false;
  // A fetched node keeps its name; a ref is an identity of its own.
  return llvm::none_of(node.operation()->getUsers(),
                       [](Operation *user) { return isa<FetchOp>(user); }) &&
         llvm::none_of(node.outputs(), [](Value v) { return isa<RefType>(elementTypeOf(v)); });
}

struct CsePass : impl::CsePassBase<CsePass> {
  void runOnOperation() override {
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      mergeAll(graph.getNodes());
    for (FuncOp function : getOperation().getOps<FuncOp>())
      mergeAll(function.getNodes());
  }

  // Merging two nodes can make their users the same; a graph has no order to visit them in, so it
  // goes on until nothing merges.
  void mergeAll(Block &block) {
    while (mergeOnce(block)) {
    }
  }

  bool mergeOnce(Block &block) {
    std::unordered_multimap<size_t, std::pair<Signature, Node>> seen;
    bool changed = false;
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator())) {
      Node node(&op);
      if (!mayMerge(node))
        continue;
      Signature signature(node);
      size_t hash = signature.hash();
      auto [begin, end] = seen.equal_range(hash);
      auto it = std::find_if(begin, end,
                             [&](const auto &entry) { return entry.second.first == signature; });
      if (it == end) {
        seen.emplace(hash, std::make_pair(std::move(signature), node));
        continue;
      }
      op.replaceAllUsesWith(it->second.second.operation());
      op.erase();
      changed = true;
    }
    return changed;
  }
};

} // namespace
} // namespace firn::graph
