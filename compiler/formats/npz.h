// NumPy's .npz files: a ZIP archive with a .npy file for each array. Sources: numpy/lib/npyio.py,
// PKWARE's APPNOTE.TXT 6.3.10 (sections 4.3 to 4.5), RFC 1951.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "compiler/formats/npy.h"
#include "compiler/formats/tensor_writer.h"

namespace firn {

/// Arrays under their names, in the order of the file.
using NamedArrays = std::vector<std::pair<std::string, NpyArray>>;

/// Reads stored and deflated entries, of ZIP64 archives as well, and compares their checksums;
/// entries that are no .npy file are left out. NotFound; InvalidArgument for what is no .npz file
/// or uses what NumPy never writes (encryption, other compression); DataLoss where the archive is
/// damaged. Messages name the file and the entry.
absl::StatusOr<NamedArrays> readNpz(const std::string &path);

/// Writes `arrays`, not compressed, to a file that appears whole or not at all; "-" is standard
/// output. The same arrays give the same bytes. InvalidArgument for an element type that NumPy
/// can't hold and for a name that stands twice.
absl::Status writeNpz(const std::string &path, const NamedArrays &arrays);

/// The same, array by array, in pieces: to a file that has a beginning to return to, not to
/// standard output. There are no parts of arrays.
absl::StatusOr<std::unique_ptr<TensorWriter>> createNpz(const std::string &path);

} // namespace firn
