#include "compiler/driver/tensor_slices.h"

#include <algorithm>
#include <cstring>
#include <functional>
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

// The elements of a part of a tensor: numbers as bytes, strings.
struct Elements {
  std::string bytes;
  std::vector<std::string> strings;
};
using ReadBlock = std::function<absl::StatusOr<Elements>(const TensorSlice &block)>;

// Goes through the blocks of first and last indices, and puts each where it stands in what is
// shown.
class EdgeReader {
public:
  EdgeReader(int dtype, const TensorSlice &slice, ReadBlock readElements)
      : slice(slice), readElements(std::move(readElements)) {
    shown.dtype = dtype;
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
    absl::StatusOr<Elements> elements = readElements(block);
    if (!elements.ok())
      return elements.status();
    const int64_t size = dataTypeSize(shown.dtype);
    place(block, at, [&](int64_t from, int64_t to) {
      if (shown.dtype == tensorflow::DT_STRING)
        shown.strings[to] = std::move(elements->strings[from]);
      else
        std::memcpy(shown.bytes.data() + to * size, elements->bytes.data() + from * size, size);
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

  const TensorSlice &slice;
  ReadBlock readElements;
  ShownTensor shown;
};

absl::StatusOr<Elements> readElements(Checkpoint &checkpoint, const std::string &key,
                                      const TensorSlice &slice) {
  Elements elements;
  if (checkpoint.entries().at(key).dtype == tensorflow::DT_STRING) {
    auto strings = checkpoint.readStrings(key, slice);
    if (!strings.ok())
      return strings.status();
    elements.strings = std::move(*strings);
    return elements;
  }
  auto bytes = checkpoint.read(key, slice);
  if (!bytes.ok())
    return bytes.status();
  elements.bytes = std::move(*bytes);
  return elements;
}

Elements elementsOf(const NpyArray &array, const TensorSlice &block) {
  Elements elements;
  const int64_t size = dataTypeSize(array.dtype);
  std::vector<int64_t> index(array.shape.size(), 0);
  for (int64_t count = product(block.length); count > 0; --count) {
    int64_t from = 0;
    for (size_t i = 0; i < index.size(); ++i)
      from = from * array.shape[i] + block.start[i] + index[i];
    if (array.dtype == tensorflow::DT_STRING)
      elements.strings.push_back(array.strings[from]);
    else
      elements.bytes.append(array.bytes, from * size, size);
    for (size_t i = index.size(); i-- > 0 && ++index[i] == block.length[i];)
      index[i] = 0;
  }
  return elements;
}

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
  const int dtype = checkpoint.entries().at(key).dtype;
  auto read = [&](const TensorSlice &block) { return readElements(checkpoint, key, block); };
  if (!all && product(slice.length) > kShownWhole)
    return EdgeReader(dtype, slice, read).read();
  absl::StatusOr<Elements> elements = read(slice);
  if (!elements.ok())
    return elements.status();
  return ShownTensor{
      dtype, slice.length, {}, std::move(elements->bytes), std::move(elements->strings)};
}

ShownTensor shownArray(const NpyArray &array, int64_t most) {
  if (product(array.shape) <= most)
    return {array.dtype, array.shape, {}, array.bytes, array.strings};
  const TensorSlice whole = TensorSlice::whole(array.shape);
  auto read = [&](const TensorSlice &block) { return elementsOf(array, block); };
  return *EdgeReader(array.dtype, whole, read).read();
}

} // namespace firn
