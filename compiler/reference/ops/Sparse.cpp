// Sparse tensors that become sparse tensors: joined, cut, put in order.
#include "compiler/reference/ops/SparseTensor.h"

#include <numeric>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Elementwise.h"
#include "llvm/ADT/Sequence.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::Twine;

namespace firn::reference {
namespace {

std::vector<int64_t> countTo(int64_t count) {
  std::vector<int64_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

void giveSparse(Evaluation &e, const SparseTensor &sparse, ArrayRef<int64_t> which) {
  giveEntries(e, 0, sparse, which);
  giveShape(e, 2, sparse.shape);
}

/// The new shape, with its -1 worked out.
std::optional<Shape> reshapedShape(Evaluation &e, ArrayRef<int64_t> from, ArrayRef<int64_t> to) {
  auto count = countInput(e, from);
  Shape shape(to), known;
  llvm::copy_if(shape, std::back_inserter(known), [](int64_t dim) { return dim != -1; });
  auto rest = count ? countInput(e, known) : std::nullopt;
  if (!rest)
    return std::nullopt;
  bool open = known.size() + 1 == shape.size();
  if (open && *rest > 0)
    *llvm::find(shape, -1) = *count / *rest;
  bool fits = (open && *rest > 0) || known.size() == shape.size();
  if (!expect(e, fits && countElements(shape) == *count,
              "expected a shape of as many elements as " + shapeText(from) + ", got " +
                  shapeText(to)))
    return std::nullopt;
  return shape;
}

void reshape(Evaluation &e) {
  auto from = integersInput(e, 1), to = integersInput(e, 2);
  if (!from || !to || !expectRank(e, 0, 2) ||
      !expect(e, e.input(0).dim(1) == static_cast<int64_t>(from->size()),
              "expected indices of the shape's rank, got " + e.input(0).text()))
    return;
  auto shape = reshapedShape(e, *from, *to);
  if (!shape)
    return;
  llvm::SmallVector<int64_t> indices = integersOf(e.input(0));
  Shape oldStrides = stridesOf(*from), newStrides = stridesOf(*shape);
  int64_t oldRank = from->size(), rank = shape->size(), count = e.input(0).dim(0);
  Tensor result = e.make(0, DT_INT64, {count, rank});
  auto out = result.mutableValues<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    int64_t at = offsetOf(ArrayRef<int64_t>(indices).slice(i * oldRank, oldRank), oldStrides);
    if (!expect(e, at >= 0 && at < countElements(*shape), "expected indices inside the shape"))
      return;
    for (int64_t axis = 0; axis < rank; ++axis)
      out[i * rank + axis] = at / newStrides[axis] % (*shape)[axis];
  }
  giveShape(e, 1, *shape);
}

void reorder(Evaluation &e) {
  if (auto sparse = sparseInput(e))
    giveEntries(e, 0, *sparse, sparse->order());
}

/// Sparse tensors one behind the other in one list; their shapes are looked at elsewhere.
SparseTensor appended(ArrayRef<SparseTensor> parts, ArrayRef<int64_t> shape) {
  int64_t count = 0, at = 0;
  for (const SparseTensor &part : parts)
    count += part.size();
  SparseTensor all{{}, Tensor(parts[0].values.dtype(), {count}), Shape(shape)};
  for (const SparseTensor &part : parts) {
    llvm::append_range(all.indices, part.indices);
    copyRun(part.values, 0, all.values, at, part.size());
    at += part.size();
  }
  return all;
}

void concat(Evaluation &e) {
  unsigned count = e.numInputs() / 3;
  std::vector<SparseTensor> parts;
  for (unsigned i = 0; i < count; ++i)
    if (auto part = sparseInput(e, i, count + i, 2 * count + i))
      parts.push_back(*part);
    else
      return;
  auto axis = normalAxis(e, e.integer("concat_dim"), parts[0].rank());
  if (!axis)
    return;
  Shape shape = parts[0].shape;
  shape[*axis] = 0;
  for (SparseTensor &part : parts) {
    Shape wanted = shape;
    if (part.rank() == parts[0].rank())
      wanted[*axis] = part.shape[*axis];
    if (!expect(e, part.shape == wanted,
                "expected shapes that differ in axis " + Twine(*axis) + " only, got " +
                    shapeText(parts[0].shape) + " and " + shapeText(part.shape)))
      return;
    for (size_t i = *axis; i < part.indices.size(); i += part.rank())
      part.indices[i] += shape[*axis];
    if (!expect(e, !llvm::AddOverflow(shape[*axis], part.shape[*axis], shape[*axis]),
                "expected fewer elements"))
      return;
  }
  SparseTensor all = appended(parts, shape);
  giveSparse(e, all, *axis == 0 ? countTo(all.size()) : all.order());
}

/// The entries inside a box, as a tensor of the box's shape.
SparseTensor cutBox(const SparseTensor &sparse, ArrayRef<int64_t> start, ArrayRef<int64_t> size) {
  std::vector<int64_t> inside;
  SparseTensor box{{}, Tensor(), {}};
  for (int64_t axis = 0; axis < sparse.rank(); ++axis)
    box.shape.push_back(
        std::clamp<int64_t>(sparse.shape[axis] - start[axis], 0, std::max<int64_t>(size[axis], 0)));
  for (int64_t i = 0; i < sparse.size(); ++i) {
    bool fits = true;
    for (int64_t axis = 0; axis < sparse.rank(); ++axis) {
      int64_t at = sparse.index(i)[axis] - start[axis];
      fits = fits && at >= 0 && at < box.shape[axis];
    }
    if (!fits)
      continue;
    inside.push_back(i);
    for (int64_t axis = 0; axis < sparse.rank(); ++axis)
      box.indices.push_back(sparse.index(i)[axis] - start[axis]);
  }
  box.values = Tensor(sparse.values.dtype(), {static_cast<int64_t>(inside.size())});
  for (size_t i = 0; i < inside.size(); ++i)
    copyRun(sparse.values, inside[i], box.values, i, 1);
  return box;
}

void slice(Evaluation &e) {
  auto sparse = sparseInput(e);
  auto start = sparse ? integersInput(e, 3) : std::nullopt;
  auto size = start ? integersInput(e, 4) : std::nullopt;
  if (!size)
    return;
  bool fits =
      static_cast<int64_t>(start->size()) == sparse->rank() && size->size() == start->size();
  if (!expect(e, fits && llvm::all_of(*start, [](int64_t s) { return s >= 0; }),
              "expected a start and a size for each axis, got " + shapeText(*start) + " and " +
                  shapeText(*size)))
    return;
  SparseTensor box = cutBox(*sparse, *start, *size);
  giveSparse(e, box, countTo(box.size()));
}

// Parts of one size, the first ones by one longer where it does not divide.
void split(Evaluation &e) {
  auto sparse = sparseInput(e, 1, 2, 3);
  auto given = sparse ? integerInput(e, 0) : std::nullopt;
  auto axis = given ? normalAxis(e, *given, sparse->rank()) : std::nullopt;
  int64_t count = e.integer("num_split");
  if (!axis || !expect(e, count > 0 && count <= sparse->shape[*axis],
                       "expected at most as many parts as rows, got " + Twine(count)))
    return;
  Shape start(sparse->rank(), 0), size = sparse->shape;
  for (int64_t i = 0; i < count; ++i) {
    size[*axis] = sparse->shape[*axis] / count + (i < sparse->shape[*axis] % count);
    SparseTensor part = cutBox(*sparse, start, size);
    e.give(i, makeIntegers(DT_INT64, {part.size(), part.rank()}, part.indices));
    e.give(count + i, part.values);
    giveShape(e, 2 * count + i, part.shape);
    start[*axis] += size[*axis];
  }
}

void fillEmptyRows(Evaluation &e) {
  auto sparse = sparseInput(e);
  if (!sparse || !expect(e, sparse->rank() > 0, "expected rows, got a scalar") ||
      !expect(e, e.input(3).rank() == 0, "expected one default, got " + e.input(3).text()))
    return;
  int64_t rows = sparse->shape[0];
  Tensor empty = e.make(2, DT_BOOL, {rows}), where = e.make(3, DT_INT64, {sparse->size()});
  if (e.failed())
    return;
  std::vector<std::vector<int64_t>> members(rows);
  for (int64_t i = 0; i < sparse->size(); ++i)
    members[sparse->index(i)[0]].push_back(i);
  // The defaults are entries behind the others.
  SparseTensor added{{}, Tensor(), sparse->shape};
  std::vector<int64_t> which;
  for (int64_t row = 0; row < rows; ++row) {
    bool isEmpty = empty.mutableValues<bool>()[row] = members[row].empty();
    for (int64_t i : members[row]) {
      where.mutableValues<int64_t>()[i] = which.size();
      which.push_back(i);
    }
    if (!isEmpty)
      continue;
    which.push_back(sparse->size() + added.indices.size() / sparse->rank());
    added.indices.append(sparse->rank(), 0);
    added.indices[added.indices.size() - sparse->rank()] = row;
  }
  int64_t count = added.indices.size() / sparse->rank();
  added.values = Tensor(sparse->values.dtype(), {count});
  fillWith(e.input(3), 0, added.values);
  giveEntries(e, 0, appended({*sparse, added}, sparse->shape), which);
}

/// Which entries of two ordered tensors are summed: numbers of both, -1 for none.
std::vector<std::pair<int64_t, int64_t>> merged(const SparseTensor &a, const SparseTensor &b) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  int64_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    bool left = i < a.size(), right = j < b.size();
    if (left && right && a.index(i) != b.index(j)) {
      left = isBefore(a.index(i), b.index(j));
      right = !left;
    }
    pairs.push_back({left ? i : -1, right ? j : -1});
    i += left;
    j += right;
  }
  return pairs;
}

