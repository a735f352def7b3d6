#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "compiler/formats/graph_forms.h"
#include "google/protobuf/io/coded_stream.h"

namespace firn {
namespace {

// Where a constant's bytes lie in a NodeDef: attr, its value, the tensor, its tensor_content.
enum Level { kNode, kAttr, kValue, kTensor };
constexpr int kPath[] = {5, 2, 8, 4};
constexpr int kAttrKey = 1;

absl::Status notA(const char *message, const ByteSource &source, uint64_t begin, uint64_t end) {
  return absl::InvalidArgumentError(absl::StrCat(source.name(), ": bytes ", begin, " to ", end,
                                                 " are no valid ", message,
                                                 " (damaged or not UTF-8)"));
}

void appendLengthPrefixed(int number, absl::string_view content, std::string &out) {
  uint8_t prefix[20];
  using google::protobuf::io::CodedOutputStream;
  uint8_t *p = CodedOutputStream::WriteTagToArray(number << 3 | 2, prefix);
  p = CodedOutputStream::WriteVarint64ToArray(content.size(), p);
  out.append(reinterpret_cast<char *>(prefix), p - prefix);
  out.append(content.data(), content.size());
}

/// A copy of a node's bytes without the large tensor_content in it.
class NodeReducer {
public:
  struct Dropped {
    std::string attr;
    uint64_t offset, size;
  };

  NodeReducer(ByteSource &source, size_t threshold) : source(source), threshold(threshold) {}

  absl::Status reduce(uint64_t begin, uint64_t end) { return walk(kNode, begin, end, bytes); }

  /// False where a field that a writer gives once stands twice, so that protobuf's rules for
  /// merging would have to decide what the bytes mean. Such nodes are read whole.
  bool isRegular() const { return regular; }

  std::string bytes;
  std::vector<Dropped> dropped;

private:
  absl::Status walk(Level level, uint64_t begin, uint64_t end, std::string &out) {
    WireReader reader(source, begin, end);
    int seen = 0;
    bool keySeen = false;
    while (true) {
      auto field = reader.next();
      if (!field.ok())
        return field.status();
      if (!field->has_value())
        return absl::OkStatus();
      const WireField &f = **field;
      absl::Status status;
      if (f.isBytes(kPath[level])) {
        regular &= level == kNode || seen == 0;
        ++seen;
        status = level == kTensor ? takeContent(f, out) : descend(level, f, out);
      } else if (level == kAttr && f.isBytes(kAttrKey)) {
        regular &= !keySeen;
        keySeen = true;
        status = takeKey(f, out);
      } else {
        // A value is one of several: whatever else stands beside a tensor replaces it.
        regular &= level != kValue || dropped.size() == droppedAtValue;
        status = appendRaw(source, f.tagStart, f.end, out);
      }
      if (!status.ok())
        return status;
    }
  }

  absl::Status descend(Level level, const WireField &field, std::string &out) {
    if (level == kNode)
      key.clear();
    if (level == kAttr)
      droppedAtValue = dropped.size();
    const size_t before = dropped.size();
    std::string content;
    if (auto status = walk(Level(level + 1), field.start, field.end, content); !status.ok())
      return status;
    if (level == kNode) {
      regular &= keys.insert(key).second;
      for (size_t i = before; i < dropped.size(); ++i)
        dropped[i].attr = key;
    }
    appendLengthPrefixed(kPath[level], content, out);
    return absl::OkStatus();
  }

  absl::Status takeKey(const WireField &field, std::string &out) {
    key.clear();
    if (auto status = appendRaw(source, field.start, field.end, key); !status.ok())
      return status;
    appendLengthPrefixed(kAttrKey, key, out);
    return absl::OkStatus();
  }

  absl::Status takeContent(const WireField &field, std::string &out) {
    if (field.size() < threshold)
      return appendRaw(source, field.tagStart, field.end, out);
    dropped.push_back({"", field.start, field.size()});
    return absl::OkStatus();
  }

