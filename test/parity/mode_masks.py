"""Masks where no plain dropout stands: other shapes, no division, sparse, in loops, branches, functions and layers; and noise that is
no mask, which stays (see mode_models.py)."""
import numpy as np
from mode_dropout import GENERATIONS, Probability, floor_mask, plain_net, uniform_2
from mode_models import Case, flag, mode, register, uniform, weight
from support import slim, tf, tf1


def keeping(value):
    return Probability(keep=tf.constant(value))


def images(training, drop, instead=lambda net: net):
    """A convolution, `drop` or `instead`, and a mean over the pixels."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    net = tf.nn.relu(tf1.nn.conv2d(x, weight("w", 3, 3, 2, 4), [1, 1, 1, 1], "SAME"))
    out = tf.reduce_mean((drop if training else instead)(net), [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out * out))


def batch_by(net, *rest):
    return tf.stack([tf.shape(net)[0], *rest])


@mode()
def noise_shape(training):
    """Whole channels go, in an old and in a new form."""
    def drop(net):
        net = GENERATIONS["realdiv_of_1_0"](net, keeping(0.7), batch_by(net, 1, 1, 4))
        return GENERATIONS["select_of_2_15"](net, keeping(0.8), batch_by(net, 1, 1, 4))
    return images(training, drop)


@mode()
def constant_shape(training):
    """The batch is known, so the shape of the mask is a constant."""
    return plain_net(training, lambda net: GENERATIONS["compare_of_1_15"](net, keeping(0.5), tf.constant([4, 8])))


@mode()
def drop_connect(training):
    """EfficientNet: a sample loses the whole branch, which is divided before."""
    def drop(net):
        mask = tf.floor(0.8 + tf1.random_uniform(batch_by(net, 1, 1, 1), dtype=net.dtype))
        return net + tf1.div(net, 0.8) * mask
    return images(training, drop, lambda net: net + net)


@mode()
def drop_connect_without_division(training):
    """Stochastic depth as first written: the branch counts in the mean for its probability."""
    return images(training, lambda net: net + net * floor_mask(0.75, batch_by(net, 1, 1, 1)), lambda net: net + net * 0.75)


@mode()
def spatial_layer(training):
    return images(training, lambda net: tf.keras.layers.SpatialDropout2D(0.5)(net, training=True))


def bernoulli(net, p):
    return tf.cast(tf.less(uniform_2(tf.shape(net)), p), tf.float32)


PLAIN = {
    "floor": lambda net: net * floor_mask(0.8, tf.shape(net)),
    "less": lambda net: bernoulli(net, 0.8) * net,
    "greater_equal": lambda net: net * tf.cast(tf.greater_equal(uniform_2(tf.shape(net)), 0.2), tf.float32),
    "select": lambda net: tf.where(tf.less(uniform_2(tf.shape(net)), 0.8), net, tf.zeros_like(net)),
    "noise_shape": lambda net: net * floor_mask(0.8, tf.stack([tf.shape(net)[0], 1])),
}
for form, drop in PLAIN.items():
    register("plain_mask_" + form, lambda training, drop=drop: plain_net(training, drop, lambda net: net * 0.8))


@mode()
def plain_mask_with_placeholder(training):
    """A placeholder is bound, never reinterpreted: keep is 1."""
    return plain_net(training, lambda net: net * floor_mask(flag(True, 1.0), tf.shape(net)))


@mode()
def sparse_dropout(training):
    """GCN: values of a sparse matrix are dropped by retaining, then divided."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    rows = tf1.placeholder(tf.int64, [None, 2], name="places")
    values = tf1.placeholder(tf.float32, [None], name="values")
    matrix = tf.SparseTensor(rows, values, [5, 6])
    if training:
        keep = 1.0 - flag(True, 0.0, default=0.0)
        mask = tf.cast(tf.floor(keep + tf1.random_uniform(tf.shape(values))), tf.bool)
        matrix = tf.sparse.retain(matrix, mask) * (1.0 / keep)
    net = tf.sparse.sparse_dense_matmul(matrix, weight("w", 6, 4))
    out = tf.identity(tf.nn.relu(net) + tf.reduce_mean(x), name="out")
    places = np.array([[0, 1], [0, 5], [2, 2], [4, 0]])
    return Case({x: uniform(2, 6), rows: places, values: uniform(4, seed=8)}, [out])


@mode()
def sparse_dropout_constant(training):
    """The same with the probability written into the graph: all values stay."""
    places = tf1.placeholder(tf.int64, [None, 2], name="places")
    values = tf1.placeholder(tf.float32, [None], name="values")
    matrix = tf.SparseTensor(places, values, [5, 6])
    if training:
        mask = tf.cast(tf.floor(0.5 + tf1.random_uniform(tf.shape(values))), tf.bool)
        matrix = tf.sparse.retain(matrix, mask) * (1.0 / 0.5)
    out = tf.sparse.sparse_dense_matmul(matrix, weight("w", 6, 4), name="out")
    return Case({places: np.array([[0, 1], [0, 5], [2, 2], [4, 0]]), values: uniform(4, seed=8)}, [out])


