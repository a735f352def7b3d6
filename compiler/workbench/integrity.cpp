#include "compiler/workbench/integrity.h"

#include <map>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "compiler/formats/slice_geometry.h"
#include "compiler/workbench/parallel.h"

namespace firn {
namespace {

using Slices = std::vector<std::optional<TensorSlice>>;

Slices storedSlices(const CheckpointEntry &entry) {
  Slices slices(entry.slices.begin(), entry.slices.end());
  if (slices.empty())
    slices.push_back(std::nullopt);
  return slices;
}

std::string coverageProblem(const std::string &key, const CheckpointEntry &entry) {
  if (entry.slices.empty())
    return "";
  if (auto overlap = findOverlap(entry.slices))
    return absl::StrCat("'", key, "': the slices ", entry.slices[overlap->first].str(entry.shape),
                        " and ", entry.slices[overlap->second].str(entry.shape), " overlap");
  int64_t covered = 0;
  for (const TensorSlice &slice : entry.slices)
    covered += elementCount(slice.length).value_or(0);
  if (covered == entry.elements())
    return "";
  return absl::StrCat("'", key, "': the slices hold ", covered, " of ", entry.elements(),
                      " elements");
}

class Check {
public:
  Check(Checkpoint &checkpoint, const std::function<void(uint64_t, uint64_t)> &progress)
      : checkpoint(checkpoint), progress(progress) {
    for (const auto &[key, entry] : checkpoint.entries())
      total += entry.byteSize();
  }

  Integrity run() {
    checkFiles();
    std::vector<std::string> keys;
    for (const auto &[key, entry] : checkpoint.entries())
      keys.push_back(key);
    const absl::Status done = forEachInParallel(keys.size(), [&](size_t i) {
      checkTensor(keys[i]);
      return absl::OkStatus(); // one problem is no reason to stop
    });
    done.IgnoreError();
    result.tensors = keys.size();
    for (auto &[key, lines] : problems)
      result.problems.insert(result.problems.end(), lines.begin(), lines.end());
    return std::move(result);
  }

private:
  void checkFiles() {
    for (const std::string &file : checkpoint.files()) {
      ++result.files;
      if (auto size = checkpoint.tensorFiles().size(file); !size.ok())
        result.problems.push_back(std::string(size.status().message()));
    }
  }

  void checkTensor(const std::string &key) {
    const CheckpointEntry &entry = checkpoint.entries().at(key);
    const bool isText = entry.dtype == tensorflow::DT_STRING;
    if (!isText && dataTypeSize(entry.dtype) == 0) {
      std::lock_guard<std::mutex> lock(mutex);
      result.unchecked.push_back(key);
      return;
    }
    report(key, coverageProblem(key, entry));
    for (const auto &slice : storedSlices(entry)) {
      absl::Status status = isText ? checkpoint.readStrings(key, slice).status() : read(key, slice);
      report(key, status.ok() ? "" : absl::StrCat("'", key, "': ", status.message()));
      std::lock_guard<std::mutex> lock(mutex);
      result.slices += !entry.slices.empty();
    }
  }

  absl::Status read(const std::string &key, const std::optional<TensorSlice> &slice) {
    // A V1 tensor lies in memory: one at a time.
    std::unique_lock<std::mutex> lock(memory, std::defer_lock);
    if (checkpoint.format() == Checkpoint::Format::V1)
      lock.lock();
    auto data = checkpoint.locate(key, slice);
    if (!data.ok())
      return data.status();
    advance(data->bytes.size());
    return checkpoint.tensorFiles().stream(data->extents, true, [&](absl::string_view bytes) {
      advance(bytes.size());
      return absl::OkStatus();
    });
  }

  void advance(uint64_t bytes) {
    std::lock_guard<std::mutex> lock(mutex);
    result.bytes += bytes;
    if (progress)
      progress(result.bytes, total);
  }

  void report(const std::string &key, std::string problem) {
    std::lock_guard<std::mutex> lock(mutex);
    if (!problem.empty())
      problems[key].push_back(std::move(problem));
  }

  Checkpoint &checkpoint;
  const std::function<void(uint64_t, uint64_t)> &progress;
  uint64_t total = 0;
  std::mutex mutex, memory;
  std::map<std::string, std::vector<std::string>> problems; // by key
  Integrity result;
};

} // namespace

Integrity checkIntegrity(Checkpoint &checkpoint,
                         const std::function<void(uint64_t done, uint64_t total)> &progress) {
  return Check(checkpoint, progress).run();
}

} // namespace firn
