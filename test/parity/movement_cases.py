"""Ops that move elements: slices, joins, borders, permutations, picking and placing."""
from elementwise_cases import filled
from support import np, tf

DTYPES = ("float32", "int64", "int8", "bool", "complex64", "float16", "float64")


def ints(*values):
    return np.array(values, np.int32)


def add_slices(cases, random):
    x = filled(random, (4, 5, 6), "float32")
    for dtype in DTYPES:
        cases.add("Slice", input=filled(random, (3, 4), dtype), begin=ints(1, 0), size=ints(2, -1))
    cases.add("Slice", input=x, begin=ints(0, 4, 3), size=ints(4, 0, 3))
    for begin, end, strides, masks in (
            ((1, 0, 2), (3, 5, 6), (1, 1, 1), {}), ((0, -1, 5), (4, 0, 0), (2, -2, -3), {}), ((-1, 4, 0), (0, 0, 0), (-1, -1, 1), dict(end_mask=7)),
            ((1, 0, 0), (2, 0, 0), (1, 1, 1), dict(shrink_axis_mask=1, begin_mask=6, end_mask=6)), ((-2, 9), (9, -9), (1, -1), {}),
            ((1, 0, 0, 2), (3, 0, 0, 3), (1, 1, 1, 1), dict(ellipsis_mask=2, new_axis_mask=4, shrink_axis_mask=8)), ((3,), (1,), (1,), {}),
            ((0, 0, 1), (0, 0, 4), (1, 1, 2), dict(ellipsis_mask=1, new_axis_mask=2))):
        cases.add("StridedSlice", input=x, begin=ints(*begin), end=ints(*end), strides=ints(*strides), **masks)
    for begin, end, strides, masks in (((1, 1), (3, 4), (1, 2), {}), ((3, 4), (0, 0), (-2, -1), {}), ((2, 0), (3, 3), (1, 1), dict(shrink_axis_mask=1))):
        shape = x[tuple(slice(b, e, s) for b, e, s in zip(begin, end, strides))].shape
        value = filled(random, shape[1:] if masks else shape, "float32")
        cases.add("TensorStridedSliceUpdate", input=x, begin=ints(*begin), end=ints(*end), strides=ints(*strides), value=value, **masks)


def add_joins(cases, random):
    for dtype in DTYPES:
        parts = [filled(random, (2, n, 3), dtype) for n in (1, 4, 2)]
        cases.add("ConcatV2", values=parts, axis=np.int32(1))
        cases.add("ConcatV2", values=[p.transpose(0, 2, 1) for p in parts], axis=np.int32(-1))
        cases.add("Pack", values=[parts[0]] * 3, axis=1)
        cases.add("Unpack", value=parts[1], num=4, axis=-2)
        cases.add("Split", axis=np.int32(1), value=parts[1], num_split=2)
        cases.add("SplitV", value=parts[1], size_splits=ints(1, -1, 2), axis=np.int32(1), num_split=3)
    cases.add("Concat", concat_dim=np.int32(0), values=[filled(random, (n, 2), "float32") for n in (1, 0, 3)])
    cases.add("Pack", values=[np.float32(1), np.float32(2)], axis=0)


def add_made(cases, random):
    for dtype in DTYPES:
        cases.add("Fill", dims=ints(2, 3), value=filled(random, (), dtype))
        cases.add("Tile", input=filled(random, (2, 1, 3), dtype), multiples=ints(2, 4, 1))
        cases.add("BroadcastTo", input=filled(random, (3, 1), dtype), shape=np.int64([2, 3, 4]))
        cases.add("OneHot", indices=np.int32([[0, 2], [5, -1]]), depth=np.int32(4), on_value=filled(random, (), dtype),
                  off_value=filled(random, (), dtype), axis=1)
    cases.add("Tile", input=filled(random, (2, 3), "float32"), multiples=ints(0, 1))
    cases.add("OneHot", indices=np.uint8([3, 0]), depth=np.int32(4), on_value=np.float32(2), off_value=np.float32(-1), axis=-1)
    for start, limit, delta in ((0, 10, 3), (10, 0, -4), (5, 5, 1)):
        cases.add("Range", start=np.int32(start), limit=np.int32(limit), delta=np.int32(delta))
    cases.add("LinSpace", start=np.float32(-1), stop=np.float32(7), num=np.int32(5))
    cases.add("LinSpace", start=np.float64(3), stop=np.float64(4), num=np.int32(1))


