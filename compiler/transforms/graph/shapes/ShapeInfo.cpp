#include "compiler/transforms/graph/shapes/ShapeInfo.h"

#include "llvm/ADT/STLExtras.h"

namespace firn::graph {

ShapeInfo ShapeInfo::of(llvm::ArrayRef<Dim> dims) {
  ShapeInfo info;
  info.ranked = true;
  info.dims.assign(dims.begin(), dims.end());
  return info;
}

ShapeInfo ShapeInfo::element(Dim value) {
  ShapeInfo info = scalar();
  info.hasElements = true;
  info.elements = {value};
  return info;
}

ShapeInfo ShapeInfo::vector(llvm::ArrayRef<Dim> values) {
  ShapeInfo info = of({Dim(values.size())});
  info.hasElements = values.size() <= kMaxElements;
  if (info.hasElements)
    info.elements.assign(values.begin(), values.end());
  return info;
}

static bool areIdentical(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           return std::get<0>(pair).isIdentical(std::get<1>(pair));
         });
}

bool ShapeInfo::isIdentical(const ShapeInfo &o) const {
  bool sameList = list == o.list || (list && o.list && list->item.isIdentical(o.list->item) &&
                                     list->length.isIdentical(o.list->length));
  return ranked == o.ranked && hasElements == o.hasElements && array == o.array && sameList &&
         areIdentical(dims, o.dims) && areIdentical(elements, o.elements);
}

} // namespace firn::graph
