// The executor: loops, branches, calls, and what it says when a graph cannot run.
#include "compiler/reference/Interpreter.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn::reference {
namespace {

using namespace graph;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The signature of a node, and a float constant.
std::string types(unsigned inputs, const std::string &outputs) {
  std::string text = ": (";
  for (unsigned i = 0; i < inputs; ++i)
    text += i ? ", tensor<*xf32>" : "tensor<*xf32>";
  return text + ") -> " + outputs + "\n";
}
const std::string kFloat = "tensor<*xf32>", kBool = "tensor<*xi1>";

std::string constant(const std::string &name, const std::string &value,
                     const std::string &control = "") {
  return "%" + name + ", %" + name + "_c = graph.Const " + (control.empty() ? "" : control) +
         " name(\"" + name + "\") {dtype = f32, value = #graph.tensor<values [" + value +
         "] : tensor<f32>>} : () -> tensor<f32>\n";
}

/// `%NAME = OP(%a, …)` on floats.
std::string node(const std::string &name, const std::string &op, std::vector<std::string> inputs,
                 const std::string &attrs = "", const std::string &output = kFloat) {
  std::string text = "%" + name + ", %" + name + "_c = graph." + op + "(";
  for (size_t i = 0; i < inputs.size(); ++i)
    text += (i ? ", %" : "%") + inputs[i];
  return text + ") name(\"" + name + "\") {T = f32" + attrs + "} " + types(inputs.size(), output);
}

std::string switchOf(const std::string &name, const std::string &data, const std::string &predicate,
                     const std::string &type = kBool) {
  return "%" + name + "0, %" + name + "1, %" + name + "_c = graph.Switch(%" + data + ", %" +
         predicate + ") name(\"" + name + "\") {T = f32} : (" + kFloat + ", " + type + ") -> (" +
         kFloat + ", " + kFloat + ")\n";
}

std::string mergeOf(const std::string &name, const std::string &a, const std::string &b) {
  return "%" + name + ", %" + name + "_at, %" + name + "_c = graph.Merge(%" + a + ", %" + b +
         ") name(\"" + name + "\") {N = 2 : i64, T = f32} : (" + kFloat + ", " + kFloat + ") -> (" +
         kFloat + ", tensor<i32>)\n";
}

/// A loop from `%from`: while (i < limit) { sum += i, negated 2·delay times; i += 1 }, so that the
/// counter could run ahead of the sum. Gives %FRAME_i and %FRAME_sum.
std::string loop(const std::string &frame, const std::string &from, int limit, int delay) {
  auto n = [&](const std::string &name) { return frame + name; };
  std::string attrs = ", frame_name = \"" + frame + "\"";
  std::string text = node(n("ei"), "Enter", {from}, attrs) + node(n("es"), "Enter", {from}, attrs);
  text += mergeOf(n("mi"), n("ei"), n("ni")) + mergeOf(n("ms"), n("es"), n("ns"));
  text += constant(n("limit"), std::to_string(limit) + ".0", "[%" + n("mi_c") + "]");
  text += "%" + n("less") + ", %" + n("less_c") + " = graph.Less(%" + n("mi") + ", %" + n("limit") +
          ") name(\"" + n("less") + "\") {T = f32} : (" + kFloat + ", tensor<f32>) -> " + kBool +
          "\n%" + n("cond") + ", %" + n("cond_c") + " = graph.LoopCond(%" + n("less") +
          ") name(\"" + n("cond") + "\") : (" + kBool + ") -> " + kBool + "\n";
  text += switchOf(n("si"), n("mi"), n("cond")) + switchOf(n("ss"), n("ms"), n("cond"));
  text += node(n("_i"), "Exit", {n("si0")}) + node(n("_sum"), "Exit", {n("ss0")});
  text += node(n("i"), "Identity", {n("si1")});
  text += constant(n("one"), "1.0", "[%" + n("i_c") + "]");
  text += "%" + n("add") + ", %" + n("add_c") + " = graph.AddV2(%" + n("i") + ", %" + n("one") +
          ") name(\"" + n("add") + "\") {T = f32} : (" + kFloat + ", tensor<f32>) -> " + kFloat +
          "\n";
  text += node(n("ni"), "NextIteration", {n("add")});
  std::string last = n("i");
  for (int k = 0; k < 2 * delay; ++k, last = n("d" + std::to_string(k - 1)))
    text += node(n("d" + std::to_string(k)), "Neg", {last});
  return text + node(n("total"), "AddV2", {n("ss1"), last}) +
         node(n("ns"), "NextIteration", {n("total")});
}

class Interpreter : public ::testing::Test {
protected:
  Interpreter() { context.loadDialect<GraphDialect>(); }

  /// The first elements of what `nodes` fetches, or the error.
  std::vector<float> run(const std::string &nodes, const std::string &fetch) {
    std::string text = "graph.graph versions(producer = 27) {\n" +
                       node("x", "Placeholder", {}, ", dtype = f32") +
                       "%yes, %yes_c = graph.Const name(\"yes\") {dtype = i1, value = "
                       "#graph.tensor<values [true] : tensor<i1>>} : () -> tensor<i1>\n" +
                       nodes + "graph.fetch " + fetch + "\n}\n";
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module)
      return error = "not parsed: " + text, std::vector<float>();
    GraphOp graph = *module->getOps<GraphOp>().begin();
    Feeds feeds{{graph.getNodes().front().getResult(0), x}};
    State state;
    llvm::SmallVector<mlir::Value> fetches(graph.getFetch()->getOperands());
    auto tensors = reference::run(*module, fetches, feeds, {}, state, error);
    std::vector<float> firsts;
    for (const Tensor &tensor : tensors.value_or(Tensors()))
      if (tensor && tensor.dtype() == DT_FLOAT)
        firsts.push_back(tensor.values<float>().front());
    return firsts;
  }

