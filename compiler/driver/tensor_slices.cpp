#include "compiler/driver/tensor_slices.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

constexpr int64_t kShownWhole = 1000;
constexpr int64_t kEdge = 3;

int64_t product(const std::vector<int64_t> &dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

// An index that may count from the end, brought into [0, dim].
bool parseIndex(absl::string_view text, int64_t dim, int64_t &index) {
  if (!absl::SimpleAtoi(text, &index))
    return false;
  index = std::clamp(index < 0 ? index + dim : index, int64_t{0}, dim);
  return true;
}

bool parsePart(absl::string_view text, int64_t dim, int64_t &start, int64_t &length) {
  int64_t stop = dim;
  start = 0;
  size_t colon = text.find(':');
  if (colon == absl::string_view::npos) {
    length = 1;
    return absl::SimpleAtoi(text, &start) && (start += start < 0 ? dim : 0) >= 0 && start < dim;
  }
  absl::string_view first = text.substr(0, colon), last = text.substr(colon + 1);
  if ((!first.empty() && !parseIndex(first, dim, start)) ||
      (!last.empty() && !parseIndex(last, dim, stop)))
    return false;
  length = std::max<int64_t>(0, stop - start);
  return true;
}

// Goes through the blocks of first and last indices, and puts each where it stands in what is
// shown.
class EdgeReader {
public:
  EdgeReader(Checkpoint &checkpoint, const std::string &key, const TensorSlice &slice)
      : checkpoint(checkpoint), key(key), slice(slice) {
    shown.dtype = checkpoint.entries().at(key).dtype;
    for (int64_t length : slice.length) {
      const bool elide = length > 2 * kEdge;
      shown.shape.push_back(elide ? 2 * kEdge : length);
      shown.elided.push_back(elide);
    }
    const size_t count = product(shown.shape);
    if (shown.dtype == tensorflow::DT_STRING)
      shown.strings.resize(count);
    else
      shown.bytes.resize(count * dataTypeSize(shown.dtype));
  }

  absl::StatusOr<ShownTensor> read() {
    TensorSlice block = slice;
    std::vector<int64_t> at(slice.start.size(), 0);
    if (absl::Status status = readBlocks(0, block, at); !status.ok())
      return status;
    return std::move(shown);
  }

private:
  absl::Status readBlocks(size_t depth, TensorSlice &block, std::vector<int64_t> &at) {
    if (depth == at.size())
      return readBlock(block, at);
    if (!shown.elided[depth])
      return readBlocks(depth + 1, block, at);
    absl::Status status;
    for (int64_t half : {0, 1}) {
      block.start[depth] = slice.start[depth] + (half ? slice.length[depth] - kEdge : 0);
      block.length[depth] = kEdge;
      at[depth] = half * kEdge;
      status.Update(readBlocks(depth + 1, block, at));
    }
    return status;
  }

  absl::Status readBlock(const TensorSlice &block, const std::vector<int64_t> &at) {
    if (shown.dtype == tensorflow::DT_STRING) {
      auto strings = checkpoint.readStrings(key, block);
      if (!strings.ok())
        return strings.status();
      place(block, at,
            [&](int64_t from, int64_t to) { shown.strings[to] = std::move((*strings)[from]); });
      return absl::OkStatus();
    }
    auto bytes = checkpoint.read(key, block);
    if (!bytes.ok())
      return bytes.status();
    const int64_t size = dataTypeSize(shown.dtype);
    place(block, at, [&](int64_t from, int64_t to) {
      std::memcpy(shown.bytes.data() + to * size, bytes->data() + from * size, size);
    });
    return absl::OkStatus();
  }

  template <typename Move>
  void place(const TensorSlice &block, const std::vector<int64_t> &at, Move move) const {
    std::vector<int64_t> index(at.size(), 0);
    const int64_t count = product(block.length);
    for (int64_t from = 0; from < count; ++from) {
      int64_t to = 0;
      for (size_t i = 0; i < at.size(); ++i)
        to = to * shown.shape[i] + at[i] + index[i];
      move(from, to);
      for (size_t i = at.size(); i-- > 0 && ++index[i] == block.length[i];)
        index[i] = 0;
    }
  }

  Checkpoint &checkpoint;
  const std::string &key;
  const TensorSlice &slice;
  ShownTensor shown;
};

} // namespace

absl::StatusOr<TensorSlice> parseSlice(absl::string_view text, const std::vector<int64_t> &shape) {
  TensorSlice slice = TensorSlice::whole(shape);
  std::vector<absl::string_view> parts = absl::StrSplit(text, ',');
  if (parts.size() > shape.size())
    return absl::InvalidArgumentError(absl::StrCat("expected at most ", shape.size(),
                                                   " dimensions in --slice, got '", text,
                                                   "' for shape ", shapeText(shape)));
  for (size_t i = 0; i < parts.size(); ++i)
    if (!parsePart(parts[i], shape[i], slice.start[i], slice.length[i]))
      return absl::InvalidArgumentError(
          absl::StrCat("expected start:stop or an index below ", shape[i], " in --slice, got '",
                       parts[i], "' for dimension ", i, " of shape ", shapeText(shape)));
  return slice;
}

absl::StatusOr<ShownTensor> readShown(Checkpoint &checkpoint, const std::string &key,
                                      const TensorSlice &slice, bool all) {
  if (!all && product(slice.length) > kShownWhole)
    return EdgeReader(checkpoint, key, slice).read();
  ShownTensor shown;
  shown.dtype = checkpoint.entries().at(key).dtype;
  shown.shape = slice.length;
  if (shown.dtype == tensorflow::DT_STRING) {
    auto strings = checkpoint.readStrings(key, slice);
    if (!strings.ok())
      return strings.status();
    shown.strings = std::move(*strings);
    return shown;
  }
  auto bytes = checkpoint.read(key, slice);
  if (!bytes.ok())
    return bytes.status();
  shown.bytes = std::move(*bytes);
  return shown;
}

} // namespace firn
