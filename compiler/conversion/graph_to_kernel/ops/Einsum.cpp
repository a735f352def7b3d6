// Einsum: operands with their dimensions put in order, a product of batches of matrices, and its
// dimensions put in order again. Of dtypes other than f32: sums of products as they stand.
#include "compiler/conversion/graph_to_kernel/ops/Products.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Movement.h"
#include "dialects/graph/DataTypes.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// A letter, or from kEllipsis on a dimension that "..." stands for, counted from the last.
using Labels = SmallVector<int>;
constexpr int kEllipsis = 256;

std::optional<Labels> parseLabels(StringRef text, int64_t ellipsisRank) {
  Labels labels;
  for (size_t i = 0; i < text.size(); ++i) {
    if (llvm::isAlpha(text[i])) {
      labels.push_back(text[i]);
    } else if (text.substr(i).starts_with("...") && ellipsisRank >= 0) {
      for (int64_t dim = ellipsisRank; dim-- > 0;)
        labels.push_back(kEllipsis + static_cast<int>(dim));
      i += 2;
    } else if (text[i] != ' ') {
      return std::nullopt;
    }
  }
  return labels;
}

struct Operand {
  Tensor tensor;
  Labels labels;
  /// Where the operand is a constant.
  std::optional<reference::Tensor> known;
};

struct Equation {
  SmallVector<Operand> operands;
  Labels result;
  std::map<int, Size> sizes;

  Sizes sizesOf(ArrayRef<int> labels) const {
    return llvm::map_to_vector<4>(labels, [&](int label) { return sizes.at(label); });
  }
};

// Dimensions of 1 that the other operand repeats are dropped; of sizes that must be equal the one
// that is known best is taken.
void addSizes(NodeLowering &n, Equation &equation, const Operand &operand) {
  for (auto [label, size] : llvm::zip(operand.labels, operand.tensor.sizes)) {
    auto [entry, isNew] = equation.sizes.try_emplace(label, size);
    if (label >= kEllipsis ? n.isOne(entry->second) : constantSize(size).has_value())
      entry->second = size;
  }
}

void dropRepeated(NodeLowering &n, const Equation &equation, Operand &operand) {
  Sizes kept;
  Labels labels;
  for (auto [label, size] : llvm::zip(operand.labels, operand.tensor.sizes)) {
    if (label >= kEllipsis && n.isOne(size) && !n.isOne(equation.sizes.at(label)))
      continue;
    kept.push_back(size);
    labels.push_back(label);
  }
  if (labels.size() == operand.labels.size())
    return;
  operand.tensor = n.reshape(operand.tensor, kept);
  if (operand.known)
    operand.known = operand.known->reshaped(llvm::map_to_vector(kept, staticSize));
  operand.labels = labels;
}

std::optional<Equation> parse(NodeLowering &n) {
  Equation equation;
  auto [left, right] = n.text("equation").split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  int64_t ellipsisRank = 0;
  for (unsigned i = 0; i < n.numInputs() && terms.size() == n.numInputs(); ++i) {
    Tensor tensor = n.in(i);
    if (!tensor)
      return std::nullopt;
    bool hasEllipsis = terms[i].contains("...");
    int64_t rank = tensor.rank() - llvm::count_if(terms[i], llvm::isAlpha);
    std::optional<Labels> labels = parseLabels(terms[i], hasEllipsis ? rank : 0);
    if (!labels || static_cast<int64_t>(labels->size()) != tensor.rank())
      break;
    ellipsisRank = std::max(ellipsisRank, hasEllipsis ? rank : 0);
    equation.operands.push_back({tensor, *labels, constantInput(n, i)});
    addSizes(n, equation, equation.operands.back());
  }
  std::optional<Labels> result = parseLabels(right, ellipsisRank);
  if (!result || equation.operands.size() != n.numInputs() || n.numInputs() > 2) {
    n.fail("the equation " + n.text("equation"));
    return std::nullopt;
  }
  equation.result = *result;
  for (Operand &operand : equation.operands)
    dropRepeated(n, equation, operand);
  return equation;
}

bool has(ArrayRef<int> labels, int label) { return llvm::is_contained(labels, label); }

bool hasTwins(const Operand &operand) {
  return llvm::any_of(operand.labels,
                      [&](int label) { return llvm::count(operand.labels, label) > 1; });
}

// Every label is a loop.
Tensor plainEinsum(NodeLowering &n, const Equation &equation) {
  std::map<int, unsigned> loops;
  for (int label : equation.result)
    loops.try_emplace(label, loops.size());
  for (auto &[label, size] : equation.sizes)
    loops.try_emplace(label, loops.size());
  auto placesOf = [&](ArrayRef<int> labels) {
    SmallVector<AffineExpr> places;
    for (int label : labels)
      places.push_back(n.b.getAffineDimExpr(loops.at(label)));
    return places;
  };
  Factor left{equation.operands[0].tensor, placesOf(equation.operands[0].labels)}, right;
  int dtype = left.tensor.dtype;
  if (equation.operands.size() > 1)
    right = {equation.operands[1].tensor, placesOf(equation.operands[1].labels)};
  else
    right = {filled(n, dtype, 1, {}), {}};
  return sumOfProducts(n, loops.size(), left, right, placesOf(equation.result),
                       equation.sizesOf(equation.result), dtype);
}

