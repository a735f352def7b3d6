#include "dialects/graph/OpVersions.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "dialects/graph/OpTable.h"

namespace firn::graph {
namespace {

// One bit for each reader that has it; what all have is not listed.
struct OpReaders {
  std::string_view op;
  uint8_t readers;
};
// What every reader of the op has is not listed.
struct AttrReaders {
  std::string_view op, attr;
  uint8_t readers;
};
// One bit for each DataType number, for each reader; 0 where it lacks the attribute.
struct TypeReaders {
  std::string_view op, attr;
  uint32_t types[3];
};

#include "dialects/graph/OpVersions.inc"

constexpr Reader kReaders[] = {Reader::V1_4, Reader::V1_15, Reader::V2};

unsigned indexOf(Reader reader) { return static_cast<unsigned>(reader); }

const OpReaders *findOp(std::string_view op) {
  const OpReaders *it = std::lower_bound(
      std::begin(kOps), std::end(kOps), op,
      [](const OpReaders &row, std::string_view wanted) { return row.op < wanted; });
  return it != std::end(kOps) && it->op == op ? it : nullptr;
}

template <typename Row, size_t N>
const Row *findAttr(const Row (&rows)[N], std::string_view op, std::string_view attr) {
  const Row *it = std::lower_bound(
      std::begin(rows), std::end(rows), std::tie(op, attr),
      [](const Row &row, const auto &wanted) { return std::tie(row.op, row.attr) < wanted; });
  return it != std::end(rows) && it->op == op && it->attr == attr ? it : nullptr;
}

template <typename Has> std::optional<Reader> firstThat(Has has) {
  const Reader *it = std::find_if(std::begin(kReaders), std::end(kReaders), has);
  return it == std::end(kReaders) ? std::nullopt : std::optional(*it);
}

} // namespace

std::optional<Reader> parseReader(std::string_view text) {
  return firstThat([&](Reader reader) { return readerName(reader) == text; });
}

std::string_view readerName(Reader reader) {
  constexpr std::string_view names[] = {"1.4", "1.15", "2.x"};
  return names[indexOf(reader)];
}

int graphDefVersion(Reader reader) {
  constexpr int versions[] = {24, 134, 1645};
  return versions[indexOf(reader)];
}

bool readerKnows(Reader reader, std::string_view op) {
  const OpReaders *row = findOp(op);
  return !row || (row->readers >> indexOf(reader) & 1);
}

bool readerKnows(Reader reader, std::string_view op, std::string_view attr) {
  const AttrReaders *row = findAttr(kAttrs, op, attr);
  return row ? (row->readers >> indexOf(reader) & 1) : readerKnows(reader, op);
}

bool readerAllows(Reader reader, std::string_view op, std::string_view attr, int dtype) {
  const TypeReaders *row = findAttr(kTypes, op, attr);
  uint32_t types = row ? row->types[indexOf(reader)] : 0;
  return types == 0 || dtype < 0 || dtype >= 32 || (types >> dtype & 1);
}

std::optional<Reader> firstReader(std::string_view op) {
  return firstThat([&](Reader reader) { return readerKnows(reader, op); });
}
std::optional<Reader> firstReader(std::string_view op, std::string_view attr) {
  return firstThat(
      [&](Reader reader) { return readerKnows(reader, op) && readerKnows(reader, op, attr); });
}
std::optional<Reader> firstReader(std::string_view op, std::string_view attr, int dtype) {
  return firstThat([&](Reader reader) {
    return readerKnows(reader, op) && readerAllows(reader, op, attr, dtype);
  });
}

} // namespace firn::graph
