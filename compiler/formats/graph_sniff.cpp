#include <algorithm>
#include <cstring>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/formats/graph_forms.h"

namespace firn {
namespace {

using Kind = GraphFile::Kind;

constexpr char kExpected[] = "expected a GraphDef, MetaGraphDef or SavedModel, got ";
constexpr uint64_t kHead = 4096;
// Little-endian, as the last bytes of a leveldb table.
constexpr char kTableMagic[] = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";

absl::Status otherFormat(const ByteSource &source, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(source.name(), ": ", kExpected, what));
}

/// Formats that people hand to such tools by mistake.
absl::Status rejectOthers(ByteSource &source, absl::string_view head, bool tableMagicAtEnd) {
  if (tableMagicAtEnd)
    return otherFormat(source, "a checkpoint (an index or a V1 file); give it as the checkpoint "
                               "and the .meta or .pb file beside it as the graph");
  if (head.size() >= 8 && head.substr(4, 4) == "TFL3")
    return otherFormat(source, "a TensorFlow Lite model; give the graph that it was made from");
  static const struct {
    absl::string_view start, what;
  } kStarts[] = {{"\x1f\x8b", "a gzip file; unpack it first"},
                 {"PK\x03\x04", "a zip archive (or .npz, .keras); unpack it first"},
                 {"\x89HDF", "an HDF5 file (Keras weights or model)"},
                 {"version https://git-lfs", "a Git LFS pointer; fetch the file itself"},
                 {"\x93NUMPY", "a numpy array"},
                 {"ML\xefR", "MLIR bytecode"},
                 {"<!DOCTYPE", "an HTML page"},
                 {"<html", "an HTML page"},
                 {"\x7f"
                  "ELF",
                  "an ELF binary"}};
  for (const auto &start : kStarts)
    if (absl::StartsWith(head, start.start))
      return otherFormat(source, start.what);
  return absl::OkStatus();
}

bool looksLikeText(absl::string_view head) {
  return std::all_of(head.begin(), head.end(), [](unsigned char c) {
    return c >= 0x20 ? c != 0x7f : (c == '\t' || c == '\n' || c == '\r' || c == '\f');
  });
}

/// `text` from its first field on.
absl::string_view skipComments(absl::string_view text) {
  while (true) {
    text = absl::StripLeadingAsciiWhitespace(text);
    if (!absl::StartsWith(text, "#"))
      return text;
    text.remove_prefix(std::min(text.size(), text.find('\n')));
  }
}

/// The name at the front of `text`; empty where it does not begin with one.
absl::string_view leadingName(absl::string_view text) {
  size_t length = 0;
  while (length < text.size() && (absl::ascii_isalnum(text[length]) || text[length] == '_'))
    ++length;
  return text.substr(0, length);
}

absl::StatusOr<GraphForm> sniffText(ByteSource &source) {
  // A licence in comments can be longer than the head.
  auto text = source.view(0, source.size());
  if (!text.ok())
    return text.status();
  static const auto *const kinds = [] {
    auto *result = new std::map<absl::string_view, Kind>;
    auto add = [&](const google::protobuf::Descriptor *message, Kind kind) {
      for (int i = 0; i < message->field_count(); ++i)
        result->emplace(message->field(i)->name(), kind);
    };
    add(tensorflow::GraphDef::descriptor(), Kind::GraphDef);
    add(tensorflow::MetaGraphDef::descriptor(), Kind::MetaGraph);
    add(tensorflow::SavedModel::descriptor(), Kind::SavedModel);
    return result;
  }();
  const absl::string_view fields = skipComments(*text), name = leadingName(fields);
  if (auto found = kinds->find(name); found != kinds->end())
    return GraphForm{found->second, true};
  if (absl::EndsWith(name, "checkpoint_path") || absl::StartsWith(name, "all_model_checkpoint"))
    return otherFormat(source, "the state file of a training directory; give the directory");
  if (fields.empty())
    return otherFormat(source, "a file without content");
  return otherFormat(source, name.empty() ? std::string("text that is no protobuf text")
                                          : absl::StrCat("text that begins with '", name, "'"));
}

/// What decides between the kinds: the first fields of the message, read no further than needed.
class BinarySniffer {
public:
  explicit BinarySniffer(ByteSource &source) : source(source) {}

