// Cells of recurrent nets as one op: LSTMBlockCell, BlockLSTM, GRUBlockCell.
#include <cmath>

#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

std::vector<float> floatsOf(const Tensor &tensor) {
  std::vector<float> values;
  dispatch(Floats{}, tensor.dtype(),
           [&](auto zero) { values = widened<float>(tensor.values<decltype(zero)>()); });
  return values;
}

bool hasShape(Evaluation &e, unsigned input, llvm::ArrayRef<int64_t> shape) {
  if (e.input(input).shape() == shape)
    return true;
  e.fail("expected input " + llvm::Twine(input) + " of shape " + shapeText(shape) + ", got " +
         e.input(input).text());
  return false;
}

// [x, h] × w + b for each row: `x` [batch, inputs], `h` [batch, units], `w` [inputs + units, size].
std::vector<float> weigh(llvm::ArrayRef<float> x, llvm::ArrayRef<float> h, int64_t batch,
                         llvm::ArrayRef<float> w, llvm::ArrayRef<float> b) {
  int64_t size = b.size();
  std::vector<float> joined, sums(batch * size);
  if (batch == 0)
    return sums;
  int64_t inputs = x.size() / batch, units = h.size() / batch;
  for (int64_t i = 0; i < batch; ++i) {
    joined.insert(joined.end(), x.begin() + i * inputs, x.begin() + (i + 1) * inputs);
    joined.insert(joined.end(), h.begin() + i * units, h.begin() + (i + 1) * units);
  }
  Panels<float> panels(w.data(), inputs + units, size, size);
  panels.multiply(joined.data(), inputs + units, sums.data(), size, batch);
  for (int64_t i = 0; i < batch * size; ++i)
    sums[i] += b[i % size];
  return sums;
}

// The outputs of an LSTM cell, in their order.
enum { kIn, kState, kForget, kOut, kCandidate, kActivated, kHidden, kLstmOutputs };

// An LSTM of `units` over a batch. Its parameters are the node's, from input `first` on: the state,
// the hidden state, weights, peephole weights of the in, forget and out gates, bias.
struct Lstm {
  int64_t batch, inputs, units;
  // Where each gate's columns begin among the weights', in units.
  int candidateAt, forgetAt;
  float forgetBias, clip;
  bool hasPeepholes;
  std::vector<float> state, hidden, weights, in, forget, out, bias;

  // One step from `x` [batch, inputs]; gives the outputs, of [batch, units] each.
  std::array<std::vector<float>, kLstmOutputs> step(llvm::ArrayRef<float> x) {
    std::vector<float> gates = weigh(x, hidden, batch, weights, bias);
    std::array<std::vector<float>, kLstmOutputs> outputs;
    for (std::vector<float> &output : outputs)
      output.resize(batch * units);
    for (int64_t i = 0; i < batch * units; ++i) {
      int64_t unit = i % units;
      const float *gate = gates.data() + i / units * 4 * units + unit;
      auto peephole = [&](const std::vector<float> &weights, float state) {
        return hasPeepholes ? weights[unit] * state : 0;
      };
      float open = sigmoid(gate[0] + peephole(in, state[i]));
      float kept = sigmoid(gate[forgetAt * units] + forgetBias + peephole(forget, state[i]));
      float candidate = std::tanh(gate[candidateAt * units]);
      float next = candidate * open + state[i] * kept;
      if (clip > 0)
        next = std::min(std::max(next, -clip), clip);
      float shown = sigmoid(gate[3 * units] + peephole(out, next)), activated = std::tanh(next);
      float values[] = {open, next, kept, shown, candidate, activated, activated * shown};
      for (int k = 0; k < kLstmOutputs; ++k)
        outputs[k][i] = values[k];
    }
    return outputs;
  }
};

// Reads the parameters. `isNewer`: the gates stand in another order and none has a bias of its own.
std::optional<Lstm> lstmOf(Evaluation &e, unsigned first, bool isNewer) {
  const Tensor &x = e.input(first - 1), &state = e.input(first);
  if (x.rank() < 2 || state.rank() != 2 || x.dim(x.rank() - 2) != state.dim(0)) {
    e.fail("expected inputs and a state for a batch, got " + x.text() + " and " + state.text());
    return std::nullopt;
  }
  int64_t batch = state.dim(0), inputs = x.shape().back(), units = state.dim(1);
  bool hasPeepholes = e.flag("use_peephole");
  if (!hasShape(e, first + 1, {batch, units}) ||
      !hasShape(e, first + 2, {inputs + units, 4 * units}) || !hasShape(e, first + 6, {4 * units}))
    return std::nullopt;
  for (unsigned i = 3; hasPeepholes && i < 6; ++i)
    if (!hasShape(e, first + i, {units}))
      return std::nullopt;
  auto values = [&](unsigned i) { return floatsOf(e.input(first + i)); };
  return Lstm{batch,
              inputs,
              units,
              isNewer ? 2 : 1,
              isNewer ? 1 : 2,
              isNewer ? 0 : static_cast<float>(e.real("forget_bias")),
              static_cast<float>(e.real("cell_clip")),
              hasPeepholes,
              values(0),
              values(1),
              values(2),
              values(3),
              values(4),
              values(5),
              values(6)};
}

