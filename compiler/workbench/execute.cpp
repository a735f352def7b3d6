#include "compiler/workbench/execute.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "compiler/formats/tensor_reader.h"
#include "compiler/workbench/numbers.h"
#include "compiler/workbench/parallel.h"

namespace firn {
namespace {

// Of a computed piece: the elements of each source, as doubles, are in memory.
constexpr size_t kPieceElements = 8 << 10;

/// Whether the bytes of `piece` come from the files in the order in which they are written.
bool isStreamed(const PlannedPiece &piece) {
  for (const TensorSource &source : piece.tensor->sources) {
    const auto &stored = source.entry().slices;
    const bool isWhole = !piece.slice && stored.empty();
    const bool isStored = piece.slice && std::count(stored.begin(), stored.end(), *piece.slice) > 0;
    if (source.checkpoint->format() == Checkpoint::Format::V1 || (!isWhole && !isStored))
      return false;
  }
  return piece.tensor->entry.dtype != tensorflow::DT_STRING;
}

absl::Status named(const std::string &key, const absl::Status &status) {
  return status.ok() ? status
                     : absl::Status(status.code(), absl::StrCat("'", key, "': ", status.message()));
}

class Execution {
public:
  Execution(const ExecuteOptions &options, uint64_t total) : options(options) {
    report.bytes = total;
  }

  /// Fills the lanes of `sink` side by side.
  absl::Status run(Sink &sink) {
    return forEachInParallel(sink.lanes.size(), [&](size_t lane) {
      absl::Status status;
      for (size_t i = 0; i < sink.work[lane].size() && status.ok() && !failed; ++i)
        status = writePiece(sink.work[lane][i], *sink.lanes[lane]);
      failed = failed || !status.ok();
      return status;
    });
  }

  ExecuteReport report;

private:
  absl::Status writePiece(const PlannedPiece &piece, TensorSink &lane) {
    // What lies in memory does so alone.
    std::unique_lock<std::mutex> lock(memory, std::defer_lock);
    if (!isStreamed(piece))
      lock.lock();
    const CheckpointEntry &entry = piece.tensor->entry;
    if (entry.dtype == tensorflow::DT_STRING)
      return writeStrings(piece, lane);
    absl::Status status = lane.begin(*piece.key, entry.dtype, entry.shape, piece.slice);
    if (status.ok())
      status = isCopy(piece) ? copy(piece, lane) : compute(piece, lane);
    return status.ok() ? lane.end() : status;
  }

  static bool isCopy(const PlannedPiece &piece) {
    const auto &sources = piece.tensor->sources;
    return sources.size() == 1 && sources[0].entry().dtype == piece.tensor->entry.dtype;
  }

  absl::Status writeStrings(const PlannedPiece &piece, TensorSink &lane) {
    const TensorSource &source = piece.tensor->sources[0];
    if (!piece.tensor->strings.empty())
      return lane.addStrings(*piece.key, piece.tensor->entry.shape, piece.tensor->strings);
    auto values = source.checkpoint->readStrings(source.key, piece.slice);
    if (!values.ok())
      return values.status();
    return lane.addStrings(*piece.key, piece.tensor->entry.shape, *values, piece.slice);
  }

  absl::Status copy(const PlannedPiece &piece, TensorSink &lane) {
    const TensorSource &source = piece.tensor->sources[0];
    auto data = source.checkpoint->locate(source.key, piece.slice);
    if (!data.ok())
      return data.status();
    auto write = [&](absl::string_view bytes) {
      advance(bytes.size());
      return lane.append(bytes);
    };
    if (data->extents.empty())
      return write(data->bytes);
    return named(source.key,
                 source.checkpoint->tensorFiles().stream(data->extents, options.verify, write));
  }

  absl::Status compute(const PlannedPiece &piece, TensorSink &lane) {
    std::vector<TensorReader> readers;
    for (const TensorSource &source : piece.tensor->sources) {
      auto reader = TensorReader::open(*source.checkpoint, source.key, piece.slice, options.verify);
      if (!reader.ok())
        return reader.status();
      readers.push_back(*std::move(reader));
    }
    const int dtype = piece.tensor->entry.dtype;
    uint64_t overflows = 0;
    std::vector<double> values;
    std::string bytes;
    for (uint64_t left = piece.bytes() / dataTypeSize(dtype); left > 0;) {
      values.resize(std::min<uint64_t>(left, kPieceElements));
      if (auto status = mean(piece, readers, values); !status.ok())
        return status;
      bytes.resize(values.size() * dataTypeSize(dtype));
      overflows += fromDoubles(dtype, values, bytes.data());
      advance(bytes.size());
      if (auto status = lane.append(bytes); !status.ok())
        return status;
      left -= values.size();
    }
    if (overflows > 0)
      warn(absl::StrCat(overflows, " values of '", *piece.key, "' are beyond the range of ",
                        dataTypeName(dtype), " and became infinite"));
    return absl::OkStatus();
  }

  static absl::Status mean(const PlannedPiece &piece, std::vector<TensorReader> &readers,
                           std::vector<double> &values) {
    std::vector<double> more(readers.size() > 1 ? values.size() : 0);
    for (size_t i = 0; i < readers.size(); ++i) {
      const TensorSource &source = piece.tensor->sources[i];
      std::string bytes(values.size() * dataTypeSize(source.entry().dtype), '\0');
      if (auto status = readers[i].read(absl::MakeSpan(bytes.data(), bytes.size())); !status.ok())
        return named(source.key, status);
      // A sum that began with 0 would lose the sign of -0.
      toDoubles(source.entry().dtype, bytes.data(), absl::MakeSpan(i == 0 ? values : more));
      for (size_t k = 0; i > 0 && k < values.size(); ++k)
        values[k] += more[k];
    }
    if (readers.size() > 1)
      for (double &value : values)
        value /= static_cast<double>(readers.size());
    return absl::OkStatus();
  }

  void advance(uint64_t bytes) {
    if (!options.progress)
      return;
    std::lock_guard<std::mutex> lock(mutex);
    done += bytes;
    options.progress(done, report.bytes);
  }

  void warn(std::string text) {
    std::lock_guard<std::mutex> lock(mutex);
    report.warnings.push_back(std::move(text));
  }

  const ExecuteOptions &options;
  std::atomic<bool> failed{false};
  std::mutex mutex, memory;
  uint64_t done = 0;
};

} // namespace

absl::StatusOr<ExecuteReport> executePlan(Plan plan, const std::string &path,
                                          const ExecuteOptions &options) {
  adaptPlan(plan, options.sink.format);
  auto sink = openSink(path, plan, options.sink);
  if (!sink.ok())
    return sink.status();
  Execution execution(options, totalsOf(plan).bytes);
  absl::Status status = execution.run(*sink);
  if (status.ok())
    status = sink->writer->finish();
  if (!status.ok())
    return status;
  std::sort(execution.report.warnings.begin(), execution.report.warnings.end());
  return std::move(execution.report);
}

} // namespace firn
