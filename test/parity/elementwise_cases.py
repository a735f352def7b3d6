"""Ops that compute each element from those at its place: arithmetic, comparisons, functions, casts."""
from nn_matmul_cases import numbers
from support import np, tf

FLOATS = ("float32", "float64", "float16", "bfloat16")
SIGNED = ("int8", "int16", "int32", "int64")
INTEGERS = SIGNED + ("uint8", "uint16", "uint32", "uint64")
COMPLEX = ("complex64", "complex128")
SPECIAL = (0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30, -1e30, 0.5, 1.5, 2.5, -0.5, -1.5, -7.0, 65504.0)


def filled(random, shape, dtype, low=-9, high=9):
    """Numbers of a small range, NaN and infinities among floats."""
    if dtype in INTEGERS:
        return random.integers(max(low, 0) if dtype[0] == "u" else low, high, shape).astype(dtype)
    if dtype == "bool":
        return random.integers(0, 2, shape).astype(bool)
    return numbers(random, shape, dtype)


def with_special(random, dtype):
    values = numbers(random, (40,), dtype)
    values[:len(SPECIAL)] = np.array(SPECIAL).astype(values.dtype)
    return values


def pairs(random, dtype):
    """Operands of every form of broadcast."""
    for left, right in (((3, 4), (3, 4)), ((2, 3, 1), (4,)), ((), (5,)), ((3, 1), (1, 4))):
        yield filled(random, left, dtype), filled(random, right, dtype)


def add_arithmetic(cases, random):
    for op in ("AddV2", "Add", "Sub", "Mul", "SquaredDifference"):
        for dtype in FLOATS + COMPLEX + ("int32", "int64") + (("int8", "uint8", "int16") if op != "SquaredDifference" else ()):
            for x, y in pairs(random, dtype):
                cases.add(op, x=x, y=y)
    for op in ("Maximum", "Minimum"):
        for dtype in FLOATS + ("int32", "int64", "uint8", "int16"):
            for x, y in pairs(random, dtype):
                cases.add(op, x=x, y=y)
        for x, y in ((np.nan, 1), (1, np.nan), (-np.inf, np.inf)):
            cases.add(op, x=np.float32([x, 2]), y=np.float32([y, 3]))
            cases.add(op, x=np.float32([x, 2]), y=np.float32(y if y == y else 1))
    for dtype in FLOATS + COMPLEX:
        x, y = numbers(random, (4, 5), dtype), numbers(random, (4, 5), dtype)
        zeros = x.copy()
        zeros[0], y[1] = 0, 0
        for op in ("MulNoNan", "DivNoNan"):
            cases.add(op, x=zeros, y=y)
        for op in ("Xdivy", "Xlogy", "Xlog1py"):
            cases.add(op, x=zeros, y=np.abs(y) if dtype in FLOATS else y + 3)
    for dtype in FLOATS[:2] + ("float16", "bfloat16"):
        cases.add("Atan2", y=with_special(random, dtype), x=with_special(random, dtype)[::-1].copy())
    for dtype in FLOATS[:2]:
        x, y = with_special(random, dtype), with_special(random, dtype)[::-1].copy()
        cases.add("NextAfter", x1=x, x2=y)
        cases.add("Complex", real=x, imag=y, Tout=tf.complex64 if dtype == "float32" else tf.complex128)
    for count in (1, 2, 8, 9, 10, 17):
        for dtype in ("float32", "float16", "int32", "complex64"):
            cases.add("AddN", inputs=[filled(random, (3, 4), dtype) for _ in range(count)])


def add_division(cases, random):
    for dtype in FLOATS + ("int32", "int64", "int8", "int16", "uint8", "uint16"):
        x = filled(random, (6, 7), dtype, -90, 90)
        y = filled(random, (6, 7), dtype, -9, 9)
        y[y == 0] = 3
        ops = ["FloorDiv", "FloorMod"] + (["RealDiv", "Div"] if dtype in FLOATS else ["TruncateDiv", "Div"])
        for op in ops + (["TruncateMod", "Mod"] if dtype in ("float32", "float64", "int32", "int64") else []):
            if (op, dtype) not in (("FloorMod", "float16"),):
                cases.add(op, x=x, y=y)
        cases.add("FloorDiv", x=x, y=y[0, 0])
    for dtype in COMPLEX:
        for x, y in pairs(random, dtype):
            cases.add("RealDiv", x=x, y=y)
    smallest = np.array([-2**31, -2**31, 7, 0], np.int32)
    cases.add("TruncateDiv", x=smallest[2:], y=np.int32([-1, -1]))


