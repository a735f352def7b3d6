"""Products of matrices."""
from support import np, tf

TYPES = ("float32", "float64", "float16", "bfloat16", "int32", "int64", "complex64", "complex128")


def numbers(random, shape, dtype):
    dtype = tf.as_dtype(dtype).as_numpy_dtype
    values = random.standard_normal(shape) * 3
    if np.dtype(dtype).kind == "c":
        values = values + 1j * random.standard_normal(shape)
    return values.astype(dtype)


def add_matmul(cases, random):
    for dtype in TYPES:
        for ta in (False, True):
            for tb in (False, True):
                a, b = numbers(random, (13, 7), dtype), numbers(random, (7, 21), dtype)
                cases.add("MatMul", a=a.T.copy() if ta else a, b=b.T.copy() if tb else b, transpose_a=ta, transpose_b=tb)
    cases.add("MatMul", a=numbers(random, (3, 0), "float32"), b=numbers(random, (0, 2), "float32"))
    cases.add("MatMul", a=numbers(random, (0, 3), "float32"), b=numbers(random, (3, 2), "float32"))
    cases.add("MatMul", a=numbers(random, (1, 1000), "float32"), b=numbers(random, (1000, 1), "float32"))
    for dtype in ("float32", "bfloat16"):
        for ta in (False, True):
            a, b = numbers(random, (5, 7), dtype), numbers(random, (9, 7), dtype)
            cases.add("SparseMatMul", a=a.T.copy() if ta else a, b=b, transpose_a=ta, transpose_b=True)


def add_batches(cases, random):
    for dtype in TYPES:
        for adjoint in (False, True):
            x, y = numbers(random, (2, 3, 5, 4), dtype), numbers(random, (2, 3, 6, 4) if adjoint else (2, 3, 4, 6), dtype)
            cases.add("BatchMatMul", x=x, y=y, adj_y=adjoint)
            x, y = numbers(random, (2, 1, 4, 5) if adjoint else (2, 1, 5, 4), dtype), numbers(random, (3, 4, 6), dtype)
            cases.add("BatchMatMulV2", x=x, y=y, adj_x=adjoint)
    for left, right in (((5, 4), (4, 3)), ((7, 5, 4), (4, 3)), ((1, 5, 4), (0, 4, 3)), ((2, 1, 3, 5, 4), (6, 1, 4, 3))):
        cases.add("BatchMatMulV2", x=numbers(random, left, "float32"), y=numbers(random, right, "float32"))
    x, y = random.integers(-9, 9, (2, 3, 4), np.int8), random.integers(-9, 9, (2, 4, 5), np.int8)
    cases.add("BatchMatMulV3", x=x, y=y, Tout=tf.int32)
    cases.add("BatchMatMulV3", x=numbers(random, (3, 4), "float32"), y=numbers(random, (2, 4, 5), "float32"), Tout=tf.float32)


EQUATIONS = (
    ("ab,bc->ac", (2, 3), (3, 4)), ("ab,bc->ca", (2, 3), (3, 4)), ("abc,cde->abde", (2, 3, 4), (4, 5, 6)),
    ("aecd,abcd->acbe", (2, 5, 3, 4), (2, 6, 3, 4)), ("acbe,aecd->abcd", (2, 3, 6, 5), (2, 5, 3, 4)),
    ("ab,cd->abcd", (2, 3), (4, 5)), ("abc,abc->", (2, 3, 4), (2, 3, 4)), ("abc,bd->d", (2, 3, 4), (3, 5)),
    ("...ab,...bc->...ac", (5, 1, 2, 3), (4, 3, 6)), ("a...,a...->...", (3, 4, 1), (3, 1, 5)), ("...,ab->...ab", (3,), (2, 4)),
    ("b...d,bd...->...", (2, 3, 4), (2, 4, 3)), ("aab,bb->a", (3, 3, 2), (2, 2)), ("ab,b->aab", (3, 2), (2,)),
    ("ab,->ba", (2, 3), ()),
)


def add_einsum(cases, random):
    for equation, left, right in EQUATIONS:
        for dtype in TYPES if equation.startswith("aecd") else ("float32",):
            cases.add("Einsum", inputs=[numbers(random, left, dtype), numbers(random, right, dtype)], equation=equation)
    for equation, shape in (("ab->ba", (2, 3)), ("ab->", (2, 3)), ("aab->b", (3, 3, 2)), ("a->aa", (3,)), ("abc->cb", (2, 3, 4)),
                            ("...a->a...", (2, 3, 4)), ("a...->...", (2, 3, 4)), ("aa->a", (4, 4)), ("aba->b", (2, 3, 2))):
        cases.add("Einsum", inputs=[numbers(random, shape, "float32")], equation=equation)


def add(cases, random):
    add_matmul(cases, random)
    add_batches(cases, random)
    add_einsum(cases, random)
