#include "dialects/graph/OpTable.h"

#include <algorithm>

namespace firn::graph {
namespace {

#include "dialects/graph/OpTable.inc"

} // namespace

const OpAttr *OpSignature::attr(std::string_view name) const {
  for (const OpAttr &attr : attrs)
    if (attr.name == name)
      return &attr;
  return nullptr;
}

const OpSignature *lookupOp(std::string_view name) {
  const OpSignature *end = std::end(kOps);
  const OpSignature *it = std::lower_bound(
      std::begin(kOps), end, name,
      [](const OpSignature &op, std::string_view wanted) { return op.name < wanted; });
  return it != end && it->name == name ? it : nullptr;
}

OpSpan<OpSignature> allOps() { return {kOps, std::size(kOps)}; }

} // namespace firn::graph
