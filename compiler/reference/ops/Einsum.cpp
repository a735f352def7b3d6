// Einsum, as one product of matrices for each element of the batch labels.
#include <map>

#include "compiler/reference/Broadcast.h"
#include "compiler/reference/ops/Multiply.h"
#include "compiler/reference/ops/Ops.h"
#include "llvm/ADT/StringExtras.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

// A letter, or from kEllipsis on a dimension that "..." stands for, counted from the last.
using Labels = std::vector<int>;
constexpr int kEllipsis = 256;

// `ellipsisRank` is the number of dimensions that "..." stands for.
std::optional<Labels> parseLabels(llvm::StringRef text, int64_t ellipsisRank) {
  Labels labels;
  for (size_t i = 0; i < text.size(); ++i) {
    if (llvm::isAlpha(text[i])) {
      labels.push_back(text[i]);
    } else if (text.substr(i).starts_with("...") && ellipsisRank >= 0) {
      for (int64_t dim = ellipsisRank; dim-- > 0;)
        labels.push_back(kEllipsis + dim);
      i += 2;
    } else if (text[i] != ' ') {
      return std::nullopt;
    }
  }
  return labels;
}

bool has(const Labels &labels, int label) { return llvm::is_contained(labels, label); }

using Dims = std::map<int, int64_t>;

struct Operand {
  Tensor tensor;
  Labels labels;

  // Elements from one place along a label to the next: 0 where it is broadcast, the diagonal's
  // where it is repeated.
  int64_t stride(int label, const Dims &dims) const {
    Shape own = stridesOf(tensor.shape());
    int64_t sum = 0;
    for (size_t i = 0; i < labels.size(); ++i)
      if (labels[i] == label && tensor.dim(i) == dims.at(label))
        sum += own[i];
    return sum;
  }
};

struct Equation {
  std::vector<Operand> operands;
  Labels result;
  Dims dims;

  Shape shapeOf(const Labels &labels) const {
    Shape shape;
    for (int label : labels)
      shape.push_back(dims.at(label));
    return shape;
  }
};

bool addDims(Evaluation &e, const Operand &operand, Dims &dims) {
  for (size_t i = 0; i < operand.labels.size(); ++i) {
    int label = operand.labels[i];
    int64_t dim = operand.tensor.dim(i);
    auto [entry, isNew] = dims.try_emplace(label, dim);
    if (label >= kEllipsis && entry->second == 1)
      entry->second = dim;
    if (entry->second != dim && !(label >= kEllipsis && dim == 1))
      return e.fail("expected dimensions of a label to agree, got " + llvm::Twine(entry->second) +
                    " and " + llvm::Twine(dim) + " in " + e.text("equation")),
             false;
  }
  return true;
}

// Splits the equation and gives labels to the dimensions of all operands.
std::optional<Equation> parse(Evaluation &e) {
  Equation equation;
  auto [left, right] = e.text("equation").split("->");
  llvm::SmallVector<llvm::StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != e.numInputs() || terms.size() > 2)
    return e.fail("expected a term for each of one or two operands, got " + e.text("equation")),
           std::nullopt;
  int64_t ellipsisRank = 0;
  for (auto [term, tensor] : llvm::zip(terms, e.inputs())) {
    bool hasEllipsis = term.contains("...");
    int64_t rank = tensor.rank() - llvm::count_if(term, llvm::isAlpha);
    std::optional<Labels> labels = parseLabels(term, hasEllipsis ? rank : 0);
    if (!labels || static_cast<int64_t>(labels->size()) != tensor.rank())
      return e.fail("expected an operand with a dimension for each label of '" + term + "', got " +
                    tensor.text()),
             std::nullopt;
    ellipsisRank = std::max(ellipsisRank, hasEllipsis ? rank : 0);
    equation.operands.push_back({tensor, *labels});
    if (!addDims(e, equation.operands.back(), equation.dims))
      return std::nullopt;
  }
  std::optional<Labels> result = parseLabels(right, ellipsisRank);
  if (!result || llvm::any_of(*result, [&](int label) { return !equation.dims.count(label); }))
    return e.fail("expected a result of the operands' labels, got " + e.text("equation")),
           std::nullopt;
  equation.result = *result;
  return equation;
}

