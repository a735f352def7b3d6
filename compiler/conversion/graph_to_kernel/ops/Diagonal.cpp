// Diagonals of matrices. Those of an op are stored as rows of the longest one's length, the
// uppermost first; shorter ones stand at the left or the right end of their row.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;

namespace firn::kernel {
namespace {

struct Diagonals {
  Size rows, columns;              // of the matrices
  int64_t lowest = 0, highest = 0; // 0 is the main one, 1 the one above it
  bool upperRight = false, lowerRight = false;

  int64_t count() const { return highest - lowest + 1; }
};

// What the input says, one diagonal or the lowest and the highest; a negative index: the main one.
std::optional<Diagonals> diagonalsOf(NodeLowering &n, int index) {
  Diagonals diagonals;
  if (index >= 0) {
    std::optional<SmallVector<int64_t>> bounds = n.constants(index);
    if (!bounds || bounds->empty())
      return std::nullopt;
    diagonals.lowest = bounds->front();
    diagonals.highest = bounds->back();
  }
  StringRef align = n.text("align");
  diagonals.upperRight = align.starts_with("RIGHT");
  diagonals.lowerRight = align.ends_with("RIGHT");
  return diagonals;
}

Size longest(NodeLowering &n, const Diagonals &d) {
  return n.min(n.add(d.rows, n.size(std::min<int64_t>(d.highest, 0))),
               n.sub(d.columns, n.size(std::max<int64_t>(d.lowest, 0))));
}

/// How far the elements of diagonal number `d` are moved to the right in their row.
Place shiftOf(const Diagonals &all, Place d, Place rows, Place columns, Place longest) {
  Place zero = placeOf(*d.b, int64_t(0));
  Place length = min(rows + min(d, zero), columns - max(d, zero));
  Place gap = longest - length;
  return choose(d < 0, all.lowerRight ? gap : zero, all.upperRight ? gap : zero);
}

Sizes storedSizes(NodeLowering &n, const Diagonals &d, ArrayRef<Size> batch, Size length) {
  Sizes sizes(batch);
  if (d.count() > 1)
    sizes.push_back(n.size(d.count()));
  sizes.push_back(length);
  return sizes;
}

/// The element of the stored diagonals that belongs at [row, column] of the matrix, where a
/// diagonal passes; otherwise what is no element's place is kept inside.
struct Stored {
  Condition isStored;
  SmallVector<Value> place;
};

Stored storedAt(ImplicitLocOpBuilder &b, const Diagonals &all, ValueRange at, Size length) {
  SmallVector<Value> place(at.drop_back(2));
  Place row = placeOf(b, at[at.size() - 2]), column = placeOf(b, at.back());
  Place d = column - row, size = placeOf(b, length), zero = placeOf(b, int64_t(0));
  Place shift = shiftOf(all, d, placeOf(b, all.rows), placeOf(b, all.columns), size);
  Place along = clamp(min(row, column) + shift, size);
  Place number = placeOf(b, all.highest) - d;
  Condition isStored = isWithin(number, placeOf(b, all.count()));
  if (all.count() > 1)
    place.push_back(choose(isStored, number, zero).value);
  place.push_back(along.value);
  return {isStored, place};
}

void matrixDiagPart(NodeLowering &n, int boundsInput) {
  Tensor matrices = n.in(0), filler = n.numInputs() > 2 ? n.in(2) : Tensor();
  std::optional<Diagonals> all = diagonalsOf(n, boundsInput);
  if (!matrices || !all)
    return;
  ArrayRef<Size> sizes = matrices.sizes;
  all->rows = sizes[sizes.size() - 2];
  all->columns = sizes.back();
  Size length = longest(n, *all);
  Sizes stored = n.outSizes(0, storedSizes(n, *all, sizes.drop_back(2), length));
  n.give(n.generate(matrices.dtype, stored, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Place along = placeOf(b, at.back()), d = placeOf(b, all->highest);
    if (all->count() > 1)
      d = d - placeOf(b, at[at.size() - 2]);
    Place rows = placeOf(b, all->rows), columns = placeOf(b, all->columns);
    Place zero = placeOf(b, int64_t(0));
    along = along - shiftOf(*all, d, rows, columns, placeOf(b, length));
    Place row = along - min(d, zero), column = along + max(d, zero);
    Condition isInside = isWithin(along, rows) && isWithin(row, rows) && isWithin(column, columns);
    SmallVector<Value> place(at.take_front(matrices.rank() - 2));
    place.push_back(clamp(row, rows).value);
    place.push_back(clamp(column, columns).value);
    Value none = filler ? NodeLowering::read(b, filler, {}) : zeroOf(b, matrices.elementType());
    return choose(isInside, NodeLowering::read(b, matrices, place), none);
  }));
}

void matrixSetDiag(NodeLowering &n, int boundsInput) {
  Tensor matrices = n.in(0), values = n.in(1);
  std::optional<Diagonals> all = diagonalsOf(n, boundsInput);
  if (!matrices || !values || !all)
    return;
  all->rows = matrices.sizes[matrices.rank() - 2];
  all->columns = matrices.sizes.back();
  Size length = longest(n, *all);
  n.give(n.generate(matrices.dtype, matrices.sizes,
                    [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
                      Stored stored = storedAt(b, *all, at, length);
                      return choose(stored.isStored, NodeLowering::read(b, values, stored.place),
                                    NodeLowering::read(b, matrices, at));
                    }));
}

// The matrices' sizes: as inputs 2 and 3 say, or as small as they can be where those are -1.
bool placeDiagonals(NodeLowering &n, Diagonals &all, Size length) {
  Size rows = n.sub(length, n.size(std::min<int64_t>(all.highest, 0)));
  Size columns = n.add(length, n.size(std::max<int64_t>(all.lowest, 0)));
  auto given = [&](unsigned input) -> Size {
    if (n.numInputs() <= 3)
      return n.size(-1);
    std::optional<Sizes> size = n.elements(input);
    return size && size->size() == 1 ? size->front() : Size();
  };
  Size givenRows = given(2), givenColumns = given(3);
  if (!givenRows || !givenColumns) {
    n.fail("sizes of matrices that depend on data");
    return false;
  }
  bool openRows = constantSize(givenRows) == int64_t(-1);
  bool openColumns = constantSize(givenColumns) == int64_t(-1);
  all.rows = openRows ? rows : givenRows;
  all.columns = openColumns ? columns : givenColumns;
  if (openRows && openColumns)
    all.rows = all.columns = n.max(rows, columns);
  return true;
}

void matrixDiag(NodeLowering &n, int boundsInput) {
  Tensor values = n.in(0), filler = n.numInputs() > 4 ? n.in(4) : Tensor();
  std::optional<Diagonals> all = diagonalsOf(n, boundsInput);
  if (!values || !all || !placeDiagonals(n, *all, values.sizes.back()))
    return;
  Sizes sizes(ArrayRef<Size>(values.sizes).drop_back(all->count() > 1 ? 2 : 1));
  sizes.append({all->rows, all->columns});
  sizes = n.outSizes(0, sizes);
  Size length = values.sizes.back();
  n.give(n.generate(values.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Stored stored = storedAt(b, *all, at, length);
    Value none = filler ? NodeLowering::read(b, filler, {}) : zeroOf(b, values.elementType());
    return choose(stored.isStored, NodeLowering::read(b, values, stored.place), none);
  }));
}

