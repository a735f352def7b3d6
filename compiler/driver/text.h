// How the commands write numbers, shapes and tables for a reader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firn {

/// "1,234,567".
std::string countText(uint64_t count);
/// "812 bytes", "12.3 kB", "102.8 MB"; decimal units.
std::string sizeText(uint64_t bytes);
/// "[?,784]" with "?" for -1; "[]" for a scalar; "[…]" for an unknown rank.
std::string shapeText(const std::vector<int64_t> &shape, bool knownRank = true);
/// "1 node", "2 nodes"; "2 dispatches".
std::string plural(uint64_t count, absl::string_view noun);
/// Quoted, what is not printable UTF-8 escaped.
std::string quotedText(absl::string_view bytes);
/// Whether `text` is matched by a shell pattern of `*` and `?`.
bool matchesGlob(absl::string_view pattern, absl::string_view text);

/// Rows whose columns stand below one another, two spaces apart.
class TextTable {
public:
  /// `right`: columns whose cells end, not begin, below one another.
  explicit TextTable(std::vector<bool> right = {}) : right(std::move(right)) {}
  void row(std::vector<std::string> cells) { rows.push_back(std::move(cells)); }
  bool empty() const { return rows.empty(); }
  std::string str(size_t indent = 2) const;

private:
  std::vector<bool> right;
  std::vector<std::vector<std::string>> rows;
};

} // namespace firn
