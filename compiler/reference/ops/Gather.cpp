// Ops that pick, place or deal out slices by index: GatherV2, ScatterNd, DynamicStitch.
#include "compiler/reference/Broadcast.h"
#include "compiler/reference/Inputs.h"
#include "compiler/reference/Movement.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;
using llvm::ArrayRef;
using llvm::SmallVector;
using llvm::Twine;

namespace firn::reference {
namespace {

bool expectIndex(Evaluation &e, int64_t index, int64_t size) {
  return expect(e, index >= 0 && index < size,
                "expected indices below " + Twine(size) + ", got " + Twine(index));
}

Shape joined(ArrayRef<int64_t> a, ArrayRef<int64_t> b, ArrayRef<int64_t> c = {}) {
  Shape shape(a);
  shape.append(b.begin(), b.end());
  shape.append(c.begin(), c.end());
  return shape;
}

/// output[b…, o…, i…, r…] = params[b…, o…, indices[b…, i…], r…]: the first `batch` axes are shared,
/// `axis` is picked from.
void gatherAlong(Evaluation &e, int64_t axis, int64_t batch) {
  const Tensor &params = e.input(0), &indices = e.input(1);
  ArrayRef<int64_t> from = params.shape(), by = indices.shape();
  Tensor output =
      e.make(0, params.dtype(),
             joined(from.take_front(axis), by.drop_front(batch), from.drop_front(axis + 1)));
  if (e.failed())
    return;
  int64_t batches = countElements(from.take_front(batch)), dim = from[axis],
          outer = countElements(from.slice(batch, axis - batch)),
          inner = countElements(from.drop_front(axis + 1)),
          picks = countElements(by.drop_front(batch)), at = 0;
  SmallVector<int64_t> places = integersOf(indices);
  for (int64_t place : places)
    if (!expectIndex(e, place, dim))
      return;
  for (int64_t b = 0; b < batches; ++b)
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < picks; ++i, at += inner)
        copyRun(params, ((b * outer + o) * dim + places[b * picks + i]) * inner, output, at, inner);
}

void gather(Evaluation &e) {
  if (expect(e, e.input(0).rank() > 0, "expected a vector or more, got a scalar"))
    gatherAlong(e, 0, 0);
}

void gatherV2(Evaluation &e) {
  const Tensor &params = e.input(0), &indices = e.input(1);
  auto given = integerInput(e, 2);
  if (!given)
    return;
  auto axis = normalAxis(e, *given, params.rank());
  int64_t batch = e.integer("batch_dims");
  batch += batch < 0 ? indices.rank() : 0;
  if (!axis)
    return;
  bool fits = batch >= 0 && batch <= indices.rank() && batch <= *axis &&
              params.shape().take_front(batch) == indices.shape().take_front(batch);
  if (expect(e, fits,
             "expected equal batches of " + Twine(batch) + " axes before axis " + Twine(*axis) +
                 ", got " + params.text() + " and " + indices.text()))
    gatherAlong(e, *axis, batch);
}

/// The slices that the rows of a tensor of indices name.
struct Slices {
  SmallVector<int64_t> starts; // of each, in elements
  int64_t size = 1;            // of each, in elements
  Shape shape;                 // of all together: rows…, then the axes that no index names
};

std::optional<Slices> slicesOf(Evaluation &e, const Tensor &indices, ArrayRef<int64_t> shape) {
  int64_t depth = indices.rank() ? indices.shape().back() : -1;
  if (!expect(e, depth >= 0 && depth <= static_cast<int64_t>(shape.size()),
              "expected indices for at most the axes of " + shapeText(shape) + ", got " +
                  indices.text()))
    return std::nullopt;
  Slices slices;
  slices.shape = joined(indices.shape().drop_back(), shape.drop_front(depth));
  slices.size = countElements(shape.drop_front(depth));
  Shape strides = stridesOf(shape);
  SmallVector<int64_t> values = integersOf(indices);
  int64_t rows = countElements(indices.shape().drop_back());
  for (int64_t row = 0; row < rows; ++row) {
    ArrayRef<int64_t> index = ArrayRef<int64_t>(values).slice(row * depth, depth);
    for (int64_t axis = 0; axis < depth; ++axis)
      if (!expectIndex(e, index[axis], shape[axis]))
        return std::nullopt;
    slices.starts.push_back(offsetOf(index, strides));
  }
  return slices;
}

void gatherNd(Evaluation &e) {
  auto slices = slicesOf(e, e.input(1), e.input(0).shape());
  if (!slices)
    return;
  Tensor output = e.make(0, e.dtype(), slices->shape);
  if (e.failed())
    return;
  for (auto [row, start] : llvm::enumerate(slices->starts))
    copyRun(e.input(0), start, output, row * slices->size, slices->size);
}

struct Sum {
  template <typename T> T operator()(const T &x, const T &y) const {
    // Integers wrap around; bool adds as "or".
    if constexpr (std::is_same_v<T, bool>)
      return x || y;
    else if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(x) + static_cast<uint64_t>(y));
    else
      return x + y;
  }
};
struct Difference {
  template <typename T> T operator()(const T &x, const T &y) const {
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(x) - static_cast<uint64_t>(y));
    else
      return x - y;
  }
};
struct Larger {
  template <typename T> T operator()(const T &x, const T &y) const { return x < y ? y : x; }
};
struct Smaller {
  template <typename T> T operator()(const T &x, const T &y) const { return y < x ? y : x; }
};

