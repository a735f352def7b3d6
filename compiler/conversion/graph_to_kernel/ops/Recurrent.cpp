// Cells of recurrent nets as one op: LSTMBlockCell, BlockLSTM, GRUBlockCell. They are computed in
// f32. What the inputs give to the gates of all steps is one product up front.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "compiler/conversion/graph_to_kernel/ops/Products.h"
#include "compiler/reference/Movement.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

Number sigmoid(const Number &x) { return 1 / (exp(-x) + 1); }

// Rows `first` to `first + count` - 1 of the weights that input `index` is.
Tensor rowsOf(NodeLowering &n, unsigned index, Size first, Size count) {
  std::optional<reference::Tensor> known = constantInput(n, index);
  bool isConstant = known && known->dtype() == DT_FLOAT && constantSize(first);
  if (!isConstant) {
    Tensor weights = converted(n, n.in(index), DT_FLOAT);
    if (!weights)
      return {};
    return n.slice(weights, {first, n.size(0)}, {count, weights.sizes[1]});
  }
  int64_t columns = known->dim(1), from = *constantSize(first) * columns;
  reference::Tensor part(DT_FLOAT, {staticSize(count), columns});
  reference::copyRun(*known, from, part, 0, part.size());
  return constantOf(n, part);
}

/// [x, h] x weights: what each side gives, to be added.
struct Weights {
  Tensor ofInput, ofState, bias;

  Weights(NodeLowering &n, unsigned weights, unsigned bias, Size inputs, Size units)
      : ofInput(rowsOf(n, weights, n.size(0), inputs)), ofState(rowsOf(n, weights, inputs, units)),
        bias(converted(n, n.in(bias), DT_FLOAT)) {}
  explicit operator bool() const { return ofInput && ofState && bias; }
};

/// Sums of a step, read gate by gate inside of a body.
struct Gates {
  Tensor fromInput, fromState, bias; // [batch, gates units], or [time, batch, …] of the input
  Size units;
  Value round; // of a sequence

  Number at(ImplicitLocOpBuilder &b, ValueRange place, int64_t gate) const {
    Place column = placeOf(b, units) * gate + placeOf(b, place[1]);
    SmallVector<Value> input{place[0], column.value};
    if (round)
      input.insert(input.begin(), round);
    Number x{&b, NodeLowering::read(b, fromInput, input), DT_FLOAT};
    Number h{&b, NodeLowering::read(b, fromState, {place[0], column.value}), DT_FLOAT};
    return x + h + Number{&b, NodeLowering::read(b, bias, column.value), DT_FLOAT};
  }
};

// The outputs of an LSTM cell, in their order.
enum { kIn, kState, kForget, kOut, kCandidate, kActivated, kHidden, kLstmOutputs };

/// An LSTM of `units` over a batch. Its parameters are the node's, from input `first` on: the
/// state, the hidden state, weights, peephole weights of the in, forget and out gates, bias.
class Lstm {
public:
  // `isNewer`: the gates stand in another order and none has a bias of its own.
  Lstm(NodeLowering &n, unsigned first, const Tensor &x, bool isNewer)
      : n(n), state(converted(n, n.in(first), DT_FLOAT)),
        hidden(converted(n, n.in(first + 1), DT_FLOAT)), candidateAt(isNewer ? 2 : 1),
        forgetAt(isNewer ? 1 : 2), forgetBias(isNewer ? 0 : n.real("forget_bias")),
        clip(n.real("cell_clip")) {
    if (!state || !hidden)
      return;
    weights.emplace(n, first + 2, first + 6, x.sizes.back(), state.sizes[1]);
    if (n.flag("use_peephole"))
      for (unsigned i = 3; i < 6; ++i)
        peepholes.push_back(converted(n, n.in(first + i), DT_FLOAT));
  }
  bool isGood() const {
    return weights && *weights && llvm::all_of(peepholes, [](auto &p) { return bool(p); });
  }

