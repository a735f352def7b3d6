#include "compiler/export/GraphWriter.h"

#include "absl/strings/str_cat.h"
#include "compiler/formats/graph_file.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/wire_format_lite.h"

using namespace mlir;
using namespace firn::graph;
using google::protobuf::io::CodedOutputStream;

namespace firn {
namespace {

constexpr uint64_t kMaxMessage = (uint64_t(1) << 31) - 1;

// A field of wire type "length-delimited": its tag and length.
std::string fieldHeader(int number, uint64_t length) {
  uint8_t buffer[20];
  uint8_t *end =
      CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(number << 3 | 2), buffer);
  end = CodedOutputStream::WriteVarint64ToArray(length, end);
  return std::string(reinterpret_cast<char *>(buffer), end - buffer);
}

std::string field(int number, absl::string_view bytes) {
  return absl::StrCat(fieldHeader(number, bytes.size()), bytes);
}

// A node as it is written: bytes, and between them the contents of tensors that lie in files.
struct Record {
  struct Part {
    std::string bytes;
    std::vector<Extent> content; // follows the bytes
    uint64_t contentSize = 0;
  };
  std::vector<Part> parts;
  uint64_t size = 0;

  void add(std::string bytes) {
    size += bytes.size();
    if (parts.empty() || !parts.back().content.empty())
      parts.emplace_back();
    parts.back().bytes += bytes;
  }
  void addContent(TensorAttr tensor) {
    parts.back().content = extentsOf(tensor);
    parts.back().contentSize = tensor.getDataSize();
    size += parts.back().contentSize;
  }
};

// A map entry {1 key, 2 AttrValue{8 TensorProto{…, 4 tensor_content}}} whose content follows from
// files.
void addPendingAttr(Record &record, const std::string &key, const tensorflow::AttrValue &value,
                    TensorAttr tensor) {
  uint64_t contentSize = tensor.getDataSize();
  std::string contentHeader = fieldHeader(4, contentSize);
  std::string head = serializeDeterministic(value.tensor()) + contentHeader;
  uint64_t tensorSize = head.size() + contentSize;
  std::string tensorHeader = fieldHeader(8, tensorSize);
  uint64_t valueSize = tensorHeader.size() + tensorSize;
  std::string entry = field(1, key) + fieldHeader(2, valueSize);
  record.add(fieldHeader(5, entry.size() + valueSize) + entry + tensorHeader + head);
  record.addContent(tensor);
}

// The fields of a NodeDef in the order of their numbers, attributes in the order of their keys.
Record nodeRecord(const tensorflow::NodeDef &node, ArrayRef<PendingContent> pending) {
  Record record;
  if (pending.empty()) {
    record.add(serializeDeterministic(node));
    return record;
  }
  tensorflow::NodeDef head, tail = node;
  head.set_name(node.name());
  head.set_op(node.op());
  *head.mutable_input() = node.input();
  head.set_device(node.device());
  tail.clear_name();
  tail.clear_op();
  tail.clear_input();
  tail.clear_device();
  tail.clear_attr();
  record.add(serializeDeterministic(head));
  std::map<std::string, const tensorflow::AttrValue *> attrs;
  for (const auto &[key, value] : node.attr())
    attrs[key] = &value;
  for (const auto &[key, value] : attrs) {
    const auto *it =
        llvm::find_if(pending, [name = key](const PendingContent &p) { return p.attr == name; });
    if (it != pending.end())
      addPendingAttr(record, key, *value, it->tensor);
    else
      record.add(field(5, field(1, key) + field(2, serializeDeterministic(*value))));
  }
  record.add(serializeDeterministic(tail));
  return record;
}

class Writer {
public:
  Writer(ModuleOp module, TensorFiles &files, const GraphWriterOptions &options,
         const ByteSink &sink)
      : module(module), files(files), options(options), sink(sink) {}

  absl::Status run() {
    graph = findGraph(module);
    tensorflow::GraphDef header;
    if (!graph || failed(exportHeader(module, files, header)))
      return absl::InternalError("the graph can't be exported");
    return options.text ? writeText(header) : writeBinary(header);
  }
  uint64_t written = 0;

private:
  absl::Status writeBinary(const tensorflow::GraphDef &header) {
    std::string tail = serializeDeterministic(header);
    std::vector<Record> records;
    total = tail.size();
    for (Operation &op : graph.getNodes().without_terminator()) {
      tensorflow::NodeDef node;
      SmallVector<PendingContent> pending;
      if (failed(exportNode(Node(&op), node, pending)))
        return absl::InternalError("the graph can't be exported");
      records.push_back(nodeRecord(node, pending));
      total += fieldHeader(1, records.back().size).size() + records.back().size;
    }
    if (total > kMaxMessage)
      return absl::ResourceExhaustedError(
          absl::StrCat("the frozen graph would take ", total,
                       " bytes, more than the 2 GB that a GraphDef can hold; cut it with --inputs "
                       "and --outputs and freeze the parts"));
    for (const Record &record : records)
      if (absl::Status status = write(record); !status.ok())
        return status;
    return emit(tail);
  }

  absl::Status write(const Record &record) {
    if (absl::Status status = emit(fieldHeader(1, record.size)); !status.ok())
      return status;
    for (const Record::Part &part : record.parts) {
      if (absl::Status status = emit(part.bytes); !status.ok())
        return status;
      if (part.content.empty())
        continue;
      absl::Status status = files.stream(part.content, options.verify,
                                         [this](absl::string_view piece) { return emit(piece); });
      if (!status.ok())
        return status;
    }
    return absl::OkStatus();
  }

  absl::Status writeText(const tensorflow::GraphDef &header) {
    google::protobuf::TextFormat::Printer printer;
    std::string text;
    for (Operation &op : graph.getNodes().without_terminator()) {
      tensorflow::GraphDef one;
      SmallVector<PendingContent> pending;
      if (failed(exportNode(Node(&op), *one.add_node(), pending)))
        return absl::InternalError("the graph can't be exported");
      for (const PendingContent &content : pending)
        if (absl::Status status = readContent(content, *one.mutable_node(0)); !status.ok())
          return status;
      printer.PrintToString(one, &text);
      if (absl::Status status = emit(text); !status.ok())
        return status;
    }
    printer.PrintToString(header, &text);
    return emit(text);
  }

  absl::Status readContent(const PendingContent &content, tensorflow::NodeDef &node) {
    std::string &bytes =
        *(*node.mutable_attr())[content.attr].mutable_tensor()->mutable_tensor_content();
    bytes.reserve(content.tensor.getDataSize());
    return files.stream(extentsOf(content.tensor), options.verify, [&](absl::string_view piece) {
      bytes.append(piece.data(), piece.size());
      return absl::OkStatus();
    });
  }

  absl::Status emit(absl::string_view bytes) {
    written += bytes.size();
    if (options.progress && written - reported > (8u << 20)) {
      reported = written;
      options.progress(written, total);
    }
    return sink(bytes);
  }

  ModuleOp module;
  TensorFiles &files;
  const GraphWriterOptions &options;
  const ByteSink &sink;
  GraphOp graph;
  uint64_t total = 0, reported = 0;
};

} // namespace

absl::Status writeGraph(ModuleOp module, TensorFiles &files, const GraphWriterOptions &options,
                        const ByteSink &sink, uint64_t *bytesWritten) {
  Writer writer(module, files, options, sink);
  absl::Status status = writer.run();
  if (bytesWritten)
    *bytesWritten = writer.written;
  return status;
}

} // namespace firn
