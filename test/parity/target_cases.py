"""One small graph for each way in which `firn freeze --target-version` puts ops and attributes in terms of older ones."""
import numpy as np
from support import tf, tf1

raw = tf.raw_ops
NOT_FINITE = np.float32([[0, -0.0, 1, -2], [np.inf, -np.inf, np.nan, 3]])
GUARDS = np.float32([[0, 2, 0, -1], [0, 0, 0, np.nan]])
VALUES = np.random.RandomState(4).uniform(-1, 1, (2, 5, 6, 4)).astype(np.float32)
CHANNELS = [np.float32([0.5, 1.5, 1, 2]) + i for i in range(4)]

CASES = {}


def case(**inputs):
    """Registers a builder of placeholders: of no known shape, or of the shape beside the value."""
    def register(build):
        CASES[build.__name__] = (build, {k: v if isinstance(v, tuple) else (v, None) for k, v in inputs.items()})
        return build
    return register


def build(name):
    """(GraphDef, feeds) of a case; its outputs are out_0, out_1 …"""
    builder, inputs = CASES[name]
    with tf.Graph().as_default() as graph:
        made = builder(*(tf1.placeholder(np.asarray(v).dtype, shape, name=k) for k, (v, shape) in inputs.items()))
        for i, output in enumerate(made if isinstance(made, (list, tuple)) else [made]):
            tf.identity(output, name="out_%d" % i)
        return graph.as_graph_def(), {k + ":0": v for k, (v, _) in inputs.items()}


def outputs_of(graph_def):
    return [n.name + ":0" for n in graph_def.node if n.name.startswith("out_")]


@case(x=NOT_FINITE, y=GUARDS)
def sums(x, y):
    return raw.AddV2(x=x, y=y), raw.AddV2(x=x, y=2.0)


@case(x=NOT_FINITE, y=GUARDS)
def no_nan(x, y):
    return raw.DivNoNan(x=x, y=y), raw.MulNoNan(x=x, y=y), raw.Xdivy(x=y, y=x), raw.Xlogy(x=y, y=tf.abs(x))


@case(x=NOT_FINITE, y=np.float32([0, 1, 2, 0]))
def no_nan_broadcast(x, y):
    return raw.DivNoNan(x=x, y=y), raw.DivNoNan(x=y, y=x), raw.DivNoNan(x=x, y=0.0), raw.Xlogy(x=y, y=tf.abs(x))


@case(x=NOT_FINITE)
def leaks(x):
    return [raw.LeakyRelu(features=x, alpha=a) for a in (0.2, 0, 1, 1.5, -0.5)]


@case(x=NOT_FINITE, low=np.float32(-1))
def clipped(x, low):
    return raw.ClipByValue(t=x, clip_value_min=low, clip_value_max=low + 2), raw.ClipByValue(t=x, clip_value_min=tf.zeros_like(x), clip_value_max=x * x)


@case(x=NOT_FINITE, row=np.float32([1, np.nan, -3, 4]), shape=np.int64([2, 4]))
def broadcast(x, row, shape):
    return raw.BroadcastTo(input=row, shape=shape), raw.BroadcastTo(input=x, shape=[3, 2, 4]), raw.BroadcastTo(input=tf.cast(shape, tf.int32), shape=[2, 2])


@case(c=np.array([[True, False, True, False], [False, True, False, True]]), x=NOT_FINITE, row=(np.float32([1, np.nan, -3, 4]), [4]),
      one=(np.float32(np.inf), []), yes=(np.array(True), []))
def choices(c, x, row, one, yes):
    select = lambda condition, t, e: raw.SelectV2(condition=condition, t=t, e=e)
    return [select(c, x, x * 2), select(c, x, one), select(c, one, one + 1), select(c, one, row), select(c, row, x), select(yes, x, row),
            select(yes, x, x + 1), select(yes, one, x), select(tf.reduce_any(c, 0), x, row), select(x > 0, x, tf.zeros_like(x))]


@case(x=(VALUES, [None, 5, 6, 4]))
def batch_norms(x):
    scale, offset, mean, variance = CHANNELS
    norm = raw.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=mean, variance=variance, is_training=False, exponential_avg_factor=0.5)
    return norm[0], raw.FusedBatchNormV3(x=x, scale=scale, offset=offset, mean=[], variance=[])[0]


@case(x=(VALUES, [None, 5, 6, 4]))
def convolutions(x):
    kernel = VALUES[0, :3, :3, :, None] * np.ones(2, np.float32)
    edges = [0, 0, 1, 2, 0, 3, 0, 0]
    return (raw.Conv2D(input=x, filter=kernel, strides=[1, 2, 1, 1], padding="EXPLICIT", explicit_paddings=edges),
            raw.Conv2D(input=x, filter=kernel, strides=[1, 1, 1, 1], padding="SAME"),
            raw.DepthwiseConv2dNative(input=x, filter=kernel, strides=[1, 1, 1, 1], padding="EXPLICIT", explicit_paddings=edges),
            raw.BiasAdd(value=raw.MaxPool(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME"), bias=CHANNELS[0]))


@case(x=(VALUES, [2, 5, 6, 4]))
def products(x):
    return (raw.BatchMatMulV2(x=x, y=x, adj_y=True), raw.BatchMatMulV3(x=x, y=x, Tout=tf.float32, adj_x=True),
            raw.MatMul(a=x[0, 0], b=x[0, 1], transpose_b=True))


@case(x=(VALUES[0, :, :4], [5, 4, 4]), d=(VALUES[0, 0], [6, 4]))
def diagonals(x, d):
    rows = VALUES[0, :, 0]
    return (raw.MatrixDiagV3(diagonal=d, k=0, num_rows=-1, num_cols=-1, padding_value=0.0), raw.MatrixDiagPartV3(input=x, k=0, padding_value=0.0),
            raw.MatrixSetDiagV3(input=x, diagonal=rows, k=0), raw.MatrixDiagV2(diagonal=d, k=0, num_rows=-1, num_cols=-1, padding_value=0.0))


@case(boxes=np.float32([[0, 0, 1, 1], [0, 0, 1, 0.9], [0, 0, 0.2, 0.2]]), scores=np.float32([0.5, 0.7, -3]))
def boxes(boxes, scores):
    return raw.NonMaxSuppressionV3(boxes=boxes, scores=scores, max_output_size=3, iou_threshold=0.5, score_threshold=-np.inf)


@case(x=NOT_FINITE)
def found(x):
    return raw.Where(condition=x), raw.Where(condition=x > 0)


@case(x=NOT_FINITE)
def same_names(x):
    return (raw.EnsureShape(input=x, shape=[None, 4]), raw.Snapshot(input=x), raw.GuaranteeConst(input=x), raw.Equal(x=x, y=x * 1),
            raw.Equal(x=x, y=x + 1, incompatible_shape_error=False), tf.cast(x, tf.float64), tf.strided_slice(x, [0, 1], [2, 3]))
