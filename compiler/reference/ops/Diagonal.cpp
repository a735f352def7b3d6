// Diagonals of matrices: MatrixDiag, MatrixSetDiag, MatrixDiagPart, and bands.
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

using Elements = Concat<Numbers, Bools>::Type;

// Neighbouring diagonals of matrices [rows, columns]: number 0 is the main one, 1 the one above it.
// They are stored as rows of `longest` elements, the uppermost first.
struct Diagonals {
  int64_t rows, columns, lowest, highest;
  bool upperRight = false, lowerRight = false; // shorter ones stand at the right end of their row

  int64_t count() const { return highest - lowest + 1; }
  int64_t length(int64_t diagonal) const {
    return std::min(rows + std::min<int64_t>(diagonal, 0),
                    columns - std::max<int64_t>(diagonal, 0));
  }
  int64_t longest() const {
    return std::min(rows + std::min<int64_t>(highest, 0), columns - std::max<int64_t>(lowest, 0));
  }
  int64_t stored() const { return count() * longest(); }
  // Whether each lies within the matrix.
  bool fit() const {
    auto fits = [&](int64_t d) { return d == 0 || (-rows < d && d < columns); };
    return lowest <= highest && fits(lowest) && fits(highest);
  }
  Shape storedShape(llvm::ArrayRef<int64_t> batch) const {
    Shape shape(batch);
    if (count() > 1)
      shape.push_back(count());
    shape.push_back(longest());
    return shape;
  }
  std::string text() const {
    return ("diagonals " + llvm::Twine(lowest) + " to " + llvm::Twine(highest)).str();
  }

  // Calls with each element's place in the stored diagonals and in the matrix.
  template <typename Visit> void forEach(const Visit &visit) const {
    for (int64_t d = highest; d >= lowest; --d) {
      bool right = d >= 0 ? upperRight : lowerRight;
      int64_t row = std::max<int64_t>(-d, 0), column = std::max<int64_t>(d, 0);
      int64_t first = (highest - d) * longest() + (right ? longest() - length(d) : 0);
      for (int64_t i = 0; i < length(d); ++i)
        visit(first + i, (row + i) * columns + column + i);
    }
  }
};

// What input `index` says, one diagonal or the lowest and the highest; input -1 says the main one.
std::optional<Diagonals> diagonalsOf(Evaluation &e, int index, int64_t rows, int64_t columns) {
  for (unsigned i = 2; i < e.numInputs(); ++i) // sizes and the filler
    if (static_cast<int>(i) != index && e.input(i).size() != 1) {
      e.fail("expected one number as input " + llvm::Twine(i) + ", got " + e.input(i).text());
      return std::nullopt;
    }
  Diagonals diagonals{rows, columns, 0, 0};
  if (index >= 0) {
    const Tensor &bounds = e.input(index);
    if (bounds.rank() > 1 || bounds.size() < 1 || bounds.size() > 2) {
      e.fail("expected one diagonal or the lowest and the highest, got " + bounds.text());
      return std::nullopt;
    }
    diagonals.lowest = bounds.values<int32_t>().front();
    diagonals.highest = bounds.values<int32_t>().back();
  }
  llvm::StringRef align = e.text("align");
  diagonals.upperRight = align.starts_with("RIGHT");
  diagonals.lowerRight = align.ends_with("RIGHT");
  return diagonals;
}

// The same of the matrices of input 0, within which they must lie.
std::optional<Diagonals> diagonalsOfMatrices(Evaluation &e, int index) {
  const Tensor &matrices = e.input(0);
  if (matrices.rank() < 2) {
    e.fail("expected matrices, got " + matrices.text());
    return std::nullopt;
  }
  auto sizes = matrices.shape().take_back(2);
  std::optional<Diagonals> diagonals = diagonalsOf(e, index, sizes[0], sizes[1]);
  if (diagonals && !diagonals->fit()) {
    e.fail("expected diagonals of a matrix " + shapeText(sizes) + ", got " + diagonals->text());
    return std::nullopt;
  }
  return diagonals;
}

void matrixDiagPart(Evaluation &e, int boundsInput) {
  const Tensor &matrices = e.input(0);
  std::optional<Diagonals> diagonals = diagonalsOfMatrices(e, boundsInput);
  if (!diagonals)
    return;
  Tensor result = e.make(0, e.dtype(), diagonals->storedShape(matrices.shape().drop_back(2)));
  if (e.failed())
    return;
  int64_t size = diagonals->rows * diagonals->columns, stored = diagonals->stored();
  dispatch(e, Elements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto out = result.mutableValues<T>();
    if (e.numInputs() > 2)
      std::fill(out.begin(), out.end(), e.input(2).scalar<T>());
    for (int64_t i = 0; stored && i < result.size() / stored; ++i)
      diagonals->forEach([&](int64_t to, int64_t from) {
        out[i * stored + to] = matrices.values<T>()[i * size + from];
      });
  });
}

void matrixSetDiag(Evaluation &e, int boundsInput) {
  const Tensor &matrices = e.input(0), &values = e.input(1);
  std::optional<Diagonals> diagonals = diagonalsOfMatrices(e, boundsInput);
  if (!diagonals)
    return;
  Shape expected = diagonals->storedShape(matrices.shape().drop_back(2));
  if (values.shape() != llvm::ArrayRef<int64_t>(expected))
    return e.fail("expected diagonals of shape " + shapeText(expected) + ", got " + values.text());
  Tensor result = e.make(0, e.dtype(), matrices.shape());
  int64_t size = diagonals->rows * diagonals->columns, stored = diagonals->stored();
  dispatch(e, Elements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto out = result.mutableValues<T>();
    llvm::copy(matrices.values<T>(), out.begin());
    for (int64_t i = 0; size && i < result.size() / size; ++i)
      diagonals->forEach([&](int64_t from, int64_t to) {
        out[i * size + to] = values.values<T>()[i * stored + from];
      });
  });
}

