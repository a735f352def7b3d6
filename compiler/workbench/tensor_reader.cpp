#include "compiler/workbench/tensor_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/formats/crc32c.h"

namespace firn {

TensorReader::TensorReader(TensorData tensorData, TensorFiles &tensorFiles, bool verify)
    : data(std::move(tensorData)), files(&tensorFiles), verify(verify), total(data.bytes.size()) {
  for (const Extent &part : data.extents)
    total += part.size;
}

absl::StatusOr<TensorReader> TensorReader::open(Checkpoint &checkpoint, const std::string &key,
                                                const std::optional<TensorSlice> &slice,
                                                bool verify) {
  auto data = checkpoint.locate(key, slice);
  if (!data.ok())
    return data.status();
  return TensorReader(*std::move(data), checkpoint.tensorFiles(), verify);
}

absl::Status TensorReader::read(absl::Span<char> out) {
  if (!data.extents.empty())
    return readExtents(out);
  if (out.size() > data.bytes.size() - offset)
    return absl::DataLossError(absl::StrCat("expected ", out.size(), " more bytes, got ",
                                            data.bytes.size() - offset));
  std::copy_n(data.bytes.data() + offset, out.size(), out.data());
  offset += out.size();
  return absl::OkStatus();
}

absl::Status TensorReader::readExtents(absl::Span<char> out) {
  while (!out.empty()) {
    if (extent == data.extents.size())
      return absl::DataLossError(absl::StrCat("expected ", out.size(), " more bytes"));
    const Extent &from = data.extents[extent];
    absl::Span<char> piece =
        out.subspan(0, std::min<uint64_t>(out.size(), from.size - offset));
    if (auto status = files->read(from.file, from.offset + offset, piece); !status.ok())
      return status;
    const bool compare = verify && from.crc32c.has_value();
    if (compare)
      crc = crc32cExtend(crc, piece.data(), piece.size());
    out.remove_prefix(piece.size());
    offset += piece.size();
    if (offset < from.size)
      continue;
    if (compare && maskCrc32c(crc) != *from.crc32c)
      return absl::DataLossError(absl::StrFormat(
          "%s: %d bytes at offset %d are damaged: expected checksum %08x, got %08x", from.file,
          from.size, from.offset, *from.crc32c, maskCrc32c(crc)));
    ++extent;
    offset = 0;
    crc = 0;
  }
  return absl::OkStatus();
}

} // namespace firn
