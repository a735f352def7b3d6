// Sparse tensors that become sparse tensors: joined, cut, put in order.
#include "compiler/conversion/graph_to_kernel/ops/Sparse.h"

#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "compiler/conversion/graph_to_kernel/ops/Reduce.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {

Sparse sparseInput(NodeLowering &n, unsigned indices, unsigned values) {
  Tensor at = converted(n, n.in(indices), DT_INT64), each = n.in(values);
  if (!at || !each)
    return {};
  std::optional<int64_t> rank = at.rank() == 2 ? constantSize(at.sizes[1]) : std::nullopt;
  if (!rank) {
    n.fail("a sparse tensor of unknown rank");
    return {};
  }
  return {at, each, *rank};
}

std::optional<Sizes> sparseShape(NodeLowering &n, unsigned index) {
  std::optional<Sizes> shape = n.elements(index);
  if (!shape)
    n.fail("a sparse tensor whose shape depends on data");
  return shape;
}

void giveEntries(NodeLowering &n, unsigned indices, unsigned values, const Sparse &sparse) {
  n.outSizes(indices, sparse.indices.sizes);
  n.give(indices, sparse.indices);
  n.outSizes(values, sparse.values.sizes);
  n.give(values, sparse.values);
}

Place partOf(ImplicitLocOpBuilder &b, const Sparse &sparse, Value entry, int64_t axis) {
  return placeOf(b, NodeLowering::read(b, sparse.indices, {entry, placeOf(b, axis).value}));
}

static Value numberOf(ImplicitLocOpBuilder &b, Place place) {
  return b.create<arith::IndexCastOp>(b.getI64Type(), place.value);
}

Tensor forEachEntry(NodeLowering &n, const Sparse &sparse,
                    const std::function<Place(ImplicitLocOpBuilder &, Value)> &body) {
  return n.generate(DT_INT64, {sparse.count()}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    return numberOf(b, body(b, at.front()));
  });
}

Tensor picked(NodeLowering &n, const Tensor &rows, const Tensor &numbers, Size count) {
  Sizes sizes(rows.sizes);
  sizes.front() = count;
  return n.generate(rows.dtype, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Place row = placeOf(b, NodeLowering::read(b, numbers, at.front()));
    SmallVector<Value> source(at);
    source.front() = clamp(row, placeOf(b, rows.sizes.front())).value;
    return NodeLowering::read(b, rows, source);
  });
}

Sparse picked(NodeLowering &n, const Sparse &sparse, const Tensor &numbers, Size count) {
  return {picked(n, sparse.indices, numbers, count), picked(n, sparse.values, numbers, count),
          sparse.rank};
}

Sparse filtered(NodeLowering &n, const Sparse &sparse, const Tensor &isKept) {
  Size count = sparse.count();
  SmallVector<Tensor> kept =
      n.call("where", {isKept}, {count}, {}, {n.empty(DT_INT64, {count}), n.empty(DT_INT64, {})});
  return picked(n, sparse, kept[0], n.readSize(kept[1], count));
}

Tensor orderOf(NodeLowering &n, const Sparse &sparse) {
  Size count = sparse.count();
  return n
      .call("sparse_order", {sparse.indices}, {count, n.size(sparse.rank)}, {},
            {n.empty(DT_INT64, {count}), n.empty(DT_INT64, {count})})
      .front();
}

namespace {

// The new shape, with its -1 worked out.
Sizes reshapedShape(NodeLowering &n, ArrayRef<Size> from, ArrayRef<Size> to) {
  Sizes shape(to);
  for (auto [axis, size] : llvm::enumerate(shape))
    if (constantSize(size) == int64_t(-1)) {
      size = n.size(1);
      size = n.floorDiv(n.product(from), n.product(shape));
    }
  return shape;
}

void reshape(NodeLowering &n) {
  Tensor indices = n.in(0);
  std::optional<Sizes> from = sparseShape(n, 1), to = from ? sparseShape(n, 2) : std::nullopt;
  if (!indices || !to)
    return;
  Sizes shape = reshapedShape(n, *from, *to);
  n.giveElements(1, shape);
  Sizes sizes = n.outSizes(0, {indices.sizes[0], n.size(shape.size())});
  n.give(0, n.generate(DT_INT64, sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Place element = placeOf(b, int64_t(0));
    for (auto [axis, size] : llvm::enumerate(*from)) {
      Place part =
          placeOf(b, NodeLowering::read(b, indices, {at[0], placeOf(b, int64_t(axis)).value}));
      element = element * placeOf(b, size) + part;
    }
    // From the last axis on: what is left counts in units of the axes behind.
    Place wanted = placeOf(b, at[1]), part = placeOf(b, int64_t(0));
    for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
      Place size = placeOf(b, shape[axis]);
      part = choose(wanted == axis, element % size, part);
      element = element / size;
    }
    return numberOf(b, part);
  }));
}

