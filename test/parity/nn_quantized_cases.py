"""Quantisation and back."""
from nn_matmul_cases import numbers
from support import np, tf

def add_fake_quantization(cases, random):
    x = numbers(random, (2, 3, 4), "float32") * 3
    for bits in (2, 4, 8, 16):
        for narrow in (False, True):
            form = dict(num_bits=bits, narrow_range=narrow)
            for low, high in ((-6, 6), (0, 6), (-1, 3), (.5, 2), (-3, -1), (0, 0), (-.1, 5.7)):
                if low <= 0 <= high and low < high:
                    cases.add("FakeQuantWithMinMaxArgs", inputs=x, min=low, max=high, **form)
                cases.add("FakeQuantWithMinMaxVars", inputs=x, min=np.float32(low), max=np.float32(high), **form)
            ranges = np.float32([[-1, 1], [0, 3], [-2, 0], [-.7, 4.4]])
            cases.add("FakeQuantWithMinMaxVarsPerChannel", inputs=x, min=ranges[:, 0], max=ranges[:, 1], **form)
            cases.add("FakeQuantWithMinMaxVarsPerChannel", inputs=x[0, 0], min=ranges[:, 0], max=ranges[:, 1], **form)


QUANTIZED = {tf.qint8: np.int8, tf.quint8: np.uint8, tf.qint16: np.int16, tf.quint16: np.uint16, tf.qint32: np.int32}


def add_quantization(cases, random):
    bounds = np.float32([[-3, 3], [-1, 5], [-2, 1], [-1, 4]])
    for dtype in QUANTIZED:
        x = numbers(random, (3, 4, 2), "float32") * 3
        if dtype == tf.qint32:  # what is cut off at the greatest wraps around in TensorFlow
            x = np.clip(x, -.8, .8)
        for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
            for rounding in ("HALF_AWAY_FROM_ZERO", "HALF_TO_EVEN") if mode == "SCALED" else ("HALF_AWAY_FROM_ZERO",):
                for narrow in (False, True) if mode == "SCALED" else (False,):
                    form = dict(input=x, T=dtype, mode=mode, round_mode=rounding, narrow_range=narrow)
                    bound = 512 if dtype == tf.qint32 else None  # beyond what a float holds, the last bits are by chance
                    for low, high in ((-3, 3), (0, 2), (-1, 5), (1, 2)) + (() if dtype == tf.qint32 else ((0, 0),)):
                        cases.add("QuantizeV2", min_range=np.float32(low), max_range=np.float32(high), bound=bound, **form)
                    if mode != "MIN_FIRST":
                        cases.add("QuantizeV2", min_range=bounds[:, 0], max_range=bounds[:, 1], axis=1, bound=bound, **form)


def add_dequantization(cases, random):
    bounds = np.float32([[-3, 3], [-1, 5], [-2, -1], [0, 4]])
    for dtype, held in QUANTIZED.items():
        limits = np.iinfo(held)
        integers = random.integers(limits.min, limits.max, (3, 4, 2), endpoint=True)
        integers[0, 0] = limits.min, limits.max - (128 if held == np.int32 else 0)  # in float, TensorFlow's greatest wraps around
        held_as = integers.astype(held).view(dtype.as_numpy_dtype)
        for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
            for narrow in (False, True) if mode == "SCALED" else (False,):
                given = dict(mode=mode, narrow_range=narrow)
                for low, high in ((-3, 3), (0, 2), (-1, 5)):
                    cases.add("Dequantize", input=held_as, min_range=np.float32(low), max_range=np.float32(high), **given)
                if mode != "MIN_FIRST":
                    cases.add("Dequantize", input=held_as, min_range=bounds[:, 0], max_range=bounds[:, 1], axis=1, **given)


def add_both_ways(cases, random):
    for dtype in ("float32", "float64"):
        x = numbers(random, (3, 4, 2), dtype)
        bounds = np.array([[-3, 3], [-1, 5], [-2, 1], [0, 4]], dtype)
        for signed in (False, True):
            for narrow in (False, True):
                for bits in (2, 8, 13):
                    for given in (False, True):
                        form = dict(input=x, signed_input=signed, range_given=given, narrow_range=narrow)
                        for low, high in ((-3, 3), (-1, 4), (-4, 1), (0, 2)):
                            ranges = dict(input_min=bounds.dtype.type(low), input_max=bounds.dtype.type(high))
                            for rounding in ("HALF_TO_EVEN", "HALF_UP"):
                                cases.add("QuantizeAndDequantizeV2", num_bits=bits, round_mode=rounding, **form, **ranges)
                            cases.add("QuantizeAndDequantizeV3", num_bits=np.int32(bits), **form, **ranges)
                            cases.add("QuantizeAndDequantizeV4", num_bits=bits, **form, **ranges)
                        ranges = dict(input_min=bounds[:, 0], input_max=bounds[:, 1])
                        cases.add("QuantizeAndDequantizeV2", num_bits=bits, axis=1, **form, **ranges)
                        cases.add("QuantizeAndDequantizeV3", num_bits=np.int32(bits), axis=1, **form, **ranges)


