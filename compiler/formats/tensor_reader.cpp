#include "compiler/formats/tensor_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/formats/crc32c.h"

namespace firn {

TensorReader::TensorReader(TensorData data, TensorFiles *files, bool verify)
    : extents(std::move(data.extents)), files(files), verify(verify), buffer(std::move(data.bytes)),
      total(buffer.size()) {
  for (const Extent &part : extents)
    total += part.size;
}

absl::StatusOr<TensorReader> TensorReader::open(Checkpoint &checkpoint, const std::string &key,
                                                const std::optional<TensorSlice> &slice,
                                                bool verify) {
  auto data = checkpoint.locate(key, slice);
  if (!data.ok())
    return data.status();
  return TensorReader(*std::move(data), &checkpoint.tensorFiles(), verify);
}

absl::Status TensorReader::fill() {
  constexpr uint64_t kPiece = 128 << 10;
  const Extent &from = extents[extent];
  buffer.resize(std::min(kPiece, from.size - offset));
  used = 0;
  if (auto status = files->read(from.file, from.offset + offset,
                                absl::MakeSpan(buffer.data(), buffer.size()));
      !status.ok())
    return status;
  const bool compare = verify && from.crc32c.has_value();
  if (compare)
    crc = crc32cExtend(crc, buffer.data(), buffer.size());
  offset += buffer.size();
  if (offset < from.size)
    return absl::OkStatus();
  if (compare)
    if (auto status = checkExtent(from, crc); !status.ok())
      return status;
  ++extent;
  offset = 0;
  crc = 0;
  return absl::OkStatus();
}

template <typename Take> absl::Status TensorReader::next(uint64_t count, const Take &take) {
  if (count > total - done)
    return absl::DataLossError(absl::StrCat("expected ", count, " more bytes, got ", total - done));
  done += count;
  while (count > 0) {
    if (used == buffer.size()) {
      if (auto status = fill(); !status.ok())
        return status;
      continue; // an extent may be empty
    }
    const size_t piece = std::min<uint64_t>(count, buffer.size() - used);
    take(buffer.data() + used, piece);
    used += piece;
    count -= piece;
  }
  return absl::OkStatus();
}

absl::Status TensorReader::read(absl::Span<char> out) {
  char *to = out.data();
  return next(out.size(),
              [&](const char *bytes, size_t count) { to = std::copy_n(bytes, count, to); });
}

absl::Status TensorReader::skipTo(uint64_t position) {
  return next(position - done, [](const char *, size_t) {});
}

} // namespace firn
