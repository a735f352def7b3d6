// Between tensors and shapes: Shape reads one, Fill and Range make tensors of one.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

ShapeInfo shapeVector(NodeShapes &s, const ShapeInfo &info) {
  return info.ranked ? ShapeInfo::vector(info.dims) : s.freshOfRank(1);
}

void shape(NodeShapes &s) { s.out(shapeVector(s, s.in(0))); }

void shapes(NodeShapes &s) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, shapeVector(s, s.in(i)));
}

void size(NodeShapes &s) {
  s.out(s.in(0).ranked ? ShapeInfo::element(s.product(s.in(0).dims)) : ShapeInfo::scalar());
}

void rank(NodeShapes &s) {
  s.out(s.in(0).ranked ? ShapeInfo::element(Dim(s.in(0).rank())) : ShapeInfo::scalar());
}

void fill(NodeShapes &s) {
  ShapeInfo info = s.shapeFromElements(s.in(0));
  // Small vectors of one number may be shapes again.
  std::optional<int64_t> count = info.hasRank(1) ? info.dims[0].constant() : std::nullopt;
  const ShapeInfo &value = s.in(1);
  if (count && *count <= ShapeInfo::kMaxElements && value.hasElements &&
      value.elements.size() == 1) {
    info.hasElements = true;
    info.elements.assign(*count, value.elements[0]);
  }
  s.out(std::move(info));
}

// Of a shape given as the first input.
void ofShape(NodeShapes &s) { s.out(s.shapeFromElements(s.in(0))); }

void broadcastTo(NodeShapes &s) {
  ShapeInfo wanted = s.shapeFromElements(s.in(1));
  const ShapeInfo &from = s.in(0);
  if (wanted.ranked && from.ranked && from.rank() <= wanted.rank()) {
    size_t skipped = wanted.rank() - from.rank();
    for (size_t i = 0; i < from.rank(); ++i)
      if (!from.dims[i].isConstant(1))
        wanted.dims[skipped + i] = s.same(wanted.dims[skipped + i], from.dims[i]);
  }
  s.out(std::move(wanted));
}

// With start 0 and step 1 there are as many elements as the limit says.
void range(NodeShapes &s) {
  auto element = [&](unsigned i) {
    const ShapeInfo &info = s.in(i);
    return info.hasElements && info.elements.size() == 1 ? std::optional<Dim>(info.elements[0])
                                                         : std::nullopt;
  };
  std::optional<Dim> start = element(0), limit = element(1), step = element(2);
  if (!start || !limit || !step || !step->isConstant() || step->coefficient() == 0)
    return s.out(ShapeInfo::of({s.fresh()}));
  Dim span = step->coefficient() > 0 ? s.minus(*limit, *start) : s.minus(*start, *limit);
  Dim count = s.derived(DerivedKind::CeilDivide, span, Dim(std::abs(step->coefficient())));
  if (count.isConstant() && count.coefficient() < 0)
    count = 0;
  ShapeInfo info = ShapeInfo::of({start->isConstant() ? s.asDim(count) : s.fresh()});
  std::optional<int64_t> known = count.constant();
  if (known && *known <= ShapeInfo::kMaxElements && start->isConstant() && limit->isConstant()) {
    info.hasElements = true;
    for (int64_t i = 0; i < *known; ++i)
      info.elements.push_back(start->coefficient() + i * step->coefficient());
  }
  s.out(std::move(info));
}

void linSpace(NodeShapes &s) {
  const ShapeInfo &count = s.in(2);
  s.out(ShapeInfo::of({count.hasElements ? s.asDim(count.elements[0]) : s.fresh()}));
}

void broadcastArgs(NodeShapes &s) {
  ShapeInfo a = s.shapeFromElements(s.in(0)), b = s.shapeFromElements(s.in(1));
  if (s.in(0).hasElements && s.in(1).hasElements)
    return s.out(ShapeInfo::vector(s.broadcast(a, b).dims));
  s.out(ShapeInfo::of({s.fresh()}));
}

void broadcastGradientArgs(NodeShapes &s) {
  s.out(0, ShapeInfo::of({s.fresh()}));
  s.out(1, ShapeInfo::of({s.fresh()}));
}

void invertPermutation(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  std::optional<SmallVector<int64_t>> order = s.constants(0);
  if (order && info.rank() == 1) {
    info.hasElements = true;
    info.elements.assign(order->size(), Dim(0));
    for (auto [i, place] : llvm::enumerate(*order))
      if (place >= 0 && place < static_cast<int64_t>(order->size()))
        info.elements[place] = Dim(i);
  }
  s.out(std::move(info));
}

constexpr ShapeRuleEntry kRules[] = {
    {"Shape", shape},
    {"ShapeN", shapes},
    {"Size", size},
    {"Rank", rank},
    {"Fill", fill},
    {"Empty", ofShape},
    {"BroadcastTo", broadcastTo},
    {"Range", range},
    {"LinSpace", linSpace},
    {"BroadcastArgs", broadcastArgs},
    {"BroadcastGradientArgs", broadcastGradientArgs},
    {"InvertPermutation", invertPermutation},
    {"RandomUniform", ofShape},
    {"RandomUniformInt", ofShape},
    {"RandomStandardNormal", ofShape},
    {"TruncatedNormal", ofShape},
    {"ParameterizedTruncatedNormal", ofShape},
    {"StatelessRandomUniform", ofShape},
    {"StatelessRandomUniformInt", ofShape},
    {"StatelessRandomNormal", ofShape},
    {"StatelessTruncatedNormal", ofShape},
    {"StatelessRandomUniformV2", ofShape},
    {"StatelessRandomNormalV2", ofShape},
    {"StatelessTruncatedNormalV2", ofShape},
};

} // namespace

ShapeRules constructShapeRules() { return kRules; }

} // namespace firn::graph
