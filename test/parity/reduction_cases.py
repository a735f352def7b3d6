"""Reductions: sums, means, extremes, places of them."""
from elementwise_cases import COMPLEX, FLOATS, filled
from nn_matmul_cases import numbers
from support import np, tf


def add_reductions(cases, random):
    shapes = ((2, 3, 4, 5), (7,), (3, 40))
    for op in ("Sum", "Mean", "Prod", "Max", "Min"):
        for dtype in FLOATS + ("int32", "int64") + (COMPLEX if op in ("Sum", "Mean", "Prod") else ("uint8",)):
            for shape in shapes:
                x = filled(random, shape, dtype) if op != "Prod" else filled(random, shape, dtype, -2, 2)
                if x.dtype.kind not in "iu":  # sums that do not cancel out, products of numbers near 1
                    x = (1 + x / 20).astype(x.dtype) if op == "Prod" else x + np.array(3, x.dtype)
                for axis in ((0,), (-1,), tuple(range(len(shape)))) + (((1, 2), (0, 3), ()) if len(shape) == 4 else ()):
                    for keep in (False, True):
                        if dtype != "float32" and (keep or axis == (-1,)):
                            continue
                        cases.add(op, input=x, axis=np.array(axis, np.int32), keep_dims=keep, bound=.1 if dtype in FLOATS[2:] else None)
    for dtype in FLOATS:
        x = numbers(random, (3, 4, 5), dtype)
        for axis in ((1,), (0, 2), (0, 1, 2)):
            if dtype in ("float32", "float64"):
                cases.add("EuclideanNorm", input=x, axis=np.array(axis, np.int32))
        cases.add("L2Loss", t=x, bound=.1 if dtype in FLOATS[2:] else None)
    for op in ("All", "Any"):
        for axis in ((0,), (-1,), (0, 1), ()):
            cases.add(op, input=filled(random, (5, 6), "bool"), axis=np.array(axis, np.int32))
    for op in ("Max", "Min"):
        cases.add(op, input=np.float32([[1, np.nan, 2], [np.inf, 0, 1], [-np.inf, 0, 3]]), axis=np.int32(1))
        cases.add(op, input=np.float32([[1, np.nan, 2], [np.inf, 0, 1], [-np.inf, 0, 3]]), axis=np.int32(0))
    cases.add("Sum", input=np.zeros((0, 3), np.float32), axis=np.int32(0))
    cases.add("Mean", input=numbers(random, (4, 7, 7, 32), "float32"), axis=np.int32([1, 2]))
    cases.add("Sum", input=numbers(random, (3, 10000), "float32"), axis=np.int32(1))


def add_places(cases, random):
    for op in ("ArgMax", "ArgMin"):
        for dtype in FLOATS + ("int32", "uint8", "int64"):
            for axis in (0, 1, -1):
                for to in (tf.int32, tf.int64):
                    cases.add(op, input=filled(random, (4, 5, 6), dtype), dimension=np.int32(axis), output_type=to)
        cases.add(op, input=np.float32([[np.nan, 1, 2], [1, np.nan, 0], [-np.inf, -np.inf, -np.inf]]), dimension=np.int32(1))


def add_scans(cases, random):
    for op in ("Cumsum", "Cumprod"):
        for dtype in FLOATS + ("int32", "int64", "uint8", "complex64"):
            x = filled(random, (2, 5, 3), dtype, -2, 3)
            for axis in (0, 1, -1):
                for exclusive in (False, True):
                    for reverse in (False, True):
                        if dtype != "float32" and axis != 1:
                            continue
                        cases.add(op, x=x, axis=np.int32(axis), exclusive=exclusive, reverse=reverse, bound=.1 if dtype in FLOATS[2:] else None)


ALL = (add_reductions, add_places, add_scans)