def add_borders(cases, random):
    for dtype in DTYPES:
        x = filled(random, (3, 4), dtype)
        cases.add("Pad", input=x, paddings=np.int32([[1, 0], [0, 2]]))
        cases.add("PadV2", input=x, paddings=np.int32([[0, 1], [3, 0]]), constant_values=filled(random, (), dtype))
        for mode in ("REFLECT", "SYMMETRIC") if dtype not in ("bool", "complex64") else ():
            cases.add("MirrorPad", input=x, paddings=np.int32([[2, 1], [0, 3]]), mode=mode)
    x = filled(random, (2, 4, 6, 3), "float32")
    cases.add("SpaceToBatchND", input=x, block_shape=ints(2, 3), paddings=np.int32([[1, 1], [0, 0]]))
    cases.add("SpaceToBatchND", input=x, block_shape=ints(2), paddings=np.int32([[0, 0]]))
    cases.add("BatchToSpaceND", input=filled(random, (12, 3, 2, 5), "float32"), block_shape=ints(2, 3), crops=np.int32([[1, 0], [2, 1]]))
    cases.add("SpaceToBatch", input=x, paddings=np.int32([[0, 0], [1, 1]]), block_size=2)
    cases.add("BatchToSpace", input=filled(random, (8, 3, 2, 5), "float32"), crops=np.int32([[0, 1], [0, 0]]), block_size=2)
    cases.add_both_layouts("SpaceToDepth", ("input", 0), input=x, block_size=2)
    cases.add_both_layouts("DepthToSpace", ("input", 0), input=filled(random, (2, 3, 2, 12), "float32"), block_size=2)


def add_orders(cases, random):
    for dtype in DTYPES:
        x = filled(random, (2, 3, 4), dtype)
        cases.add("Transpose", x=x, perm=ints(2, 0, 1))
        cases.add("ReverseV2", tensor=x, axis=ints(0, -1))
        cases.add("ReverseSequence", input=x, seq_lengths=np.int64([2, 0, 1]), seq_dim=0, batch_dim=1)
        cases.add("Roll", input=x, shift=ints(1, -2), axis=ints(0, 2))
    cases.add("Reverse", tensor=filled(random, (2, 3), "float32"), dims=np.array([False, True]))
    cases.add("Roll", input=filled(random, (5,), "float32"), shift=np.int32(-7), axis=np.int32(0))
    cases.add("ConjugateTranspose", x=filled(random, (2, 3), "complex64"), perm=ints(1, 0))
    cases.add("InvertPermutation", x=ints(2, 0, 3, 1))
    cases.add("Cross", a=filled(random, (4, 3), "float32"), b=filled(random, (4, 3), "float32"))
    cases.add("Cross", a=filled(random, (4, 3), "int32"), b=filled(random, (4, 3), "int32"))
    for source, to in (("float32", tf.int32), ("float32", tf.uint8), ("int64", tf.float32), ("uint8", tf.int8)):
        cases.add("Bitcast", input=filled(random, (3, 2), source), type=to)
    cases.add("Bitcast", input=filled(random, (3, 2, 4), "uint8"), type=tf.float32)


def add_picks(cases, random):
    indices = np.int32([[0, 2], [3, 3], [1, 0]])
    for dtype in DTYPES:
        x = filled(random, (4, 3, 5), dtype)
        cases.add("Gather", params=x, indices=indices)
        cases.add("GatherV2", params=x, indices=np.int64([2, 0, 1, 1]), axis=np.int32(-2))
        cases.add("GatherNd", params=x, indices=np.int32([[[3, 0]], [[1, 2]]]))
    x = filled(random, (3, 4, 5), "float32")
    cases.add("GatherV2", params=x, indices=indices, axis=np.int32(1), batch_dims=1)
    cases.add("GatherV2", params=x, indices=np.int32([0, 1, 2]), axis=np.int32(1), batch_dims=1)
    cases.add("GatherV2", params=x, indices=indices, axis=np.int32(2), batch_dims=-1)
    cases.add("GatherV2", params=x, indices=np.int32(2), axis=np.int32(2))
    cases.add("GatherNd", params=x, indices=np.int32([[0, 1, 2], [2, 3, 4]]))
    cases.add("GatherNd", params=x, indices=np.zeros((2, 0), np.int32))