  /// What the input gives to all gates, of all steps that it has: [rows, 4 units].
  Tensor fromInput(const Tensor &x) const {
    Tensor wide = converted(n, x, DT_FLOAT);
    Tensor rows = n.reshape(wide, {n.product(ArrayRef<Size>(x.sizes).drop_back()), x.sizes.back()});
    Tensor product = matrixProduct(n, rows, weights->ofInput, false, DT_FLOAT);
    Sizes sizes = x.sizes;
    sizes.back() = weights->ofInput.sizes[1];
    return product ? n.reshape(product, sizes) : Tensor();
  }

  Gates gates(const Tensor &input, const Tensor &h, Value round) const {
    return {input, matrixProduct(n, h, weights->ofState, false, DT_FLOAT), weights->bias,
            state.sizes[1], round};
  }

  /// One output of a step; `next` is the step's state, for those that come after it.
  Tensor output(int number, const Gates &gates, const Tensor &before, const Tensor &next) const {
    return n.generate(DT_FLOAT, before.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
      return elementOf(b, at, number, gates, before, next).value;
    });
  }

  NodeLowering &n;
  Tensor state, hidden;

private:
  Number peephole(ImplicitLocOpBuilder &b, ValueRange at, unsigned number, const Number &gate,
                  const Number &cell) const {
    if (peepholes.empty())
      return gate;
    return gate + Number{&b, NodeLowering::read(b, peepholes[number], at[1]), DT_FLOAT} * cell;
  }

  Number elementOf(ImplicitLocOpBuilder &b, ValueRange at, int number, const Gates &gates,
                   const Tensor &before, const Tensor &next) const {
    auto cell = [&](const Tensor &of) {
      return Number{&b, NodeLowering::read(b, of, at), DT_FLOAT};
    };
    auto part = [&](int which) { return elementOf(b, at, which, gates, before, next); };
    switch (number) {
    case kIn:
      return sigmoid(peephole(b, at, 0, gates.at(b, at, 0), cell(before)));
    case kForget:
      return sigmoid(peephole(b, at, 1, gates.at(b, at, forgetAt) + forgetBias, cell(before)));
    case kCandidate:
      return tanh(gates.at(b, at, candidateAt));
    case kState: {
      Number made = part(kCandidate) * part(kIn) + cell(before) * part(kForget);
      return clip > 0 ? minimum(maximum(made, -clip), clip) : made;
    }
    case kOut:
      return sigmoid(peephole(b, at, 2, gates.at(b, at, 3), cell(next)));
    case kActivated:
      return tanh(cell(next));
    default:
      return part(kActivated) * part(kOut);
    }
  }

  std::optional<Weights> weights;
  int64_t candidateAt, forgetAt; // where each gate's columns begin, in units
  double forgetBias, clip;
  SmallVector<Tensor> peepholes;
};

void lstmBlockCell(NodeLowering &n) {
  Tensor x = n.in(0);
  if (!x)
    return;
  Lstm lstm(n, 1, x, false);
  if (!lstm.isGood())
    return;
  Gates gates = lstm.gates(lstm.fromInput(x), lstm.hidden, Value());
  if (!gates.fromInput || !gates.fromState)
    return;
  Tensor next = lstm.output(kState, gates, lstm.state, {});
  for (int k = 0; k < kLstmOutputs; ++k)
    if (n.isUsed(k))
      n.give(k, converted(n, k == kState ? next : lstm.output(k, gates, lstm.state, next),
                          n.outDtype(k)));
}