void reorder(NodeLowering &n) {
  if (Sparse sparse = sparseInput(n, 0, 1))
    giveEntries(n, 0, 1, picked(n, sparse, orderOf(n, sparse), sparse.count()));
}

// With part `axis` of each index changed.
Sparse movedAlong(NodeLowering &n, Sparse sparse, int64_t axis, Size distance) {
  sparse.indices =
      n.generate(DT_INT64, sparse.indices.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
        Place part = placeOf(b, NodeLowering::read(b, sparse.indices, at));
        return numberOf(b, choose(placeOf(b, at[1]) == axis, part + placeOf(b, distance), part));
      });
  return sparse;
}

void concat(NodeLowering &n) {
  unsigned count = n.numInputs() / 3;
  SmallVector<Tensor> indices, values;
  Sizes shape;
  int64_t axis = 0;
  Size offset = n.size(0);
  for (unsigned i = 0; i < count; ++i) {
    Sparse part = sparseInput(n, i, count + i);
    std::optional<Sizes> sizes = part ? sparseShape(n, 2 * count + i) : std::nullopt;
    if (!sizes)
      return;
    axis = n.integer("concat_dim");
    axis += axis < 0 ? part.rank : 0;
    part = movedAlong(n, part, axis, offset);
    indices.push_back(part.indices);
    values.push_back(part.values);
    offset = n.add(offset, (*sizes)[axis]);
    shape = *sizes;
  }
  shape[axis] = offset;
  Sparse all{n.concat(indices, 0), n.concat(values, 0), static_cast<int64_t>(shape.size())};
  giveEntries(n, 0, 1, axis == 0 ? all : picked(n, all, orderOf(n, all), all.count()));
  n.giveElements(2, shape);
}

/// A box of a sparse tensor: where it begins, how long it is.
struct Box {
  Sizes start, size;
};

Sparse cutBox(NodeLowering &n, const Sparse &sparse, const Box &box) {
  Tensor isInside =
      n.generate(DT_BOOL, {sparse.count()}, [&](ImplicitLocOpBuilder &b, ValueRange at) {
        Condition fits = placeOf(b, int64_t(0)) == 0;
        for (int64_t axis = 0; axis < sparse.rank; ++axis) {
          Place part = partOf(b, sparse, at[0], axis) - placeOf(b, box.start[axis]);
          fits = fits && isWithin(part, placeOf(b, box.size[axis]));
        }
        return byteOf(Truth{&b, fits.value}).value;
      });
  Sparse inside = filtered(n, sparse, isInside);
  for (int64_t axis = 0; axis < sparse.rank; ++axis)
    inside = movedAlong(n, inside, axis, n.sub(n.size(0), box.start[axis]));
  return inside;
}

void slice(NodeLowering &n) {
  Sparse sparse = sparseInput(n, 0, 1);
  std::optional<Sizes> shape = sparse ? sparseShape(n, 2) : std::nullopt,
                       start = shape ? sparseShape(n, 3) : std::nullopt,
                       size = start ? sparseShape(n, 4) : std::nullopt;
  if (!size)
    return;
  Box box{*start, {}};
  for (int64_t axis = 0; axis < sparse.rank; ++axis) {
    Size rest = n.max(n.sub((*shape)[axis], (*start)[axis]), n.size(0));
    box.size.push_back(n.min(n.max((*size)[axis], n.size(0)), rest));
  }
  giveEntries(n, 0, 1, cutBox(n, sparse, box));
  n.giveElements(2, box.size);
}

// Parts of one size, the first ones by one longer where it does not divide.
void split(NodeLowering &n) {
  Sparse sparse = sparseInput(n, 1, 2);
  std::optional<Sizes> shape = sparse ? sparseShape(n, 3) : std::nullopt;
  std::optional<int64_t> axis = shape ? normalAxis(n, n.constant(0), sparse.rank) : std::nullopt;
  if (!axis)
    return;
  int64_t count = n.node.numOutputs() / 3;
  Box box{n.repeated(0, sparse.rank), *shape};
  Size parts = n.size(count), each = n.floorDiv((*shape)[*axis], parts);
  Size longer = n.floorMod((*shape)[*axis], parts);
  for (int64_t i = 0; i < count; ++i) {
    box.size[*axis] = n.add(each, n.isNegative(n.sub(n.size(i), longer)));
    giveEntries(n, i, count + i, cutBox(n, sparse, box));
    n.giveElements(2 * count + i, box.size);
    box.start[*axis] = n.add(box.start[*axis], box.size[*axis]);
  }
}