  mlir::MLIRContext context;
  Tensor x = makeScalar<float>(DT_FLOAT, 3);
  std::string error;
};

TEST_F(Interpreter, IterationsWaitForEachOther) {
  auto got = run(loop("a", "x", 40, 12), "(%a_i, %a_sum) : " + kFloat + ", " + kFloat);
  EXPECT_EQ(error, "");
  EXPECT_THAT(got, ElementsAre(40, 3 + (3 + 39) * 37 / 2));
}

TEST_F(Interpreter, ALoopThatNeverRuns) {
  EXPECT_THAT(run(loop("a", "x", 2, 1), "(%a_i, %a_sum) : " + kFloat + ", " + kFloat),
              ElementsAre(3, 3));
}

// The predicate of what follows, as tensor<*xi1>.
const std::string kYes =
    "%p, %p_c = graph.Identity(%yes) name(\"p\") {T = i1} : (tensor<i1>) -> " + kBool + "\n";

TEST_F(Interpreter, ALoopOnABranchThatIsNotTaken) {
  std::string nodes = kYes + switchOf("s", "x", "p") + loop("a", "s0", 9, 2) +
                      node("taken", "Neg", {"s1"}) + mergeOf("out", "a_sum", "taken");
  EXPECT_THAT(run(nodes, "(%out) : " + kFloat), ElementsAre(-3));
  EXPECT_EQ(error, "");
}

TEST_F(Interpreter, ALoopThatIsDeadInPart) {
  // The sum starts on the branch that is not taken, the counter on the other.
  std::string text = loop("a", "x", 5, 1);
  size_t at = text.find("graph.Enter(%x)", text.find("graph.Enter(%x)") + 1);
  text.replace(at, 15, "graph.Enter(%s0)");
  EXPECT_THAT(run(kYes + switchOf("s", "x", "p") + text, "(%a_i) : " + kFloat), ElementsAre(5));
  EXPECT_TRUE(run(kYes + switchOf("s", "x", "p") + text, "(%a_sum) : " + kFloat).empty());
  EXPECT_THAT(error, HasSubstr("'a_sum': it lies on a branch that was not taken"));
}

TEST_F(Interpreter, AFetchOnABranchThatIsNotTaken) {
  std::string nodes = kYes + switchOf("s", "x", "p") + node("neg", "Neg", {"s0"});
  EXPECT_TRUE(run(nodes, "(%neg) : " + kFloat).empty());
  EXPECT_THAT(error, HasSubstr("'neg': it lies on a branch that was not taken"));
}

TEST_F(Interpreter, AControlTriggerRunsInAnyCase) {
  std::string nodes = kYes + switchOf("s", "x", "p") + node("dead", "Neg", {"s0"}) +
                      "%t_c = graph.ControlTrigger [%dead_c] name(\"t\") : () -> ()\n" +
                      "%live, %live_c = graph.Neg(%x) [%t_c] name(\"live\") {T = f32} : (" +
                      kFloat + ") -> " + kFloat + "\n";
  EXPECT_THAT(run(nodes, "(%live) : " + kFloat), ElementsAre(-3));
}

TEST_F(Interpreter, APredicateOfManyElements) {
  std::string type = "tensor<2xi1>";
  std::string nodes =
      "%p, %p_c = graph.Const name(\"p\") {dtype = i1, value = #graph.tensor<values "
      "[true, false] : tensor<2xi1>>} : () -> tensor<2xi1>\n" +
      switchOf("s", "x", "p", type);
  EXPECT_TRUE(run(nodes, "(%s1) : " + kFloat).empty());
  EXPECT_EQ(error, "'s' (Switch): expected one bool as predicate, got bool[2]");
}

TEST_F(Interpreter, AnOpWithoutAKernel) {
  EXPECT_TRUE(run(node("y", "NoSuchOp", {"x"}), "(%y) : " + kFloat).empty());
  EXPECT_EQ(error, "'y' (NoSuchOp): the reference interpreter has no kernel for this op");
}

TEST_F(Interpreter, WhatIsNotNeededDoesNotRun) {
  std::string nodes = node("y", "NoSuchOp", {"x"}) + node("z", "Neg", {"x"});
  EXPECT_THAT(run(nodes, "(%z) : " + kFloat), ElementsAre(-3));
}

TEST(MissingKernels, AreListedOnce) {
  mlir::MLIRContext context;
  context.loadDialect<GraphDialect>();
  std::string nodes = node("x", "Placeholder", {}) + node("b", "OpB", {"x"}) +
                      node("a", "OpA", {"b"}) + node("c", "OpB", {"a"}) + node("d", "Neg", {"c"});
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "graph.graph versions(producer = 27) {\n" + nodes + "graph.fetch\n}\n", &context);
  ASSERT_TRUE(module);
  EXPECT_THAT(missingKernels(*module), ElementsAre("OpA", "OpB"));
}

} // namespace
} // namespace firn::reference
