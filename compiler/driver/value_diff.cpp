#include "compiler/driver/value_diff.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/driver/tensor_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

// Reads on from where it stopped, over the borders of extents.
class Reader {
public:
  explicit Reader(const TensorBytes &source) : source(source) {}

  absl::StatusOr<std::string> next(size_t size) {
    if (source.data.extents.empty()) {
      std::string bytes =
          source.data.bytes.substr(std::min<size_t>(offset, source.data.bytes.size()), size);
      offset += bytes.size();
      return bytes;
    }
    std::string bytes;
    while (bytes.size() < size && extent < source.data.extents.size()) {
      const Extent &from = source.data.extents[extent];
      const size_t take = std::min<uint64_t>(size - bytes.size(), from.size - offset);
      bytes.resize(bytes.size() + take);
      absl::Status status =
          source.files->read(from.file, from.offset + offset,
                             absl::MakeSpan(bytes.data() + bytes.size() - take, take));
      if (!status.ok())
        return status;
      offset += take;
      if (offset == from.size) {
        ++extent;
        offset = 0;
      }
    }
    return bytes;
  }

private:
  const TensorBytes &source;
  size_t extent = 0;
  uint64_t offset = 0;
};

uint64_t sizeOf(const TensorBytes &bytes) {
  uint64_t size = bytes.data.bytes.size();
  for (const Extent &extent : bytes.data.extents)
    size += extent.size;
  return size;
}

double distance(int dtype, const char *a, const char *b) {
  const double real = elementValue(dtype, a) - elementValue(dtype, b);
  if (dtype != tensorflow::DT_COMPLEX64 && dtype != tensorflow::DT_COMPLEX128)
    return std::abs(real);
  return std::hypot(real, elementValue(dtype, a, 1) - elementValue(dtype, b, 1));
}

void compare(int dtype, absl::string_view a, absl::string_view b, ValueDiff &diff) {
  const int64_t size = dataTypeSize(dtype);
  diff.elements += a.size() / size;
  if (a == b)
    return;
  for (size_t at = 0; at + size <= a.size(); at += size) {
    if (std::memcmp(a.data() + at, b.data() + at, size) == 0)
      continue;
    ++diff.differing;
    const double d = distance(dtype, a.data() + at, b.data() + at);
    if (std::isnan(d) || d > diff.largest)
      diff.largest = d;
  }
}

absl::Status checkSums(const TensorBytes &bytes) {
  if (bytes.data.extents.empty())
    return absl::OkStatus();
  return bytes.files->stream(bytes.data.extents, true,
                             [](absl::string_view) { return absl::OkStatus(); });
}

} // namespace

std::string ValueDiff::text() const {
  if (!differing)
    return "";
  std::string text =
      absl::StrCat(countText(differing), " of ", countText(elements), " elements differ");
  return largest == 0 ? text : absl::StrCat(text, ", max |d| ", absl::StrFormat("%.3g", largest));
}

absl::StatusOr<ValueDiff> diffNumbers(int dtype, const TensorBytes &a, const TensorBytes &b,
                                      bool verify) {
  if (sizeOf(a) != sizeOf(b))
    return absl::DataLossError(
        absl::StrCat("expected as many bytes in both, got ", sizeOf(a), " and ", sizeOf(b)));
  for (const TensorBytes *bytes : {&a, &b})
    if (absl::Status status = verify ? checkSums(*bytes) : absl::OkStatus(); !status.ok())
      return status;
  constexpr size_t kPiece = 1 << 20;
  Reader left(a), right(b);
  ValueDiff diff;
  while (true) {
    absl::StatusOr<std::string> x = left.next(kPiece), y = right.next(kPiece);
    if (!x.ok() || !y.ok())
      return x.ok() ? y.status() : x.status();
    if (x->empty())
      return diff;
    compare(dtype, *x, *y, diff);
  }
}

ValueDiff diffStrings(const std::vector<std::string> &a, const std::vector<std::string> &b) {
  ValueDiff diff;
  diff.elements = std::max(a.size(), b.size());
  diff.differing = diff.elements - std::min(a.size(), b.size());
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    diff.differing += a[i] != b[i];
  return diff;
}

} // namespace firn