def add_power(cases, random):
    for dtype in FLOATS:
        x = numbers(random, (3, 4), dtype)
        cases.add("Pow", x=np.abs(x), y=numbers(random, (3, 4), dtype) / 2)
        for exponent in (2, 3, 0.5, -1, 0):
            cases.add("Pow", x=x if exponent != 0.5 else np.abs(x), y=np.array(exponent).astype(x.dtype))
    x, y = np.meshgrid(np.float32([0, -0.0, 1, -1, 2, -2, np.inf, -np.inf, np.nan]), np.float32([0, 1, -1, 2, -3, .5, np.inf, -np.inf, np.nan]))
    cases.add("Pow", x=x, y=y)
    for dtype in COMPLEX:
        cases.add("Pow", x=numbers(random, (3, 4), dtype), y=numbers(random, (4,), dtype) / 3)
    for dtype in ("int32", "int64"):
        cases.add("Pow", x=filled(random, (3, 4), dtype), y=filled(random, (3, 4), dtype, 0, 12))
        cases.add("Pow", x=filled(random, (3, 4), dtype), y=np.array(3, dtype))


def add_comparisons(cases, random):
    for op in ("Equal", "NotEqual", "Less", "LessEqual", "Greater", "GreaterEqual"):
        equality = op.endswith("Equal") and op in ("Equal", "NotEqual")
        for dtype in FLOATS + ("int32", "int64", "uint8", "int8", "int16") + (COMPLEX + ("bool",) if equality else ("uint32", "uint64")):
            for x, y in pairs(random, dtype):
                cases.add(op, x=x, y=y)
        cases.add(op, x=with_special(random, "float32"), y=with_special(random, "float32"))
        cases.add(op, x=with_special(random, "float32"), y=np.float32(np.nan))
    for x, y in pairs(random, "bool"):
        cases.add("LogicalAnd", x=x, y=y)
        cases.add("LogicalOr", x=x, y=y)
        cases.add("LogicalNot", x=x)
    for dtype in FLOATS[:2]:
        x = numbers(random, (20,), dtype)
        cases.add("ApproximateEqual", x=x, y=x + np.array([1e-6, .01] * 10, dtype), tolerance=1e-3)


def add_bits(cases, random):
    for dtype in INTEGERS:
        limits = np.iinfo(dtype)
        x = random.integers(limits.min, limits.max, (30,), dtype=dtype, endpoint=True)
        y = random.integers(limits.min, limits.max, (30,), dtype=dtype, endpoint=True)
        for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
            cases.add(op, x=x, y=y)
        cases.add("Invert", x=x)
        cases.add("PopulationCount", x=x)
        for op in ("LeftShift", "RightShift"):
            cases.add(op, x=x, y=random.integers(0, limits.bits, (30,)).astype(dtype))
            cases.add(op, x=x, y=y)


def add_selection(cases, random):
    for dtype in FLOATS + ("complex64", "int64", "uint8", "bool"):
        yes, no = filled(random, (3, 4), dtype), filled(random, (3, 4), dtype)
        for shape in ((3, 4), (3,), ()):
            cases.add("Select", condition=filled(random, shape, "bool"), x=yes, y=no)
        for shape in ((3, 4), (3, 1), (4,), (), (2, 1, 1)):
            cases.add("SelectV2", condition=filled(random, shape, "bool"), t=yes, e=no[0])
    for dtype in ("float32", "float64", "int32", "int64"):
        x = filled(random, (4, 5), dtype)
        cases.add("ClipByValue", t=x, clip_value_min=np.array(-2, dtype), clip_value_max=np.array(3, dtype))
        cases.add("ClipByValue", t=x, clip_value_min=np.minimum(x - 1, 2).astype(dtype), clip_value_max=np.array(3, dtype))
    for dtype in FLOATS + INTEGERS + COMPLEX + ("bool",):
        cases.add("ZerosLike", x=filled(random, (3, 4), dtype))
        cases.add("OnesLike", x=filled(random, (3, 4), dtype))


