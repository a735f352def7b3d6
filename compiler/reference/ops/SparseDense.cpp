// Sparse tensors that meet dense ones: made dense, multiplied, reduced.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Elementwise.h"
#include "compiler/reference/ops/SparseTensor.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::Twine;

namespace firn::reference {
namespace {

/// A scalar or vector of indices stands for a matrix of one row or column.
std::optional<SparseTensor> looseInput(Evaluation &e) {
  auto shape = integersInput(e, 1);
  if (!shape || !countInput(e, *shape))
    return std::nullopt;
  const Tensor &at = e.input(0), &values = e.input(2);
  int64_t count = at.rank() ? at.dim(0) : 1, rank = at.rank() > 1 ? at.dim(1) : 1;
  if (!expect(e,
              at.rank() <= 2 && rank == static_cast<int64_t>(shape->size()) &&
                  (values.rank() == 0 || (values.rank() == 1 && values.dim(0) == count)),
              "expected an index of rank " + Twine(shape->size()) + " for each value, got " +
                  at.text() + " and " + values.text()))
    return std::nullopt;
  SparseTensor sparse{integersOf(at), Tensor(values.dtype(), {count}),
                      Shape(ArrayRef<int64_t>(*shape))};
  if (values.rank() == 0)
    fillWith(values, 0, sparse.values);
  else
    sparse.values = values;
  return sparse;
}

// Inside the shape and, where that is asked for, rising.
bool expectIndices(Evaluation &e, const SparseTensor &sparse, bool rising) {
  for (int64_t i = 0; i < sparse.size(); ++i) {
    for (auto [at, dim] : llvm::zip(sparse.index(i), sparse.shape))
      if (!expect(e, at >= 0 && at < dim,
                  "expected indices inside " + shapeText(sparse.shape) + ", got " +
                      shapeText(sparse.index(i))))
        return false;
    if (rising && i > 0 &&
        !expect(e, isBefore(sparse.index(i - 1), sparse.index(i)),
                "expected indices in order, each once, got " + shapeText(sparse.index(i))))
      return false;
  }
  return true;
}

void toDense(Evaluation &e) {
  auto sparse = looseInput(e);
  if (!sparse || !expectIndices(e, *sparse, e.flag("validate_indices")) ||
      !expect(e, e.input(3).rank() == 0, "expected one default, got " + e.input(3).text()))
    return;
  Tensor dense = e.make(0, sparse->values.dtype(), sparse->shape);
  if (e.failed())
    return;
  fillWith(e.input(3), 0, dense);
  Shape strides = stridesOf(sparse->shape);
  for (int64_t i = 0; i < sparse->size(); ++i)
    copyRun(sparse->values, i, dense, offsetOf(sparse->index(i), strides), 1);
}

void addDense(Evaluation &e) {
  auto sparse = sparseInput(e);
  const Tensor &dense = e.input(3);
  if (!sparse || !expect(e, dense.shape() == ArrayRef<int64_t>(sparse->shape),
                         "expected operands of one shape, got " + shapeText(sparse->shape) +
                             " and " + dense.text()))
    return;
  dispatch(e, Numbers{}, dense.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor sum = copyOf(dense);
    Shape strides = stridesOf(sparse->shape);
    for (int64_t i = 0; i < sparse->size(); ++i) {
      T &element = sum.mutableValues<T>()[offsetOf(sparse->index(i), strides)];
      element = T(Modular<T>(element) + Modular<T>(sparse->values.values<T>()[i]));
    }
    e.give(sum);
  });
}

template <typename T> T adjoint(T x, bool conjugate) {
  if constexpr (isComplex<T>)
    return conjugate ? std::conj(x) : x;
  else
    return x;
}

template <typename T>
void multiplyRows(Evaluation &e, const SparseTensor &a, const Tensor &b, Tensor &product) {
  bool turnA = e.flag("adjoint_a"), turnB = e.flag("adjoint_b");
  int64_t columns = product.dim(1), width = b.dim(1);
  std::vector<Wide<T>> sums(product.size());
  for (int64_t i = 0; i < a.size(); ++i) {
    int64_t row = a.index(i)[turnA], inner = a.index(i)[!turnA];
    Wide<T> factor = adjoint<Wide<T>>(Wide<T>(a.values.values<T>()[i]), turnA);
    for (int64_t j = 0; j < columns; ++j) {
      T element = b.values<T>()[turnB ? j * width + inner : inner * width + j];
      sums[row * columns + j] += factor * adjoint<Wide<T>>(Wide<T>(element), turnB);
    }
  }
  std::transform(sums.begin(), sums.end(), product.mutableValues<T>().begin(),
                 [](Wide<T> sum) { return T(sum); });
}

void matMul(Evaluation &e) {
  auto a = sparseInput(e);
  const Tensor &b = e.input(3);
  if (!a || !expect(e, a->rank() == 2 && b.rank() == 2,
                    "expected two matrices, got " + shapeText(a->shape) + " and " + b.text()))
    return;
  bool turnA = e.flag("adjoint_a"), turnB = e.flag("adjoint_b");
  if (!expect(e, a->shape[!turnA] == b.dim(turnB),
              "expected matrices that fit, got " + shapeText(a->shape) + " and " + b.text()))
    return;
  Tensor product = e.make(0, b.dtype(), {a->shape[turnA], b.dim(!turnB)});
  if (e.failed())
    return;
  dispatch(e, Concat<Concat<Floats, Complexes>::Type, TypeList<int32_t>>::Type{}, b.dtype(),
           [&](auto zero) { multiplyRows<decltype(zero)>(e, *a, b, product); });
}

// value[i] = function(value[i], dense[index[i]]), where the dense operand is broadcast.
template <typename List, typename F> void withDense(Evaluation &e, F function) {
  auto sparse = sparseInput(e);
  const Tensor &dense = e.input(3);
  bool fits = sparse && dense.rank() <= sparse->rank();
  if (!sparse)
    return;
  Shape strides(sparse->rank(), 0), own = stridesOf(dense.shape());
  for (int64_t i = 0; fits && i < dense.rank(); ++i) {
    int64_t axis = sparse->rank() - dense.rank() + i;
    fits = dense.dim(i) == 1 || dense.dim(i) == sparse->shape[axis];
    strides[axis] = dense.dim(i) == 1 ? 0 : own[i];
  }
  if (!expect(e, fits,
              "expected a dense operand that broadcasts to " + shapeText(sparse->shape) + ", got " +
                  dense.text()))
    return;
  dispatch(e, List{}, dense.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, dense.dtype(), {sparse->size()});
    for (int64_t i = 0; i < sparse->size(); ++i)
      result.mutableValues<T>()[i] = function(
          sparse->values.values<T>()[i], dense.values<T>()[offsetOf(sparse->index(i), strides)], e);
  });
}

