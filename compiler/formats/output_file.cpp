#include "compiler/formats/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace firn {
namespace {

constexpr size_t kBufferSize = 256 << 10;

std::string directoryOf(const std::string &path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string temporaryName(const std::string &path) {
  return absl::StrCat(path, ".firn-", getpid(), ".tmp");
}

// New files get the mode that any program would give them.
constexpr mode_t kMode = 0666;

} // namespace

absl::StatusOr<std::unique_ptr<OutputFile>> OutputFile::create(const std::string &path) {
  auto file = std::unique_ptr<OutputFile>(new OutputFile(path));
  if (path == "-") {
    file->fd = STDOUT_FILENO;
    return file;
  }
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    return absl::InvalidArgumentError(absl::StrCat("can't write '", path, "': it is a directory"));
  if (stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    // A device or pipe is written as it is: it can't be replaced.
    file->fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    return file->fd < 0 ? absl::StatusOr<std::unique_ptr<OutputFile>>(file->failure("open"))
                        : std::move(file);
  }
  file->fd = open(directoryOf(path).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode);
  file->unnamed = file->fd >= 0;
  file->temporary = temporaryName(path);
  if (!file->unnamed)
    file->fd = open(file->temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, kMode);
  if (file->fd < 0) {
    file->temporary.clear();
    return file->failure("create");
  }
  return file;
}

OutputFile::~OutputFile() {
  behind.reset();
  if (fd > STDERR_FILENO)
    close(fd);
  if (!temporary.empty() && !unnamed)
    unlink(temporary.c_str());
}

absl::Status OutputFile::failure(absl::string_view action) const {
  absl::string_view name =
      path == "-" ? absl::string_view("standard output") : absl::string_view(path);
  return absl::FailedPreconditionError(
      absl::StrCat("can't ", action, " '", name, "': ", strerror(errno)));
}

absl::Status OutputFile::flush() {
  bool isWritten = !behind || behind->drain();
  isWritten = isWritten && writeAll(fd, buffer);
  buffer.clear();
  return isWritten ? absl::OkStatus() : failure("write");
}

absl::Status OutputFile::append(absl::string_view bytes) {
  while (buffer.size() + bytes.size() > kBufferSize) {
    const size_t taken = kBufferSize - buffer.size();
    buffer.append(bytes.data(), taken);
    bytes.remove_prefix(taken);
    if (!behind)
      behind = std::make_unique<WriteBehind>(fd);
    if (!behind->submit(buffer))
      return failure("write");
  }
  buffer.append(bytes.data(), bytes.size());
  return absl::OkStatus();
}

absl::Status OutputFile::overwrite(uint64_t offset, absl::string_view bytes) {
  if (absl::Status status = flush(); !status.ok())
    return status;
  while (!bytes.empty()) {
    ssize_t count = pwrite(fd, bytes.data(), bytes.size(), off_t(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return failure("write");
    bytes.remove_prefix(count);
    offset += count;
  }
  return absl::OkStatus();
}

absl::Status OutputFile::prepare() {
  if (absl::Status status = flush(); !status.ok())
    return status;
  if (!unnamed)
    return absl::OkStatus();
  std::string self = absl::StrCat("/proc/self/fd/", fd);
  if (linkat(AT_FDCWD, self.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) != 0)
    return failure("create");
  unnamed = false;
  return absl::OkStatus();
}

absl::Status OutputFile::commit() {
  if (absl::Status status = prepare(); !status.ok() || temporary.empty())
    return status;
  behind.reset();
  if (close(fd) != 0)
    return fd = -1, failure("write");
  fd = -1;
  return takeName();
}

// An old file is exchanged for the new one and then removed. Plain rename would do, but ext4 takes
// it as a wish to have the new bytes on the disk and waits for them.
absl::Status OutputFile::takeName() {
  if (renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) {
    unlink(temporary.c_str());
  } else if (rename(temporary.c_str(), path.c_str()) != 0) {
    return failure("rename to");
  }
  temporary.clear();
  return absl::OkStatus();
}

} // namespace firn
