// Nodes that hand tensors on, ask for their shapes, or call functions.
#include "compiler/reference/Inputs.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

void identity(Evaluation &e) { e.give(e.input(0)); }

void identityN(Evaluation &e) {
  for (unsigned i = 0; i < e.numOutputs(); ++i)
    e.give(i, e.input(i));
}

void noOp(Evaluation &) {}

void placeholder(Evaluation &e) { e.fail("expected a value: it is not fed"); }

void assertOp(Evaluation &e) {
  if (!expect(e, e.input(0).size() == 1, "expected one bool, got " + e.input(0).text()))
    return;
  if (!e.input(0).scalar<bool>())
    e.fail("the assertion does not hold");
}

void checkNumerics(Evaluation &e) {
  dispatch(e, Floats{}, e.dtype(), [&](auto zero) {
    for (auto value : e.input(0).values<decltype(zero)>())
      if (!std::isfinite(static_cast<double>(value)))
        return e.fail("expected finite numbers: " + e.text("message"));
    e.give(e.input(0));
  });
}

void giveShape(Evaluation &e, unsigned index) {
  llvm::ArrayRef<int64_t> shape = e.input(index).shape();
  int dtype = e.type("out_type");
  e.give(index, makeIntegers(dtype, {static_cast<int64_t>(shape.size())}, shape));
}

void shape(Evaluation &e) {
  for (unsigned i = 0; i < e.numOutputs(); ++i)
    giveShape(e, i);
}

void rank(Evaluation &e) { e.give(makeScalar<int32_t>(DT_INT32, e.input(0).rank())); }

void size(Evaluation &e) { e.give(makeIntegers(e.type("out_type"), {}, {e.input(0).size()})); }

void giveAll(Evaluation &e, Tensors values) {
  if (values.size() != e.numOutputs())
    return e.fail("expected as many results of the function as the node has outputs");
  for (unsigned i = 0; i < values.size(); ++i)
    e.give(i, values[i]);
}

void call(Evaluation &e, FuncAttr function, llvm::ArrayRef<Tensor> arguments) {
  if (std::optional<Tensors> values = e.call(function, Tensors(arguments)))
    giveAll(e, std::move(*values));
}

void partitionedCall(Evaluation &e) { call(e, e.function("f"), e.inputs()); }

// tf.cond's notion of truth: a number that is not zero, a string that is not empty, a tensor of any
// rank but 0 that has elements.
bool isTrue(const Tensor &tensor) {
  if (tensor.rank() > 0)
    return tensor.size() > 0;
  if (tensor.dtype() == DT_STRING)
    return !tensor.scalar<std::string>().empty();
  bool truth = false;
  dispatch(Concat<Reals, Bools>::Type{}, tensor.dtype(),
           [&](auto zero) { truth = static_cast<double>(tensor.scalar<decltype(zero)>()) != 0; });
  return truth;
}

void ifOp(Evaluation &e) {
  call(e, e.function(isTrue(e.input(0)) ? "then_branch" : "else_branch"), e.inputs().drop_front());
}

void caseOp(Evaluation &e) {
  auto branches = llvm::dyn_cast_or_null<mlir::ArrayAttr>(e.attr("branches"));
  int64_t count = branches ? branches.size() : 0;
  if (count == 0)
    return e.fail("expected at least one branch");
  if (!expect(e, e.input(0).size() == 1, "expected one index, got " + e.input(0).text()))
    return;
  int64_t index = e.input(0).scalar<int32_t>();
  if (index < 0 || index >= count)
    index = count - 1;
  call(e, llvm::dyn_cast<FuncAttr>(branches[index]), e.inputs().drop_front());
}

void whileOp(Evaluation &e) {
  Tensors values(e.inputs());
  for (;;) {
    std::optional<Tensors> condition = e.call(e.function("cond"), values);
    if (!condition)
      return;
    if (condition->empty() || !isTrue(condition->front()))
      return giveAll(e, std::move(values));
    std::optional<Tensors> next = e.call(e.function("body"), std::move(values));
    if (!next)
      return;
    values = std::move(*next);
  }
}

constexpr KernelEntry kKernels[] = {
    {"Identity", identity},
    {"RefIdentity", identity},
    {"StopGradient", identity},
    {"PreventGradient", identity},
    {"PlaceholderWithDefault", identity},
    {"Snapshot", identity},
    {"DeepCopy", identity},
    {"Print", identity},
    {"Enter", identity},
    {"RefEnter", identity},
    {"Exit", identity},
    {"RefExit", identity},
    {"NextIteration", identity},
    {"RefNextIteration", identity},
    {"LoopCond", identity},
    {"IdentityN", identityN},
    {"NoOp", noOp},
    {"ControlTrigger", noOp},
    {"Placeholder", placeholder},
    {"PlaceholderV2", placeholder},
    {"Assert", assertOp},
    {"CheckNumerics", checkNumerics},
    {"CheckNumericsV2", checkNumerics},
    {"Shape", shape},
    {"ShapeN", shape},
    {"Rank", rank},
    {"Size", size},
    {"PartitionedCall", partitionedCall},
    {"StatefulPartitionedCall", partitionedCall},
    {"If", ifOp},
    {"StatelessIf", ifOp},
    {"Case", caseOp},
    {"StatelessCase", caseOp},
    {"While", whileOp},
    {"StatelessWhile", whileOp},
};

} // namespace

KernelList flowKernels() { return kKernels; }

} // namespace firn::reference
