#include "compiler/module/WeightBytes.h"

#include "absl/strings/str_cat.h"
#include "compiler/module/WeightSource.h"
#include "runtime/kernels/common/pack.h"

using namespace mlir;

namespace firn {
namespace {

// What is in memory of one weight, about.
constexpr int64_t kPieceBytes = 8 << 20;
constexpr int64_t kPanelColumns = kernels::kPanelColumns;

absl::Status writePlain(const WeightEntry &entry, const WeightSource &source,
                        const WeightSink &sink) {
  if (source.liesInFiles())
    return source.stream(sink);
  constexpr uint64_t kPiece = 1 << 20;
  std::string piece;
  for (uint64_t done = 0; done < entry.bytes; done += piece.size()) {
    piece.resize(std::min(kPiece, entry.bytes - done));
    if (absl::Status status = source.read(done, {piece.data(), piece.size()}); !status.ok())
      return status;
    if (absl::Status status = sink(piece); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

/// Writes a matrix in panels, as many of them at a time as a piece of memory holds.
class PanelWriter {
public:
  PanelWriter(const WeightEntry &entry, const WeightSource &source, const WeightSink &sink)
      : source(source), sink(sink), depth(entry.depth()), columns(entry.columns()),
        transposed(entry.form == WeightEntry::Form::PackedTransposed) {}

  absl::Status write() {
    // Checksums are those of whole files' parts: parts that are read out of order are checked
    // before.
    if (absl::Status status = source.check(); !status.ok())
      return status;
    const int64_t panelBytes = std::max<int64_t>(1, depth * kPanelColumns * sizeof(float));
    const int64_t panels = std::max<int64_t>(1, kPieceBytes / panelBytes);
    for (int64_t first = 0; first < columns; first += panels * kPanelColumns)
      if (absl::Status status =
              writeGroup(first, std::min(panels * kPanelColumns, columns - first));
          !status.ok())
        return status;
    return absl::OkStatus();
  }

private:
  // Columns first to first + count, which begin a panel.
  absl::Status writeGroup(int64_t first, int64_t count) {
    matrix.resize(depth * count);
    if (absl::Status status = readGroup(first, count); !status.ok())
      return status;
    const kernels::WeightMatrix part = {matrix.data(), depth, count, transposed ? 1 : count,
                                        transposed ? depth : 1};
    panels.resize(kernels::packedFloats(depth, count));
    kernels::packPanels(part, panels.data());
    return sink({reinterpret_cast<const char *>(panels.data()), panels.size() * sizeof(float)});
  }

  absl::Status readGroup(int64_t first, int64_t count) {
    if (transposed || count == columns)
      return read(transposed ? first * depth : 0, matrix.data(), depth * count);
    for (int64_t k = 0; k < depth; ++k)
      if (absl::Status status = read(k * columns + first, matrix.data() + k * count, count);
          !status.ok())
        return status;
    return absl::OkStatus();
  }

  absl::Status read(int64_t element, float *to, int64_t count) {
    return source.read(element * sizeof(float),
                       {reinterpret_cast<char *>(to), size_t(count) * sizeof(float)});
  }

  const WeightSource &source;
  const WeightSink &sink;
  const int64_t depth, columns;
  const bool transposed;
  std::vector<float> matrix, panels;
};

} // namespace

absl::Status writeWeight(const WeightEntry &entry, TensorFiles &files, bool verify,
                         const WeightSink &sink) {
  absl::StatusOr<WeightSource> source =
      WeightSource::create(entry.value, entry.type, files, verify);
  if (!source.ok())
    return source.status();
  return entry.form == WeightEntry::Form::Plain ? writePlain(entry, *source, sink)
                                                : PanelWriter(entry, *source, sink).write();
}

} // namespace firn