  ByteSource &source;
  size_t threshold;
  bool regular = true;
  std::string key;
  std::set<std::string> keys;
  size_t droppedAtValue = 0;
};

absl::Status readWhole(ByteSource &source, uint64_t begin, uint64_t end, const char *name,
                       google::protobuf::Message &message) {
  auto bytes = source.view(begin, end - begin);
  if (!bytes.ok())
    return bytes.status();
  return mergeFromBytes(*bytes, message) ? absl::OkStatus() : notA(name, source, begin, end);
}

/// False saves most nodes the walk through their attributes.
absl::StatusOr<bool> mayHoldContent(ByteSource &source, const WireField &node, size_t threshold) {
  if (node.size() < threshold || !source.isFile())
    return false;
  WireReader reader(source, node.start, node.end);
  while (true) {
    auto field = reader.next();
    if (!field.ok())
      return field.status();
    if (!field->has_value())
      return false;
    if ((*field)->isBytes(kPath[kNode]) && (*field)->size() >= threshold)
      return true;
  }
}

absl::Status readNode(ByteSource &source, const WireField &field, GraphSink &sink) {
  auto &graph = *sink.meta->mutable_graph_def();
  tensorflow::NodeDef &node = *graph.add_node();
  auto holds = mayHoldContent(source, field, sink.threshold);
  if (!holds.ok())
    return holds.status();
  if (!*holds)
    return readWhole(source, field.start, field.end, "NodeDef", node);
  NodeReducer reducer(source, sink.threshold);
  if (auto status = reducer.reduce(field.start, field.end); !status.ok())
    return status;
  if (!reducer.isRegular() || reducer.dropped.empty())
    return readWhole(source, field.start, field.end, "NodeDef", node);
  if (!mergeFromBytes(reducer.bytes, node))
    return notA("NodeDef", source, field.start, field.end);
  for (auto &dropped : reducer.dropped)
    sink.external->push_back({graph.node_size() - 1,
                              std::move(dropped.attr),
                              {source.name(), dropped.offset, dropped.size, std::nullopt}});
  return absl::OkStatus();
}

/// Hands each field `number` to `take`, and everything else, joined, to protobuf.
template <typename Take>
absl::Status readAround(ByteSource &source, uint64_t begin, uint64_t end, int number,
                        const char *name, google::protobuf::Message &message, Take take) {
  WireReader reader(source, begin, end);
  std::string rest;
  while (true) {
    auto field = reader.next();
    if (!field.ok())
      return field.status();
    if (!field->has_value())
      break;
    const WireField &f = **field;
    auto status = f.isBytes(number) ? take(f) : appendRaw(source, f.tagStart, f.end, rest);
    if (!status.ok())
      return status;
  }
  return mergeFromBytes(rest, message) ? absl::OkStatus() : notA(name, source, begin, end);
}

} // namespace

absl::Status readBinaryGraphDef(ByteSource &source, uint64_t begin, uint64_t end, GraphSink &sink) {
  return readAround(source, begin, end, tensorflow::GraphDef::kNodeFieldNumber, "GraphDef",
                    *sink.meta->mutable_graph_def(),
                    [&](const WireField &node) { return readNode(source, node, sink); });
}

absl::Status readBinaryMetaGraph(ByteSource &source, uint64_t begin, uint64_t end,
                                 GraphSink &sink) {
  return readAround(source, begin, end, tensorflow::MetaGraphDef::kGraphDefFieldNumber,
                    "MetaGraphDef", *sink.meta, [&](const WireField &graph) {
                      return readBinaryGraphDef(source, graph.start, graph.end, sink);
                    });
}

absl::StatusOr<std::vector<MetaGraphRange>> listMetaGraphs(ByteSource &source) {
  std::vector<MetaGraphRange> ranges;
  tensorflow::SavedModel others;
  auto status = readAround(
      source, 0, source.size(), tensorflow::SavedModel::kMetaGraphsFieldNumber, "SavedModel",
      others, [&](const WireField &metaGraph) -> absl::Status {
        MetaGraphRange range{metaGraph.start, metaGraph.end, {}};
        tensorflow::MetaGraphDef::MetaInfoDef info;
        WireReader reader(source, metaGraph.start, metaGraph.end);
        while (true) {
          auto field = reader.next();
          if (!field.ok())
            return field.status();
          if (!field->has_value())
            break;
          const WireField &f = **field;
          if (!f.isBytes(tensorflow::MetaGraphDef::kMetaInfoDefFieldNumber))
            continue;
          if (auto read = readWhole(source, f.start, f.end, "MetaInfoDef", info); !read.ok())
            return read;
        }
        range.tags.assign(info.tags().begin(), info.tags().end());
        ranges.push_back(std::move(range));
        return absl::OkStatus();
      });
  if (!status.ok())
    return status;
  return ranges;
}

} // namespace firn
