// Parts of strings: Substr, StringSplit.
#include "compiler/reference/Inputs.h"
#include "compiler/reference/ops/Elementwise.h"
#include "llvm/ADT/StringExtras.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::StringRef;
using llvm::Twine;

namespace firn::reference {
namespace {

constexpr llvm::StringLiteral kSpace = " \t\n\v\f\r";

using Parts = llvm::SmallVector<StringRef>;

Parts bytesOf(StringRef text) {
  Parts bytes;
  for (size_t i = 0; i < text.size(); ++i)
    bytes.push_back(text.substr(i, 1));
  return bytes;
}

/// Where each character of UTF-8 begins, and the end.
llvm::SmallVector<size_t> characterStarts(StringRef text) {
  llvm::SmallVector<size_t> starts;
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xc0) != 0x80)
      starts.push_back(i);
  starts.push_back(text.size());
  return starts;
}

/// The part from `position`, which counts from the end when it is negative; nothing when it lies
/// outside.
std::optional<StringRef> partOf(StringRef text, int64_t position, int64_t length, bool characters) {
  llvm::SmallVector<size_t> starts;
  if (characters)
    starts = characterStarts(text);
  int64_t size = characters ? starts.size() - 1 : text.size();
  if (position < -size || position > size)
    return std::nullopt;
  if (position < 0)
    position += size;
  // Bytes up to the end where the length is negative, no characters.
  if (length < 0)
    length = characters ? 0 : size;
  int64_t end = std::min(size, length > size ? size : position + length);
  return characters ? text.slice(starts[position], starts[end]) : text.slice(position, end);
}

void substr(Evaluation &e) {
  const Tensor &text = e.input(0), &positions = e.input(1);
  bool characters = e.text("unit") == "UTF8_CHAR";
  auto shape = broadcastShapes(text.shape(), positions.shape());
  if (!expect(e, shape && positions.shape() == e.input(2).shape(),
              "expected positions and lengths of one shape, which broadcasts, got " + text.text() +
                  ", " + positions.text() + " and " + e.input(2).text()))
    return;
  Tensor result = e.make(0, DT_STRING, *shape);
  if (e.failed())
    return;
  llvm::SmallVector<int64_t> starts = integersOf(positions), lengths = integersOf(e.input(2));
  BroadcastIndex atText(text.shape(), *shape), atStart(positions.shape(), *shape);
  for (std::string &out : result.mutableValues<std::string>()) {
    const std::string &from = text.values<std::string>()[atText.position()];
    int64_t start = starts[atStart.position()];
    auto part = partOf(from, start, lengths[atStart.position()], characters);
    if (!expect(e, part.has_value(),
                "expected a position inside '" + from + "', got " + Twine(start)))
      return;
    out = part->str();
    atText.next();
    atStart.next();
  }
}

/// Rows of strings as a sparse matrix.
void giveRows(Evaluation &e, ArrayRef<Parts> rows) {
  int64_t count = 0, longest = 0;
  for (const Parts &row : rows) {
    count += row.size();
    longest = std::max<int64_t>(longest, row.size());
  }
  Tensor indices = e.make(0, DT_INT64, {count, 2}), values = e.make(1, DT_STRING, {count});
  int64_t at = 0;
  for (size_t row = 0; row < rows.size(); ++row)
    for (size_t column = 0; column < rows[row].size(); ++column, ++at) {
      indices.mutableValues<int64_t>()[2 * at] = row;
      indices.mutableValues<int64_t>()[2 * at + 1] = column;
      values.mutableValues<std::string>()[at] = rows[row][column].str();
    }
  e.give(2, makeVector<int64_t>(DT_INT64, {static_cast<int64_t>(rows.size()), longest}));
}

template <typename F> void splitRows(Evaluation &e, F split) {
  if (!expectRank(e, 0, 1) ||
      !expect(e, e.input(1).size() == 1, "expected one separator, got " + e.input(1).text()))
    return;
  std::vector<Parts> rows;
  for (const std::string &text : e.input(0).values<std::string>())
    rows.push_back(split(StringRef(text)));
  giveRows(e, rows);
}

// Every byte of `separators` separates; without any, every byte is a part.
Parts splitAtAny(StringRef text, StringRef separators, bool skipEmpty) {
  if (separators.empty() || text.empty())
    return bytesOf(text);
  Parts parts;
  for (StringRef left = text;;) {
    size_t end = left.find_first_of(separators);
    if (!skipEmpty || end > 0)
      if (StringRef part = left.take_front(end); !skipEmpty || !part.empty())
        parts.push_back(part);
    if (end == StringRef::npos)
      return parts;
    left = left.drop_front(end + 1);
  }
}

void split(Evaluation &e) {
  bool skipEmpty = e.flag("skip_empty");
  splitRows(e, [&](StringRef text) {
    return splitAtAny(text, e.input(1).scalar<std::string>(), skipEmpty);
  });
}

// At most `most` cuts, -1: as many as there are. What is not cut keeps the space at its end; one
// cut always makes two parts.
Parts splitAtSpace(StringRef text, int64_t most) {
  Parts parts;
  StringRef left = text.ltrim(kSpace);
  while (!left.empty() && (most < 0 || static_cast<int64_t>(parts.size()) < most)) {
    size_t end = left.find_first_of(kSpace);
    parts.push_back(left.take_front(end));
    left = left.drop_front(std::min(end, left.size())).ltrim(kSpace);
  }
  if (!left.empty() || (most == 1 && !parts.empty()))
    parts.push_back(left);
  return parts;
}

void splitV2(Evaluation &e) {
  int64_t most = e.integer("maxsplit");
  if (most == 0) // the strings as they are
    return splitRows(e, [](StringRef text) { return Parts{text}; });
  splitRows(e, [&](StringRef text) {
    StringRef separator = e.input(1).values<std::string>().front();
    if (separator.empty())
      return splitAtSpace(text, most < 0 ? -1 : most);
    Parts parts;
    text.split(parts, separator, most < 0 ? -1 : most);
    return parts;
  });
}

constexpr KernelEntry kKernels[] = {
    {"Substr", substr},
    {"StringSplit", split},
    {"StringSplitV2", splitV2},
};

} // namespace

KernelList stringPartKernels() { return kKernels; }

} // namespace firn::reference