// Labels by what becomes of them; what only one operand has and the result has not is summed up
// front.
struct Plan {
  Labels batch, contracted, left, right;

  explicit Plan(const Equation &equation) {
    const Labels none;
    const Labels &a = equation.operands[0].labels;
    const Labels &b = equation.operands.size() > 1 ? equation.operands[1].labels : none;
    for (const auto &[label, dim] : equation.dims) {
      bool kept = has(equation.result, label);
      if (has(a, label) && has(b, label))
        (kept ? batch : contracted).push_back(label);
      else if (kept)
        (has(a, label) ? left : right).push_back(label);
    }
  }
};

Labels join(std::initializer_list<Labels> parts) {
  Labels all;
  for (const Labels &part : parts)
    llvm::append_range(all, part);
  return all;
}

// The operand with its dimensions in the order of `kept`, summed over its other labels.
template <typename T, typename Sum>
std::vector<Sum> pack(const Equation &equation, const Operand &operand, const Labels &kept) {
  Labels labels = kept;
  for (int label : operand.labels)
    if (!has(labels, label))
      labels.push_back(label);
  Shape shape = equation.shapeOf(labels), strides;
  for (int label : labels)
    strides.push_back(operand.stride(label, equation.dims));
  int64_t summed = countElements(llvm::ArrayRef(shape).drop_front(kept.size()));
  std::vector<Sum> packed(countElements(equation.shapeOf(kept)));
  auto values = operand.tensor.values<T>();
  StridedIndex index(shape, strides);
  for (Sum &sum : packed)
    for (int64_t i = 0; i < summed; ++i, index.next())
      sum += static_cast<Sum>(values[index.position()]);
  return packed;
}

template <typename T> void evaluate(const Equation &equation, Tensor &result) {
  using Sum = SumOf<T>;
  Plan plan(equation);
  std::vector<Sum> a =
      pack<T, Sum>(equation, equation.operands[0], join({plan.batch, plan.left, plan.contracted}));
  std::vector<Sum> b{Sum(1)};
  if (equation.operands.size() > 1)
    b = pack<T, Sum>(equation, equation.operands[1],
                     join({plan.batch, plan.contracted, plan.right}));
  int64_t batch = countElements(equation.shapeOf(plan.batch));
  int64_t rows = countElements(equation.shapeOf(plan.left));
  int64_t inner = countElements(equation.shapeOf(plan.contracted));
  int64_t columns = countElements(equation.shapeOf(plan.right));
  std::vector<Sum> sums(batch * rows * columns);
  for (int64_t i = 0; i < batch; ++i)
    Panels<Sum>(b.data() + i * inner * columns, inner, columns, columns)
        .multiply(a.data() + i * rows * inner, inner, sums.data() + i * rows * columns, columns,
                  rows);

  Labels order = join({plan.batch, plan.left, plan.right});
  Operand placed{result, equation.result};
  Shape strides;
  for (int label : order)
    strides.push_back(placed.stride(label, equation.dims));
  StridedIndex index(equation.shapeOf(order), strides);
  auto values = result.mutableValues<T>();
  for (Sum sum : sums) {
    values[index.position()] = static_cast<T>(sum);
    index.next();
  }
}

void einsum(Evaluation &e) {
  std::optional<Equation> equation = parse(e);
  if (!equation)
    return;
  Tensor result = e.make(0, e.dtype(), equation->shapeOf(equation->result));
  if (e.failed())
    return;
  dispatch(e, Numbers{}, e.dtype(),
           [&](auto zero) { evaluate<decltype(zero)>(*equation, result); });
}

constexpr KernelEntry kKernels[] = {{"Einsum", einsum}};

} // namespace

KernelList einsumKernels() { return kKernels; }

} // namespace firn::reference