// Over the steps of `x` [time, batch, inputs], of which input 0 says how many count. Carried: the
// state, the hidden state, all steps of the outputs that are used.
void blockLstm(NodeLowering &n, bool isNewer) {
  Tensor x = n.in(1);
  Size count = n.element(0, 0);
  if (!x)
    return;
  Lstm lstm(n, 2, x, isNewer);
  if (!count)
    count = n.readSize(n.in(0), x.sizes[0]);
  Tensor input = lstm.isGood() ? lstm.fromInput(x) : Tensor();
  if (!input)
    return;
  SmallVector<Tensor> carried{lstm.state, lstm.hidden};
  Sizes all{x.sizes[0], lstm.state.sizes[0], lstm.state.sizes[1]};
  Sizes single{n.size(1), all[1], all[2]};
  SmallVector<int> used;
  for (int k = 0; k < kLstmOutputs; ++k)
    if (n.isUsed(k)) {
      used.push_back(k);
      carried.push_back(n.zeros(DT_FLOAT, all));
    }
  carried = n.rounds(n.min(count, all[0]), carried, [&](Size round, ArrayRef<Tensor> before) {
    Gates gates = lstm.gates(input, before[1], n.value(round));
    Tensor next = lstm.output(kState, gates, before[0], {});
    Tensor hidden = lstm.output(kHidden, gates, before[0], next);
    SmallVector<Tensor> made{next, hidden};
    for (auto [i, k] : llvm::enumerate(used)) {
      Tensor value = k == kState    ? next
                     : k == kHidden ? hidden
                                    : lstm.output(k, gates, before[0], next);
      Sizes offsets{round, n.size(0), n.size(0)};
      made.push_back(n.insert(n.reshape(value, single), before[2 + i], offsets, n.repeated(1, 3)));
    }
    return made;
  });
  for (auto [i, k] : llvm::enumerate(used))
    n.give(k, converted(n, carried[2 + i], n.outDtype(k)));
}

void gruBlockCell(NodeLowering &n) {
  Tensor x = n.in(0), state = n.in(1);
  if (!x || !state)
    return;
  Size inputs = x.sizes[1], units = state.sizes[1];
  Weights gateWeights(n, 2, 4, inputs, units), weights(n, 3, 5, inputs, units);
  if (!gateWeights || !weights)
    return;
  auto product = [&](const Tensor &a, const Tensor &b) {
    return matrixProduct(n, a, b, false, DT_FLOAT);
  };
  Gates gates{product(x, gateWeights.ofInput), product(state, gateWeights.ofState),
              gateWeights.bias, units, Value()};
  auto made = [&](const std::function<Number(ImplicitLocOpBuilder &, ValueRange)> &body) {
    return n.generate(DT_FLOAT, state.sizes,
                      [&](ImplicitLocOpBuilder &b, ValueRange at) { return body(b, at).value; });
  };
  auto elementOf = [](ImplicitLocOpBuilder &b, const Tensor &tensor, ValueRange at) {
    return Number{&b, NodeLowering::read(b, tensor, at), DT_FLOAT};
  };
  Tensor reset =
      made([&](ImplicitLocOpBuilder &b, ValueRange at) { return sigmoid(gates.at(b, at, 0)); });
  Tensor update =
      made([&](ImplicitLocOpBuilder &b, ValueRange at) { return sigmoid(gates.at(b, at, 1)); });
  Tensor kept =
      map(n, {state, reset}, DT_FLOAT, state.sizes, [](ArrayRef<Number> v) { return v[0] * v[1]; });
  Gates last{product(x, weights.ofInput), product(kept, weights.ofState), weights.bias, units,
             Value()};
  Tensor candidate =
      made([&](ImplicitLocOpBuilder &b, ValueRange at) { return tanh(last.at(b, at, 0)); });
  Tensor hidden = made([&](ImplicitLocOpBuilder &b, ValueRange at) {
    Number share = elementOf(b, update, at);
    return share * elementOf(b, state, at) + (1 - share) * elementOf(b, candidate, at);
  });
  const Tensor outputs[] = {reset, update, candidate, hidden};
  for (auto [index, output] : llvm::enumerate(outputs))
    n.give(index, output);
}

const LoweringEntry kRecurrent[] = {
    {"BlockLSTM", [](NodeLowering &n) { blockLstm(n, false); }},
    {"BlockLSTMV2", [](NodeLowering &n) { blockLstm(n, true); }},
    {"GRUBlockCell", gruBlockCell},
    {"LSTMBlockCell", lstmBlockCell},
};

} // namespace

Lowerings recurrentLowerings() { return kRecurrent; }

} // namespace firn::kernel
