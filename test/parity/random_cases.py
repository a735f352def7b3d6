"""Ops of random numbers with seeds: what the first run of a session draws."""
from support import np, tf


def add(cases, random):
    for seeds in (dict(seed=3, seed2=0), dict(seed=87654321, seed2=42)):
        for shape in ([], [3], [2, 5, 7], [257], [0, 4]):
            for dtype in (tf.float32, tf.float64, tf.float16, tf.bfloat16):
                cases.add("RandomUniform", shape=np.int32(shape), dtype=dtype, **seeds)
            cases.add("RandomStandardNormal", shape=np.int64(shape), dtype=tf.float32, **seeds)
            for integer in (np.int32, np.int64):
                cases.add("RandomUniformInt", shape=np.int32(shape), minval=integer(-5), maxval=integer(1000), **seeds)