// Labels by what becomes of them; what only one operand has and the result has not is summed up
// front.
struct Plan {
  Labels batch, contracted, left, right;

  explicit Plan(const Equation &equation) {
    const Labels &a = equation.operands[0].labels, &b = equation.operands[1].labels;
    // In the order of the operand's own dimensions, so that little has to be moved.
    for (int label : a) {
      bool isKept = has(equation.result, label);
      if (has(b, label))
        (isKept ? batch : contracted).push_back(label);
      else if (isKept)
        left.push_back(label);
    }
    for (int label : b)
      if (!has(a, label) && has(equation.result, label))
        right.push_back(label);
  }
};

Labels join(std::initializer_list<Labels> parts) {
  Labels all;
  for (const Labels &part : parts)
    llvm::append_range(all, part);
  return all;
}

// Sums over labels that are not in `order`, and puts the others in that order.
Tensor arranged(NodeLowering &n, const Operand &operand, const Labels &order) {
  SmallVector<int64_t> summed, permutation;
  Labels kept;
  for (auto [axis, label] : llvm::enumerate(operand.labels))
    if (has(order, label))
      kept.push_back(label);
    else
      summed.push_back(axis);
  Tensor tensor = summed.empty() ? operand.tensor : fold(n, operand.tensor, summed, false, kAdding);
  for (int label : order)
    permutation.push_back(llvm::find(kept, label) - kept.begin());
  return llvm::is_sorted(permutation) ? tensor : n.transpose(tensor, permutation);
}

// A constant, put in order when the module is made, so that the product can have it packed.
std::optional<Tensor> constantMatrix(NodeLowering &n, const Operand &operand, const Labels &order,
                                     Size rows, Size columns) {
  if (!operand.known || order.size() != operand.labels.size())
    return std::nullopt;
  reference::Shape own = reference::stridesOf(operand.known->shape()), shape, strides;
  for (int label : order) {
    int64_t axis = llvm::find(operand.labels, label) - operand.labels.begin();
    shape.push_back(operand.known->dim(axis));
    strides.push_back(own[axis]);
  }
  reference::Tensor moved(operand.known->dtype(), shape);
  reference::copyElements(*operand.known, {0, strides}, moved, {0, reference::stridesOf(shape)},
                          shape);
  return constantOf(n, moved.reshaped({staticSize(rows), staticSize(columns)}));
}

Tensor matrixEinsum(NodeLowering &n, const Equation &equation) {
  Plan plan(equation);
  auto count = [&](const Labels &labels) { return n.product(equation.sizesOf(labels)); };
  Size batch = count(plan.batch), rows = count(plan.left);
  Size inner = count(plan.contracted), columns = count(plan.right);
  Labels order = join({plan.contracted, plan.right});
  Tensor a = arranged(n, equation.operands[0], join({plan.batch, plan.left, plan.contracted}));
  Tensor product;
  if (plan.batch.empty()) {
    std::optional<Tensor> b = constantMatrix(n, equation.operands[1], order, inner, columns);
    if (!b)
      b = n.reshape(arranged(n, equation.operands[1], order), {inner, columns});
    product = matrixProduct(n, n.reshape(a, {rows, inner}), *b, false, DT_FLOAT);
  } else {
    // A right side whose terms come last is multiplied as it lies.
    Labels turned = join({plan.batch, plan.right, plan.contracted});
    bool isTurned = equation.operands[1].labels == turned;
    Tensor b = arranged(n, equation.operands[1], isTurned ? turned : join({plan.batch, order}));
    b = n.reshape(b, {batch, isTurned ? columns : inner, isTurned ? inner : columns});
    product = matrixProduct(n, n.reshape(a, {batch, rows, inner}), b, isTurned, DT_FLOAT);
  }
  Labels made = join({plan.batch, plan.left, plan.right});
  Operand result{n.reshape(product, equation.sizesOf(made)), made, std::nullopt};
  return arranged(n, result, equation.result);
}

void einsum(NodeLowering &n) {
  std::optional<Equation> equation = parse(n);
  if (!equation)
    return;
  bool isPlain =
      equation->operands.size() < 2 || n.outDtype() != DT_FLOAT ||
      llvm::any_of(equation->operands, hasTwins) ||
      llvm::any_of(
          equation->result, [&](int label) { return llvm::count(equation->result, label) > 1; });
  Tensor result = isPlain ? plainEinsum(n, *equation) : matrixEinsum(n, *equation);
  if (result)
    n.give(n.reshape(result, n.outSizes(0, result.sizes)));
}

const LoweringEntry kEinsum[] = {{"Einsum", einsum}};

} // namespace

Lowerings einsumLowerings() { return kEinsum; }

} // namespace firn::kernel
