#include "compiler/formats/tensor_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/formats/crc32c.h"
#include "compiler/formats/files_read.h"

namespace firn {
namespace {

constexpr uint64_t kPieceSize = 128 << 10; // stays in the processor's cache

absl::Status fileError(const std::string &file, const char *verb, int error) {
  const std::string text = absl::StrCat("cannot ", verb, " ", file, ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR)
    return absl::NotFoundError(text);
  if (error == EACCES || error == EPERM)
    return absl::PermissionDeniedError(text);
  return absl::InvalidArgumentError(text);
}

} // namespace

absl::Status checkExtent(const Extent &extent, uint32_t crc32c) {
  const uint32_t got = maskCrc32c(crc32c);
  if (!extent.crc32c || got == *extent.crc32c)
    return absl::OkStatus();
  return absl::DataLossError(
      absl::StrFormat("%s: %d bytes at offset %d are damaged: expected checksum %08x, got %08x",
                      extent.file, extent.size, extent.offset, *extent.crc32c, got));
}

struct TensorFiles::OpenFile {
  int descriptor;
  uint64_t size;

  OpenFile(int descriptor, uint64_t size) : descriptor(descriptor), size(size) {}
  OpenFile(const OpenFile &) = delete;
  ~OpenFile() { ::close(descriptor); }
};

TensorFiles::TensorFiles() = default;
TensorFiles::~TensorFiles() = default;

absl::StatusOr<const TensorFiles::OpenFile *> TensorFiles::open(const std::string &file) {
  std::lock_guard<std::mutex> lock(mutex);
  if (auto found = files.find(file); found != files.end())
    return found->second.get();
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return fileError(file, "open", errno);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) {
    const int error = errno;
    ::close(descriptor);
    return fileError(file, "examine", error);
  }
  auto opened = std::make_unique<OpenFile>(descriptor, info.st_size);
  if (!S_ISREG(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat(file, ": expected a regular file, got a ",
                                                   S_ISDIR(info.st_mode) ? "directory" : "device"));
  noteFileRead(file);
  return files.emplace(file, std::move(opened)).first->second.get();
}

absl::StatusOr<uint64_t> TensorFiles::size(const std::string &file) {
  auto opened = open(file);
  if (!opened.ok())
    return opened.status();
  return (*opened)->size;
}

absl::Status TensorFiles::read(const std::string &file, uint64_t offset, absl::Span<char> out) {
  auto opened = open(file);
  if (!opened.ok())
    return opened.status();
  const uint64_t size = (*opened)->size;
  if (offset > size || out.size() > size - offset)
    return absl::DataLossError(absl::StrCat(file, ": expected ", out.size(), " bytes at offset ",
                                            offset, ", but the file has ", size, " bytes"));
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = ::pread((*opened)->descriptor, out.data() + done,
                                std::min<size_t>(out.size() - done, 1 << 30), offset + done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return fileError(file, "read", errno);
    if (got == 0)
      return absl::DataLossError(absl::StrCat(
          file, ": the file was cut short while it was read, at offset ", offset + done));
    done += got;
  }
  return absl::OkStatus();
}

absl::Status TensorFiles::stream(absl::Span<const Extent> extents, bool verify,
                                 const Piece &piece) {
  uint64_t largest = 0;
  for (const Extent &extent : extents)
    largest = std::max(largest, extent.size);
  std::string buffer(std::min(largest, kPieceSize), '\0');
  for (const Extent &extent : extents) {
    const bool compare = verify && extent.crc32c.has_value();
    uint32_t crc = 0;
    for (uint64_t done = 0; done < extent.size;) {
      const uint64_t take = std::min(extent.size - done, kPieceSize);
      if (auto status = read(extent.file, extent.offset + done, {buffer.data(), take});
          !status.ok())
        return status;
      if (compare)
        crc = crc32cExtend(crc, buffer.data(), take);
      if (auto status = piece(absl::string_view(buffer.data(), take)); !status.ok())
        return status;
      done += take;
    }
    if (compare)
      if (auto status = checkExtent(extent, crc); !status.ok())
        return status;
  }
  return absl::OkStatus();
}

} // namespace firn