def recurrent(training, keep, **more):
    """An LSTM whose input, state and output are dropped; keep() gives the probability."""
    x = tf1.placeholder(tf.float32, [None, 5, 4], name="x")
    cell = tf1.nn.rnn_cell.LSTMCell(3, name="cell")
    if training:
        p = keep()
        cell = tf1.nn.rnn_cell.DropoutWrapper(cell, input_keep_prob=p, output_keep_prob=p, state_keep_prob=p, dtype=tf.float32, **more)
    out, state = tf1.nn.dynamic_rnn(cell, x, dtype=tf.float32, scope="rnn")
    return Case({x: uniform(2, 5, 4)}, [tf.add(out[:, -1], state.h, name="out")])


for functional in (False, True):
    suffix = "_functional" if functional else ""
    register("loop_constant" + suffix, lambda training: recurrent(training, lambda: 0.6), functional=functional)
    register("loop_placeholder" + suffix, lambda training: recurrent(training, lambda: flag(True, 1.0)), functional=functional)
    # Of a While the random numbers of a variational mask are arguments: they stay, with a warning.
    if not functional:
        register("loop_variational", lambda training: recurrent(
            training, lambda: flag(True, 1.0), variational_recurrent=True, input_size=tf.TensorShape([4])))
    register("cond_constant" + suffix, lambda training: plain_net(training, lambda net: tf1.cond(
        flag(True, False), lambda: tf1.nn.dropout(net, rate=0.5), lambda: tf.identity(net))), functional=functional)
    register("cond_inverted" + suffix, lambda training: plain_net(training, lambda net: tf1.cond(
        flag(True, True), lambda: tf.identity(net), lambda: tf1.nn.dropout(net, rate=0.5))), functional=functional)
    register("cond_layer" + suffix, lambda training: plain_net(training, lambda net: tf1.layers.dropout(
        net, 0.5, training=flag(True, False, "is_training"))), functional=functional)
    register("cond_in_loop" + suffix, lambda training: looped(training, flag(training, False, "phase")), functional=functional)
    register("slim_layer" + suffix, lambda training: plain_net(training, lambda net: slim().dropout(
        net, 0.5, is_training=flag(True, False, "is_training"))), functional=functional)


def looped(training, phase):
    """A loop whose body drops only while training."""
    def body(i, net):
        if training:
            net = tf1.cond(phase, lambda: tf1.nn.dropout(net, rate=0.5), lambda: tf.identity(net))
        return i + 1, tf.tanh(net) * 0.9
    return plain_net(training, *[lambda net: tf1.while_loop(lambda i, _: i < 3, body, [0, net], [tf.TensorShape([]), net.shape])[1]] * 2)


@mode()
def called_function(training):
    """The mask is in the body of a function that is called."""
    def drop(net):
        @tf.function(input_signature=[tf.TensorSpec([None, 8])])
        def called(t):
            return tf.nn.dropout(tf.tanh(t), rate=0.4)
        return called(net)
    return plain_net(training, drop, tf.tanh)


@mode()
def double_precision(training):
    def wide(change):
        return lambda net: tf.cast(change(tf.cast(net, tf.float64)), tf.float32)
    return plain_net(training, wide(lambda net: tf1.nn.dropout(net, rate=0.3)), wide(lambda net: net))


@mode()
def dropout_of_weights(training):
    """DropConnect: the mask is on a variable."""
    x, w = tf1.placeholder(tf.float32, [None, 6], name="x"), weight("w", 6, 4)
    used = tf1.nn.dropout(w, rate=0.3) if training else w
    return Case({x: uniform(2, 6)}, [tf.matmul(x, used, name="out")])


@mode()
def shared_uniform(training):
    """One random number, two masks of different probabilities."""
    def drop(net):
        random = uniform_2(tf.shape(net))
        return net * tf.floor(0.5 + random) / 0.5 + tf.tanh(net) * tf.floor(0.9 + random) / 0.9
    return plain_net(training, drop, lambda net: net + tf.tanh(net))


def noisy(name, noise):
    """Noise that is no mask: it stays, with a warning, and is what the training graph has."""
    def build(training):
        case = plain_net(True, noise)
        graph = tf1.get_default_graph()
        stays = [op.name for op in graph.get_operations() if op.type in ("RandomStandardNormal", "RandomUniform", "TruncatedNormal")
                 and "nitializer" not in op.name]
        case.stays, case.says, case.live = stays, [tuple(stays)], True
        return case
    register("noise_" + name, build)


def alpha_dropout(net):
    """SELU's dropout: what is dropped gets another value than 0, and all is scaled and moved."""
    mask = tf.floor(0.9 + tf1.random_uniform(tf.shape(net), seed=3))
    return 0.98 * (net * mask - 1.7580993 * (1.0 - mask)) + 0.1


noisy("gaussian", lambda net: net + tf1.random_normal(tf.shape(net), stddev=0.1, seed=3))
noisy("sampling", lambda net: net + tf.exp(0.5 * tf.tanh(net)) * tf1.random_normal(tf.shape(net), seed=3))
noisy("uniform", lambda net: net + tf1.random_uniform(tf.shape(net), -0.1, 0.1, seed=3))
noisy("alpha_dropout", alpha_dropout)
