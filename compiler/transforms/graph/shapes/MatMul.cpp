// Products of matrices, and what else is done with the last two dimensions.
#include "compiler/transforms/graph/shapes/Families.h"

using namespace mlir;

namespace firn::graph {
namespace {

void product(NodeShapes &s, bool transposeA, bool transposeB) {
  const ShapeInfo &a = s.in(0), &b = s.in(1);
  if (!a.ranked || !b.ranked || a.rank() < 2 || b.rank() < 2)
    return;
  auto last = [](const ShapeInfo &info, unsigned fromEnd) {
    return info.dims[info.rank() - 1 - fromEnd];
  };
  s.same(last(a, transposeA ? 1 : 0), last(b, transposeB ? 0 : 1));
  ShapeInfo info = s.broadcast(ShapeInfo::of(ArrayRef<Dim>(a.dims).drop_back(2)),
                               ShapeInfo::of(ArrayRef<Dim>(b.dims).drop_back(2)));
  info.dims.push_back(last(a, transposeA ? 0 : 1));
  info.dims.push_back(last(b, transposeB ? 1 : 0));
  s.out(std::move(info));
}

void matMul(NodeShapes &s) {
  // One known operand tells the rank.
  if (!s.in(0).ranked || !s.in(1).ranked) {
    ShapeInfo info = s.freshOfRank(2);
    bool transposeA = s.flag("transpose_a"), transposeB = s.flag("transpose_b");
    if (s.in(0).hasRank(2))
      info.dims[0] = s.in(0).dims[transposeA ? 1 : 0];
    if (s.in(1).hasRank(2))
      info.dims[1] = s.in(1).dims[transposeB ? 0 : 1];
    return s.out(std::move(info));
  }
  product(s, s.flag("transpose_a"), s.flag("transpose_b"));
}

void batchMatMul(NodeShapes &s) { product(s, s.flag("adj_x"), s.flag("adj_y")); }

void quantizedMatMul(NodeShapes &s) {
  matMul(s);
  for (unsigned i = 1; i < s.numOutputs(); ++i)
    s.out(i, ShapeInfo::scalar());
}

/// The labels of an equation, with "..." as one.
SmallVector<StringRef> labelsOf(StringRef term) {
  SmallVector<StringRef> labels;
  term = term.trim();
  while (!term.empty()) {
    size_t length = term.starts_with("...") ? 3 : 1;
    if (term[0] != ' ')
      labels.push_back(term.take_front(length));
    term = term.drop_front(length);
  }
  return labels;
}

// Labels of one operand with its dimensions; false when they don't fit.
bool bindLabels(NodeShapes &s, ArrayRef<StringRef> labels, const ShapeInfo &info,
                llvm::StringMap<Dim> &dims, Dims &ellipsis) {
  bool hasEllipsis = llvm::is_contained(labels, "...");
  size_t named = labels.size() - hasEllipsis;
  if (!info.ranked || info.rank() < named || (!hasEllipsis && info.rank() != named))
    return false;
  size_t at = 0;
  for (StringRef label : labels) {
    if (label == "...") {
      Dims part(info.dims.begin() + at, info.dims.begin() + at + info.rank() - named);
      ellipsis = s.broadcast(ShapeInfo::of(ellipsis), ShapeInfo::of(part)).dims;
      at += info.rank() - named;
      continue;
    }
    auto [it, isNew] = dims.try_emplace(label, info.dims[at]);
    if (!isNew)
      it->second = s.broadcast(it->second, info.dims[at]);
    ++at;
  }
  return true;
}

void einsum(NodeShapes &s) {
  auto [inputs, output] = s.text("equation").split("->");
  SmallVector<StringRef> terms;
  inputs.split(terms, ',');
  llvm::StringMap<Dim> dims;
  Dims ellipsis;
  bool isKnown = terms.size() == s.numInputs();
  for (unsigned i = 0; isKnown && i < terms.size(); ++i)
    isKnown = bindLabels(s, labelsOf(terms[i]), s.in(i), dims, ellipsis);
  SmallVector<StringRef> labels = labelsOf(output);
  if (!isKnown)
    return s.out(llvm::is_contained(labels, "...") ? ShapeInfo() : s.freshOfRank(labels.size()));
  ShapeInfo info = ShapeInfo::of({});
  for (StringRef label : labels) {
    if (label == "...")
      llvm::append_range(info.dims, ellipsis);
    else
      info.dims.push_back(dims.count(label) ? dims[label] : s.fresh());
  }
  s.out(std::move(info));
}

void matrixDiag(NodeShapes &s) {
  bool isPlain = s.node.is("MatrixDiag");
  const ShapeInfo &from = s.in(0);
  std::optional<int64_t> k = s.constant(1);
  if (!from.ranked || from.rank() == 0)
    return;
  ShapeInfo info = dimsOnly(from);
  // Other than the main diagonal, the sizes are given as values.
  bool isMain = isPlain || (k == 0 && s.constant(2) == -1 && s.constant(3) == -1);
  info.dims.push_back(info.dims.back());
  if (!isMain)
    return s.out(s.freshOfRank(info.rank()));
  s.out(std::move(info));
}

void matrixDiagPart(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  bool isMain = s.node.is("MatrixDiagPart") || s.constant(1) == 0;
  if (!from.ranked || from.rank() < 2)
    return;
  ShapeInfo info = ShapeInfo::of(ArrayRef<Dim>(from.dims).drop_back(2));
  info.dims.push_back(
      isMain ? s.derived(DerivedKind::Minimum, from.dims[from.rank() - 2], from.dims.back())
             : s.fresh());
  s.out(std::move(info));
}

void diag(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  Dims copy = info.dims;
  llvm::append_range(info.dims, copy);
  s.out(std::move(info));
}

void diagPart(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (from.ranked)
    s.out(ShapeInfo::of(ArrayRef<Dim>(from.dims).take_front(from.rank() / 2)));
}

// One number for each matrix.
void perMatrix(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (from.ranked && from.rank() >= 2)
    for (unsigned i = 0; i < s.numOutputs(); ++i)
      s.out(i, ShapeInfo::of(ArrayRef<Dim>(from.dims).drop_back(2)));
}

void solve(NodeShapes &s) { s.out(dimsOnly(s.in(1))); }

// [..., m, n] as u [..., m, p], values [..., p], v [..., n, p]; p is the smaller one, or all of it.
void svd(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || from.rank() < 2)
    return;
  Dim m = from.dims[from.rank() - 2], n = from.dims.back();
  Dim p = s.derived(DerivedKind::Minimum, m, n);
  bool full = s.flag("full_matrices"), vectors = s.flag("compute_uv", true);
  auto with = [&](std::initializer_list<Dim> tail) {
    ShapeInfo info = ShapeInfo::of(ArrayRef<Dim>(from.dims).drop_back(2));
    info.dims.append(tail);
    return info;
  };
  s.out(0, with({p}));
  s.out(1, vectors ? with({m, full ? m : p}) : ShapeInfo::of({0}));
  s.out(2, vectors ? with({n, full ? n : p}) : ShapeInfo::of({0}));
}

void qr(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || from.rank() < 2)
    return;
  Dim m = from.dims[from.rank() - 2], n = from.dims.back();
  Dim p = s.flag("full_matrices") ? m : s.derived(DerivedKind::Minimum, m, n);
  ShapeInfo q = dimsOnly(from), r = q;
  q.dims.back() = p;
  r.dims[r.rank() - 2] = p;
  s.out(0, std::move(q));
  s.out(1, std::move(r));
}

