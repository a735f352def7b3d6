#include "compiler/transforms/graph/shapes/Families.h"

namespace firn::graph {

static const llvm::StringMap<ShapeRule> &allRules() {
  static const auto *rules = [] {
    auto *map = new llvm::StringMap<ShapeRule>();
    for (ShapeRules list :
         {flowShapeRules(), callShapeRules(), elementwiseShapeRules(), constructShapeRules(),
          layoutShapeRules(), joinShapeRules(), sliceShapeRules(), gatherShapeRules(),
          reduceShapeRules(), matMulShapeRules(), convShapeRules(), layerShapeRules(),
          imageShapeRules(), listShapeRules(), otherShapeRules()})
      for (const ShapeRuleEntry &entry : list)
        map->try_emplace(entry.op, entry.rule);
    return map;
  }();
  return *rules;
}

ShapeRule findShapeRule(llvm::StringRef opType) { return allRules().lookup(opType); }

ShapeInfo dimsOnly(const ShapeInfo &info) {
  return info.ranked ? ShapeInfo::of(info.dims) : ShapeInfo();
}

void sameAsFirst(NodeShapes &s) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, dimsOnly(s.in(0)));
}

void passOnFirst(NodeShapes &s) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, s.in(0));
}

void scalarOutputs(NodeShapes &s) {
  for (unsigned i = 0; i < s.numOutputs(); ++i)
    s.out(i, ShapeInfo::scalar());
}

ShapeInfo withoutAxes(const ShapeInfo &info, llvm::ArrayRef<size_t> axes, bool keep) {
  ShapeInfo result = ShapeInfo::of({});
  for (size_t i = 0; i < info.rank(); ++i) {
    if (!llvm::is_contained(axes, i))
      result.dims.push_back(info.dims[i]);
    else if (keep)
      result.dims.push_back(1);
  }
  return result;
}

} // namespace firn::graph
