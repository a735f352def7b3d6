// Every truncation and every flipped bit of a small graph: an error or what protobuf reads, never a
// crash.
#include "compiler/formats/graph_file.h"
#include "support.h"

namespace firn {
namespace {

using namespace tensorflow;
using ::testing::HasSubstr;

MetaGraphDef sample() {
  MetaGraphDef meta;
  meta.mutable_meta_info_def()->set_tensorflow_version("1.15.0");
  auto &graph = *meta.mutable_graph_def();
  for (const char *name : {"a", "b"}) {
    NodeDef &node = *graph.add_node();
    node.set_name(name);
    node.set_op("Const");
    (*node.mutable_attr())["value"].mutable_tensor()->set_tensor_content(std::string(40, 'x'));
  }
  graph.mutable_versions()->set_producer(27);
  meta.mutable_saver_def()->set_restore_op_name("save/restore_all");
  (*meta.mutable_collection_def())["losses"].mutable_node_list()->add_value("b:0");
  return meta;
}

class GraphDamageTest : public testing::TempDir {
protected:
  void tryBytes(const std::string &bytes) {
    write("g", bytes);
    GraphFileOptions options;
    options.externalThreshold = 16;
    auto file = readGraphFile(at("g"), options);
    if (!file.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(file.status())) << file.status();
      EXPECT_THAT(file.status().message(), HasSubstr(at("g")));
      return;
    }
    for (const ExternalContent &external : file->external) {
      ASSERT_LT(external.node, file->meta.graph_def().node_size());
      const auto &node = file->meta.graph_def().node(external.node);
      EXPECT_EQ(node.attr().count(external.attr), 1u);
      EXPECT_LE(external.content.offset + external.content.size, bytes.size());
    }
  }

  void damage(const std::string &good) {
    for (size_t size = 0; size < good.size(); ++size)
      tryBytes(good.substr(0, size));
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
      std::string bytes = good;
      bytes[bit / 8] ^= 1 << bit % 8;
      tryBytes(bytes);
    }
  }
};

TEST_F(GraphDamageTest, GraphDef) { damage(sample().graph_def().SerializeAsString()); }

TEST_F(GraphDamageTest, MetaGraph) { damage(sample().SerializeAsString()); }

TEST_F(GraphDamageTest, SavedModel) {
  tensorflow::SavedModel saved;
  saved.set_saved_model_schema_version(1);
  *saved.add_meta_graphs() = sample();
  damage(saved.SerializeAsString());
}

TEST_F(GraphDamageTest, ATruncatedGraphSaysWhere) {
  const std::string good = sample().graph_def().SerializeAsString();
  write("g", good.substr(0, good.size() - 20));
  EXPECT_THAT(readGraphFile(at("g")).status().message(), HasSubstr("truncated at byte"));
}

} // namespace
} // namespace firn
