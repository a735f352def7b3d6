"""Random small graphs of what nets are made of, with constants wherever one may stand: `make(seed)` is always the same graph.

A value is a tensor of float32, int32 or bool. A few kinds of ops jump where their input moves by a bit (floor, argmax, comparisons whose
branches differ): those take only values that data movement alone made of inputs and constants, so that a sum that is ordered anew shows
in the last bits and nowhere else.
"""
import numpy as np
from support import tf, tf1

OPS = {}


def op(weight=1, jumps=False):
    """Registers f(make, x) -> tensor, None where x does not fit. jumps: takes exact values only."""
    def register(f):
        OPS[f.__name__] = (f, weight, jumps)
        return f
    return register


class Random:
    """A graph on its way: the random numbers, the values so far, and which of them no rounding has touched."""

    def __init__(self, seed):
        self.rng, self.values, self.exact, self.feeds = np.random.RandomState(seed), [], {}, {}

    def pick(self, *options):
        return options[self.rng.randint(len(options))]

    def chance(self, share):
        return self.rng.uniform() < share

    def array(self, *shape):
        return self.rng.uniform(-1, 1, shape).astype(np.float32)

    def positive(self, *shape):
        return self.rng.uniform(0.5, 1.5, shape).astype(np.float32)

    def constant(self, array, dtype=None):
        made = tf.constant(array, dtype)
        self.exact[made.ref()] = True
        return made

    def add_input(self, *shape):
        x = tf1.placeholder(tf.float32, shape, name="x%d" % len(self.feeds))
        self.feeds[x.name] = self.array(*shape)
        self.exact[x.ref()] = True
        self.values.append(x)

    def value(self, fits=lambda t: t.dtype == tf.float32 and t.shape.rank, exact=False):
        """One of the values, the younger the likelier: nets are deep."""
        options = [t for t in self.values if fits(t) and (not exact or self.exact.get(t.ref()))]
        return options[max(self.rng.randint(len(options), size=2))] if options else None

    def like(self, x):
        """Something to combine with x: a value or a constant of its shape, of its last dimension, or a scalar."""
        other = self.value(lambda t: t.dtype == x.dtype and t.shape in (x.shape, tf.TensorShape([])))
        shape = x.shape.as_list()
        options = [self.array(*shape), self.array(*shape[-1:]), np.float32(self.pick(0.0, 1.0, 2.0, 0.5, -1.0)),
                   np.ones(shape[-1:], np.float32), np.zeros(shape, np.float32)]
        return other if other is not None and self.chance(0.5) else self.constant(options[self.rng.randint(len(options))])

    def grow(self):
        names = sorted(OPS)
        weights = np.array([OPS[n][1] for n in names], float)
        f, _, jumps = OPS[names[self.rng.choice(len(names), p=weights / weights.sum())]]
        made = f(self, self.value(exact=jumps))
        for t in made if isinstance(made, (list, tuple)) else () if made is None else (made,):
            if t.shape.is_fully_defined() and 0 < t.shape.num_elements() <= 4000:
                inputs = [i for i in t.op.inputs if i.dtype == tf.float32]
                self.exact[t.ref()] = t.op.type in MOVES and all(self.exact.get(i.ref()) for i in inputs)
                self.values.append(t)


MOVES = {"Identity", "Reshape", "Transpose", "ExpandDims", "Squeeze", "ConcatV2", "Pack", "Unpack", "Split", "Slice", "StridedSlice", "Pad",
         "PadV2", "MirrorPad", "Tile", "GatherV2", "ReverseV2", "Fill", "BroadcastTo", "Neg", "Abs", "Maximum", "Minimum", "Relu", "Max", "Min"}


def make(seed, inputs=2, steps=22):
    """(GraphDef, feeds, outputs, all values in the order they were made); names, not tensors."""
    with tf.Graph().as_default() as graph:
        g = Random(seed)
        g.add_input(*g.pick((2, 5, 5, 3), (2, 6, 7, 2)))
        for _ in range(1, inputs):
            g.add_input(*g.pick((2, 5, 5, 3), (2, 6), (3, 4, 2)))
        while len(g.values) < inputs + steps:
            g.grow()
        made = [t.name for t in g.values[inputs:]]
        others = [made[g.rng.randint(len(made))] for _ in range(3)]
        graph_def = graph.as_graph_def()
        forget = g.pick("nothing", "batch", "rank")
    for node in graph_def.node:
        if node.op == "Placeholder" and forget == "batch":
            node.attr["shape"].shape.dim[0].size = -1
        elif node.op == "Placeholder" and forget == "rank":
            node.attr["shape"].shape.Clear()
            node.attr["shape"].shape.unknown_rank = True
    return graph_def, g.feeds, list(dict.fromkeys([made[-1], *others])), made


@op(weight=4)
def unary(g, x):
    return g.pick(tf.tanh, tf.nn.relu, tf.nn.relu6, tf.sigmoid, tf.negative, tf.abs, tf.nn.elu, tf.nn.softplus, tf.math.erf, tf.sin,
                  lambda t: tf.square(tf.tanh(t)), lambda t: tf.sqrt(tf.abs(t) + 0.5), lambda t: tf1.rsqrt(tf.abs(t) + 0.5),
                  lambda t: tf.exp(tf.tanh(t)), lambda t: tf1.log1p(tf.abs(t)), tf.nn.leaky_relu, tf.nn.softmax)(x)


