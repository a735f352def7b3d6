"""Models that hard-code a batch, in the ways that people's graphs do. Each function builds one for a batch and yields the output whose
rows belong to the rows of the input `x`."""
import numpy as np
from support import tf, tf1

BATCH = 50
MODELS = {}


def model(*shape):
    def register(build):
        MODELS[build.__name__] = ([BATCH] + list(shape), build)
        return build
    return register


def weight(name, *shape):
    values = np.random.RandomState(len(name) + sum(shape)).uniform(-0.4, 0.4, shape).astype(np.float32)
    return tf1.get_variable(name, initializer=values)


def dense(x, units, name="dense"):
    return tf1.nn.xw_plus_b(x, weight(name + "/w", int(x.shape[-1]), units), weight(name + "/b", units))


@model(7, 6)
def recurrent_zero_state(x):
    """dynamic_rnn from a state of zeros made for the batch; columns and units of 50 are no batches."""
    cell = tf1.nn.rnn_cell.BasicLSTMCell(BATCH)
    outputs, state = tf1.nn.dynamic_rnn(cell, x, initial_state=cell.zero_state(BATCH, tf.float32))
    return tf.concat([outputs[:, -1], dense(state.c, 10)], 1)


@model(7, 6)
def recurrent_state_variable(x):
    """The state is a variable that is not trained, with a row for each of the batch, all zeros."""
    cell = tf1.nn.rnn_cell.GRUCell(12)
    state = tf1.get_variable("state", [BATCH, 12], initializer=tf1.zeros_initializer(), trainable=False)
    outputs, _ = tf1.nn.dynamic_rnn(cell, x, initial_state=state.read_value())
    return outputs[:, -1]


@model(4, 5)
def recurrent_unrolled(x):
    """static_rnn: the steps are written out, with dropout around each."""
    cell = tf1.nn.rnn_cell.DropoutWrapper(tf1.nn.rnn_cell.BasicRNNCell(8), output_keep_prob=0.5)
    outputs, _ = tf1.nn.static_rnn(cell, tf.unstack(x, 4, 1), dtype=tf.float32)
    return tf.reshape(tf.stack(outputs, 1), [BATCH, 4 * 8])


@model(6, 3)
def recurrent_lengths(x):
    """Sequence lengths for the batch are a constant; the outputs are flattened over time and back."""
    cell = tf1.nn.rnn_cell.BasicLSTMCell(8)
    lengths = tf.constant([6] * BATCH)
    outputs, _ = tf1.nn.dynamic_rnn(cell, x, sequence_length=lengths, dtype=tf.float32)
    logits = dense(tf.reshape(outputs, [-1, 8]), 5)
    return tf.reshape(logits, [BATCH, 6, 5])


@model(5, 4, 3)
def transposed_convolution(x):
    net = tf1.nn.conv2d_transpose(x, weight("up", 3, 3, 2, 3), [BATCH, 10, 8, 2], [1, 2, 2, 1], "SAME")
    return tf.reshape(net, [BATCH, -1])


@model(6)
def tiles_and_fills(x):
    """A learned token for each of the batch, positions, a mask of ones."""
    token = tf.tile(tf.reshape(weight("token", 3), [1, 3]), [BATCH, 1])
    ones = tf.fill([BATCH, 2], 0.25)
    positions = tf.broadcast_to(tf.reshape(weight("positions", 4), [1, 4]), [BATCH, 4])
    return tf.concat([x, token, ones, positions, tf.zeros([BATCH, 1])], 1)


@model(9)
def row_indices(x):
    """The element of each row that another op chooses, by pairs of indices."""
    best = tf.argmax(dense(x, 4), 1, output_type=tf.int32)
    chosen = tf.gather_nd(dense(x, 4, "other"), tf.stack([tf.range(BATCH), best], 1))
    flat = tf.gather(tf.reshape(x, [-1]), tf.range(BATCH) * 9 + best)
    return tf.stack([chosen, flat], 1)


@model(4, 6)
def mapped(x):
    """map_fn over the batch: a TensorArray with a place for each."""
    return tf.map_fn(lambda row: tf.reduce_sum(tf.nn.relu(row), 0), x)


@model(8)
def baked_shape(x):
    """tf.shape of a tensor whose shape is known is a constant."""
    net = tf.reshape(x, [BATCH, 2, 2, 2])
    net = tf1.nn.conv2d(net, weight("w", 2, 2, 2, 6), [1, 1, 1, 1], "SAME")
    sizes = tf.shape(net)
    return tf.reshape(net, [sizes[0], sizes[1] * sizes[2], 6])


@model(3, 4)
def heads(x):
    """Attention: heads split off and put back, a bias with a row for each of the batch."""
    def split(t):
        return tf.transpose(tf.reshape(t, [BATCH, 3, 2, 2]), [0, 2, 1, 3])
    flat = tf.reshape(x, [BATCH * 3, 4])
    query, key, value = (split(tf.reshape(dense(flat, 4, n), [BATCH, 3, 4])) for n in ("q", "k", "v"))
    scores = tf.nn.softmax(tf.matmul(query, key, transpose_b=True) + tf.zeros([BATCH, 1, 1, 3]))
    merged = tf.transpose(tf.matmul(scores, value), [0, 2, 1, 3])
    return tf.reshape(merged, [BATCH, 12])


@model(5)
def sliced(x):
    """Slices over the whole batch."""
    left = tf.slice(x, [0, 0], [BATCH, 2])
    right = tf.strided_slice(x, [0, 3], [BATCH, 5])
    return tf.concat([left, right, tf.reverse_sequence(x, [5] * BATCH, 1)], 1)


@model(6, 4)
def while_v2(x):
    """A loop that is a function, with a state of the batch."""
    def body(i, state):
        return i + 1, tf.reshape(tf.concat([state, x[:, i]], 1), [BATCH, 8])[:, :4] * 0.5 + x[:, i]
    tf1.enable_control_flow_v2()
    try:
        _, state = tf.while_loop(lambda i, _: i < 6, body, [tf.constant(0), tf.zeros([BATCH, 4])])
    finally:
        tf1.disable_control_flow_v2()
    return state


@model(4, 6)
def mapped_v2(x):
    """The same where the loop is a function and the arrays are lists."""
    tf1.enable_control_flow_v2()
    try:
        return tf.map_fn(lambda row: tf.reduce_sum(tf.nn.relu(row), 0), x)
    finally:
        tf1.disable_control_flow_v2()


@model(5, 3)
def scanned(x):
    """scan over the batch with a row for each step, and over time inside of it."""
    return tf.map_fn(lambda row: tf.scan(lambda a, b: a * 0.5 + b, row), x)
