// What ports are called in a program.
#include "compiler/embed/interface.h"

#include "support.h"

namespace firn {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> identifiers(const std::vector<InterfacePort> &ports) {
  std::vector<std::string> result;
  for (const InterfacePort &port : ports)
    result.push_back(port.identifier);
  return result;
}

Interface interfaceOfPorts(const std::vector<std::string> &inputs,
                           const std::vector<std::string> &outputs) {
  std::vector<PortSpec> in, out;
  for (const std::string &name : inputs)
    in.push_back({name, FIRN_FLOAT, {2}});
  for (const std::string &name : outputs)
    out.push_back({name, FIRN_FLOAT, {2}});
  const OpenModule module(programOf(in, out));
  return interfaceOf(module.get(), "m");
}

TEST(Interface, TellsThePorts) {
  const OpenModule module(
      programOf({{"images:0", FIRN_FLOAT, {-1, 8, 8}}, {"scale:0", FIRN_DOUBLE, {}}},
                {{"prob:0", FIRN_INT64, {-1, 10}}}));
  const Interface model = interfaceOf(module.get(), "digits");
  EXPECT_EQ(model.name, "digits");
  ASSERT_EQ(model.inputs.size(), 2u);
  EXPECT_EQ(model.inputs[0].text(), "images:0  float [?,8,8]");
  EXPECT_EQ(model.inputs[0].dynamicDims(), 1u);
  EXPECT_EQ(model.inputs[0].knownElements(), 64u);
  EXPECT_EQ(model.inputs[1].text(), "scale:0  double []");
  EXPECT_EQ(model.inputs[1].knownElements(), 1u);
  EXPECT_EQ(model.outputs[0].text(), "prob:0  int64 [?,10]");
}

TEST(Interface, PortsThatWouldMeetAreNumbered) {
  const Interface model =
      interfaceOfPorts({"a/b:0", "a_b:0", "A/B:1", "a_b_1:0"}, {"a/b:0", "AB:0", "x:0"});
  EXPECT_THAT(identifiers(model.inputs), ElementsAre("a_b", "a_b_2", "a_b_1", "a_b_1_2"));
  EXPECT_THAT(identifiers(model.outputs), ElementsAre("a_b_3", "ab", "x"));
}

TEST(Interface, PortsKeepAwayFromWhatEveryModelHas) {
  const Interface model =
      interfaceOfPorts({"x:0", "run:0"}, {"run:0", "create:0", "destroy:0", "model:0", "set_x:0"});
  EXPECT_THAT(identifiers(model.inputs), ElementsAre("x", "run")); // set_run
  EXPECT_THAT(identifiers(model.outputs),
              ElementsAre("run_2", "create_2", "destroy_2", "model_2", "set_x_2"));
}

TEST(Interface, KnowsEveryElementType) {
  for (firn_dtype dtype = 1; dtype <= FIRN_UINT64; ++dtype) {
    if (dtype == 7 || dtype == 20 || dtype == 21) // string, resource, variant
      continue;
    const OpenModule module(programOf({{"x:0", dtype, {1}}}, {}));
    const Interface model = interfaceOf(module.get(), "m");
    EXPECT_GT(elementType(model.inputs[0].dtype).size, 0u) << dtype;
  }
}

} // namespace
} // namespace firn
