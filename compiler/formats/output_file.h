// Files that appear whole or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/write_behind.h"

namespace firn {

/// A file that is written under no name, or a temporary one where the file system has no unnamed
/// files, and gets its own by rename in `commit`. Destroyed before, it leaves nothing behind; what
/// stood under the name stays as it was.
class OutputFile {
public:
  /// "-" is standard output, which is not held back. Errors name the path and the system's reason.
  static absl::StatusOr<std::unique_ptr<OutputFile>> create(const std::string &path);
  ~OutputFile();
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;

  /// Large files are written behind the caller: an error may come with a later call.
  absl::Status append(absl::string_view bytes);
  /// Replaces bytes that have been appended. Not where the file has no beginning to return to: a
  /// pipe, standard output.
  absl::Status overwrite(uint64_t offset, absl::string_view bytes);
  /// Writes what is buffered and makes room in the directory: after it, only the renaming of
  /// `commit` is left. Of several files that belong together, all are prepared first.
  absl::Status prepare();
  /// Prepares, if that was not done, and gives the file its name. Not synced to the disk: that is
  /// the caller's decision.
  absl::Status commit();

private:
  explicit OutputFile(std::string path) : path(std::move(path)) {}
  absl::Status flush();
  absl::Status takeName();
  absl::Status failure(absl::string_view action) const;

  std::string path, temporary;
  std::string buffer;
  int fd = -1;
  std::unique_ptr<WriteBehind> behind; // none while the file is small
  bool unnamed = false;
};

} // namespace firn
