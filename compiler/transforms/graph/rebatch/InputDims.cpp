#include "compiler/transforms/graph/rebatch/InputDims.h"

#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace firn::graph {

std::optional<std::vector<int64_t>> parseSizes(StringRef text) {
  std::vector<int64_t> sizes;
  text = text.trim(" []");
  if (text.empty())
    return sizes;
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    part = part.trim();
    int64_t size = -1;
    bool isAny = part == "?" || part == "None" || part == "-1";
    if (!isAny && (part.getAsInteger(10, size) || size < 0))
      return std::nullopt;
    sizes.push_back(size);
  }
  return sizes;
}

static std::string shapeText(const ShapeInfo &info) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleave(info.dims, os, [&](Dim dim) { os << dim.constant().value_or(-1); }, ",");
  os << ']';
  return text;
}

bool InputDims::choose(Block &graph, const ShapeInference &old, const InputRequest &request,
                       std::string &why) {
  SmallVector<Node> placeholders, others;
  std::vector<std::string> names;
  for (Operation &op : graph.without_terminator())
    if (Node node(&op); isPlaceholder(node)) {
      placeholders.push_back(node);
      names.push_back(node.name().str());
    }
  for (const auto &[name, sizes] : request.shapes)
    if (!llvm::is_contained(names, name)) {
      why = "expected the name of an input, got '" + name + "'" + nearestText(name, names) +
            "\nthe inputs are: " + llvm::join(names, ", ");
      return false;
    }
  for (Node placeholder : placeholders) {
    auto it = request.shapes.find(placeholder.name().str());
    if (it == request.shapes.end())
      others.push_back(placeholder);
    else if (!addShape(placeholder, old.of(placeholder.output(0)), it->second, why))
      return false;
  }
  return !request.batch || addBatch(others, old, request, why);
}

// The batch is what all inputs have in common as their first dimension.
bool InputDims::addBatch(ArrayRef<Node> placeholders, const ShapeInference &old,
                         const InputRequest &request, std::string &why) {
  Node first;
  for (Node placeholder : placeholders) {
    const ShapeInfo &before = old.of(placeholder.output(0));
    if (!before.ranked || before.rank() == 0)
      continue;
    if (before.dims[0].isConstant()) {
      if (first && before.dims[0] != old.of(first.output(0)).dims[0]) {
        why = "the inputs disagree about the batch: '" + first.name().str() + "' has shape " +
              shapeText(old.of(first.output(0))) + ", '" + placeholder.name().str() + "' " +
              shapeText(before) + "; give the shape of what is not batched: --input-shape " +
              placeholder.name().str() + "=" + shapeText(before).substr(1);
        why.pop_back();
        return false;
      }
      first = placeholder;
    }
    SmallVector<int64_t> sizes;
    for (Dim dim : before.dims)
      sizes.push_back(dim.constant().value_or(-1));
    sizes[0] = *request.batch;
    if (!addShape(placeholder, before, sizes, why))
      return false;
  }
  return true;
}

bool InputDims::addShape(Node placeholder, const ShapeInfo &before, ArrayRef<int64_t> sizes,
                         std::string &why) {
  if (before.ranked && before.rank() != sizes.size()) {
    why = "the input '" + placeholder.name().str() + "' has shape " + shapeText(before) +
          ", the one asked for has " + std::to_string(sizes.size()) + " dimensions";
    return false;
  }
  Input input{placeholder, before, ShapeInfo::of({})};
  for (auto [axis, size] : llvm::enumerate(sizes)) {
    std::optional<Dim> dim = Dim(size);
    if (before.ranked)
      dim = dimFor(axis, before.dims[axis], size, why);
    if (!dim)
      return false;
    input.after.dims.push_back(*dim);
  }
  changed.push_back(std::move(input));
  return true;
}

// -1 stands for any where the dimension was not known before.
std::optional<Dim> InputDims::dimFor(unsigned axis, Dim before, int64_t size, std::string &why) {
  if (!before.isConstant())
    return Dim(size);
  if (before.isConstant(size))
    return before;
  auto [it, isNew] =
      symbols.try_emplace({axis, before.coefficient(), size}, static_cast<unsigned>(olds.size()));
  if (isNew) {
    if (olds.size() == Dim::kTrackedSymbols) {
      why = "more than " + std::to_string(Dim::kTrackedSymbols) +
            " different dimensions change at once; change some of them first";
      return std::nullopt;
    }
    olds.push_back(before.coefficient());
    news.push_back(size);
    axes.push_back(axis);
  }
  return Dim::tracked(it->second);
}

bool InputDims::isBatch(Dim dim) const {
  return llvm::any_of(dim.symbols(), [&](uint32_t id) {
    return id != 0 && id <= axes.size() && axes[id - 1] == 0;
  });
}

std::string InputDims::text(Dim dim) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (dim.isConstant() || dim.coefficient() != 1)
    os << dim.coefficient() << (dim.isConstant() ? "" : "*");
  bool isFirst = true, isOpen = false;
  for (uint32_t id : dim.symbols()) {
    isOpen |= id > Dim::kTrackedSymbols;
    if (id == 0 || id > axes.size())
      continue;
    os << (isFirst ? "" : "*");
    isFirst = false;
    if (axes[id - 1] == 0)
      os << "batch";
    else
      os << "axis " << axes[id - 1];
  }
  if (isOpen)
    os << (isFirst ? "?" : "*?");
  return text;
}

std::optional<int64_t> InputDims::newValue(Dim dim) const {
  int64_t value = dim.coefficient();
  for (uint32_t id : dim.symbols()) {
    if (id == 0)
      continue;
    if (id > news.size() || news[id - 1] < 0 || __builtin_mul_overflow(value, news[id - 1], &value))
      return std::nullopt;
  }
  return value;
}

} // namespace firn::graph