/// The sum; where both have a value, not when its magnitude is below the threshold.
template <typename T>
SparseTensor sumOf(const SparseTensor &a, const SparseTensor &b, double threshold) {
  SparseTensor sum{{}, Tensor(), a.shape};
  std::vector<T> values;
  for (auto [i, j] : merged(a, b)) {
    T value = i < 0 ? b.values.values<T>()[j]
              : j < 0
                  ? a.values.values<T>()[i]
                  : T(Modular<T>(a.values.values<T>()[i]) + Modular<T>(b.values.values<T>()[j]));
    double magnitude;
    if constexpr (isComplex<T>)
      magnitude = std::abs(value);
    else
      magnitude = std::abs(static_cast<double>(value));
    if (i >= 0 && j >= 0 && !(threshold <= magnitude))
      continue;
    llvm::append_range(sum.indices, i < 0 ? b.index(j) : a.index(i));
    values.push_back(value);
  }
  sum.values = makeVector<T>(a.values.dtype(), values);
  return sum;
}

void add(Evaluation &e) {
  auto a = sparseInput(e, 0, 1, 2), b = sparseInput(e, 3, 4, 5);
  if (!a || !b ||
      !expect(e, a->shape == b->shape && e.input(6).size() == 1,
              "expected operands of one shape and a threshold, got " + shapeText(a->shape) + ", " +
                  shapeText(b->shape) + " and " + e.input(6).text()))
    return;
  double threshold = 0;
  dispatch(e, Reals{}, e.dtype(6), [&](auto zero) {
    threshold = static_cast<double>(e.input(6).scalar<decltype(zero)>());
  });
  dispatch(e, Numbers{}, a->values.dtype(), [&](auto zero) {
    SparseTensor sum = sumOf<decltype(zero)>(*a, *b, threshold);
    giveSparse(e, sum, countTo(sum.size()));
  });
}

constexpr KernelEntry kKernels[] = {
    {"SparseReshape", reshape}, {"SparseReorder", reorder}, {"SparseConcat", concat},
    {"SparseSlice", slice},     {"SparseSplit", split},     {"SparseFillEmptyRows", fillEmptyRows},
    {"SparseAdd", add},
};

} // namespace

KernelList sparseKernels() { return kKernels; }

} // namespace firn::reference
