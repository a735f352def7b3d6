// Cross entropies and the check of predictions against targets.
#include <cmath>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "compiler/reference/ops/Softmax.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// `tensor` with its dimensions of 1 repeated up to `shape`.
template <typename T>
std::vector<T> broadcast(const Tensor &tensor, llvm::ArrayRef<int64_t> shape) {
  std::vector<T> result(countElements(shape));
  BroadcastIndex from(tensor.shape(), shape);
  for (T &value : result) {
    value = tensor.values<T>()[from.position()];
    from.next();
  }
  return result;
}

template <typename T>
void computeCrossEntropy(llvm::ArrayRef<T> logits, llvm::ArrayRef<T> labels, size_t classes,
                         llvm::MutableArrayRef<T> loss, llvm::MutableArrayRef<T> gradient) {
  using Sum = SumOf<T>;
  for (size_t row = 0; row < loss.size(); ++row) {
    Softmax<Sum> softmax(logits.slice(row * classes, classes));
    Sum sum = 0;
    for (size_t i = row * classes; i < (row + 1) * classes; ++i) {
      Sum label = labels[i];
      sum -= label * softmax.log(logits[i]);
      gradient[i] = static_cast<T>(softmax.of(logits[i]) - label);
    }
    loss[row] = static_cast<T>(sum);
  }
}

void crossEntropy(Evaluation &e) {
  const Tensor &logits = e.input(0), &labels = e.input(1);
  std::optional<Shape> shape = broadcastShapes(logits.shape(), labels.shape());
  if (!shape || shape->size() != 2)
    return e.fail("expected logits and labels that broadcast to a matrix, got " + logits.text() +
                  " and " + labels.text());
  Tensor loss = e.make(0, e.dtype(), {shape->front()});
  Tensor gradient = e.make(1, e.dtype(), *shape);
  if (e.failed())
    return;
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    computeCrossEntropy<T>(broadcast<T>(logits, *shape), broadcast<T>(labels, *shape),
                           shape->back(), loss.mutableValues<T>(), gradient.mutableValues<T>());
  });
}

template <typename T>
void computeSparseCrossEntropy(llvm::ArrayRef<T> logits, llvm::ArrayRef<int64_t> labels,
                               llvm::MutableArrayRef<T> loss, llvm::MutableArrayRef<T> gradient) {
  using Sum = SumOf<T>;
  size_t classes = labels.empty() ? 0 : logits.size() / labels.size();
  for (size_t row = 0; row < labels.size(); ++row) {
    size_t first = row * classes, hit = first + labels[row];
    Softmax<Sum> softmax(logits.slice(first, classes));
    for (size_t i = first; i < first + classes; ++i)
      gradient[i] = static_cast<T>(softmax.of(logits[i]) - (i == hit ? 1 : 0));
    loss[row] = static_cast<T>(-softmax.log(logits[hit]));
  }
}

void sparseCrossEntropy(Evaluation &e) {
  const Tensor &logits = e.input(0), &labels = e.input(1);
  if (logits.rank() != 2 || labels.rank() != 1 || logits.dim(0) != labels.dim(0))
    return e.fail("expected a label for each row of logits, got " + labels.text() + " and " +
                  logits.text());
  llvm::SmallVector<int64_t> classes = integersOf(labels);
  for (int64_t label : classes)
    if (label < 0 || label >= logits.dim(1))
      return e.fail("expected labels from 0 to below " + llvm::Twine(logits.dim(1)) + ", got " +
                    llvm::Twine(label));
  Tensor loss = e.make(0, e.dtype(), labels.shape());
  Tensor gradient = e.make(1, e.dtype(), logits.shape());
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    using T = decltype(zero);
    computeSparseCrossEntropy<T>(logits.values<T>(), classes, loss.mutableValues<T>(),
                                 gradient.mutableValues<T>());
  });
}

// True where fewer than k predictions are above the target's; false where that cannot be said.
bool isInTop(llvm::ArrayRef<float> predictions, int64_t target, int64_t k) {
  if (target < 0 || target >= static_cast<int64_t>(predictions.size()))
    return false;
  bool finite = llvm::all_of(predictions, [](float p) { return std::isfinite(p); });
  int64_t above = llvm::count_if(predictions, [&](float p) { return p > predictions[target]; });
  return finite && above < k;
}

void checkTop(Evaluation &e, int64_t k) {
  const Tensor &predictions = e.input(0), &targets = e.input(1);
  if (predictions.rank() != 2 || targets.rank() != 1 || predictions.dim(0) != targets.dim(0))
    return e.fail("expected a target for each row of predictions, got " + targets.text() + " and " +
                  predictions.text());
  Tensor result = e.make(0, DT_BOOL, targets.shape());
  llvm::SmallVector<int64_t> rows = integersOf(targets);
  for (size_t row = 0; row < rows.size(); ++row)
    result.mutableValues<bool>()[row] =
        isInTop(predictions.values<float>().slice(row * predictions.dim(1), predictions.dim(1)),
                rows[row], k);
}

void inTopK(Evaluation &e) { checkTop(e, e.integer("k")); }

void inTopKV2(Evaluation &e) {
  if (e.input(2).rank() != 0)
    return e.fail("expected a scalar k, got " + e.input(2).text());
  checkTop(e, integersOf(e.input(2)).front());
}

constexpr KernelEntry kKernels[] = {
    {"SoftmaxCrossEntropyWithLogits", crossEntropy},
    {"SparseSoftmaxCrossEntropyWithLogits", sparseCrossEntropy},
    {"InTopK", inTopK},
    {"InTopKV2", inTopKV2},
};

} // namespace

KernelList lossKernels() { return kKernels; }

} // namespace firn::reference