@op(weight=5)
def binary(g, x):
    y = g.like(x)
    return g.pick(tf.add, tf.subtract, tf.multiply, tf.maximum, tf.minimum, lambda a, b: a / (tf.abs(b) + 1.0),
                  lambda a, b: tf.math.squared_difference(tf.tanh(a), tf.tanh(b)), lambda a, b: tf.raw_ops.Add(x=b, y=a))(x, y)


@op(weight=2)
def constants_only(g, x):
    """Arithmetic of constants that folds, in floating point and in integers."""
    a, b = g.constant(g.array(3)), g.constant(g.positive(3))
    made = g.pick(tf.add, tf.divide, tf.multiply, lambda p, q: tf.sqrt(q) * p, lambda p, q: tf.exp(p) + q)(a, b)
    return x * tf.reduce_max(made) if g.chance(0.5) else x + tf.reshape(tf.cast(tf.cast(made * 100, tf.int32) // 7 % 5, tf.float32), [3])[0]


@op(weight=2)
def nothing_changes(g, x):
    shape, rank = x.shape.as_list(), x.shape.rank
    return g.pick(lambda t: t * 1.0, lambda t: t + 0.0, lambda t: t - 0.0, lambda t: t / 1.0, tf.identity, tf.stop_gradient,
                  lambda t: tf.reshape(t, shape), lambda t: tf.pad(t, [[0, 0]] * rank), lambda t: tf.tile(t, [1] * rank),
                  lambda t: tf.transpose(t, list(range(rank))), lambda t: tf.slice(t, [0] * rank, [-1] * rank),
                  lambda t: tf.where(tf.logical_not(tf.logical_not(tf.constant(True))), t, -t),
                  lambda t: tf.concat([t], 0), lambda t: tf.reverse(tf.reverse(t, [0]), [0]), lambda t: -(-t),
                  lambda t: tf.cast(tf.cast(t, tf.float64), tf.float32), lambda t: tf.split(t, 1)[0], lambda t: tf.maximum(t, t))(x)


@op(weight=2)
def reshaped(g, x):
    size, shape = x.shape.num_elements(), x.shape.as_list()
    for parts in (2, 3):
        if size % parts == 0 and g.chance(0.5):
            return tf.reshape(tf.reshape(x, [-1, parts]), g.pick([size // parts, parts], [parts, -1], [-1], shape))
    return tf.squeeze(tf.expand_dims(x, 1), [1]) if g.chance(0.5) else tf.expand_dims(x, g.rng.randint(x.shape.rank + 1))


@op(weight=2)
def shape_arithmetic(g, x):
    """Shapes taken apart and put together, as flattening does."""
    shape = tf.raw_ops.Shape(input=x)
    first, rest = shape[0], tf.reduce_prod(shape[1:])
    return g.pick(lambda: tf.reshape(x, tf.stack([first, rest])), lambda: tf.reshape(x, tf.concat([shape[:1], [-1]], 0)),
                  lambda: tf.fill(shape, 0.5) * x, lambda: tf.broadcast_to(x[:1], shape), lambda: tf.zeros_like(x) + x[:1],
                  lambda: x * tf.cast(tf.size(x) // (first + 1), tf.float32) * 0.1, lambda: x + tf.cast(tf.range(shape[-1]), tf.float32))()


@op(weight=2)
def transposed(g, x):
    perm = list(g.rng.permutation(x.shape.rank))
    again = list(np.argsort(perm)) if g.chance(0.5) else list(g.rng.permutation(x.shape.rank))
    return tf.transpose(g.pick(tf.identity, tf.tanh, lambda t: t * 2.0)(tf.transpose(x, perm)), again)


@op(weight=2)
def joined(g, x):
    axis = g.rng.randint(x.shape.rank)
    y = g.value(lambda t: t.dtype == x.dtype and t.shape == x.shape)
    return tf.concat([x, y, tf.concat([x, y], axis)], axis - g.pick(0, int(x.shape.rank))) if g.chance(0.6) else tf.stack([x, y], axis)


@op(weight=2)
def taken_apart(g, x):
    axis = g.rng.randint(x.shape.rank)
    size = x.shape[axis]
    if size % 2 == 0:
        return tf.split(x, 2, axis)
    return tf.unstack(x, axis=axis)[:2] if size <= 5 and x.shape.rank > 1 else None


@op(weight=3)
def sliced(g, x):
    last, rank = int(x.shape[-1]), x.shape.rank
    return g.pick(lambda: x[..., :max(1, last // 2)], lambda: x[::-1], lambda: x[..., tf.newaxis], lambda: x[..., -1], lambda: x[:, 1::2],
                  lambda: x[0:1, ..., ::max(1, last - 1)], lambda: tf.slice(x, [0] * (rank - 1) + [last // 2], [-1] * rank),
                  lambda: tf.gather(x, g.constant(g.rng.randint(0, last, [3])), axis=-1), lambda: tf.reverse(x, [rank - 1]),
                  lambda: tf.gather(x, [0, 1, 0]) if x.shape[0] > 1 else None)() if rank > 1 else tf.reverse(x, [0])


@op(weight=2)
def padded(g, x):
    pads = [[0, 0]] + [[g.rng.randint(2), g.rng.randint(2)] for _ in range(x.shape.rank - 1)]
    if g.chance(0.3) and all(d > 1 for d in x.shape):
        return tf.pad(x, pads, "REFLECT")
    return tf.pad(x, pads, constant_values=g.pick(0.0, 0.5)) if g.chance(0.7) else tf.tile(x, [1] * (x.shape.rank - 1) + [2])


@op(weight=3)
def reduced(g, x):
    axes = sorted(g.rng.choice(x.shape.rank, g.rng.randint(1, x.shape.rank + 1), replace=False).tolist())
    reduce = g.pick(tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_mean, lambda t, a, keepdims: tf.reduce_sum(t, a, keepdims) * 0.1)
    return reduce(x, axes if g.chance(0.7) else [a - x.shape.rank for a in axes], keepdims=g.chance(0.5))


@op(weight=2)
def chosen(g, x):
    y = g.value(lambda t: t.dtype == x.dtype and t.shape == x.shape)
    return tf.where(tf.greater(x, y), x, y) if g.chance(0.7) else tf.clip_by_value(x, g.constant(-0.5), g.constant(0.5))


@op(weight=2, jumps=True)
def jumping(g, x):
    y = g.constant(g.array(*x.shape.as_list()))
    return g.pick(lambda: tf.floor(x * 3.0), lambda: tf.round(x * 3.0), lambda: tf.sign(x), lambda: tf.cast(tf.cast(x * 9, tf.int32) % 4, tf.float32),
                  lambda: tf.where(x > y, x, tf.constant(2.0) * y), lambda: tf.cast(tf.argmax(x, -1), tf.float32),
                  lambda: tf.one_hot(tf.argmax(x, -1), int(x.shape[-1])), lambda: tf.nn.top_k(x, min(2, int(x.shape[-1])))[0],
                  lambda: tf.cast(tf.logical_and(x > 0, tf.less_equal(y, x)), tf.float32))()


@op(weight=3)
def multiplied(g, x):
    x = x if x.shape.rank == 2 else g.value(lambda t: t.dtype == tf.float32 and t.shape.rank == 2)
    if x is None:
        return None
    units = g.pick(3, 4, 6)
    flip = g.chance(0.3)
    net = tf.matmul(x, g.constant(g.array(*((units, x.shape[1]) if flip else (x.shape[1], units)))), transpose_b=flip)
    return normalised(g, net)


@op(weight=8)
def convolved(g, x):
    """A convolution with a bias or a batch norm behind it, and at times a second consumer."""
    x = g.value(lambda t: t.dtype == tf.float32 and t.shape.rank == 4 and min(t.shape[1], t.shape[2]) >= 3)
    channels, size, padding = int(x.shape[3]), g.pick(1, 2, 3), g.pick("SAME", "VALID")
    strides = [1, *[g.pick(1, 1, 2)] * 2, 1]
    kind = g.pick("full", "full", "depthwise", "pool", "transposed")
    if kind == "pool":
        return g.pick(tf1.nn.max_pool, tf1.nn.avg_pool)(x, [1, size, size, 1], strides, padding)
    if kind == "full":
        net = tf1.nn.conv2d(x, g.constant(g.array(size, size, channels, g.pick(2, 4)) * 0.5), strides, padding)
    elif kind == "depthwise":
        net = tf1.nn.depthwise_conv2d(x, g.constant(g.array(size, size, channels, g.pick(1, 2))), strides, padding)
    else:
        shape = [int(x.shape[0]), int(x.shape[1]) * 2, int(x.shape[2]) * 2, 3]
        net = tf1.nn.conv2d_transpose(x, g.constant(g.array(2, 2, 3, channels)), shape, [1, 2, 2, 1], "SAME")
    made = normalised(g, net)
    return [made, net] if g.chance(0.3) else made


def normalised(g, net):
    """Bias, scale or batch norm over the last dimension, in the forms that libraries write."""
    n = int(net.shape[-1])
    gamma, beta, mean, var = (g.constant(a) for a in (g.positive(n), g.array(n), g.array(n), g.positive(n)))
    form = g.pick("none", "bias", "add", "scale", "fused", "unfused", "bias and fused", "negative scale")
    if "bias" in form:
        net = tf.nn.bias_add(net, beta)
    if form == "add":
        return net + beta
    if "scale" in form:
        return net * (-gamma if form[0] == "n" else gamma)
    if form == "unfused":
        return tf1.nn.batch_normalization(net, mean, var, beta, g.pick(gamma, None), 1e-3)
    if "fused" in form and net.shape.rank == 4:
        return tf1.nn.fused_batch_norm(net, gamma, beta, mean, var, is_training=False)[0]
    return net
