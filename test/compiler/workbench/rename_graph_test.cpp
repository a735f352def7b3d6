// Renaming in a MetaGraph: what follows a variable, what stays.
#include "compiler/workbench/rename_graph.h"

#include "compiler/formats/proto/variable.pb.h"
#include "google/protobuf/text_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firn {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

tensorflow::MetaGraphDef parse(const char *text) {
  tensorflow::MetaGraphDef meta;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &meta));
  return meta;
}

// A node of a text graph; `rest` is inputs and attributes.
std::string node(const std::string &name, const std::string &op, const std::string &rest = "") {
  return "node { name: '" + name + "' op: '" + op + "' " + rest + " } ";
}

tensorflow::MetaGraphDef graphOf(const std::string &nodes) {
  return parse(("graph_def { " + nodes + " }").c_str());
}

NameTable nodesOf(const tensorflow::MetaGraphDef &meta, const NameTable &names) {
  auto nodes = renamedNodes(meta.graph_def(), names);
  EXPECT_TRUE(nodes.ok()) << nodes.status();
  return nodes.ok() ? *nodes : NameTable();
}

TEST(RenamedNodes, AreTheVariableAndWhatIsNamedAfterIt) {
  auto meta = graphOf(node("a/w", "VariableV2") + node("a/w/read", "Identity") +
                      node("a/w/Adam", "VariableV2") + node("a/w/Adam/read", "Identity") +
                      node("a/w2", "VarHandleOp") + node("a/MatMul", "MatMul"));
  EXPECT_EQ(nodesOf(meta, {{"a/w", "v"}}), (NameTable{{"a/w", "v"}, {"a/w/read", "v/read"}}));
}

TEST(RenamedNodes, PartsFollowTheirWhole) {
  auto meta = graphOf(node("e/part_0", "VariableV2") + node("e/part_0/read", "Identity") +
                      node("e/part_0/Adam", "VariableV2") + node("e/concat", "ConcatV2"));
  EXPECT_THAT(variableNames(meta.graph_def()),
              ElementsAre("e", "e/Adam", "e/part_0", "e/part_0/Adam"));
  EXPECT_EQ(nodesOf(meta, {{"e", "t/e"}, {"e/Adam", "t/e/Adam"}}),
            (NameTable{{"e/part_0", "t/e/part_0"},
                       {"e/part_0/read", "t/e/part_0/read"},
                       {"e/part_0/Adam", "t/e/part_0/Adam"},
                       {"e/concat", "t/e/concat"}}));
}

TEST(RenamedNodes, CollideWithNodesThatStay) {
  auto meta = graphOf(node("w", "VariableV2") + node("x", "Placeholder"));
  auto nodes = renamedNodes(meta.graph_def(), {{"w", "x"}});
  EXPECT_THAT(nodes.status().message(), HasSubstr("'w' and 'x' would both be 'x'"));
}

constexpr char kNames[] = "attr { key: 'value' value { tensor { dtype: DT_STRING string_val: 'w' "
                          "string_val: 'other' } } }";

TEST(RenameGraph, ChangesWhatNamesTheVariable) {
  auto meta = graphOf(node("w", "VariableV2") +
                      node("h", "VarHandleOp", "attr { key: 'shared_name' value { s: 'h' } }") +
                      node("w/read", "Identity",
                           "input: 'w:0' input: '^w' attr { key: '_class' value { list { s: "
                           "'loc:@w' s: 'loc:@wide' } } }") +
                      node("wide", "Identity", "input: 'w/read'"));
  renameGraph(meta, {{"w", "v"}, {"w/read", "v/read"}, {"h", "g"}}, {});
  const tensorflow::GraphDef &graph = meta.graph_def();
  EXPECT_EQ(graph.node(0).name(), "v");
  EXPECT_EQ(graph.node(1).attr().at("shared_name").s(), "g");
  EXPECT_THAT(graph.node(2).input(), ElementsAre("v:0", "^v"));
  EXPECT_THAT(graph.node(2).attr().at("_class").list().s(), ElementsAre("loc:@v", "loc:@wide"));
  EXPECT_THAT(graph.node(3).input(), ElementsAre("v/read"));
  EXPECT_FALSE(graph.has_library());
}

TEST(RenameGraph, ChangesKeysOfItsOwnCheckpointOnly) {
  const std::string file = "attr { key: 'value' value { tensor { dtype: DT_STRING string_val: '";
  auto meta = graphOf(node("model", "Const", file + "model' } } }") +
                      node("other", "Const", file + "/some/file' } } }") +
                      node("names", "Const", kNames) + node("names_1", "Const", kNames) +
                      node("save", "SaveV2", "input: 'model' input: 'names'") +
                      node("init", "RestoreV2", "input: 'other' input: 'names_1'"));
  renameGraph(meta, {}, {{"w", "v"}});
  auto keysOf = [&](int i) { return meta.graph_def().node(i).attr().at("value").tensor(); };
  EXPECT_THAT(keysOf(2).string_val(), ElementsAre("v", "other"));
  EXPECT_THAT(keysOf(3).string_val(), ElementsAre("w", "other"));
}

TEST(RenameGraph, ChangesCollectionsByWhatTheyHold) {
  tensorflow::VariableDef variable;
  variable.set_variable_name("e/part_0:0");
  variable.set_snapshot_name("e/part_0/read:0");
  variable.mutable_save_slice_info_def()->set_full_name("e");
  tensorflow::CondContextDef cond;
  cond.set_context_name("e/part_0");
  cond.mutable_values_def()->add_values("e/part_0/read:0");
  (*cond.mutable_values_def()->mutable_external_values())["e/part_0:0"] = "e/part_0/read:0";
  *cond.add_nested_contexts()->mutable_cond_ctxt()->mutable_pred_name() = "e/part_0:0";
  tensorflow::MetaGraphDef meta;
  auto &collections = *meta.mutable_collection_def();
  collections["mine"].mutable_bytes_list()->add_value(variable.SerializeAsString());
  collections["texts"].mutable_bytes_list()->add_value("e/part_0:0");
  collections["cond_context"].mutable_bytes_list()->add_value(cond.SerializeAsString());
  collections["losses"].mutable_node_list()->add_value("e/part_0:0");
  renameGraph(meta, {{"e/part_0", "t/part_0"}, {"e/part_0/read", "t/part_0/read"}}, {{"e", "t"}});
  ASSERT_TRUE(variable.ParseFromString(collections["mine"].bytes_list().value(0)));
  EXPECT_EQ(variable.variable_name(), "t/part_0:0");
  EXPECT_EQ(variable.snapshot_name(), "t/part_0/read:0");
  EXPECT_EQ(variable.save_slice_info_def().full_name(), "t");
  EXPECT_EQ(collections["texts"].bytes_list().value(0), "e/part_0:0");
  EXPECT_EQ(collections["losses"].node_list().value(0), "t/part_0:0");
  ASSERT_TRUE(cond.ParseFromString(collections["cond_context"].bytes_list().value(0)));
  EXPECT_EQ(cond.values_def().values(0), "t/part_0/read:0");
  EXPECT_EQ(cond.values_def().external_values().at("t/part_0:0"), "t/part_0/read:0");
  EXPECT_EQ(cond.nested_contexts(0).cond_ctxt().pred_name(), "t/part_0:0");
}

} // namespace
} // namespace firn