def add_placements(cases, random):
    indices = np.int32([[0], [3], [0], [2]])
    for dtype in DTYPES:
        updates = filled(random, (4, 3), dtype)
        x = filled(random, (5, 3), dtype)
        cases.add("ScatterNd", indices=indices, updates=updates, shape=ints(5, 3))
        cases.add("TensorScatterUpdate", tensor=x, indices=indices[1:], updates=updates[1:])
        for op in ("Add", "Sub") if dtype != "bool" else ():
            cases.add("TensorScatter" + op, tensor=x, indices=indices, updates=updates)
        for op in ("Max", "Min") if dtype not in ("bool", "complex64") else ():
            cases.add("TensorScatter" + op, tensor=x, indices=indices, updates=updates)
    cases.add("ScatterNd", indices=np.int64([[[0, 1]], [[1, 1]]]), updates=filled(random, (2, 1, 4), "float32"), shape=np.int64([2, 3, 4]))
    cases.add("ScatterNd", indices=np.int64([[1], [2]]), updates=filled(random, (2,), "float32"), shape=np.int64([4]))
    for dtype in ("float32", "int8", "complex128"):
        data = filled(random, (6, 2), "float32").astype(dtype)
        cases.add("DynamicPartition", data=data, partitions=np.int32([1, 0, 2, 1, 1, 2]), num_partitions=4)
        cases.add("DynamicStitch", indices=[np.int32([4, 0]), np.int32([[1, 3], [2, 0]])], data=[data[:2], data[:4].reshape(2, 2, 2)])
        cases.add("ParallelDynamicStitch", indices=[np.int32([2, 0]), np.int32(1)], data=[data[:2], data[0]])
    cases.add("DynamicPartition", data=filled(random, (2, 3), "float32"), partitions=np.int32([[0, 1, 0], [1, 1, 0]]), num_partitions=2)


def add_diagonals(cases, random):
    x = filled(random, (2, 3, 4), "float32")
    for dtype in ("float32", "int32", "bool", "complex64"):
        m = filled(random, (2, 3, 4), dtype)
        for lower, upper in ((0, 0), (-1, 1), (1, -1), (2, 2)):
            cases.add("MatrixBandPart", input=m, num_lower=np.int64(lower), num_upper=np.int64(upper))
        cases.add("MatrixDiag", diagonal=m)
        cases.add("MatrixDiagPart", input=m)
        cases.add("MatrixSetDiag", input=m, diagonal=m[:, :, 0])
    for align in ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT"):
        for k in ((0, 0), (-1, 1), (-2, -1), (1, 3), (2, 2)):
            k = np.int32(k)
            cases.add("MatrixDiagPartV3", input=x, k=k, padding_value=np.float32(7), align=align)
            count, longest = k[1] - k[0] + 1, min(3 + min(k[1], 0), 4 - max(k[0], 0))
            shape = (2, longest) if count == 1 else (2, count, longest)
            cases.add("MatrixSetDiagV3", input=x, diagonal=filled(random, shape, "float32"), k=k, align=align)
            cases.add("MatrixDiagV3", diagonal=filled(random, shape, "float32"), k=k, num_rows=np.int32(-1), num_cols=np.int32(-1),
                      padding_value=np.float32(-3), align=align)
    cases.add("MatrixDiagV2", diagonal=filled(random, (3,), "float32"), k=np.int32(1), num_rows=np.int32(3), num_cols=np.int32(5),
              padding_value=np.float32(2))


def add_shapes(cases, random):
    for a, b in (((2, 3), (2, 3)), ((4, 1, 3), (5, 1)), ((), (2, 1)), ((1,), (1, 6, 1)), ((1, 1), (1, 1)), ((7, 1), (7, 2))):
        for dtype in (np.int32, np.int64):
            cases.add("BroadcastArgs", s0=np.array(a, dtype), s1=np.array(b, dtype))
            cases.add("BroadcastGradientArgs", s0=np.array(a, dtype), s1=np.array(b, dtype))
    for axis in (0, 2, -2):
        cases.add("ConcatOffset", concat_dim=np.int32(axis), shape=[ints(*(2 + i * (axis % 3 == j) for j in range(3))) for i in range(4)])


def add(cases, random):
    for family in (add_shapes, add_slices, add_joins, add_made, add_borders, add_orders, add_picks, add_placements, add_diagonals):
        family(cases, random)