void divide(Evaluation &e) {
  withDense<Reals>(e, [](auto x, auto y, Evaluation &e) {
    using T = decltype(x);
    if constexpr (std::is_integral_v<T>) {
      // The smallest number has no opposite: wrap around.
      if (!expect(e, y != 0, "expected divisors that are not zero"))
        return T(0);
      if constexpr (std::is_signed_v<T>)
        if (y == T(-1))
          return T(-Modular<T>(x));
    }
    return T(Wide<T>(x) / Wide<T>(y));
  });
}

/// Which axes are reduced.
std::optional<std::vector<bool>> reducedAxes(Evaluation &e, int64_t rank) {
  auto axes = someIntegersInput(e, 3);
  if (!axes)
    return std::nullopt;
  std::vector<bool> reduced(rank);
  for (int64_t given : *axes) {
    auto axis = normalAxis(e, given, rank);
    if (!axis)
      return std::nullopt;
    reduced[*axis] = true;
  }
  return reduced;
}

// Folds the entries of each place that is left; zero where there is none.
template <typename F> void reduce(Evaluation &e, F function) {
  auto sparse = sparseInput(e);
  auto reduced = sparse ? reducedAxes(e, sparse->rank()) : std::nullopt;
  if (!reduced)
    return;
  Shape kept, shape;
  for (int64_t axis = 0; axis < sparse->rank(); ++axis) {
    kept.push_back((*reduced)[axis] ? 1 : sparse->shape[axis]);
    if (!(*reduced)[axis] || e.flag("keep_dims"))
      shape.push_back(kept.back());
  }
  Shape strides = stridesOf(kept);
  for (int64_t axis = 0; axis < sparse->rank(); ++axis)
    strides[axis] *= !(*reduced)[axis];
  Tensor result = e.make(0, sparse->values.dtype(), shape);
  if (e.failed())
    return;
  dispatch(e, Reals{}, sparse->values.dtype(), [&](auto zero) {
    using T = decltype(zero);
    std::vector<bool> begun(result.size());
    for (int64_t i : sparse->order()) {
      int64_t at = offsetOf(sparse->index(i), strides);
      T &element = result.mutableValues<T>()[at], value = sparse->values.values<T>()[i];
      element = begun[at] ? T(function(element, value)) : value;
      begun[at] = true;
    }
  });
}

