"""Ops on strings."""
from support import np, tf


def strings(*values):
    return np.array(values, dtype=object)


WORDS = strings(b"", b"a", b"hello", "h\u00e4llo w\u00f6rld".encode(), b" two  words ", b"0123456789" * 13)


def add_whole(cases, random):
    pairs = strings([b"a", b"b", b"c"], [b"d", b"", b"f"])
    for separator in ("", ", "):
        cases.add("StringJoin", inputs=[pairs, strings(b"!")[0:1].reshape(()), pairs], separator=separator)
        for axes in ([0], [1], [0, 1], [1, 0], [-1], []):
            for keep in (False, True):
                cases.add("ReduceJoin", inputs=pairs, reduction_indices=np.array(axes, np.int32), keep_dims=keep, separator=separator)
        for ids in ([0, 2, 0], [1, -1, 1]):
            cases.add("UnsortedSegmentJoin", inputs=pairs.T, segment_ids=np.int32(ids), num_segments=np.int32(3), separator=separator)
    cases.add("ReduceJoin", inputs=np.zeros((0, 2), object), reduction_indices=np.array([0], np.int32))
    for unit in ("BYTE", "UTF8_CHAR"):
        cases.add("StringLength", input=WORDS, unit=unit)
    cases.add("StringLower", input=strings(b"MiXed 1", "\u00c4".encode()))
    cases.add("StringUpper", input=strings(b"MiXed 1", "\u00e4".encode()))
    cases.add("StringLower", input=strings(b"MiXed"), encoding="utf-8")
    cases.add("StringStrip", input=strings(b" a b\t\n", b"", b" \r"))
    for pad in (False, True):
        cases.add("EncodeBase64", input=WORDS, pad=pad)
    cases.add("DecodeBase64", input=strings(b"", b"YQ", b"YQ==", b"_-8", b"YWJj", b"YWI"))
    for bad in (b"YQ=", b"Y", b"+/==", b"Y Q"):
        cases.add("DecodeBase64", input=strings(bad))


def add_hashes(cases, random):
    texts = strings(*[random.bytes(n) for n in list(range(0, 140)) + [1000]])
    for op in ("StringToHashBucketFast", "StringToHashBucket"):
        cases.add(op, **{"input" if op.endswith("Fast") else "string_tensor": texts}, num_buckets=2 ** 62 + 3)
    cases.add("StringToHashBucketStrong", input=texts, num_buckets=2 ** 62 + 3, key=[7, 2 ** 60 + 1])
    cases.add("StringToHashBucketFast", input=texts.reshape(3, 47), num_buckets=10)


def add_parts(cases, random):
    for unit in ("BYTE", "UTF8_CHAR"):
        for position, length in ((0, 3), (-3, 2), (5, 9), (-5, 99), (1, -1), (6, 1), (-6, 1)):
            cases.add("Substr", input=strings(b"hello", "h\u00e4ll\u00f6".encode()), pos=np.int32(position), len=np.int32(length), unit=unit)
    cases.add("Substr", input=strings(b"hello", b"world"), pos=np.int64([[1], [2]]), len=np.int64([[2], [3]]))
    lines = strings(b"a b  c", b" d ", b"", b"a,b;,c", b"  ", b"\te\n")
    for separator in (b" ", b",;", b"", b"b"):
        for skip in (False, True):
            cases.add("StringSplit", input=lines, delimiter=np.array(separator, object), skip_empty=skip)
        for most in (-2, -1, 0, 1, 2):
            cases.add("StringSplitV2", input=lines, sep=np.array(separator, object), maxsplit=most)
    cases.add("StringSplitV2", input=np.zeros(0, object), sep=np.array(b" ", object))


def add_numbers(cases, random):
    reals = [1.5, -2, np.inf, np.nan, 1e4, 1e-7, 0.1, -1 / 3]
    values = [np.array(reals, t) for t in ("float32", "float64", "float16", tf.bfloat16.as_numpy_dtype, "complex64", "complex128")]
    values += [np.array([0, 5, 100], t) for t in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")]
    values += [-np.array([5, 100], t) for t in ("int8", "int16", "int32", "int64")]
    values += [np.array([True, False]), strings(b"abc", b"longer than that")]
    for value in values:
        for options in ({}, {"width": 9}, {"width": 9, "fill": "0"}, {"width": 9, "fill": "-"}, {"fill": "+"}, {"precision": 2},
                        {"shortest": True}, {"scientific": True, "precision": 3}):
            cases.add("AsString", input=value, **options)
    for text in (b"1", b" 1.5\n", b"1e40", b"-inf", b"nan", b"1e-50", b"1_0", b"", b"+3", b"1.", b".5", b"1e", b"99999999999", b"-0",
                 b"0x10", b"0x1p3", b"1d", b"0.1", b"infinity", b"-2147483648", b"007"):
        for dtype in (tf.float32, tf.float64, tf.int32, tf.int64):
            cases.add("StringToNumber", string_tensor=strings(text), out_type=dtype)


def add_format(cases, random):
    arrays = [np.arange(24).reshape(2, 3, 4), np.arange(20), np.zeros((10, 2)), np.zeros((0, 3)), np.zeros((2, 0)), np.float32(1.5),
              np.array([.1, 1e10, 1 / 3, 1e-8, np.nan, np.inf, -0., 1e20, 1234567], np.float32), strings(b"a\0\x1f\x7f", b'\t\'b"\\\n\r', b"\xff\xc3\xa4"),
              np.array([.1, 1e10, 1 / 3, 1e-8, np.nan]), np.array([True, False]), np.float16([1.1]), np.int8([-1]), np.uint8([200])]
    for array in arrays:
        for summarize in (3, 1, 0, -1):
            if summarize or array.dtype != bool:  # TensorFlow shows nothing, not even brackets
                cases.add("StringFormat", inputs=[array], summarize=summarize)
    cases.add("StringFormat", inputs=[np.int32(1), np.float32([1, 2])], template="a {} b {}!", placeholder="{}")
    raw = strings(bytes(range(16)), bytes(range(100, 116)))
    for dtype in (tf.uint8, tf.int16, tf.float32, tf.complex64, tf.float64, tf.bfloat16):
        for little in (True, False):
            cases.add("DecodeRaw", bytes=raw, out_type=dtype, little_endian=little)
            if dtype != tf.complex64:
                cases.add("DecodePaddedRaw", input_bytes=strings(b"abcdefghijk", b"x"), fixed_length=np.int32(8), out_type=dtype,
                          little_endian=little)
    cases.add("DecodeRaw", bytes=strings(b"abc"), out_type=tf.int16)
    cases.add("DecodeRaw", bytes=strings(b"ab", b"abcd"), out_type=tf.int16)


def add(cases, random):
    add_whole(cases, random)
    add_hashes(cases, random)
    add_parts(cases, random)
    add_numbers(cases, random)
    add_format(cases, random)