void fillEmptyRows(NodeLowering &n) {
  Sparse sparse = sparseInput(n, 0, 1);
  std::optional<Sizes> shape = sparse ? sparseShape(n, 2) : std::nullopt;
  Tensor given = n.in(3);
  if (!shape || !given)
    return;
  Size rows = shape->front(), count = sparse.count(), most = n.add(count, rows);
  SmallVector<Tensor> made =
      n.call("sparse_rows", {sparse.indices}, {count, n.size(sparse.rank), rows}, {},
             {n.empty(DT_INT64, {most}), n.empty(DT_INT64, {count}), n.empty(DT_BOOL, {rows}),
              n.empty(DT_INT64, {}), n.empty(DT_INT64, {rows})});
  Tensor numbers = made[0];
  Sizes all = n.outSizes(1, {n.readSize(made[3], most)});
  Sparse old = picked(n, sparse, numbers, all.front());
  // -1 - row stands for an entry of its own.
  auto numberAt = [&](ImplicitLocOpBuilder &b, Value entry) {
    return placeOf(b, NodeLowering::read(b, numbers, entry));
  };
  Sizes both{all.front(), n.size(sparse.rank)};
  Tensor indices = n.generate(DT_INT64, both, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Place number = numberAt(b, at[0]), zero = placeOf(b, int64_t(0));
    Place row = choose(placeOf(b, at[1]) == 0, placeOf(b, int64_t(-1)) - number, zero);
    Place part = placeOf(b, NodeLowering::read(b, old.indices, at));
    return numberOf(b, choose(number < 0, row, part));
  });
  Tensor values = n.generate(given.dtype, all, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Value missing = NodeLowering::read(b, given, {});
    return choose(numberAt(b, at[0]) < 0, missing, NodeLowering::read(b, old.values, at));
  });
  giveEntries(n, 0, 1, {indices, values, sparse.rank});
  n.give(2, made[2]);
  n.give(3, made[1]);
}

// The values of both where there are any; null numbers are -1.
Tensor sumsOf(NodeLowering &n, const Tensor &a, const Tensor &c, const Tensor &left,
              const Tensor &right, Size count) {
  Tensor mine = picked(n, a, left, count), other = picked(n, c, right, count);
  Sizes sizes{count};
  Tensor first = firstOf(n, left, count), second = firstOf(n, right, count);
  return map(n, {mine, other, first, second}, a.dtype, sizes, [](ArrayRef<Number> x) {
    return choose(x[2] < 0, x[1], choose(x[3] < 0, x[0], x[0] + x[1]));
  });
}

void add(NodeLowering &n) {
  Sparse a = sparseInput(n, 0, 1), c = sparseInput(n, 3, 4);
  Tensor threshold = n.in(6);
  if (!a || !c || !threshold)
    return;
  Size most = n.add(a.count(), c.count());
  SmallVector<Tensor> made =
      n.call("sparse_merge", {a.indices, c.indices}, {a.count(), c.count(), n.size(a.rank)}, {},
             {n.empty(DT_INT64, {most}), n.empty(DT_INT64, {most}), n.empty(DT_INT64, {})});
  Size count = n.readSize(made[2], most);
  Tensor left = firstOf(n, made[0], count), right = firstOf(n, made[1], count);
  Tensor values = sumsOf(n, a.values, c.values, made[0], made[1], count);
  Tensor mine = picked(n, a.indices, left, count), other = picked(n, c.indices, right, count);
  Tensor indices = n.generate(DT_INT64, mine.sizes, [&](ImplicitLocOpBuilder &b, ValueRange at) {
    Place number = placeOf(b, NodeLowering::read(b, left, at.front()));
    return choose(number < 0, NodeLowering::read(b, other, at), NodeLowering::read(b, mine, at));
  });
  // Of sums, those of at least the threshold's magnitude.
  Tensor limit = n.reshape(threshold, {});
  Sizes sizes{count};
  Tensor isKept = map(n, {values, left, right, limit}, DT_BOOL, sizes, [](ArrayRef<Number> x) {
    Truth isSum = x[1] >= like(x[1], 0) && x[2] >= like(x[2], 0);
    Number magnitude = convert(abs(x[0]), DT_DOUBLE);
    return byteOf(!isSum || convert(x[3], DT_DOUBLE) <= magnitude);
  });
  giveEntries(n, 0, 1, filtered(n, {indices, values, a.rank}, isKept));
  n.handOn(2, 2);
}

const LoweringEntry kSparse[] = {
    {"SparseAdd", add},         {"SparseConcat", concat},   {"SparseFillEmptyRows", fillEmptyRows},
    {"SparseReorder", reorder}, {"SparseReshape", reshape}, {"SparseSlice", slice},
    {"SparseSplit", split},
};

} // namespace

Lowerings sparseLowerings() { return kSparse; }

} // namespace firn::kernel