// Inputs 1 and 2: how many diagonals below and above the main one are kept; all when negative.
void matrixBandPart(NodeLowering &n) {
  Tensor matrices = n.in(0), lower = n.in(1), upper = n.in(2);
  if (!matrices || !lower || !upper)
    return;
  n.give(n.elementwise({matrices, lower, upper}, matrices.dtype, matrices.sizes,
                       [&](ImplicitLocOpBuilder &b, ValueRange x) -> Value {
                         Place row =
                             placeOf(b, b.create<linalg::IndexOp>(matrices.rank() - 2).getResult());
                         Place column =
                             placeOf(b, b.create<linalg::IndexOp>(matrices.rank() - 1).getResult());
                         Place below = placeOf(b, x[1]), above = placeOf(b, x[2]);
                         Condition isKept = (below < 0 || !(below < row - column)) &&
                                            (above < 0 || !(above < column - row));
                         return choose(isKept, x[0], zeroOf(b, x[0].getType()));
                       }));
}

// The vector product of vectors of three.
void cross(NodeLowering &n) {
  Tensor left = n.in(0), right = n.in(1);
  if (!left || !right)
    return;
  n.give(n.generate(left.dtype, left.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> place(at);
    auto component = [&](const Tensor &vector, int64_t ahead) {
      place.back() = ((placeOf(b, at.back()) + ahead) % 3).value;
      return NodeLowering::read(b, vector, place);
    };
    Value x = component(left, 1), y = component(right, 2);
    Value z = component(left, 2), w = component(right, 1);
    if (isa<FloatType>(x.getType()))
      return b.create<arith::SubFOp>(b.create<arith::MulFOp>(x, y), b.create<arith::MulFOp>(z, w));
    return b.create<arith::SubIOp>(b.create<arith::MulIOp>(x, y), b.create<arith::MulIOp>(z, w));
  }));
}

constexpr int kMain = -1;
const LoweringEntry kDiagonal[] = {
    {"Cross", cross},
    {"MatrixBandPart", matrixBandPart},
    {"MatrixDiag", [](NodeLowering &n) { matrixDiag(n, kMain); }},
    {"MatrixDiagPart", [](NodeLowering &n) { matrixDiagPart(n, kMain); }},
    {"MatrixDiagPartV2", [](NodeLowering &n) { matrixDiagPart(n, 1); }},
    {"MatrixDiagPartV3", [](NodeLowering &n) { matrixDiagPart(n, 1); }},
    {"MatrixDiagV2", [](NodeLowering &n) { matrixDiag(n, 1); }},
    {"MatrixDiagV3", [](NodeLowering &n) { matrixDiag(n, 1); }},
    {"MatrixSetDiag", [](NodeLowering &n) { matrixSetDiag(n, kMain); }},
    {"MatrixSetDiagV2", [](NodeLowering &n) { matrixSetDiag(n, 2); }},
    {"MatrixSetDiagV3", [](NodeLowering &n) { matrixSetDiag(n, 2); }},
};

} // namespace

Lowerings diagonalLowerings() { return kDiagonal; }

} // namespace firn::kernel