// Sets the matrices' sizes: as inputs 2 and 3 say, or as small as they can be where those are -1.
bool placeDiagonals(Evaluation &e, Diagonals &diagonals, int64_t longest) {
  int64_t rows = longest - std::min<int64_t>(diagonals.highest, 0);
  int64_t columns = longest + std::max<int64_t>(diagonals.lowest, 0);
  int64_t givenRows = -1, givenColumns = -1;
  if (e.numInputs() > 3) {
    givenRows = e.input(2).scalar<int32_t>();
    givenColumns = e.input(3).scalar<int32_t>();
  }
  diagonals.rows = givenRows != -1 ? givenRows : rows;
  diagonals.columns = givenColumns != -1 ? givenColumns : columns;
  if (givenRows == -1 && givenColumns == -1)
    diagonals.rows = diagonals.columns = std::max(rows, columns);
  if (diagonals.rows >= rows && diagonals.columns >= columns &&
      (diagonals.rows == rows || diagonals.columns == columns))
    return true;
  e.fail("expected matrices " + shapeText({rows, columns}) + " for the " + diagonals.text() +
         ", or larger in one dimension, got " + shapeText({diagonals.rows, diagonals.columns}));
  return false;
}

void matrixDiag(Evaluation &e, int boundsInput) {
  const Tensor &values = e.input(0);
  std::optional<Diagonals> diagonals = diagonalsOf(e, boundsInput, 0, 0);
  if (!diagonals)
    return;
  bool isOne = diagonals->lowest == diagonals->highest;
  if (values.rank() < (isOne ? 1 : 2) || diagonals->lowest > diagonals->highest ||
      (!isOne && values.dim(values.rank() - 2) != diagonals->count()))
    return e.fail("expected values of the " + diagonals->text() + ", got " + values.text());
  if (!placeDiagonals(e, *diagonals, values.shape().back()))
    return;
  Shape shape(values.shape().drop_back(isOne ? 1 : 2));
  shape.append({diagonals->rows, diagonals->columns});
  Tensor result = e.make(0, e.dtype(), shape);
  if (e.failed())
    return;
  int64_t size = diagonals->rows * diagonals->columns, stored = diagonals->stored();
  dispatch(e, Elements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto out = result.mutableValues<T>();
    if (e.numInputs() > 4)
      std::fill(out.begin(), out.end(), e.input(4).scalar<T>());
    for (int64_t i = 0; size && i < result.size() / size; ++i)
      diagonals->forEach([&](int64_t from, int64_t to) {
        out[i * size + to] = values.values<T>()[i * stored + from];
      });
  });
}

// Input `index`: how many diagonals beside the main one are kept; all when negative.
std::optional<int64_t> bandSide(Evaluation &e, int index, int64_t limit) {
  const Tensor &side = e.input(index);
  if (side.rank() == 0) {
    int64_t count = integersOf(side)[0];
    if (count <= limit)
      return count < 0 ? limit : count;
  }
  e.fail("expected a number of diagonals up to " + llvm::Twine(limit) + ", got " + side.text());
  return std::nullopt;
}

void matrixBandPart(Evaluation &e) {
  const Tensor &matrices = e.input(0);
  if (matrices.rank() < 2)
    return e.fail("expected matrices, got " + matrices.text());
  int64_t rows = matrices.dim(matrices.rank() - 2), columns = matrices.shape().back();
  std::optional<int64_t> lower = bandSide(e, 1, rows), upper = bandSide(e, 2, columns);
  if (!lower || !upper)
    return;
  Tensor result = e.make(0, e.dtype(), matrices.shape());
  dispatch(e, Elements{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto in = matrices.values<T>();
    auto out = result.mutableValues<T>();
    for (int64_t i = 0; i < result.size(); ++i) {
      int64_t diagonal = i % columns - i / columns % rows;
      out[i] = -*lower <= diagonal && diagonal <= *upper ? in[i] : T();
    }
  });
}

constexpr int kMain = -1;
constexpr KernelEntry kKernels[] = {
    {"MatrixBandPart", matrixBandPart},
    {"MatrixDiag", [](Evaluation &e) { matrixDiag(e, kMain); }},
    {"MatrixDiagV2", [](Evaluation &e) { matrixDiag(e, 1); }},
    {"MatrixDiagV3", [](Evaluation &e) { matrixDiag(e, 1); }},
    {"MatrixDiagPart", [](Evaluation &e) { matrixDiagPart(e, kMain); }},
    {"MatrixDiagPartV2", [](Evaluation &e) { matrixDiagPart(e, 1); }},
    {"MatrixDiagPartV3", [](Evaluation &e) { matrixDiagPart(e, 1); }},
    {"MatrixSetDiag", [](Evaluation &e) { matrixSetDiag(e, kMain); }},
    {"MatrixSetDiagV2", [](Evaluation &e) { matrixSetDiag(e, 2); }},
    {"MatrixSetDiagV3", [](Evaluation &e) { matrixSetDiag(e, 2); }},
};

} // namespace

KernelList diagonalKernels() { return kKernels; }

} // namespace firn::reference
