"""Ops on sparse tensors."""
from support import np, tf

TYPES = ("float32", "float64", "int32", "int64", "complex64")


def entries(random, shape, count, dtype="float32", ordered=True):
    """Indices, values and shape, each index once."""
    flat = random.choice(int(np.prod(shape)), count, replace=False)
    if ordered:
        flat.sort()
    indices = np.stack(np.unravel_index(flat, shape), 1).astype(np.int64) if shape else np.zeros((count, 0), np.int64)
    return indices, numbers(random, count, dtype), np.int64(shape)


def numbers(random, shape, dtype):
    values = random.standard_normal(shape) * 5
    if dtype.startswith("complex"):
        values = values + 1j * random.standard_normal(shape)
    return np.asarray(values).astype(dtype)


def add_sparse(cases, random):
    i, v, s = entries(random, (4, 6, 2), 9)
    for new in ([8, 6], [-1], [6, -1, 1, 4], [48], [5, -1], [-1, -1], [48, -1, 0]):
        cases.add("SparseReshape", input_indices=i, input_shape=s, new_shape=np.int64(new))
    cases.add("SparseReshape", input_indices=np.zeros((0, 2), np.int64), input_shape=np.int64([0, 3]), new_shape=np.int64([3, 0]))
    i, v, s = entries(random, (4, 6, 2), 9, ordered=False)
    cases.add("SparseReorder", input_indices=i, input_values=v, input_shape=s)
    cases.add("SparseReorder", input_indices=i[:, :0], input_values=np.array([b"x"] * 9, object), input_shape=s[:0])
    for axis in (0, 1, -1):
        parts = [entries(random, (3, 4), n, "int32") for n in (5, 0, 7)]
        cases.add("SparseConcat", indices=[p[0] for p in parts], values=[p[1] for p in parts], shapes=[p[2] for p in parts], concat_dim=axis)
    for start, size in (([0, 0], [3, 4]), ([1, 2], [2, 9]), ([3, 0], [1, 1]), ([5, 1], [1, 1])):
        i, v, s = entries(random, (4, 5), 12)
        cases.add("SparseSlice", indices=i, values=v, shape=s, start=np.int64(start), size=np.int64(size))
    for axis, count in ((0, 3), (1, 2), (-1, 5), (0, 5)):
        cases.add("SparseSplit", split_dim=np.int64(axis), indices=i, values=v, shape=s, num_split=count)


def add_rows_and_sums(cases, random):
    for ordered in (True, False):
        i, v, s = entries(random, (6, 4), 5, ordered=ordered)
        cases.add("SparseFillEmptyRows", indices=i, values=v, dense_shape=s, default_value=np.float32(-1))
    cases.add("SparseFillEmptyRows", indices=np.zeros((0, 2), np.int64), values=np.zeros(0, np.int64), dense_shape=np.int64([2, 3]),
              default_value=np.int64(7))
    for dtype in TYPES:
        for threshold in (0, 2):
            (ai, av, s), (bi, bv, _) = entries(random, (4, 5), 9, dtype), entries(random, (4, 5), 11, dtype)
            real = "float32" if dtype == "complex64" else dtype
            cases.add("SparseAdd", a_indices=ai, a_values=av, a_shape=s, b_indices=bi, b_values=bv, b_shape=s, thresh=np.array(threshold, real))
    cases.add("SparseAdd", a_indices=ai, a_values=av, a_shape=s, b_indices=bi, b_values=bv, b_shape=s + 1, thresh=np.float32(0))


def add_dense(cases, random):
    for index in (np.int32, np.int64):
        i, v, s = entries(random, (4, 5), 7)
        for values in (v, v[0]):
            cases.add("SparseToDense", sparse_indices=i.astype(index), output_shape=s.astype(index), sparse_values=values,
                      default_value=np.float32(3))
        cases.add("SparseToDense", sparse_indices=index([1, 4]), output_shape=index([6]), sparse_values=v[:2], default_value=v[3])
        cases.add("SparseToDense", sparse_indices=index(2), output_shape=index([6]), sparse_values=v[1], default_value=v[3])
        i, v, s = entries(random, (4, 5), 7)
        cases.add("SparseTensorDenseAdd", a_indices=i.astype(index), a_values=v, a_shape=s.astype(index), b=numbers(random, (4, 5), "float32"))
    for validate in (True, False):
        for wrong in ([[1, 1], [0, 0]], [[1, 1], [1, 1]], [[0, 0], [9, 0]], [[0, 0], [-1, 0]]):
            cases.add("SparseToDense", sparse_indices=np.int64(wrong), output_shape=np.int64([2, 2]), sparse_values=np.int32([1, 2]),
                      default_value=np.int32(0), validate_indices=validate)
    cases.add("SparseTensorDenseAdd", a_indices=np.int64([[4, 5]]), a_values=v[:1], a_shape=s, b=numbers(random, (4, 5), "float32"))
    for dtype in ("float32", "float64", "int32", "complex64", "complex128"):
        for a_turned in (False, True):
            for b_turned in (False, True):
                i, v, s = entries(random, (6, 5), 13, dtype, ordered=False)
                b = numbers(random, (6 if a_turned else 5, 7), dtype)
                cases.add("SparseTensorDenseMatMul", a_indices=i, a_values=v, a_shape=s, b=b.T.copy() if b_turned else b, adjoint_a=a_turned,
                          adjoint_b=b_turned)
    cases.add("SparseTensorDenseMatMul", a_indices=i + 4, a_values=v, a_shape=s, b=numbers(random, (5, 7), dtype))


def add_elementwise(cases, random):
    for op in ("Add", "Mul", "Div"):
        for dtype in ("float32", "int32", "int64", "float16"):
            for shape in ((3, 4, 5), (4, 5), (1, 5), (), (4, 1), (2, 5)):
                i, v, s = entries(random, (3, 4, 5), 11, dtype)
                dense = numbers(random, shape, dtype)
                cases.add("SparseDenseCwise" + op, sp_indices=i, sp_values=v, sp_shape=s, dense=dense + np.array(9, dtype))
    for op in ("SparseReduceSum", "SparseReduceMax"):
        for axes in ([], [0], [1, -1], [0, 2], [0, 1, 2]):
            for keep in (False, True):
                i, v, s = entries(random, (3, 4, 5), 11, "int32" if keep else "float32")
                cases.add(op, input_indices=i, input_values=v, input_shape=s, reduction_axes=np.int32(axes), keep_dims=keep)
    for dtype in ("float32", "float64"):
        i, v, s = entries(random, (3, 4, 5), 23, dtype)
        cases.add("SparseSoftmax", sp_indices=i, sp_values=v, sp_shape=s)


def add(cases, random):
    add_sparse(cases, random)
    add_rows_and_sums(cases, random)
    add_dense(cases, random)
    add_elementwise(cases, random)
