#include "dialects/graph/OpTable.h"

#include "gtest/gtest.h"

namespace firn::graph {
namespace {

TEST(OpTable, IsSortedAndUnique) {
  OpSpan<OpSignature> ops = allOps();
  ASSERT_GT(ops.size(), 1000u);
  for (size_t i = 1; i < ops.size(); ++i)
    EXPECT_LT(ops[i - 1].name, ops[i].name);
}

TEST(OpTable, FindsEveryOpAndNoOther) {
  for (const OpSignature &op : allOps())
    EXPECT_EQ(lookupOp(op.name), &op);
  for (const char *name : {"", "conv2d", "Conv2DX", "Addons>Foo", "~"})
    EXPECT_EQ(lookupOp(name), nullptr) << name;
}

TEST(OpTable, ArgumentsNameTheirAttributes) {
  const OpSignature *concat = lookupOp("ConcatV2");
  ASSERT_NE(concat, nullptr);
  ASSERT_EQ(concat->inputs.size(), 2u);
  EXPECT_EQ(concat->inputs[0].numberAttr, "N");
  EXPECT_EQ(concat->inputs[0].typeAttr, "T");
  EXPECT_EQ(concat->inputs[1].typeAttr, "Tidx");
  EXPECT_EQ(lookupOp("FusedBatchNormV3")->outputs.size(), 6u);
  EXPECT_EQ(lookupOp("If")->inputs[1].typeListAttr, "Tin");
  EXPECT_EQ(lookupOp("Shape")->outputs[0].typeAttr, "out_type");
  EXPECT_EQ(lookupOp("QueueDequeueManyV2")->inputs[1].type, 3);
}

TEST(OpTable, KnowsRefs) {
  const OpSignature *refSwitch = lookupOp("RefSwitch");
  ASSERT_NE(refSwitch, nullptr);
  EXPECT_TRUE(refSwitch->inputs[0].isRef);
  EXPECT_FALSE(refSwitch->inputs[1].isRef);
  EXPECT_TRUE(refSwitch->outputs[1].isRef);
  EXPECT_FALSE(lookupOp("Switch")->inputs[0].isRef);
}

TEST(OpTable, HoldsDefaults) {
  const OpSignature *conv = lookupOp("Conv2D");
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->attr("data_format")->text, "NHWC");
  const OpAttr *dilations = conv->attr("dilations");
  ASSERT_EQ(dilations->list.size(), 4u);
  EXPECT_EQ(dilations->list[0], 1);
  EXPECT_FALSE(conv->attr("strides")->hasDefault);
  EXPECT_EQ(conv->attr("nothing"), nullptr);
  EXPECT_FLOAT_EQ(lookupOp("FusedBatchNorm")->attr("epsilon")->real, 1e-4f);
  EXPECT_EQ(lookupOp("Shape")->attr("out_type")->number, 3);
  EXPECT_EQ(lookupOp("Placeholder")->attr("shape")->number, -1) << "the default shape has no rank";
}

TEST(OpTable, ClassifiesEffects) {
  for (const char *name :
       {"Conv2D", "Identity", "Switch", "RefSwitch", "Merge", "Const", "GatherV2"})
    EXPECT_EQ(lookupOp(name)->effect, OpEffect::Pure) << name;
  for (const char *name :
       {"Assign", "AssignSub", "ScatterUpdate", "ApplyAdam", "ResourceApplyMomentum",
        "AssignVariableOp", "ResourceScatterAdd", "ScatterNdUpdate", "CountUpTo"})
    EXPECT_EQ(lookupOp(name)->effect, OpEffect::WritesState) << name;
  for (const char *name : {"ScatterNd", "AssignAddVariableOp"})
    EXPECT_NE(lookupOp(name)->effect, OpEffect::Other) << name;
  EXPECT_EQ(lookupOp("ScatterNd")->effect, OpEffect::Pure);
  EXPECT_EQ(lookupOp("RandomUniform")->effect, OpEffect::Random);
  for (const char *name :
       {"Assert", "Print", "QueueEnqueueV2", "InitializeTableV2", "ScalarSummary"})
    EXPECT_NE(lookupOp(name)->effect, OpEffect::WritesState) << name;
}

} // namespace
} // namespace firn::graph