// Over the entries of each row of the last axis.
void softmax(Evaluation &e) {
  auto sparse = sparseInput(e);
  if (!sparse || !expect(e, sparse->rank() >= 2, "expected rank 2 or more"))
    return;
  dispatch(e, Floats{}, sparse->values.dtype(), [&](auto zero) {
    using T = decltype(zero);
    Tensor result = e.make(0, sparse->values.dtype(), {sparse->size()});
    auto from = sparse->values.values<T>();
    auto to = result.mutableValues<T>();
    std::vector<int64_t> order = sparse->order();
    for (size_t begin = 0, end; begin < order.size(); begin = end) {
      Wide<T> most = Wide<T>(from[order[begin]]), sum = 0;
      auto row = sparse->index(order[begin]).drop_back();
      for (end = begin; end < order.size() && sparse->index(order[end]).drop_back() == row; ++end)
        most = std::max<Wide<T>>(most, Wide<T>(from[order[end]]));
      for (size_t i = begin; i < end; ++i)
        sum += std::exp(Wide<T>(from[order[i]]) - most);
      for (size_t i = begin; i < end; ++i)
        to[order[i]] = T(std::exp(Wide<T>(from[order[i]]) - most) / sum);
    }
  });
}

template <typename T> T product(T x, T y) { return T(Modular<T>(x) * Modular<T>(y)); }
template <typename T> T sum(T x, T y) { return T(Modular<T>(x) + Modular<T>(y)); }

constexpr KernelEntry kKernels[] = {
    {"SparseToDense", toDense},
    {"SparseTensorDenseAdd", addDense},
    {"SparseTensorDenseMatMul", matMul},
    {"SparseDenseCwiseAdd",
     [](Evaluation &e) {
       withDense<Reals>(e, [](auto x, auto y, Evaluation &) { return sum(x, y); });
     }},
    {"SparseDenseCwiseMul",
     [](Evaluation &e) {
       withDense<Reals>(e, [](auto x, auto y, Evaluation &) { return product(x, y); });
     }},
    {"SparseDenseCwiseDiv", divide},
    {"SparseReduceSum", [](Evaluation &e) { reduce(e, [](auto x, auto y) { return sum(x, y); }); }},
    {"SparseReduceMax",
     [](Evaluation &e) { reduce(e, [](auto x, auto y) { return maximum(x, y); }); }},
    {"SparseSoftmax", softmax},
};

} // namespace

KernelList sparseDenseKernels() { return kKernels; }

} // namespace firn::reference
