// How far one name is from another, for messages that name the nearest.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firn {

/// Levenshtein distance: the fewest characters to insert, remove or replace.
size_t editDistance(absl::string_view a, absl::string_view b);

/// The candidates that are nearest to `word` by edit distance, the nearest first; none that differ
/// in more than a third.
std::vector<std::string> nearestWords(absl::string_view word,
                                      const std::vector<std::string> &candidates);

} // namespace firn
