"""Diagonals and bands, linear algebra, Fourier transforms."""
from nn_matmul_cases import numbers
from support import np, tf

DIAGONAL_TYPES = ("float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "complex64", "bool")
MATRIX_TYPES = ("float32", "float64", "complex64", "complex128")
ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def of_type(random, shape, dtype):
    return random.random(shape) < .5 if dtype == "bool" else numbers(random, shape, dtype)


def add_old_diagonals(cases, random):
    for dtype in DIAGONAL_TYPES:
        for rows, columns in ((3, 3), (2, 5), (4, 1)):
            x = of_type(random, (2, rows, columns), dtype)
            cases.add("MatrixDiagPart", input=x)
            cases.add("MatrixDiag", diagonal=x)
            cases.add("MatrixSetDiag", input=x, diagonal=of_type(random, (2, min(rows, columns)), dtype))
            for lower, upper in ((0, 0), (-1, 0), (1, -1), (0, 1), (5, 0)):
                cases.add("MatrixBandPart", input=x, num_lower=np.int64(lower), num_upper=np.int64(upper))
    cases.add("MatrixBandPart", input=x, num_lower=np.int32(1), num_upper=np.int32(0))


def add_diagonals(cases, random):
    for rows, columns in ((3, 3), (3, 5), (5, 2)):
        x = numbers(random, (2, rows, columns), "float32")
        for bounds in (0, 1, -1, 4, -4, [0, 0], [-1, 1], [0, 2], [-2, -1], [-4, 0]):
            k = np.int32(bounds)
            low, high = np.min(k), np.max(k)
            if low <= -rows or high >= columns:  # TensorFlow's shape inference refuses these
                continue
            longest = min(rows + min(high, 0), columns - max(low, 0))
            values = numbers(random, (2, high - low + 1, longest) if low < high else (2, longest), "float32")
            filler = np.float32(7)
            least = longest - min(high, 0), longest + max(low, 0)
            shapes = ((-1, -1), least, (-1, least[1]), (-1, least[1] + 2), (least[0] + 3, -1), (least[0], least[1] + 1))
            cases.add("MatrixDiagPartV2", input=x, k=k, padding_value=filler)
            cases.add("MatrixSetDiagV2", input=x, diagonal=values, k=k)
            for height, width in shapes:
                cases.add("MatrixDiagV2", diagonal=values, k=k, num_rows=np.int32(height), num_cols=np.int32(width), padding_value=filler)
            for align in ALIGNMENTS:
                cases.add("MatrixDiagPartV3", input=x, k=k, padding_value=filler, align=align)
                cases.add("MatrixSetDiagV3", input=x, diagonal=values, k=k, align=align)
                cases.add("MatrixDiagV3", diagonal=values, k=k, num_rows=np.int32(least[0]), num_cols=np.int32(-1), padding_value=filler, align=align)


def add_solvers(cases, random):
    for dtype in MATRIX_TYPES:
        for shape in ((1, 1), (4, 4), (2, 3, 3), (0, 0), (2, 0, 3, 3)):
            n = shape[-1]
            x = (numbers(random, shape, dtype) + 3 * np.eye(n)).astype(dtype)
            right = numbers(random, shape[:-1] + (2,), dtype)
            cases.add("MatrixDeterminant", input=x)
            cases.add("LogMatrixDeterminant", input=x)
            cases.add("Cholesky", input=x @ np.conj(np.swapaxes(x, -1, -2)))
            for adjoint in (False, True):
                cases.add("MatrixInverse", input=x, adjoint=adjoint)
                cases.add("MatrixSolve", matrix=x, rhs=right, adjoint=adjoint)
                for lower in (False, True):
                    cases.add("MatrixTriangularSolve", matrix=x, rhs=right, lower=lower, adjoint=adjoint)
        singular = np.array([[1, 2], [2, 4]], dtype)
        cases.add("MatrixTriangularSolve", matrix=numbers(random, (3, 1, 2, 2), dtype), rhs=numbers(random, (2, 2, 2), dtype), bound=1e-4)
        if not dtype.startswith("complex"):
            cases.add("Cholesky", input=-np.eye(1, dtype=dtype))
            cases.add("MatrixTriangularSolve", matrix=np.diag(np.array([1, 0], dtype)), rhs=singular)
        cases.add("MatrixInverse", input=singular)
        cases.add("MatrixSolve", matrix=singular, rhs=singular)
        cases.add("MatrixDeterminant", input=singular)
        cases.add("LogMatrixDeterminant", input=singular)


def add_factors(cases, random):
    for dtype in MATRIX_TYPES:
        for shape in ((3, 3), (5, 2), (2, 5), (2, 4, 3), (1, 1), (1, 3), (3, 1)):
            for full in (False, True):
                cases.add("Qr", input=numbers(random, shape, dtype), full_matrices=full)
    for dtype in ("float32", "float64"):
        for shape in ((3, 3), (5, 2), (2, 5), (2, 4, 3), (2, 2, 3, 3), (1, 1), (8, 8), (0, 3, 2)):
            x = numbers(random, shape, dtype)
            for full in (False, True):
                # Columns beyond the matrix's rank are any that complete the others.
                ignored = (1, 2) if full and shape[-1] != shape[-2] else ()
                cases.add("Svd", input=x, compute_uv=True, full_matrices=full, ignored=ignored, bound=1e-4)
                cases.add("Svd", input=x, compute_uv=False, full_matrices=full, ignored=(1, 2))
            if shape[-1] == shape[-2]:
                cases.add("SelfAdjointEigV2", input=x, compute_v=False, ignored=(1,))
                cases.add("SelfAdjointEigV2", input=x, compute_v=True, ignored=(1,))  # the signs of vectors are free


def add_cross(cases, random):
    for dtype in ("float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "int8", "int16", "uint16"):
        for shape in ((3,), (4, 3), (0, 3)):
            cases.add("Cross", a=numbers(random, shape, dtype), b=numbers(random, shape, dtype))


def add_fourier(cases, random):
    for real, dtype in (("float32", "complex64"), ("float64", "complex128")):
        for shape in ((2, 1, 8, 8), (3, 5, 6, 7), (2, 2, 1, 12)):
            x, spectrum = numbers(random, shape, real), numbers(random, shape, dtype)
            for rank, name in ((1, "FFT"), (2, "FFT2D"), (3, "FFT3D")):
                cases.add(name, input=spectrum)
                cases.add("I" + name, input=spectrum)
                for length in (shape[-rank:], [4] * rank, [9] * rank):
                    cases.add("R" + name, input=x, fft_length=np.int32(length), Tcomplex=tf.as_dtype(dtype))
                    half = spectrum[..., :length[-1] // 2 + 1] if length[-1] <= shape[-1] else spectrum
                    cases.add("IR" + name, input=half, fft_length=np.int32(length), Treal=tf.as_dtype(real))


def add(cases, random):
    add_old_diagonals(cases, random)
    add_diagonals(cases, random)
    add_solvers(cases, random)
    add_factors(cases, random)
    add_cross(cases, random)
    add_fourier(cases, random)
