// Softmax, cross entropies, and whether targets are among the best predictions.
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

Number subtract(ArrayRef<Number> x) { return x[0] - x[1]; }
Number divide(ArrayRef<Number> x) { return x[0] / x[1]; }

/// Rows of logits with their largest taken off, so that no exponential overflows.
struct Shifted {
  Tensor logits, exponentials, sum; // the sums with a last dimension of 1

  Shifted(NodeLowering &n, const Tensor &x) {
    int64_t last = x.rank() - 1;
    Tensor largest = fold(n, x, {last}, true, kGreatest);
    logits = map(n, {x, largest}, x.dtype, subtract);
    exponentials = map(n, {logits}, x.dtype, [](ArrayRef<Number> v) { return exp(v[0]); });
    sum = fold(n, exponentials, {last}, true, kAdding);
  }
  Tensor softmax(NodeLowering &n) const {
    return map(n, {exponentials, sum}, logits.dtype, divide);
  }
  Tensor logSoftmax(NodeLowering &n) const {
    return map(n, {logits, sum}, logits.dtype, [](ArrayRef<Number> v) { return v[0] - log(v[1]); });
  }
};

void softmax(NodeLowering &n) {
  Tensor x = widened(n, n.in(0));
  if (!x)
    return;
  bool isLog = n.node.is("LogSoftmax");
  if (constantSize(n.product(x.sizes)) == int64_t(0))
    return n.give(filled(n, n.outDtype(), 0, x.sizes));
  if (x.dtype == DT_DOUBLE) {
    Shifted shifted(n, x);
    return n.give(isLog ? shifted.logSoftmax(n) : shifted.softmax(n));
  }
  Tensor result = n.library(DT_FLOAT, x.sizes, [&](Value init) -> Value {
    return n.b.create<SoftmaxOp>(init.getType(), x.value, init, ValueRange(), isLog);
  });
  n.give(converted(n, result, n.outDtype()));
}

void crossEntropy(NodeLowering &n) {
  Tensor logits = widened(n, n.in(0)), labels = widened(n, n.in(1));
  std::optional<Sizes> sizes = n.broadcastSizes({logits, labels});
  if (!sizes)
    return;
  int dtype = logits.dtype;
  if (logits.sizes != *sizes)
    logits = map(n, {logits}, dtype, *sizes, [](ArrayRef<Number> v) { return v[0]; });
  Shifted shifted(n, logits);
  Tensor terms = map(n, {labels, shifted.logits, shifted.sum}, dtype, *sizes,
                     [](ArrayRef<Number> v) { return v[0] * (log(v[2]) - v[1]); });
  n.give(0, converted(n, fold(n, terms, {1}, false, kAdding), n.outDtype()));
  if (n.isUsed(1))
    n.give(1, map(n, {shifted.exponentials, shifted.sum, labels}, n.outDtype(), *sizes,
                  [](ArrayRef<Number> v) { return v[0] / v[1] - v[2]; }));
}

// A label outside of the classes, which TensorFlow refuses, has the loss NaN.
void sparseCrossEntropy(NodeLowering &n) {
  Tensor logits = widened(n, n.in(0)), labels = converted(n, n.in(1), DT_INT64);
  if (!logits || !labels)
    return;
  Shifted shifted(n, logits);
  int dtype = logits.dtype;
  Value classes = n.value(logits.sizes[1]);
  auto loss = [&](ImplicitLocOpBuilder &b, ValueRange row) {
    Number label{&b, NodeLowering::read(b, labels, row), DT_INT64};
    Truth isClass = label >= 0 && label < fromIndex(b, classes, DT_INT64);
    Value at = b.create<arith::IndexCastOp>(b.getIndexType(),
                                            choose(isClass, label, like(label, 0)).value);
    Value zero = b.create<arith::ConstantIndexOp>(0);
    Number logit{&b, NodeLowering::read(b, shifted.logits, {row[0], at}), dtype};
    Number sum{&b, NodeLowering::read(b, shifted.sum, {row[0], zero}), dtype};
    Number none = constantOf(b, dtype, std::numeric_limits<double>::quiet_NaN());
    return convert(choose(isClass, log(sum) - logit, none), n.outDtype()).value;
  };
  n.give(0, n.generate(n.outDtype(), labels.sizes, loss));
  if (!n.isUsed(1))
    return;
  auto gradient = [&](ImplicitLocOpBuilder &b, ValueRange place) {
    Number label{&b, NodeLowering::read(b, labels, place.front()), DT_INT64};
    Value zero = b.create<arith::ConstantIndexOp>(0);
    Number power{&b, NodeLowering::read(b, shifted.exponentials, place), dtype};
    Number sum{&b, NodeLowering::read(b, shifted.sum, {place[0], zero}), dtype};
    Number share = power / sum;
    Truth isLabel = label == fromIndex(b, place[1], DT_INT64);
    return convert(choose(isLabel, share - 1, share), n.outDtype()).value;
  };
  n.give(1, n.generate(n.outDtype(1), logits.sizes, gradient));
}

