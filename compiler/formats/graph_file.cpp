#include "compiler/formats/graph_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/graph_forms.h"
#include "compiler/formats/proto/signatures.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace firn {
namespace {

using Kind = GraphFile::Kind;
namespace fs = std::filesystem;

absl::StatusOr<ByteSource> readStandardInput() {
  std::string bytes;
  size_t used = 0;
  while (true) {
    if (bytes.size() - used < (1 << 20))
      bytes.resize(std::max<size_t>(2 << 20, bytes.size() * 2));
    const ssize_t got = ::read(STDIN_FILENO, bytes.data() + used, bytes.size() - used);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return absl::InvalidArgumentError(
          absl::StrCat("cannot read standard input: ", std::strerror(errno)));
    if (got == 0)
      break;
    used += got;
  }
  bytes.resize(used);
  return ByteSource::ofMemory("standard input", std::move(bytes));
}

/// The graph file of a SavedModel directory.
absl::StatusOr<std::string> savedModelFile(const std::string &directory) {
  std::error_code error;
  for (const char *name : {"saved_model.pb", "saved_model.pbtxt"})
    if (const fs::path file = fs::path(directory) / name; fs::is_regular_file(file, error))
      return file.string();
  if (fs::exists(fs::path(directory) / "saved_model.cpb", error))
    return absl::InvalidArgumentError(
        absl::StrCat(directory, ": saved_model.cpb (a SavedModel split into chunks) is not read; "
                                "export it without proto splitting"));
  const bool training = fs::exists(fs::path(directory) / "checkpoint", error);
  return absl::InvalidArgumentError(
      absl::StrCat(directory, ": expected saved_model.pb or saved_model.pbtxt in the directory",
                   training ? "; it is a training directory: give one of its .meta files" : ""));
}

std::string tagText(const std::vector<std::string> &tags) {
  return absl::StrCat("{", absl::StrJoin(tags, ", "), "}");
}

/// Which of several MetaGraphs `tags` means, by TensorFlow's rule: the one whose set of tags is the
/// same.
absl::StatusOr<size_t> chooseByTags(const std::string &path, const std::vector<std::string> &tags,
                                    const std::vector<std::vector<std::string>> &available) {
  if (available.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": expected a MetaGraph in the SavedModel, got none"));
  if (tags.empty() && available.size() == 1)
    return 0;
  std::set<std::string> wanted(tags.begin(), tags.end());
  if (wanted.empty())
    wanted.insert("serve");
  for (size_t i = 0; i < available.size(); ++i)
    if (std::set<std::string>(available[i].begin(), available[i].end()) == wanted)
      return i;
  std::vector<std::string> sets;
  for (const auto &one : available)
    sets.push_back(tagText(one));
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": expected a MetaGraph tagged {", absl::StrJoin(wanted, ", "), "}, got ",
                   absl::StrJoin(sets, ", "), "; name the tags of the one wanted"));
}

absl::Status readBinary(ByteSource &source, const GraphFileOptions &options, GraphFile &file) {
  GraphSink sink{&file.meta, &file.external, options.externalThreshold};
  if (file.kind == Kind::GraphDef)
    return readBinaryGraphDef(source, 0, source.size(), sink);
  if (file.kind == Kind::MetaGraph)
    return readBinaryMetaGraph(source, 0, source.size(), sink);
  auto ranges = listMetaGraphs(source);
  if (!ranges.ok())
    return ranges.status();
  std::vector<std::vector<std::string>> available;
  for (const MetaGraphRange &range : *ranges)
    available.push_back(range.tags);
  auto chosen = chooseByTags(source.name(), options.tags, available);
  if (!chosen.ok())
    return chosen.status();
  const MetaGraphRange &range = (*ranges)[*chosen];
  return readBinaryMetaGraph(source, range.begin, range.end, sink);
}

absl::Status parseText(ByteSource &source, google::protobuf::Message &message) {
  // Text may spell out an Any of old signatures, which needs the type to be linked in.
  (void)tensorflow::serving::Signatures::descriptor();
  auto text = source.view(0, source.size());
  if (!text.ok())
    return text.status();
  std::string error;
  if (parseFromText(*text, message, &error))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(source.name(), ":", error));
}

absl::Status readText(ByteSource &source, const GraphFileOptions &options, GraphFile &file) {
  if (file.kind == Kind::GraphDef)
    return parseText(source, *file.meta.mutable_graph_def());
  if (file.kind == Kind::MetaGraph)
    return parseText(source, file.meta);
  tensorflow::SavedModel model;
  if (auto status = parseText(source, model); !status.ok())
    return status;
  std::vector<std::vector<std::string>> available;
  for (const auto &meta : model.meta_graphs())
    available.emplace_back(meta.meta_info_def().tags().begin(), meta.meta_info_def().tags().end());
  auto chosen = chooseByTags(source.name(), options.tags, available);
  if (!chosen.ok())
    return chosen.status();
  file.meta = std::move(*model.mutable_meta_graphs(static_cast<int>(*chosen)));
  return absl::OkStatus();
}

absl::StatusOr<GraphFile> readSource(ByteSource source, const GraphFileOptions &options) {
  auto form = sniffGraphForm(source);
  if (!form.ok())
    return form.status();
  GraphFile file{form->kind, form->text, source.name(), {}, {}, {}};
  auto status = file.text ? readText(source, options, file) : readBinary(source, options, file);
  if (!status.ok())
    return absl::IsDataLoss(status) ? absl::InvalidArgumentError(status.message()) : status;
  if (file.kind == Kind::SavedModel && source.isFile()) {
    const fs::path prefix = fs::path(file.path).parent_path() / "variables" / "variables";
    std::error_code error;
    if (fs::exists(prefix.string() + ".index", error))
      file.variablesPrefix = prefix.string();
  }
  return file;
}

} // namespace

absl::StatusOr<GraphFile> readGraphFile(const std::string &path, const GraphFileOptions &options) {
  if (path == "-") {
    auto source = readStandardInput();
    if (!source.ok())
      return source.status();
    return readSource(*std::move(source), options);
  }
  std::string name = path;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    auto file = savedModelFile(path);
    if (!file.ok())
      return file.status();
    name = *std::move(file);
  }
  TensorFiles files;
  auto source = ByteSource::ofFile(files, name);
  if (!source.ok())
    return source.status();
  try {
    return readSource(*std::move(source), options);
  } catch (const std::bad_alloc &) {
    return absl::ResourceExhaustedError(absl::StrCat(name, ": out of memory while reading it"));
  }
}

std::string serializeDeterministic(const google::protobuf::Message &message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

} // namespace firn
