#include "compiler/formats/edit_distance.h"

#include <algorithm>
#include <vector>

namespace firn {

size_t editDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

std::vector<std::string> nearestWords(absl::string_view word,
                                      const std::vector<std::string> &candidates) {
  std::vector<std::pair<size_t, std::string>> ranked;
  size_t limit = std::max<size_t>(1, word.size() / 3);
  for (const std::string &candidate : candidates)
    if (size_t distance = editDistance(word, candidate); distance <= limit)
      ranked.emplace_back(distance, candidate);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> words;
  for (size_t i = 0; i < std::min<size_t>(3, ranked.size()); ++i)
    words.push_back(ranked[i].second);
  return words;
}

} // namespace firn
