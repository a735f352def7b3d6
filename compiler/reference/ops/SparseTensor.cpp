#include "compiler/reference/ops/SparseTensor.h"

#include <numeric>

#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::Twine;

namespace firn::reference {

bool isBefore(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

std::vector<int64_t> SparseTensor::order() const {
  std::vector<int64_t> order(size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return isBefore(index(a), index(b)); });
  return order;
}

std::optional<int64_t> countInput(Evaluation &e, ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    if (!expect(e, dim >= 0 && !llvm::MulOverflow(count, dim, count),
                "expected a shape, got " + shapeText(shape)))
      return std::nullopt;
  return count;
}

static bool expectInside(Evaluation &e, const SparseTensor &sparse) {
  for (int64_t i = 0; i < sparse.size(); ++i)
    for (auto [at, dim] : llvm::zip(sparse.index(i), sparse.shape))
      if (!expect(e, at >= 0 && at < dim,
                  "expected indices inside " + shapeText(sparse.shape) + ", got " +
                      shapeText(sparse.index(i))))
        return false;
  return true;
}

std::optional<SparseTensor> sparseInput(Evaluation &e, unsigned indices, unsigned values,
                                        unsigned shape) {
  auto dims = integersInput(e, shape);
  if (!dims || !countInput(e, *dims) || !expectRank(e, indices, 2) || !expectRank(e, values, 1))
    return std::nullopt;
  const Tensor &at = e.input(indices);
  SparseTensor sparse{integersOf(at), e.input(values), Shape(ArrayRef<int64_t>(*dims))};
  if (!expect(e, at.dim(0) == sparse.size() && at.dim(1) == sparse.rank(),
              "expected an index for each value, got " + at.text() + " and " +
                  sparse.values.text() + " in " + shapeText(*dims)) ||
      !expectInside(e, sparse))
    return std::nullopt;
  return sparse;
}

std::optional<SparseTensor> sparseInput(Evaluation &e) { return sparseInput(e, 0, 1, 2); }

void giveEntries(Evaluation &e, unsigned first, const SparseTensor &sparse,
                 ArrayRef<int64_t> which) {
  int64_t count = which.size(), rank = sparse.rank();
  Tensor indices = e.make(first, DT_INT64, {count, rank});
  Tensor values = e.make(first + 1, sparse.values.dtype(), {count});
  auto to = indices.mutableValues<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    llvm::copy(sparse.index(which[i]), to.begin() + i * rank);
    copyRun(sparse.values, which[i], values, i, 1);
  }
}

void giveShape(Evaluation &e, unsigned index, ArrayRef<int64_t> shape) {
  e.give(index, makeVector<int64_t>(DT_INT64, shape));
}

} // namespace firn::reference