/// The slices of `output` that `indices` name, each combined with its part of `updates`, in order.
template <typename List, typename F>
void scatterInto(Evaluation &e, Tensor output, const Tensor &indices, const Tensor &updates) {
  auto slices = slicesOf(e, indices, output.shape());
  if (!slices ||
      !expect(e, updates.shape() == ArrayRef<int64_t>(slices->shape),
              "expected updates of shape " + shapeText(slices->shape) + ", got " + updates.text()))
    return;
  dispatch(e, List{}, output.dtype(), [&](auto zero) {
    using T = decltype(zero);
    auto values = output.mutableValues<T>();
    auto source = updates.values<T>();
    for (auto [row, start] : llvm::enumerate(slices->starts))
      for (int64_t i = 0; i < slices->size; ++i)
        values[start + i] = F()(values[start + i], source[row * slices->size + i]);
  });
  e.give(output);
}

using Scattered = Concat<Concat<Numbers, Bools>::Type, Strings>::Type;

void scatterNd(Evaluation &e) {
  auto shape = integersInput(e, 2);
  if (!shape)
    return;
  Tensor output = e.make(0, e.dtype(1), *shape);
  if (!e.failed())
    scatterInto<Scattered, Sum>(e, output, e.input(0), e.input(1));
}

void scatterUpdate(Evaluation &e) {
  auto slices = slicesOf(e, e.input(1), e.input(0).shape());
  if (!slices || !expect(e, e.input(2).shape() == ArrayRef<int64_t>(slices->shape),
                         "expected updates of shape " + shapeText(slices->shape) + ", got " +
                             e.input(2).text()))
    return;
  Tensor output = copyOf(e.input(0));
  for (auto [row, start] : llvm::enumerate(slices->starts))
    copyRun(e.input(2), row * slices->size, output, start, slices->size);
  e.give(output);
}

template <typename List, typename F> void scatterWith(Evaluation &e) {
  scatterInto<List, F>(e, copyOf(e.input(0)), e.input(1), e.input(2));
}

void dynamicPartition(Evaluation &e) {
  const Tensor &data = e.input(0), &partitions = e.input(1);
  if (!expect(e, data.shape().take_front(partitions.rank()) == partitions.shape(),
              "expected a partition for each row of " + data.text() + ", got " + partitions.text()))
    return;
  SmallVector<int64_t> owners = integersOf(partitions), counts(e.numOutputs(), 0);
  for (int64_t owner : owners) {
    if (!expectIndex(e, owner, e.numOutputs()))
      return;
    ++counts[owner];
  }
  ArrayRef<int64_t> slice = data.shape().drop_front(partitions.rank());
  int64_t size = countElements(slice);
  Tensors outputs;
  for (auto [i, count] : llvm::enumerate(counts))
    outputs.push_back(e.make(i, data.dtype(), joined({count}, slice)));
  SmallVector<int64_t> filled(e.numOutputs(), 0);
  for (auto [row, owner] : llvm::enumerate(owners))
    copyRun(data, row * size, outputs[owner], filled[owner]++ * size, size);
}

// The inputs are N tensors of indices, then N of data.
void dynamicStitch(Evaluation &e) {
  unsigned pairs = e.numInputs() / 2;
  if (!expect(e, pairs > 0, "expected at least one tensor to stitch, got none"))
    return;
  int64_t rows = 0;
  auto sliceOf = [&](unsigned i) {
    return e.input(pairs + i).shape().drop_front(e.input(i).rank());
  };
  for (unsigned i = 0; i < pairs; ++i) {
    const Tensor &indices = e.input(i), &data = e.input(pairs + i);
    bool fits =
        data.shape().take_front(indices.rank()) == indices.shape() && sliceOf(i) == sliceOf(0);
    if (!expect(e, fits,
                "expected data of shape " + shapeText(joined(indices.shape(), sliceOf(0))) +
                    ", got " + data.text()))
      return;
    for (int64_t index : integersOf(indices)) {
      if (!expectIndex(e, index, INT32_MAX))
        return;
      rows = std::max(rows, index + 1);
    }
  }
  Tensor output = e.make(0, e.dtype(pairs), joined({rows}, sliceOf(0)));
  if (e.failed())
    return;
  int64_t size = countElements(sliceOf(0));
  for (unsigned i = 0; i < pairs; ++i)
    for (auto [row, index] : llvm::enumerate(integersOf(e.input(i))))
      copyRun(e.input(pairs + i), row * size, output, index * size, size);
}

constexpr KernelEntry kKernels[] = {
    {"Gather", gather},
    {"GatherV2", gatherV2},
    {"GatherNd", gatherNd},
    {"ScatterNd", scatterNd},
    {"TensorScatterUpdate", scatterUpdate},
    {"TensorScatterAdd", scatterWith<Numbers, Sum>},
    {"TensorScatterSub", scatterWith<Numbers, Difference>},
    {"TensorScatterMax", scatterWith<Reals, Larger>},
    {"TensorScatterMin", scatterWith<Reals, Smaller>},
    {"DynamicPartition", dynamicPartition},
    {"DynamicStitch", dynamicStitch},
    {"ParallelDynamicStitch", dynamicStitch},
};

} // namespace

KernelList gatherKernels() { return kKernels; }

} // namespace firn::reference