def add_casts(cases, random):
    everything = FLOATS + INTEGERS + COMPLEX + ("bool",)
    for source in everything:
        if source in INTEGERS:
            limits = np.iinfo(source)
            x = random.integers(limits.min, limits.max, (30,), dtype=source, endpoint=True)
        elif source == "bool":
            x = filled(random, (30,), source)
        else:
            x = numbers(random, (30,), source) * 13  # within the range of every dtype: beyond it, TensorFlow's kernels differ
        for target in everything:
            if source != target and not (source in FLOATS + COMPLEX and target in ("uint32", "uint64", "uint16", "uint8")):
                cases.add("Cast", x=x, DstT=tf.as_dtype(target))
        if source in FLOATS:
            for target in ("uint8", "uint16", "uint32", "uint64"):
                cases.add("Cast", x=np.abs(x), DstT=tf.as_dtype(target))
    for target in ("bfloat16", "float16"):
        cases.add("Cast", x=numbers(random, (30,), "float32"), DstT=tf.as_dtype(target), Truncate=True)
    for target in ("int32", "int64"):
        cases.add("Cast", x=np.float32([np.nan, np.inf, -np.inf, 1e20, -1e20, 2.9, -2.9]), DstT=tf.as_dtype(target))


POSITIVE = ("Log", "Sqrt", "Rsqrt", "Digamma", "Lgamma")
WITHIN_ONE = ("Asin", "Acos", "Atanh", "Erfinv")
FUNCTIONS = ("Reciprocal", "Inv", "Sqrt", "Rsqrt", "Exp", "Expm1", "Log", "Log1p", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh",
             "Tanh", "Asinh", "Acosh", "Atanh", "Sigmoid", "Square", "Sign", "Neg")


def add_functions(cases, random):
    for op in FUNCTIONS:
        for dtype in FLOATS + COMPLEX:
            x = numbers(random, (3, 17), dtype)
            if dtype in FLOATS and op in POSITIVE + ("Log1p",):
                x = np.abs(x)
            if dtype in FLOATS and op in WITHIN_ONE:
                x = x / (np.abs(x) + np.array(.1).astype(x.dtype))
            if dtype in FLOATS and op == "Acosh":
                x = np.abs(x) + np.array(1).astype(x.dtype)
            cases.add(op, x=x)
        cases.add(op, x=with_special(random, "float32"))
    for op in ("Erf", "Erfc", "Floor", "Ceil", "Round", "IsNan", "IsInf", "IsFinite", "Abs"):
        for dtype in FLOATS:
            cases.add(op, x=with_special(random, dtype))
    for dtype in FLOATS[:2]:
        cases.add("Rint", x=with_special(random, dtype))
    for dtype in FLOATS:
        for op in ("Relu", "Relu6", "Elu", "Selu", "Softplus", "Softsign", "LeakyRelu"):
            cases.add(op, features=numbers(random, (3, 17), dtype))
        for op in ("Relu", "Relu6", "LeakyRelu"):
            cases.add(op, features=with_special(random, dtype))
    for dtype in ("int32", "int64", "uint8", "int8"):
        cases.add("Relu", features=filled(random, (30,), dtype))
        cases.add("Relu6", features=filled(random, (30,), dtype))
    for dtype in SIGNED:
        for op in ("Neg", "Abs", "Sign") if dtype in ("int32", "int64") else ("Neg", "Abs"):
            cases.add(op, x=filled(random, (30,), dtype))
    for dtype in ("int32", "int64"):
        cases.add("Square", x=filled(random, (30,), dtype))
        cases.add("Round", x=filled(random, (30,), dtype))
    for dtype in COMPLEX:
        x = numbers(random, (3, 5), dtype)
        part = tf.float32 if dtype == "complex64" else tf.float64
        for op in ("Real", "Imag", "Angle"):
            cases.add(op, input=x, Tout=part)
        cases.add("ComplexAbs", x=x, Tout=part)
        cases.add("Conj", input=x)


def add_special(cases, random):
    for dtype in FLOATS[:2]:
        x = numbers(random, (50,), dtype)
        small, a, b = np.abs(x) + np.array(.05, dtype), np.abs(numbers(random, (50,), dtype)) + np.array(.1, dtype), np.abs(numbers(random, (50,), dtype)) + np.array(.1, dtype)
        share = 1 / (1 + np.exp(-x / 2)).astype(dtype)
        cases.add("Lgamma", x=x)
        cases.add("Digamma", x=small)
        cases.add("Ndtri", x=share)
        cases.add("Erfinv", x=2 * share - 1)
        cases.add("Zeta", x=a + 1, q=b)
        cases.add("Polygamma", a=np.arange(50).astype(dtype) % 4, x=b)
        cases.add("Igamma", a=a, x=b)
        cases.add("Igammac", a=a, x=b)
        cases.add("Betainc", a=a, b=b, x=share)
        cases.add("Betainc", a=a[0], b=b, x=share[0])


ALL = (add_arithmetic, add_division, add_power, add_comparisons, add_bits, add_selection, add_casts, add_functions, add_special)