  absl::StatusOr<Kind> sniff() {
    WireReader reader(source, 0, source.size());
    while (true) {
      auto field = reader.next();
      if (!field.ok())
        return field.status();
      if (!field->has_value())
        return byContent();
      auto kind = byField(**field);
      if (!kind.ok())
        return kind.status();
      if (kind->has_value())
        return **kind;
    }
  }

private:
  absl::StatusOr<std::optional<Kind>> byField(const WireField &field) {
    const bool varint = field.type == WireType::Varint;
    if (field.number == 1 && varint)
      return Kind::SavedModel;
    if (field.number == 3 && varint)
      return Kind::GraphDef;
    if (field.type != WireType::Bytes && field.number > 7)
      return std::nullopt; // unknown to this version
    if (field.type != WireType::Bytes)
      return otherFormat(source, "bytes of another kind (or a damaged file)");
    if (field.number == 1)
      return onFirstField();
    if (field.number == 3)
      return Kind::MetaGraph;
    if (!field.isBytes(4) || field.size() == 0)
      return std::nullopt;
    // A VersionDef begins with a number, an entry of collection_def with its key.
    auto first = source.view(field.start, 1);
    if (!first.ok())
      return first.status();
    return (*first)[0] == 0x0a ? Kind::MetaGraph : Kind::GraphDef;
  }

  /// A MetaGraphDef has one meta_info_def, a GraphDef many nodes.
  std::optional<Kind> onFirstField() {
    return ++firsts > 1 ? std::optional(Kind::GraphDef) : std::nullopt;
  }

  /// Small files that the fields' numbers do not decide: the message that leaves nothing unknown.
  absl::StatusOr<Kind> byContent() {
    auto bytes = source.view(0, source.size());
    if (!bytes.ok())
      return bytes.status();
    tensorflow::GraphDef graph;
    if (fits(*bytes, graph) && std::all_of(graph.node().begin(), graph.node().end(), isNode))
      return Kind::GraphDef;
    tensorflow::MetaGraphDef meta;
    if (fits(*bytes, meta) &&
        std::all_of(meta.graph_def().node().begin(), meta.graph_def().node().end(), isNode))
      return Kind::MetaGraph;
    tensorflow::SavedModel saved;
    if (fits(*bytes, saved) && saved.meta_graphs_size() > 0)
      return Kind::SavedModel;
    return otherFormat(source, "bytes of another kind (or a damaged file)");
  }

  static bool isNode(const tensorflow::NodeDef &node) {
    return !node.op().empty() && looksLikeText(node.op()) && !node.name().empty();
  }

  static bool fits(absl::string_view bytes, google::protobuf::Message &message) {
    if (!mergeFromBytes(bytes, message))
      return false;
    const size_t size = message.ByteSizeLong();
    message.DiscardUnknownFields();
    return size > 0 && message.ByteSizeLong() == size;
  }

  ByteSource &source;
  int firsts = 0;
};

} // namespace

absl::StatusOr<GraphForm> sniffGraphForm(ByteSource &source) {
  const uint64_t size = source.size();
  if (size == 0)
    return otherFormat(source, "an empty file");
  bool tableMagic = false;
  if (size >= 48) {
    auto tail = source.view(size - 8, 8);
    if (!tail.ok())
      return tail.status();
    tableMagic = std::memcmp(tail->data(), kTableMagic, 8) == 0;
  }
  auto head = source.view(0, std::min(size, kHead));
  if (!head.ok())
    return head.status();
  if (auto status = rejectOthers(source, *head, tableMagic); !status.ok())
    return status;
  if (looksLikeText(*head))
    return sniffText(source);
  auto kind = BinarySniffer(source).sniff();
  if (!kind.ok())
    return kind.status();
  return GraphForm{*kind, false};
}

} // namespace firn
