#include "compiler/transforms/graph/PartitionSlices.h"

#include <map>

#include "compiler/transforms/graph/Effects.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace firn::graph {
namespace {

struct Part {
  Node variable;
  SmallVector<int64_t> shape;
};

// "1000 32 250,250:0,32": part at `offset` along `axis` of the whole.
std::string sliceText(ArrayRef<int64_t> full, unsigned axis, int64_t offset, int64_t length) {
  std::string text;
  for (int64_t dim : full)
    text += std::to_string(dim) + " ";
  for (auto [i, dim] : llvm::enumerate(full)) {
    text += i ? ":" : "";
    text += i == axis ? std::to_string(offset) + "," + std::to_string(length)
                      : "0," + std::to_string(dim);
  }
  return text;
}

// The dimension along which the parts, in order, make up the whole.
std::optional<unsigned> tiledAxis(ArrayRef<int64_t> full, const std::map<int, Part> &parts) {
  for (unsigned axis = 0; axis < full.size(); ++axis) {
    int64_t sum = 0;
    bool fits = llvm::all_of(parts, [&](const auto &entry) {
      ArrayRef<int64_t> shape = entry.second.shape;
      if (shape.size() != full.size())
        return false;
      sum += shape[axis];
      for (unsigned i = 0; i < full.size(); ++i)
        if (i != axis && shape[i] != full[i])
          return false;
      return true;
    });
    if (fits && sum == full[axis])
      return axis;
  }
  return std::nullopt;
}

} // namespace

std::pair<std::string, int> splitPartName(StringRef name) {
  SmallVector<StringRef> components, kept;
  name.split(components, '/');
  int number = -1;
  for (StringRef component : components) {
    StringRef digits = component;
    int value;
    if (number < 0 && digits.consume_front("part_") && !digits.getAsInteger(10, value) &&
        value >= 0)
      number = value;
    else
      kept.push_back(component);
  }
  return {llvm::join(kept, "/"), number};
}

PartitionSlices::PartitionSlices(ArrayRef<Node> variables, const TensorSource *source) {
  if (!source)
    return;
  std::map<std::string, std::map<int, Part>> groups;
  for (Node variable : variables) {
    auto [whole, number] = splitPartName(variable.name());
    ShapeAttr shape = variableShape(variable);
    if (number >= 0 && shape && !shape.getUnknownRank())
      groups[whole][number] = {variable, SmallVector<int64_t>(shape.getDims())};
  }
  for (auto &[whole, parts] : groups) {
    std::optional<TensorSource::Entry> entry = source->find(whole);
    std::optional<unsigned> axis = entry ? tiledAxis(entry->shape, parts) : std::nullopt;
    if (!axis)
      continue;
    int64_t offset = 0;
    for (auto &[number, part] : parts) {
      keys[part.variable.operation()] = {whole,
                                         sliceText(entry->shape, *axis, offset, part.shape[*axis])};
      offset += part.shape[*axis];
    }
  }
}

std::pair<std::string, std::string> PartitionSlices::keyOf(Node variable) const {
  return keys.lookup(variable.operation());
}

bool parseSliceSpec(StringRef spec, SmallVectorImpl<int64_t> &full,
                    std::optional<TensorSource::Slice> &slice) {
  SmallVector<StringRef> words, extents;
  spec.split(words, ' ', -1, /*KeepEmpty=*/false);
  if (words.empty())
    return true;
  for (StringRef word : ArrayRef(words).drop_back()) {
    int64_t dim;
    if (word.getAsInteger(10, dim) || dim < 0)
      return false;
    full.push_back(dim);
  }
  words.back().split(extents, ':');
  if (extents.size() != full.size())
    return false;
  slice.emplace();
  for (auto [dim, extent] : llvm::zip(full, extents)) {
    int64_t start = 0, length = dim;
    if (extent != "-") {
      auto [first, second] = extent.split(',');
      if (first.getAsInteger(10, start) || second.getAsInteger(10, length) || start < 0 ||
          length < 0 || start > dim || length > dim - start)
        return false;
    }
    slice->start.push_back(start);
    slice->length.push_back(length);
  }
  return true;
}

} // namespace firn::graph
