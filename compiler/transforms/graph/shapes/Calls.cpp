// Functions: their bodies are inferred with the shapes that they are called with.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

Infos inputsFrom(NodeShapes &s, unsigned first) {
  Infos infos;
  for (unsigned i = first; i < s.numInputs(); ++i)
    infos.push_back(s.in(i));
  return infos;
}

void yield(NodeShapes &s, const Infos &results) {
  for (unsigned i = 0; i < std::min<size_t>(results.size(), s.numOutputs()); ++i)
    s.out(i, results[i]);
}

void call(NodeShapes &s) {
  if (std::optional<Infos> results = s.call(s.function("f"), 0, inputsFrom(s, 0)))
    yield(s, *results);
}

// Branches that are known are joined; one that is not leaves nothing known.
void joinBranches(NodeShapes &s, ArrayRef<std::optional<Infos>> branches) {
  for (unsigned i = 0; i < s.numOutputs(); ++i) {
    ShapeInfo joined = s.listedShape("output_shapes", i);
    for (auto [slot, branch] : llvm::enumerate(branches)) {
      if (!branch || i >= branch->size())
        return;
      joined = slot == 0 ? (*branch)[i] : s.join(joined, (*branch)[i], i);
    }
    s.out(i, joined);
  }
}

void conditional(NodeShapes &s) {
  Infos args = inputsFrom(s, 1);
  joinBranches(
      s, {s.call(s.function("then_branch"), 0, args), s.call(s.function("else_branch"), 1, args)});
}

void switchCase(NodeShapes &s) {
  auto branches = s.node.attr<ArrayAttr>("branches");
  Infos args = inputsFrom(s, 1);
  SmallVector<std::optional<Infos>> results;
  for (auto [slot, branch] :
       llvm::enumerate(branches ? branches.getValue() : ArrayRef<Attribute>()))
    if (auto function = dyn_cast<FuncAttr>(branch))
      results.push_back(s.call(function.getName().getValue(), slot, args));
  if (!results.empty())
    joinBranches(s, results);
}

// Round by round, until the arguments of the next round are no other than those of the last.
void loop(NodeShapes &s) {
  Infos args = inputsFrom(s, 0);
  constexpr unsigned kMaxRounds = 8;
  for (unsigned round = 0; round < kMaxRounds; ++round) {
    s.call(s.function("cond"), 0, args);
    std::optional<Infos> results = s.call(s.function("body"), 1, args);
    if (!results || results->size() != args.size())
      return;
    bool changed = false;
    for (unsigned i = 0; i < args.size(); ++i) {
      ShapeInfo joined = s.join(args[i], (*results)[i], i);
      changed |= !joined.isIdentical(args[i]);
      args[i] = std::move(joined);
    }
    if (!changed)
      return yield(s, args);
  }
}

constexpr ShapeRuleEntry kRules[] = {
    {"PartitionedCall", call},
    {"StatefulPartitionedCall", call},
    {"RemoteCall", call},
    {"If", conditional},
    {"StatelessIf", conditional},
    {"_If", conditional},
    {"Case", switchCase},
    {"StatelessCase", switchCase},
    {"While", loop},
    {"StatelessWhile", loop},
    {"_While", loop},
};

} // namespace

ShapeRules callShapeRules() { return kRules; }

} // namespace firn::graph
