// What makes tensors and hands them on as they are.
#include "compiler/transforms/graph/shapes/Families.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;

namespace firn::graph {
namespace {

void constant(NodeShapes &s) {
  TensorAttr value = s.node.constantValue();
  if (!value)
    return;
  ShapeInfo info = ShapeInfo::of({});
  for (int64_t size : value.getShape())
    info.dims.push_back(size);
  bool isInteger = isa<IntegerType>(value.getElementType()) && !value.getElementType().isInteger(1);
  if (isInteger && value.getNumElements() <= ShapeInfo::kMaxElements)
    if (std::optional<SmallVector<int64_t>> elements = integerElements(value)) {
      info.hasElements = true;
      info.elements.assign(elements->begin(), elements->end());
    }
  s.out(std::move(info));
}

// Before producer 22 a placeholder's empty shape meant that the shape is not known.
bool emptyShapeIsScalar(Node node) {
  auto graph = node.operation()->getParentOfType<GraphOp>();
  DictionaryAttr versions = graph ? graph.getVersionsAttr() : DictionaryAttr();
  auto producer = versions ? versions.getAs<IntegerAttr>("producer") : IntegerAttr();
  return producer && producer.getInt() > 21;
}

void placeholder(NodeShapes &s) {
  const auto &given = s.state.options().placeholders;
  if (auto it = given.find(s.node.operation()); it != given.end())
    return s.out(it->second);
  ShapeInfo declared = s.shape("shape", /*isOrigin=*/true);
  auto type = dyn_cast<RankedTensorType>(s.node.output(0).getType());
  bool saysScalar = type && type.getRank() == 0;
  if (declared.hasRank(0) && !saysScalar && !emptyShapeIsScalar(s.node))
    declared = ShapeInfo();
  s.out(std::move(declared));
}

void eachInput(NodeShapes &s) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, s.in(i));
}

void merge(NodeShapes &s) {
  ShapeInfo joined;
  bool isFirst = true;
  for (unsigned i = 0; i < s.numInputs(); ++i) {
    if (!s.isReached(i))
      continue;
    joined = isFirst ? s.in(i) : s.join(joined, s.in(i), 0);
    isFirst = false;
  }
  s.out(std::move(joined));
  s.out(1, ShapeInfo::scalar());
}

void none(NodeShapes &) {}

constexpr ShapeRuleEntry kRules[] = {
    {"Const", constant},
    {"Placeholder", placeholder},
    {"PlaceholderV2", placeholder},
    {"PlaceholderWithDefault", placeholder},
    {"Identity", passOnFirst},
    {"RefIdentity", passOnFirst},
    {"IdentityN", eachInput},
    {"StopGradient", passOnFirst},
    {"PreventGradient", passOnFirst},
    {"CheckNumerics", passOnFirst},
    {"CheckNumericsV2", passOnFirst},
    {"Snapshot", passOnFirst},
    {"DeepCopy", passOnFirst},
    {"DebugIdentity", passOnFirst},
    {"_EagerConst", passOnFirst},
    {"_Retval", passOnFirst},
    {"Print", passOnFirst},
    {"EnsureShape", [](NodeShapes &s) { s.out(s.same(s.in(0), s.shape("shape", true))); }},
    {"Switch", passOnFirst},
    {"RefSwitch", passOnFirst},
    {"_SwitchN", passOnFirst},
    {"Merge", merge},
    {"RefMerge", merge},
    {"Enter", passOnFirst},
    {"RefEnter", passOnFirst},
    {"Exit", passOnFirst},
    {"RefExit", passOnFirst},
    {"NextIteration", passOnFirst},
    {"RefNextIteration", passOnFirst},
    {"LoopCond", passOnFirst},
    {"NoOp", none},
    {"ControlTrigger", none},
    {"Assert", none},
};

} // namespace

ShapeRules flowShapeRules() { return kRules; }

} // namespace firn::graph