def eight_bits(random, shape, dtype=tf.quint8):
    limits = np.iinfo(QUANTIZED[dtype])
    return random.integers(limits.min, limits.max, shape, endpoint=True).astype(QUANTIZED[dtype]).view(dtype.as_numpy_dtype)


def ends(**ranges):
    """min_NAME and max_NAME for each NAME=(least, most)."""
    return {end + "_" + name: np.float32(r[i]) for name, r in ranges.items() for i, end in enumerate(("min", "max"))}


RANGES = (((-1, 1), (-2, 3)), ((0, 6), (-.7, .2)), ((-3.3, .1), (0, 5)), ((-.01, 100), (-5, .01)))


def add_quantized_products(cases, random):
    q = lambda *shape: eight_bits(random, shape)
    for a, b in RANGES:
        for turn_a in (False, True):
            for turn_b in (False, True):
                cases.add("QuantizedMatMul", a=q(*((5, 3) if turn_a else (3, 5))), b=q(*((7, 5) if turn_b else (5, 7))), transpose_a=turn_a,
                          transpose_b=turn_b, Toutput=tf.qint32, **ends(a=a, b=b))
        for padding in ("SAME", "VALID"):
            for height, width, window, stride in ((8, 8, 3, 1), (9, 7, 3, 2), (10, 8, 2, 4), (6, 6, 1, 1), (8, 7, 1, 3), (9, 9, 5, 3)):
                cases.add("QuantizedConv2D", input=q(2, height, width, 3), filter=q(window, window, 3, 4), strides=[1, stride, stride, 1],
                          padding=padding, out_type=tf.qint32, **ends(input=a, filter=b))
        for left, right in (((2, 3, 16), (16,)), ((4, 5), (5,))):
            cases.add("QuantizedBiasAdd", input=q(*left), bias=q(*right), out_type=tf.qint32, **ends(input=a, bias=b))
        for left, right in (((3, 4), (3, 4)), ((3, 4), ()), ((2, 3, 16), (16,)), ((16,), (3, 16))):
            for op in ("QuantizedAdd", "QuantizedMul"):
                cases.add(op, x=q(*left), y=q(*right), Toutput=tf.qint32, **ends(x=a, y=b))


def add_quantized_moves(cases, random):
    for low, high in ((-1, 1), (0, 6), (-.5, 7.3), (-9, .1), (-20, 0)):
        x = eight_bits(random, (2, 7, 6, 4))
        features = dict(features=x, **ends(features=(low, high)))
        cases.add("QuantizedRelu", out_type=tf.quint8, **features)
        cases.add("QuantizedRelu6", out_type=tf.quint8, **features)
        for padding in ("SAME", "VALID"):
            for window, stride in ((2, 2), (3, 2), (3, 1)):
                form = dict(ksize=[1, window, window, 1], strides=[1, stride, stride, 1], padding=padding, **ends(input=(low, high)))
                cases.add("QuantizedMaxPool", input=x, **form)
                cases.add("QuantizedAvgPool", input=x, **form)
        cases.add("QuantizedReshape", tensor=x, shape=np.int32([4, -1]), input_min=np.float32(low), input_max=np.float32(high))
        for dtype in (tf.quint8, tf.qint32):
            parts = [eight_bits(random, (3, n), dtype) for n in (2, 4, 1)]
            cases.add("QuantizedConcat", concat_dim=np.int32(1), values=parts, input_mins=list(np.float32([low, -1, low])),
                      input_maxes=list(np.float32([high, 3, high])))


def add_requantization(cases, random):
    for low, high in ((-1, 1), (-300, 300), (-20, 77), (-.3, .1), (0, 5000)):
        for shift in (0, 8, 14):
            x = (random.integers(-2**31, 2**31, (6, 50)) >> shift).astype(np.int32).view(tf.qint32.as_numpy_dtype)
            given = dict(input=x, input_min=np.float32(low), input_max=np.float32(high))
            cases.add("RequantizationRange", **given)
            cases.add("QuantizeDownAndShrinkRange", out_type=tf.quint8, **given)
            for least, most in ((low, high), (0, high / 2), (-.01, .01)):
                if least <= 0:
                    cases.add("Requantize", out_type=tf.quint8, requested_output_min=np.float32(least),
                              requested_output_max=np.float32(most), **given)
            cases.add("QuantizedRelu", features=x, min_features=np.float32(low), max_features=np.float32(high), out_type=tf.qint32)


def add(cases, random):
    add_fake_quantization(cases, random)
    add_quantization(cases, random)
    add_dequantization(cases, random)
    add_both_ways(cases, random)
    add_quantized_products(cases, random)
    add_quantized_moves(cases, random)
    add_requantization(cases, random)