// True where fewer than k predictions are above the target's; false where that cannot be said:
// the target is none of the classes, or a prediction is not finite.
Value isInTop(ImplicitLocOpBuilder &b, const Tensor &predictions, Value row, Number target,
              Value classes, const Number &k) {
  Value zero = b.create<arith::ConstantIndexOp>(0), one = b.create<arith::ConstantIndexOp>(1);
  Truth isClass = target >= 0 && target < fromIndex(b, classes, DT_INT64);
  Value at = b.create<arith::IndexCastOp>(b.getIndexType(),
                                          choose(isClass, target, like(target, 0)).value);
  Value wanted = NodeLowering::read(b, predictions, {row, at});
  auto loop = b.create<scf::ForOp>(
      zero, classes, one, ValueRange({byteOf(isClass).value, like(k, 0).value}),
      [&](OpBuilder &inner, Location loc, Value index, ValueRange state) {
        ImplicitLocOpBuilder body(loc, inner);
        Number each{&body, NodeLowering::read(body, predictions, {row, index}), DT_FLOAT};
        Number goal{&body, wanted, DT_FLOAT}, fine{&body, state[0], DT_BOOL},
            above{&body, state[1], DT_INT64};
        Number finite = byteOf(abs(each) < std::numeric_limits<double>::infinity());
        Number more = convert(byteOf(each > goal), DT_INT64);
        body.create<scf::YieldOp>(ValueRange({(fine & finite).value, (above + more).value}));
      });
  Number fine{&b, loop.getResult(0), DT_BOOL}, above{&b, loop.getResult(1), DT_INT64};
  return (fine & byteOf(above < k)).value;
}

void inTopK(NodeLowering &n) {
  Tensor predictions = n.in(0), targets = converted(n, n.in(1), DT_INT64);
  bool isInput = n.node.is("InTopKV2");
  Tensor count = isInput ? converted(n, n.in(2), DT_INT64) : Tensor();
  if (!predictions || !targets || (isInput && !count))
    return;
  int64_t known = n.integer("k");
  Value classes = n.value(predictions.sizes[1]);
  n.give(n.generate(DT_BOOL, targets.sizes, [&](ImplicitLocOpBuilder &b, ValueRange row) {
    Number k = isInput ? Number{&b, NodeLowering::read(b, count, {}), DT_INT64}
                       : constantOf(b, DT_INT64, static_cast<double>(known));
    Number target{&b, NodeLowering::read(b, targets, row), DT_INT64};
    return isInTop(b, predictions, row[0], target, classes, k);
  }));
}

const LoweringEntry kSoftmax[] = {
    {"InTopK", inTopK},
    {"InTopKV2", inTopK},
    {"LogSoftmax", softmax},
    {"Softmax", softmax},
    {"SoftmaxCrossEntropyWithLogits", crossEntropy},
    {"SparseSoftmaxCrossEntropyWithLogits", sparseCrossEntropy},
};

} // namespace

Lowerings softmaxLowerings() { return kSoftmax; }

} // namespace firn::kernel
