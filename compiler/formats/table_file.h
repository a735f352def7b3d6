// leveldb tables (the index of a V2 checkpoint, a V1 checkpoint) read with distrust. Internal to
// compiler/formats.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/formats/tensor_files.h"

namespace firn {

/// Whether the file ends as a table does. Errors of opening it are passed on.
absl::StatusOr<bool> isTableFile(TensorFiles &files, const std::string &path);

/// An open table. Every block is checked against the file's size before leveldb allocates for it,
/// and against its checksum.
class TableFile {
public:
  /// DataLoss for a file that is no table, is cut short, or whose parts contradict each other.
  static absl::StatusOr<std::unique_ptr<TableFile>> open(std::shared_ptr<TensorFiles> files,
                                                         const std::string &path);
  ~TableFile();

  using Visit = std::function<absl::Status(absl::string_view key, absl::string_view value)>;
  /// All entries, keys ascending; stops at the first error.
  absl::Status forEach(const Visit &visit);
  /// The value of one key; NotFound without naming the key, which may be no text.
  absl::StatusOr<std::string> get(absl::string_view key);
  const std::string &path() const;

  /// Where a value lies in the file.
  struct Place {
    uint64_t offset = 0, size = 0;
    Extent block; // around it, with the checksum that covers it
  };
  /// The place of a value of `key`; nothing for one that is compressed, small (`get` is for those)
  /// or not there. The checksum is not compared.
  absl::StatusOr<std::optional<Place>> locate(absl::string_view key);

private:
  struct Impl;
  explicit TableFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl;
};

} // namespace firn