void selfAdjointEig(NodeShapes &s) {
  const ShapeInfo &from = s.in(0);
  if (!from.ranked || from.rank() < 2)
    return;
  s.out(0, ShapeInfo::of(ArrayRef<Dim>(from.dims).drop_back(1)));
  s.out(1, dimsOnly(from));
}

// Half the spectrum of real numbers says all.
void realTransform(NodeShapes &s) {
  ShapeInfo info = dimsOnly(s.in(0));
  const ShapeInfo &lengths = s.in(1);
  if (!info.ranked || !lengths.hasElements || lengths.elements.size() > info.rank())
    return s.out(info.ranked ? s.freshOfRank(info.rank()) : ShapeInfo());
  size_t first = info.rank() - lengths.elements.size();
  for (auto [i, length] : llvm::enumerate(lengths.elements))
    info.dims[first + i] = s.asDim(length);
  if (!s.node.type().starts_with("I"))
    info.dims.back() =
        s.plus(s.derived(DerivedKind::FloorDivide, info.dims.back(), Dim(2)), Dim(1));
  s.out(std::move(info));
}

constexpr ShapeRuleEntry kRules[] = {
    {"MatMul", matMul},
    {"_FusedMatMul", matMul},
    {"SparseMatMul", [](NodeShapes &s) { matMul(s); }},
    {"BatchMatMul", batchMatMul},
    {"BatchMatMulV2", batchMatMul},
    {"BatchMatMulV3", batchMatMul},
    {"QuantizedMatMul", quantizedMatMul},
    {"QuantizedMatMulWithBias", quantizedMatMul},
    {"Einsum", einsum},
    {"MatrixDiag", matrixDiag},
    {"MatrixDiagV2", matrixDiag},
    {"MatrixDiagV3", matrixDiag},
    {"MatrixDiagPart", matrixDiagPart},
    {"MatrixDiagPartV2", matrixDiagPart},
    {"MatrixDiagPartV3", matrixDiagPart},
    {"MatrixSetDiag", sameAsFirst},
    {"MatrixSetDiagV2", sameAsFirst},
    {"MatrixSetDiagV3", sameAsFirst},
    {"MatrixBandPart", sameAsFirst},
    {"MatrixInverse", sameAsFirst},
    {"MatrixExponential", sameAsFirst},
    {"MatrixLogarithm", sameAsFirst},
    {"MatrixSquareRoot", sameAsFirst},
    {"Cholesky", sameAsFirst},
    {"MatrixDeterminant", perMatrix},
    {"LogMatrixDeterminant", perMatrix},
    {"MatrixSolve", solve},
    {"MatrixTriangularSolve", solve},
    {"Svd", svd},
    {"Qr", qr},
    {"SelfAdjointEigV2", selfAdjointEig},
    {"Diag", diag},
    {"DiagPart", diagPart},
    {"Cross", sameAsFirst},
    {"FFT", sameAsFirst},
    {"FFT2D", sameAsFirst},
    {"FFT3D", sameAsFirst},
    {"IFFT", sameAsFirst},
    {"IFFT2D", sameAsFirst},
    {"IFFT3D", sameAsFirst},
    {"RFFT", realTransform},
    {"RFFT2D", realTransform},
    {"IRFFT", realTransform},
    {"IRFFT2D", realTransform},
};

} // namespace

ShapeRules matMulShapeRules() { return kRules; }

} // namespace firn::graph
