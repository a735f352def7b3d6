// The streamed file is byte for byte what protobuf's deterministic serialisation of the whole
// message would be.
#include "compiler/export/GraphWriter.h"

#include <fstream>

#include "compiler/import/ImportGraph.h"
#include "google/protobuf/util/message_differencer.h"
#include "mlir/IR/MLIRContext.h"
#include "gmock/gmock.h"

namespace firn {
namespace {

using google::protobuf::util::MessageDifferencer;

tensorflow::NodeDef constant(const std::string &name, size_t elements) {
  tensorflow::NodeDef node;
  node.set_name(name);
  node.set_op("Const");
  node.set_device("/device:CPU:0");
  (*node.mutable_attr())["dtype"].set_type(tensorflow::DT_FLOAT);
  (*node.mutable_attr())["zz_last"].set_i(-1);
  tensorflow::TensorProto &tensor = *(*node.mutable_attr())["value"].mutable_tensor();
  tensor.set_dtype(tensorflow::DT_FLOAT);
  tensor.mutable_tensor_shape()->add_dim()->set_size(elements);
  std::string &content = *tensor.mutable_tensor_content();
  for (size_t i = 0; i < 4 * elements; ++i)
    content.push_back(static_cast<char>(i * 7));
  return node;
}

// A graph with constants on both sides of what stays in the file, a function and versions.
tensorflow::GraphDef sampleGraph() {
  tensorflow::GraphDef graph;
  for (size_t elements : {1, 100, 5000, 100000})
    *graph.add_node() = constant("c" + std::to_string(elements), elements);
  tensorflow::NodeDef &node = *graph.add_node();
  node.set_name("sum");
  node.set_op("AddN");
  for (int i = 0; i < 4; ++i)
    node.add_input(graph.node(i).name());
  (*node.mutable_attr())["N"].set_i(4);
  (*node.mutable_attr())["T"].set_type(tensorflow::DT_FLOAT);
  node.mutable_experimental_debug_info()->add_original_node_names("was");
  graph.mutable_versions()->set_producer(27);
  graph.mutable_library();
  return graph;
}

class GraphWriterTest : public testing::Test {
protected:
  void SetUp() override {
    // Tests of one program run side by side.
    path = testing::TempDir() + "/" +
           testing::UnitTest::GetInstance()->current_test_info()->name() + ".pb";
    graph = sampleGraph();
    std::ofstream(path, std::ios::binary) << serializeDeterministic(graph);
  }

  mlir::OwningOpRef<mlir::ModuleOp> import() {
    absl::StatusOr<GraphFile> file = readGraphFile(path);
    EXPECT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->external.size(), 2u) << "the two large constants stay in the file";
    return importGraph(&context, *file);
  }

  absl::Status write(mlir::ModuleOp module, const GraphWriterOptions &options, std::string &out) {
    return writeGraph(module, files, options, [&](absl::string_view bytes) {
      out.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    });
  }

  mlir::MLIRContext context;
  TensorFiles files;
  std::string path;
  tensorflow::GraphDef graph;
};

TEST_F(GraphWriterTest, StreamsTheBytesOfProtobuf) {
  std::string out;
  auto module = import();
  ASSERT_TRUE(module);
  ASSERT_TRUE(write(*module, {}, out).ok());
  EXPECT_EQ(out, serializeDeterministic(graph));
}

TEST_F(GraphWriterTest, TextIsTheSameMessage) {
  std::string out;
  auto module = import();
  GraphWriterOptions options;
  options.text = true;
  ASSERT_TRUE(write(*module, options, out).ok());
  std::ofstream(path, std::ios::binary) << out;
  absl::StatusOr<GraphFile> file = readGraphFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(MessageDifferencer::Equals(file->meta.graph_def(), graph));
}

TEST_F(GraphWriterTest, WholeExportReadsTheFiles) {
  tensorflow::GraphDef exported;
  auto module = import();
  ASSERT_TRUE(mlir::succeeded(exportGraph(*module, files, exported)));
  EXPECT_TRUE(MessageDifferencer::Equals(exported, graph));
}

TEST_F(GraphWriterTest, FileCutShortIsAnError) {
  auto module = import();
  std::ofstream(path, std::ios::binary) << serializeDeterministic(graph).substr(0, 10000);
  std::string out;
  absl::Status status = write(*module, {}, out);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr(path));
}

TEST_F(GraphWriterTest, SinkErrorStops) {
  auto module = import();
  absl::Status status = writeGraph(
      *module, files, {}, [](absl::string_view) { return absl::ResourceExhaustedError("full"); });
  EXPECT_EQ(status.message(), "full");
}

} // namespace
} // namespace firn
