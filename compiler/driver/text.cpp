#include "compiler/driver/text.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace firn {
namespace {

// Code points, so that a name in another alphabet does not shift its row.
size_t columns(absl::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

} // namespace

std::string countText(uint64_t count) {
  std::string digits = std::to_string(count);
  for (size_t at = digits.size(); at > 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

std::string sizeText(uint64_t bytes) {
  if (bytes < 10000)
    return plural(bytes, "byte");
  double scaled = bytes;
  const char *unit = "";
  for (const char *next : {"kB", "MB", "GB", "TB"}) {
    if (scaled < 999.95)
      break;
    scaled /= 1000;
    unit = next;
  }
  return absl::StrFormat("%.1f %s", scaled, unit);
}

std::string shapeText(const std::vector<int64_t> &shape, bool knownRank) {
  if (!knownRank)
    return "[…]";
  auto dimension = [](std::string *out, int64_t dim) {
    absl::StrAppend(out, dim < 0 ? std::string("?") : std::to_string(dim));
  };
  return absl::StrCat("[", absl::StrJoin(shape, ",", dimension), "]");
}

std::string plural(uint64_t count, absl::string_view noun) {
  const bool hisses = absl::EndsWith(noun, "ch");
  return absl::StrCat(countText(count), " ", noun, count == 1 ? "" : hisses ? "es" : "s");
}

std::string quotedText(absl::string_view bytes) {
  return absl::StrCat("\"", absl::Utf8SafeCHexEscape(bytes), "\"");
}

bool matchesGlob(absl::string_view pattern, absl::string_view text) {
  size_t p = 0, t = 0, star = absl::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == absl::string_view::npos;
}

std::string TextTable::str(size_t indent) const {
  std::vector<size_t> widths;
  for (const auto &cells : rows) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], columns(cells[i]));
  }
  std::string text;
  for (const auto &cells : rows) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string padding(widths[i] - columns(cells[i]), ' ');
      const bool atRight = i < right.size() && right[i];
      absl::StrAppend(&line, i ? "  " : "", atRight ? padding : "", cells[i],
                      atRight ? "" : padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

} // namespace firn
