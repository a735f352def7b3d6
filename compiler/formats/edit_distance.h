// How far one name is from another, for messages that name the nearest.
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace firn {

/// Levenshtein distance: the fewest characters to insert, remove or replace.
size_t editDistance(absl::string_view a, absl::string_view b);

} // namespace firn
