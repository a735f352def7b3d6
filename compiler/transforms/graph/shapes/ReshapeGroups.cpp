#include "compiler/transforms/graph/shapes/ReshapeGroups.h"

#include <numeric>

using namespace mlir;

namespace firn::graph {
namespace {

// Dimensions that are next to each other and hold the same elements before and after.
struct Group {
  ArrayRef<Dim> from;
  MutableArrayRef<Dim> sizes;
};

using Written = SmallVector<std::optional<int64_t>, 4>;

Written writtenValues(NodeShapes &s, ArrayRef<Dim> dims) {
  Written values;
  for (Dim dim : dims)
    values.push_back(dim.mayBeNegative() ? std::nullopt : s.state.writtenValue(dim));
  return values;
}

// The number that a -1 stood for.
void fillOpenSize(ArrayRef<std::optional<int64_t>> from, Written &sizes) {
  auto isKnown = [](std::optional<int64_t> value) { return value.has_value(); };
  auto open = llvm::find(sizes, std::nullopt);
  if (open == sizes.end() || llvm::count(sizes, std::nullopt) != 1 || !llvm::all_of(from, isKnown))
    return;
  auto multiply = [](int64_t product, std::optional<int64_t> value) {
    return product * value.value_or(1);
  };
  int64_t total = std::accumulate(from.begin(), from.end(), int64_t(1), multiply);
  int64_t rest = std::accumulate(sizes.begin(), sizes.end(), int64_t(1), multiply);
  if (rest > 0 && total % rest == 0)
    *open = total / rest;
}

class Grouping {
public:
  Grouping(NodeShapes &s, ArrayRef<Dim> from, MutableArrayRef<Dim> sizes)
      : from(from), sizes(sizes), fromValues(writtenValues(s, from)),
        sizeValues(writtenValues(s, sizes)) {
    fillOpenSize(fromValues, sizeValues);
  }

  // Dimensions that stay as they are at both ends; between them the shortest groups that agree.
  SmallVector<Group> groups() {
    size_t begin = 0, fromEnd = from.size(), sizesEnd = sizes.size();
    while (begin < fromEnd && begin < sizesEnd && areEqual(begin, begin))
      add(begin, begin + 1, begin, begin + 1), ++begin;
    while (fromEnd > begin && sizesEnd > begin && areEqual(fromEnd - 1, sizesEnd - 1)) {
      --fromEnd, --sizesEnd;
      add(fromEnd, fromEnd + 1, sizesEnd, sizesEnd + 1);
    }
    addMiddle(begin, fromEnd, sizesEnd);
    return std::move(found);
  }

private:
  bool areEqual(size_t i, size_t k) const {
    return from[i] == sizes[k] || (fromValues[i] && fromValues[i] == sizeValues[k]);
  }

  void add(size_t i, size_t iEnd, size_t k, size_t kEnd) {
    if (i < iEnd || k < kEnd)
      found.push_back({from.slice(i, iEnd - i), sizes.slice(k, kEnd - k)});
  }

  void addMiddle(size_t begin, size_t fromEnd, size_t sizesEnd) {
    size_t i = begin, k = begin;
    while (i < fromEnd && k < sizesEnd) {
      size_t iEnd = i, kEnd = k;
      if (!closeGroup(iEnd, kEnd, fromEnd, sizesEnd))
        break;
      add(i, iEnd, k, kEnd);
      i = iEnd, k = kEnd;
    }
    add(i, fromEnd, k, sizesEnd);
  }

  // Moves both ends on until the products agree.
  bool closeGroup(size_t &i, size_t &k, size_t fromEnd, size_t sizesEnd) const {
    int64_t left = 1, right = 1;
    bool isOpen = take(fromValues, i, fromEnd, left) && take(sizeValues, k, sizesEnd, right);
    while (isOpen && left != right)
      isOpen =
          left < right ? take(fromValues, i, fromEnd, left) : take(sizeValues, k, sizesEnd, right);
    return isOpen;
  }

  static bool take(const Written &values, size_t &at, size_t end, int64_t &product) {
    if (at == end || !values[at] || *values[at] < 1)
      return false;
    product *= *values[at++];
    return true;
  }

  ArrayRef<Dim> from;
  MutableArrayRef<Dim> sizes;
  Written fromValues, sizeValues;
  SmallVector<Group> found;
};

// The elements of `from` fit the sizes, a -1 or the like among them included.
bool fits(NodeShapes &s, const Group &group) {
  Dim total = s.product(group.from), rest = 1;
  bool isOpen = false;
  for (Dim size : group.sizes) {
    isOpen |= size.mayBeNegative();
    rest = size.mayBeNegative() ? rest : s.times(rest, size);
  }
  return isOpen ? total.dividedBy(rest).has_value() : total == rest;
}

// The constant as a multiple of the one tracked symbol in `total`; nothing when it can't be.
std::optional<Dim> asTracked(NodeShapes &s, Dim size, Dim total) {
  uint32_t symbol = 0;
  for (uint32_t id : total.symbols())
    if (id != 0 && id <= Dim::kTrackedSymbols) {
      if (symbol != 0)
        return std::nullopt;
      symbol = id;
    }
  if (symbol == 0 || !size.isConstant() || size.origin() == 0)
    return std::nullopt;
  Dim dim = Dim::symbol(symbol);
  std::optional<int64_t> value = s.state.writtenValue(dim);
  if (!value || *value < 1 || size.coefficient() < 1 || size.coefficient() % *value != 0)
    return std::nullopt;
  return dim.times(Dim(size.coefficient() / *value));
}

void settle(NodeShapes &s, Group group) {
  Dim total = s.product(group.from);
  if (!total.dependsOnTracked() || fits(s, group))
    return;
  SmallVector<std::pair<Dim *, Dim>> readings;
  for (Dim &size : group.sizes)
    if (std::optional<Dim> dim = asTracked(s, size, total)) {
      Dim old = size;
      size = *dim;
      if (fits(s, group))
        readings.push_back({&size, *dim});
      size = old;
    }
  bool isProved = readings.size() == 1;
  for (auto [size, dim] : ArrayRef(readings).take_front(1)) {
    s.conflict(*size, dim, isProved);
    if (isProved)
      *size = dim;
  }
}

} // namespace

void settleReshape(NodeShapes &s, ArrayRef<Dim> from, Dims &sizes) {
  for (const Group &group : Grouping(s, from, sizes).groups())
    settle(s, group);
}

} // namespace firn::graph
