#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/checkpoint_formats.h"
#include "compiler/formats/edit_distance.h"
#include "compiler/formats/proto/checkpoint.pb.h"
#include "compiler/formats/table_file.h"
#include "compiler/formats/wire_reader.h"

namespace firn {
namespace {

namespace fs = std::filesystem;

constexpr char kAnyShard[] = R"(-?????-of-)"; // raw, as ??- was a trigraph

bool isFile(const std::string &path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool isDirectory(const std::string &path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

bool isTable(const std::string &path) {
  TensorFiles files;
  return isFile(path) && isTableFile(files, path).value_or(false);
}

/// What stands before the last slash, with it: "" for a bare name.
std::string directoryOf(const std::string &path) { return path.substr(0, path.rfind('/') + 1); }
std::string baseOf(const std::string &path) { return path.substr(path.rfind('/') + 1); }

bool allDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
}

/// Takes "-00001-of-00003" off the end (its digits in `shards`); false where there is none.
bool takeShardSuffix(absl::string_view *name, absl::string_view *shards) {
  constexpr size_t kLength = 15; // "-00001-of-00003"
  if (name->size() < kLength)
    return false;
  const absl::string_view tail = name->substr(name->size() - kLength);
  if (tail[0] != '-' || !allDigits(tail.substr(1, 5)) || tail.substr(6, 4) != "-of-" ||
      !allDigits(tail.substr(10)))
    return false;
  *shards = tail.substr(10);
  name->remove_suffix(kLength);
  return true;
}

std::string v1Pattern(absl::string_view prefix, absl::string_view shards) {
  return absl::StrCat(prefix, kAnyShard, shards);
}

/// Names in a directory, sorted; none where it can't be read.
std::vector<std::string> list(const std::string &directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(directory.empty() ? "." : directory, error), end;
       !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

/// The prefixes of all checkpoints in a directory ("dir/").
std::set<std::string> checkpointsIn(const std::string &directory) {
  std::set<std::string> prefixes;
  for (const std::string &name : list(directory)) {
    absl::string_view base = name, shards;
    if (absl::EndsWith(name, ".index"))
      prefixes.insert(directory + name.substr(0, name.size() - 6));
    else if (!isTable(directory + name))
      continue;
    else if (takeShardSuffix(&base, &shards))
      prefixes.insert(directory + v1Pattern(base, shards));
    else
      prefixes.insert(directory + name);
  }
  return prefixes;
}

/// The shards of P in V1, as a pattern; "" where there are none.
std::string findV1Shards(const std::string &prefix) {
  const std::string base = baseOf(prefix) + "-00000-of-";
  for (const std::string &name : list(directoryOf(prefix)))
    if (absl::StartsWith(name, base) && isTable(directoryOf(prefix) + name))
      return v1Pattern(prefix, name.substr(base.size()));
  return "";
}

/// "P@3" names the V1 shards of P.
std::string patternOfAt(const std::string &name) {
  const size_t at = name.rfind('@');
  int shards;
  if (at == std::string::npos || !absl::SimpleAtoi(name.substr(at + 1), &shards) || shards < 1)
    return "";
  return v1Pattern(name.substr(0, at), absl::StrFormat("%05d", shards));
}

/// The prefix that `name`, without any suffix of a file, means; "" where no checkpoint is there.
std::string probe(const std::string &name, std::vector<std::string> *notes) {
  if (isFile(name + ".index")) {
    if (!name.empty() && isTable(name))
      notes->push_back(absl::StrCat("the V1 checkpoint ", name, " is ignored: ", name,
                                    ".index, a V2 checkpoint of the same prefix, wins"));
    return name;
  }
  if (isTable(name)) {
    absl::string_view prefix = name, shards;
    return takeShardSuffix(&prefix, &shards) ? v1Pattern(prefix, shards) : name;
  }
  if (std::string pattern = patternOfAt(name); !pattern.empty() && isTable(v1Files(pattern)[0]))
    return pattern;
  if (absl::StrContains(name, kAnyShard))
    return isTable(v1Files(name)[0]) ? name : "";
  return isDirectory(name) ? "" : findV1Shards(name);
}

/// `name` without the suffix that a file of a checkpoint has beyond the prefix.
std::string withoutSuffix(const std::string &name) {
  absl::string_view base = name, shards;
  if (takeShardSuffix(&base, &shards) && absl::EndsWith(base, ".data"))
    return std::string(base.substr(0, base.size() - 5));
  for (const char *suffix : {".index", ".meta"})
    if (absl::EndsWith(name, suffix))
      return name.substr(0, name.size() - std::string(suffix).size());
  return name;
}

/// "; nearest checkpoint there: dir/model.ckpt-20", or nothing.
std::string nearestHint(const std::string &prefix) {
  const std::set<std::string> others = checkpointsIn(directoryOf(prefix));
  if (others.empty())
    return "";
  return absl::StrCat("; the nearest checkpoint there is ",
                      *std::min_element(others.begin(), others.end(),
                                        [&](const std::string &a, const std::string &b) {
                                          return editDistance(a, prefix) < editDistance(b, prefix);
                                        }));
}

absl::Status notFound(const std::string &name) {
  const std::string prefix = withoutSuffix(name);
  if (isFile(name) && prefix == name)
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected a checkpoint, got a file of another kind, and there is no ",
                     prefix, ".index", nearestHint(prefix)));
  const std::string directory = directoryOf(prefix);
  if (!directory.empty() && !isDirectory(directory))
    return absl::NotFoundError(
        absl::StrCat("no checkpoint '", name, "': there is no directory ", directory));
  return absl::NotFoundError(absl::StrCat("no checkpoint '", name, "': looked for ", prefix,
                                          ".index (V2), ", prefix, " and ", prefix,
                                          "-00000-of-* (V1)", nearestHint(prefix)));
}

/// What the state file of a training directory names.
absl::StatusOr<std::string> resolveState(const std::string &stateFile,
                                         std::vector<std::string> *notes) {
  TensorFiles files;
  auto source = ByteSource::ofFile(files, stateFile);
  if (!source.ok())
    return source.status();
  auto text = source->view(0, source->size());
  if (!text.ok())
    return text.status();
  tensorflow::CheckpointState state;
  std::string error;
  if (!parseFromText(*text, state, &error))
    return absl::InvalidArgumentError(absl::StrCat(stateFile, ":", error));
  const std::string &named = state.model_checkpoint_path();
  if (named.empty())
    return absl::InvalidArgumentError(
        absl::StrCat(stateFile, ": expected model_checkpoint_path, got none"));
  const std::string directory = directoryOf(stateFile);
  const std::string path = named[0] == '/' ? named : directory + named;
  if (std::string prefix = probe(path, notes); !prefix.empty())
    return prefix;
  const std::string beside = directory + baseOf(named);
  if (std::string prefix = probe(beside, notes); !prefix.empty()) {
    notes->push_back(absl::StrCat(stateFile, " names ", named, ", which is not there; using ",
                                  prefix, " beside it"));
    return prefix;
  }
  auto status = notFound(beside);
  return absl::NotFoundError(
      absl::StrCat(stateFile, " names ", named, ", which is not there: ", status.message()));
}

absl::StatusOr<std::string> resolveDirectory(const std::string &name,
                                             std::vector<std::string> *notes) {
  const std::string directory = absl::EndsWith(name, "/") ? name : name + "/";
  const std::string state = directory + "checkpoint";
  if (isFile(state) && !isTable(state))
    return resolveState(state, notes);
  const std::set<std::string> found = checkpointsIn(directory);
  if (found.size() == 1)
    return probe(*found.begin(), notes);
  if (found.size() > 1)
    return absl::InvalidArgumentError(absl::StrCat(
        directory, ": expected one checkpoint or a `checkpoint` file that names the newest, got ",
        absl::StrJoin(found, ", "), "; name one of them"));
  if (std::string saved = directory + "variables/variables"; isFile(saved + ".index"))
    return saved;
  return absl::NotFoundError(absl::StrCat("no checkpoint in ", directory, ": looked for ", state,
                                          ", *.index (V2) and V1 files"));
}

} // namespace

bool isCheckpointV2(const std::string &prefix) { return isFile(prefix + ".index"); }

std::vector<std::string> v1Files(const std::string &prefix) {
  const size_t at = prefix.rfind(kAnyShard);
  int shards;
  constexpr int kMostShards = 99999; // five digits
  if (at == std::string::npos ||
      !absl::SimpleAtoi(prefix.substr(at + sizeof kAnyShard - 1), &shards) || shards < 1 ||
      shards > kMostShards)
    return {prefix};
  std::vector<std::string> files;
  for (int i = 0; i < shards; ++i)
    files.push_back(absl::StrFormat("%s-%05d-of-%05d", prefix.substr(0, at), i, shards));
  return files;
}

absl::StatusOr<std::string> resolveCheckpointPrefix(const std::string &name,
                                                    std::vector<std::string> *notes) {
  std::vector<std::string> ignored;
  if (notes == nullptr)
    notes = &ignored;
  if (name.empty())
    return absl::InvalidArgumentError("expected the name of a checkpoint, got an empty one");
  if (isDirectory(name)) {
    // A directory may stand beside a checkpoint of the same name.
    if (std::string prefix = name.back() == '/' ? "" : probe(name, notes); !prefix.empty())
      return prefix;
    return resolveDirectory(name, notes);
  }
  if (baseOf(name) == "checkpoint" && isFile(name) && !isTable(name))
    return resolveState(name, notes);
  if (std::string prefix = withoutSuffix(name); prefix != name)
    if (std::string found = probe(prefix, notes); !found.empty())
      return found;
  if (std::string prefix = probe(name, notes); !prefix.empty())
    return prefix;
  return notFound(name);
}

} // namespace firn