void lstmBlockCell(Evaluation &e) {
  if (e.input(0).rank() != 2)
    return e.fail("expected inputs for a batch, got " + e.input(0).text());
  std::optional<Lstm> lstm = lstmOf(e, 1, false);
  if (!lstm)
    return;
  auto outputs = lstm->step(floatsOf(e.input(0)));
  for (int k = 0; k < kLstmOutputs; ++k) {
    Tensor result = e.make(k, e.dtype(), {lstm->batch, lstm->units});
    dispatch(e, Floats{}, e.dtype(),
             [&](auto zero) { narrow<float>(outputs[k], result.mutableValues<decltype(zero)>()); });
  }
}

// Over the steps of `x` [time, batch, inputs], of which input 0 says how many count.
void blockLstm(Evaluation &e, bool isNewer) {
  const Tensor &count = e.input(0), &x = e.input(1);
  if (count.rank() != 0 || x.rank() != 3 || count.scalar<int64_t>() > x.dim(0))
    return e.fail("expected a number of steps up to those of the inputs, got " + count.text() +
                  " and " + x.text());
  std::optional<Lstm> lstm = lstmOf(e, 2, isNewer);
  if (!lstm)
    return;
  std::vector<float> values = floatsOf(x);
  std::vector<Tensor> results;
  for (int k = 0; k < kLstmOutputs; ++k)
    results.push_back(e.make(k, e.dtype(1), {x.dim(0), lstm->batch, lstm->units}));
  int64_t stepSize = lstm->batch * lstm->inputs, size = lstm->batch * lstm->units;
  for (int64_t t = 0; t < count.scalar<int64_t>(); ++t) {
    auto outputs = lstm->step(llvm::ArrayRef(values).slice(t * stepSize, stepSize));
    for (int k = 0; k < kLstmOutputs; ++k)
      dispatch(e, Floats{}, e.dtype(1), [&](auto zero) {
        using T = decltype(zero);
        narrow<float>(outputs[k], results[k].mutableValues<T>().slice(t * size, size));
      });
    lstm->state = std::move(outputs[kState]);
    lstm->hidden = std::move(outputs[kHidden]);
  }
}

void gruBlockCell(Evaluation &e) {
  const Tensor &x = e.input(0), &state = e.input(1);
  if (x.rank() != 2 || state.rank() != 2 || x.dim(0) != state.dim(0))
    return e.fail("expected inputs and a state for a batch, got " + x.text() + " and " +
                  state.text());
  int64_t batch = x.dim(0), inputs = x.dim(1), units = state.dim(1);
  if (!hasShape(e, 2, {inputs + units, 2 * units}) || !hasShape(e, 3, {inputs + units, units}) ||
      !hasShape(e, 4, {2 * units}) || !hasShape(e, 5, {units}))
    return;
  auto values = [&](unsigned i) { return e.input(i).values<float>(); };
  llvm::MutableArrayRef<float> outputs[4]; // reset, update, candidate, hidden
  for (int k = 0; k < 4; ++k)
    outputs[k] = e.make(k, DT_FLOAT, {batch, units}).mutableValues<float>();
  std::vector<float> gates = weigh(values(0), values(1), batch, values(2), values(4));
  std::vector<float> kept(batch * units);
  for (int64_t i = 0; i < batch * units; ++i) {
    const float *gate = gates.data() + i / units * 2 * units + i % units;
    outputs[0][i] = sigmoid(gate[0]);
    outputs[1][i] = sigmoid(gate[units]);
    kept[i] = values(1)[i] * outputs[0][i];
  }
  std::vector<float> candidates = weigh(values(0), kept, batch, values(3), values(5));
  for (int64_t i = 0; i < batch * units; ++i) {
    float update = outputs[1][i];
    outputs[2][i] = std::tanh(candidates[i]);
    outputs[3][i] = update * values(1)[i] + (1 - update) * outputs[2][i];
  }
}

constexpr KernelEntry kKernels[] = {
    {"LSTMBlockCell", lstmBlockCell},
    {"BlockLSTM", [](Evaluation &e) { blockLstm(e, false); }},
    {"BlockLSTMV2", [](Evaluation &e) { blockLstm(e, true); }},
    {"GRUBlockCell", gruBlockCell},
};

} // namespace

KernelList recurrentKernels() { return kKernels; }

} // namespace firn::reference
