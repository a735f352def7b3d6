"""Normalisation, bias, softmax and cross entropies."""
from nn_conv_cases import FLOATS
from nn_matmul_cases import TYPES, numbers
from support import np, tf


def add_batch_norm(cases, random):
    for shape in ((2, 3, 4, 5), (1, 1, 1, 3), (2, 2, 3, 4, 3), (0, 2, 2, 3)):
        channels = shape[-1:]
        statistics = [numbers(random, channels, "float32") for _ in range(3)] + [np.abs(numbers(random, channels, "float32")) + .5]
        names = dict(zip(("scale", "offset", "mean", "variance"), statistics))
        absent = dict(names, mean=np.float32([]), variance=np.float32([]))
        layout = dict(data_format="NDHWC") if len(shape) == 5 else {}
        for dtype in ("float32", "float16", "bfloat16"):
            x = numbers(random, shape, dtype) + 2
            if not shape[0] and dtype != "float32":
                continue
            add = cases.add_both_layouts if len(shape) == 4 else cases.add
            both = (("x", 0),) if len(shape) == 4 else ()
            left = (3, 4)  # what TensorFlow leaves unset
            add("FusedBatchNormV3", *both, x=x, is_training=False, epsilon=.01, ignored=left, **layout, **names)
            add("FusedBatchNormV3", *both, x=x, is_training=True, ignored=() if shape[0] else left, epsilon=.01, **layout, **absent)
            add("FusedBatchNormV3", *both, x=x, is_training=True, ignored=() if shape[0] else left, epsilon=.01, exponential_avg_factor=.25, **layout, **names)
            if len(shape) == 4:
                add("FusedBatchNormV2", *both, x=x, is_training=True, ignored=() if shape[0] else left, **absent)
                if dtype == "float32":
                    add("FusedBatchNorm", *both, x=x, is_training=False, ignored=left, **names)
                    add("FusedBatchNorm", *both, x=x, is_training=True, ignored=() if shape[0] else left, exponential_avg_factor=.5, **names)


def add_bias(cases, random):
    for dtype in TYPES:
        for shape in ((2, 3), (2, 3, 4), (2, 3, 4, 5), (2, 3, 2, 2, 4), (0, 3)):
            x = numbers(random, shape, dtype)
            cases.add("BiasAdd", value=x, bias=numbers(random, shape[-1:], dtype))
            if len(shape) > 2:
                cases.add("BiasAdd", value=x, bias=numbers(random, shape[1:2], dtype), data_format="NCHW")
            cases.add("BiasAddV1", value=x, bias=numbers(random, shape[-1:], dtype))


def add_softmax(cases, random):
    for dtype in FLOATS:
        for shape in ((5,), (3, 7), (2, 3, 4), (3, 0), (0, 3)):
            x = numbers(random, shape, dtype) * 4
            cases.add("Softmax", logits=x)
            cases.add("LogSoftmax", logits=x)
        x, labels = numbers(random, (4, 6), dtype), np.abs(numbers(random, (4, 6), dtype))
        labels[0, 2] = 0
        cases.add("SoftmaxCrossEntropyWithLogits", features=x, labels=labels)
        cases.add("SoftmaxCrossEntropyWithLogits", features=x, labels=labels[:1])
        cases.add("SoftmaxCrossEntropyWithLogits", features=x[:, :1], labels=labels)
        for index in ("int32", "int64"):
            cases.add("SparseSoftmaxCrossEntropyWithLogits", features=x, labels=np.array([0, 5, 2, 2], index))
    cases.add("Softmax", logits=np.float32([[1000, 999, -1000], [-np.inf, 0, 1], [np.inf, 0, 1], [np.nan, 0, 1]]))
    cases.add("LogSoftmax", logits=np.float32([[1000, 999, -1000], [-np.inf, 0, 1], [np.nan, 0, 1]]))
    cases.add("SoftmaxCrossEntropyWithLogits", features=np.float32([[-np.inf, 0, 1]]), labels=np.float32([[0, .5, .5]]))
    cases.add("SparseSoftmaxCrossEntropyWithLogits", features=numbers(random, (0, 3), "float32"), labels=np.int32([]))


def add_top(cases, random):
    predictions = np.float32([[.1, .3, .2, .4], [.1, .3, .3, .3], [.1, np.nan, .2, .4], [.1, .3, .2, np.inf], [.4, .3, .2, .1]])
    for index in (np.int32, np.int64):
        for targets in ([1, 1, 0, 3, 4], [0, 2, 3, 0, -1], [3, 0, 1, 1, 0]):
            for k in (0, 1, 2, 3, 9):
                cases.add("InTopK", predictions=predictions, targets=index(targets), k=k)
                cases.add("InTopKV2", predictions=predictions, targets=index(targets), k=index(k))


def add(cases, random):
    add_batch_norm(cases, random)
    add_bias(cases, random)
    add_softmax(cases, random)
    add_top(cases, random)
    for dtype in ("float32", "float16"):
        x = numbers(random, (2, 3, 2, 9), dtype)
        for radius, bias, alpha, beta in ((2, 1., 1., .5), (5, 2., .1, .75), (0, .5, .3, 1.), (20, 1., .01, .6)):
            cases.add("LRN", input=x, depth_radius=radius, bias=bias, alpha=alpha, beta=beta)
