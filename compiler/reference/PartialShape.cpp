#include "compiler/reference/PartialShape.h"

using namespace firn::graph;

namespace firn::reference {

PartialShape::PartialShape(llvm::ArrayRef<int64_t> dims) : ranked(true), sizes(dims) {
  for (int64_t &dim : sizes)
    dim = std::max<int64_t>(dim, -1);
}

PartialShape::PartialShape(mlir::Attribute attr) {
  auto shape = llvm::dyn_cast_or_null<ShapeAttr>(attr);
  if (shape && !shape.getUnknownRank())
    *this = PartialShape(shape.getDims());
}

bool PartialShape::isFull() const { return ranked && !llvm::is_contained(sizes, -1); }

bool PartialShape::allows(llvm::ArrayRef<int64_t> shape) const {
  return merged(PartialShape(shape)).has_value();
}

std::optional<PartialShape> PartialShape::merged(const PartialShape &other) const {
  if (!ranked || !other.ranked)
    return ranked ? *this : other;
  if (sizes.size() != other.sizes.size())
    return std::nullopt;
  PartialShape result = *this;
  for (auto [dim, theirs] : llvm::zip(result.sizes, other.sizes)) {
    if (dim >= 0 && theirs >= 0 && dim != theirs)
      return std::nullopt;
    dim = std::max(dim, theirs);
  }
  return result;
}

PartialShape PartialShape::dropFirst() const {
  return ranked && !sizes.empty() ? PartialShape(dims().drop_front()) : PartialShape();
}

PartialShape PartialShape::openFirst() const {
  PartialShape result = *this;
  if (!result.sizes.empty())
    result.sizes.front() = -1;
  return result;
}

std::string PartialShape::text() const { return ranked ? shapeText(sizes) : "of any rank"; }

std::optional<PartialShape> partialShapeInput(Evaluation &e, unsigned index) {
  auto dims = someIntegersInput(e, index);
  bool scalar = e.input(index).rank() == 0;
  if (!dims || !expect(e, !scalar || dims->front() == -1,
                       "expected the dimensions of a shape, or -1, got " + e.input(index).text()))
    return std::nullopt;
  return scalar ? PartialShape() : PartialShape(*dims);
}

} // namespace firn::reference
