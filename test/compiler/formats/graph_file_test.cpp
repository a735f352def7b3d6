// Graphs in every form: told apart by content, large constants left in the file, nothing lost.
#include "compiler/formats/graph_file.h"

#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "support.h"

namespace firn {
namespace {

using namespace tensorflow;
using google::protobuf::util::MessageDifferencer;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ok;
using ::testing::SizeIs;
using Kind = GraphFile::Kind;

void addConst(GraphDef &graph, const std::string &name, const std::string &content) {
  NodeDef &node = *graph.add_node();
  node.set_name(name);
  node.set_op("Const");
  (*node.mutable_attr())["dtype"].set_type(DT_UINT8);
  auto &tensor = *(*node.mutable_attr())["value"].mutable_tensor();
  tensor.set_dtype(DT_UINT8);
  tensor.mutable_tensor_shape()->add_dim()->set_size(static_cast<int64_t>(content.size()));
  tensor.set_tensor_content(content);
}

GraphDef sampleGraph() {
  GraphDef graph;
  addConst(graph, "small", "tiny");
  addConst(graph, "large", std::string(100000, 'L'));
  addConst(graph, "middle", std::string(5000, 'M'));
  graph.mutable_versions()->set_producer(27);
  auto &function = *graph.mutable_library()->add_function();
  function.mutable_signature()->set_name("f");
  return graph;
}

std::string text(const google::protobuf::Message &message) {
  std::string result;
  google::protobuf::TextFormat::PrintToString(message, &result);
  return result;
}

MetaGraphDef metaOf(const GraphDef &graph, const std::string &tag = "") {
  MetaGraphDef meta;
  *meta.mutable_graph_def() = graph;
  meta.mutable_meta_info_def()->set_tensorflow_version("1.15.0");
  if (!tag.empty())
    meta.mutable_meta_info_def()->add_tags(tag);
  meta.mutable_saver_def()->set_filename_tensor_name("save/Const:0");
  (*meta.mutable_collection_def())["trainable_variables"].mutable_bytes_list()->add_value("v");
  return meta;
}

class GraphFileTest : public testing::TempDir {
protected:
  GraphFile read(const std::string &name, const GraphFileOptions &options = {}) {
    auto file = readGraphFile(at(name), options);
    EXPECT_TRUE(ok(file));
    return file.ok() ? *std::move(file) : GraphFile{};
  }
  std::string error(const std::string &bytes) {
    write("bad", bytes);
    auto file = readGraphFile(at("bad"));
    EXPECT_TRUE(absl::IsInvalidArgument(file.status())) << file.status();
    return std::string(file.status().message());
  }
  /// Puts the bytes that were left in the file where they belong.
  static void restore(GraphFile &file) {
    TensorFiles files;
    for (const ExternalContent &external : file.external) {
      std::string bytes(external.content.size, '\0');
      ASSERT_TRUE(ok(files.read(external.content.file, external.content.offset,
                                {bytes.data(), bytes.size()})));
      auto &node = *file.meta.mutable_graph_def()->mutable_node(external.node);
      (*node.mutable_attr())[external.attr].mutable_tensor()->set_tensor_content(bytes);
    }
  }
};

TEST_F(GraphFileTest, BinaryGraphDef) {
  const GraphDef graph = sampleGraph();
  write("g", graph.SerializeAsString());
  GraphFile file = read("g");
  EXPECT_EQ(file.kind, Kind::GraphDef);
  EXPECT_FALSE(file.text);
  ASSERT_THAT(file.external, SizeIs(2));
  EXPECT_EQ(file.external[0].node, 1);
  EXPECT_EQ(file.external[0].attr, "value");
  EXPECT_EQ(file.external[0].content.size, 100000u);
  EXPECT_EQ(file.external[1].node, 2);
  EXPECT_THAT(file.meta.graph_def().node(1).attr().at("value").tensor().tensor_content(),
              IsEmpty());
  restore(file);
  EXPECT_TRUE(MessageDifferencer::Equals(file.meta.graph_def(), graph));
}

TEST_F(GraphFileTest, ThresholdsDecideWhatIsLeftInTheFile) {
  const GraphDef graph = sampleGraph();
  write("g", graph.SerializeAsString());
  for (size_t threshold : {size_t(1), size_t(4), size_t(5), size_t(5001), SIZE_MAX}) {
    GraphFileOptions options;
    options.externalThreshold = threshold;
    GraphFile file = read("g", options);
    EXPECT_EQ(file.external.size(), threshold <= 4          ? 3
                                    : threshold <= 5000     ? 2
                                    : threshold == SIZE_MAX ? 0
                                                            : 1);
    restore(file);
    EXPECT_TRUE(MessageDifferencer::Equals(file.meta.graph_def(), graph));
  }
}

TEST_F(GraphFileTest, EveryForm) {
  const GraphDef graph = sampleGraph();
  const MetaGraphDef meta = metaOf(graph, "serve");
  SavedModel saved;
  saved.set_saved_model_schema_version(1);
  *saved.add_meta_graphs() = meta;
  const std::vector<std::tuple<std::string, Kind, bool>> forms = {
      {graph.SerializeAsString(), Kind::GraphDef, false},
      {text(graph), Kind::GraphDef, true},
      {"# a comment\n\n" + text(graph), Kind::GraphDef, true},
      {meta.SerializeAsString(), Kind::MetaGraph, false},
      {text(meta), Kind::MetaGraph, true},
      {saved.SerializeAsString(), Kind::SavedModel, false},
      {text(saved), Kind::SavedModel, true}};
  for (const auto &[bytes, kind, isText] : forms) {
    write("f", bytes);
    GraphFile file = read("f");
    EXPECT_EQ(file.kind, kind);
    EXPECT_EQ(file.text, isText);
    EXPECT_THAT(file.external, SizeIs(isText ? 0 : 2));
    restore(file);
    EXPECT_TRUE(MessageDifferencer::Equals(file.meta.graph_def(), graph));
    if (kind != Kind::GraphDef) {
      EXPECT_TRUE(MessageDifferencer::Equals(file.meta, meta));
    }
  }
}

TEST_F(GraphFileTest, SmallFilesThatFieldNumbersDoNotDecide) {
  GraphDef oneNode;
  oneNode.add_node()->set_name("x");
  oneNode.mutable_node(0)->set_op("Placeholder");
  write("f", oneNode.SerializeAsString());
  EXPECT_EQ(read("f").kind, Kind::GraphDef);
  MetaGraphDef meta;
  meta.mutable_meta_info_def()->set_tensorflow_version("1.4.0");
  *meta.mutable_graph_def() = oneNode;
  write("f", meta.SerializeAsString());
  EXPECT_EQ(read("f").kind, Kind::MetaGraph);
  meta.clear_meta_info_def();
  write("f", meta.SerializeAsString());
  EXPECT_EQ(read("f").kind, Kind::MetaGraph);
  GraphDef library;
  *library.mutable_library() = sampleGraph().library();
  write("f", library.SerializeAsString());
  EXPECT_EQ(read("f").kind, Kind::GraphDef);
}

TEST_F(GraphFileTest, NodesAndVersionsInAnyOrderAndSplit) {
  GraphDef first, second;
  addConst(first, "a", std::string(9000, 'a'));
  second.mutable_versions()->set_producer(22);
  addConst(second, "b", "b");
  GraphDef joined = first;
  joined.MergeFrom(second);
  joined.mutable_versions()->set_min_consumer(12);
  GraphDef versions;
  versions.mutable_versions()->set_min_consumer(12);
  // `versions` stands before a node and again after it: protobuf merges both.
  write("g", first.SerializeAsString() + second.SerializeAsString() + versions.SerializeAsString());
  GraphFile file = read("g");
  restore(file);
  EXPECT_TRUE(MessageDifferencer::Equals(file.meta.graph_def(), joined));
}

TEST_F(GraphFileTest, UnknownFieldsSurvive) {
  GraphDef graph = sampleGraph();
  auto mark = [](google::protobuf::Message *message) {
    auto *unknown = message->GetReflection()->MutableUnknownFields(message);
    unknown->AddLengthDelimited(900, "from the future");
    unknown->AddVarint(901, 7);
    unknown->AddGroup(902)->AddFixed32(1, 5);
  };
  mark(&graph);
  mark(graph.mutable_node(1));
  mark((*graph.mutable_node(1)->mutable_attr())["value"].mutable_tensor());
  mark(graph.mutable_versions());
  const std::string bytes = serializeDeterministic(graph);
  write("g", bytes);
  GraphFile file = read("g");
  EXPECT_THAT(file.external, SizeIs(2));
  restore(file);
  EXPECT_EQ(serializeDeterministic(file.meta.graph_def()), bytes);
}

TEST_F(GraphFileTest, FieldsGivenTwiceMeanWhatProtobufSays) {
  GraphDef base;
  addConst(base, "c", std::string(6000, '1'));
  TensorProto again;
  again.set_tensor_content(std::string(7000, '2'));
  auto field = [](int number, const std::string &content) {
    std::string out(1, static_cast<char>(number << 3 | 2));
    for (size_t size = content.size();; size >>= 7) {
      out.push_back(static_cast<char>(size >= 0x80 ? size | 0x80 : size));
      if (size < 0x80)
        return out + content;
    }
  };
  const std::string tensor = field(8, again.SerializeAsString());
  const std::string type = "\x30\x01"; // AttrValue.type replaces the tensor
  const std::string entries[] = {field(1, "value") + field(2, tensor + tensor),
                                 field(1, "value") + field(2, tensor) + field(2, tensor),
                                 field(1, "value") + field(2, tensor + type),
                                 field(1, "value") + field(2, type + tensor),
                                 field(2, tensor) + field(1, "value")};
  for (const std::string &entry : entries) {
    const std::string node = base.node(0).SerializeAsString() + field(5, entry);
    write("g", field(1, node) + field(1, node));
    GraphDef expected;
    ASSERT_TRUE(expected.ParseFromString(field(1, node) + field(1, node)));
    GraphFile file = read("g");
    restore(file);
    EXPECT_TRUE(MessageDifferencer::Equals(file.meta.graph_def(), expected));
  }
}

TEST_F(GraphFileTest, SavedModelDirectories) {
  SavedModel saved;
  saved.set_saved_model_schema_version(1);
  *saved.add_meta_graphs() = metaOf(sampleGraph(), "train");
  *saved.add_meta_graphs() = metaOf(sampleGraph(), "serve");
  saved.mutable_meta_graphs(1)->mutable_graph_def()->mutable_node(0)->set_name("served");
  write("sm/saved_model.pb", saved.SerializeAsString());
  write("sm/variables/variables.index", "");
  GraphFile file = read("sm");
  EXPECT_EQ(file.meta.graph_def().node(0).name(), "served");
  EXPECT_EQ(file.variablesPrefix, at("sm/variables/variables"));
  EXPECT_EQ(file.path, at("sm/saved_model.pb"));
  EXPECT_THAT(file.external, SizeIs(2));
  GraphFileOptions options;
  options.tags = {"train"};
  EXPECT_EQ(read("sm", options).meta.graph_def().node(0).name(), "small");
  options.tags = {"serve", "gpu"};
  EXPECT_THAT(readGraphFile(at("sm"), options).status().message(),
              AllOf(HasSubstr("tagged {gpu, serve}"), HasSubstr("got {train}, {serve}")));
  write("sm2/saved_model.pbtxt", text(saved));
  EXPECT_EQ(read("sm2").meta.graph_def().node(0).name(), "served");
  EXPECT_THAT(read("sm2").variablesPrefix, IsEmpty());
  write("train/checkpoint", "");
  EXPECT_THAT(readGraphFile(at("train")).status().message(), HasSubstr("give one of its .meta"));
}

TEST_F(GraphFileTest, WhatIsNoGraphIsNamed) {
  EXPECT_TRUE(absl::IsNotFound(readGraphFile(at("nothing")).status()));
  EXPECT_THAT(error(""), HasSubstr("got an empty file"));
  EXPECT_THAT(error(" \n# only a comment\n"), HasSubstr("a file without content"));
  EXPECT_THAT(error("model_checkpoint_path: \"m\""), HasSubstr("state file"));
  EXPECT_THAT(error(std::string("\x1c\0\0\0TFL3abcdef", 14)), HasSubstr("TensorFlow Lite"));
  EXPECT_THAT(error("version https://git-lfs.github.com/spec/v1"), HasSubstr("Git LFS"));
  EXPECT_THAT(error("\x1f\x8b\x08"), HasSubstr("gzip"));
  EXPECT_THAT(error("import tensorflow as tf\n"), HasSubstr("text that begins with 'import'"));
  EXPECT_THAT(error("{\"json\": 1}"), HasSubstr("text that is no protobuf text"));
  testing::writeTable(at("t"), {{"", ""}});
  EXPECT_THAT(error(testing::readFile(at("t"))), HasSubstr("got a checkpoint"));
}

TEST_F(GraphFileTest, TextErrorsSayLineAndColumn) {
  EXPECT_THAT(error("node {\n  name: \"x\"\n  opp: \"y\"\n}\n"), HasSubstr("bad:3:"));
  EXPECT_THAT(error("node {\n  name: \"x\"\n"), HasSubstr("bad:3:1:"));
  EXPECT_THAT(error("node { name: \"x\" }\nversion: maybe\n"), HasSubstr("bad:2:10:"));
}

TEST_F(GraphFileTest, TextWithTypesItSpellsOut) {
  write("m", "meta_info_def { }\ncollection_def { key: \"serving_signatures\" value { any_list { "
             "value { [type.googleapis.com/tensorflow.serving.Signatures] { default_signature { "
             "generic_signature { } } } } } } }");
  EXPECT_EQ(read("m").kind, Kind::MetaGraph);
}

TEST_F(GraphFileTest, HostileNestingIsAnError) {
  std::string deepText = "node { attr { key: 'f' value { func { name: 'f' ";
  std::string end;
  for (int i = 0; i < 20000; ++i) {
    deepText += "attr { key: 'f' value { func { name: 'f' ";
    end += "} } } ";
  }
  EXPECT_THAT(error(deepText + end + "} } } }"), HasSubstr("bad:1:"));
  std::string groups(3000000, '\x0b'); // a group in a group in a group
  EXPECT_FALSE(error("\x0a\x03\x0a\x01x" + groups).empty());
}

TEST_F(GraphFileTest, SerializationIsDeterministic) {
  NodeDef one, two;
  for (int i = 0; i < 50; ++i) {
    (*one.mutable_attr())["a" + std::to_string(i)].set_i(i);
    (*two.mutable_attr())["a" + std::to_string(49 - i)].set_i(49 - i);
  }
  EXPECT_EQ(serializeDeterministic(one), serializeDeterministic(two));
}

} // namespace
} // namespace firn
