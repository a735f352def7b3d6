"""Flags of training: what they are called, what stands between them and their uses, and what is no flag (see mode_models.py)."""
import numpy as np
from mode_models import FLAGS, Case, dense, flag, mode, register, uniform
from support import slim, tf, tf1


def net_of(training, phase, first=None):
    """Batch norm and dropout that both depend on `phase`, a tensor or a bool."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x") if first is None else first
    net = tf1.layers.batch_normalization(dense(x, 8, "h"), training=phase, name="bn")
    net = tf1.layers.dropout(tf.nn.elu(net), 0.4, training=phase) if training else tf.nn.elu(net)
    out = tf.identity(dense(net, 3, "o"), name="out")
    return Case({x: uniform(4, 6)}, [out], tf.reduce_sum(out * out))


def switched(made):
    """The inference reference has no tensor: made() gives the phase of the training graph."""
    return lambda training: net_of(training, made() if training else False)


FORMS = {
    "phase_train": lambda: flag(True, False, "phase_train"),
    "unnamed": lambda: (tf1.placeholder(tf.float32, [], name="Placeholder_1"), flag(True, False, "Placeholder_2"))[1],
    "default_true": lambda: flag(True, False, "is_training", default=True),
    "default_false": lambda: flag(True, False, "is_training", default=False),
    "keras_default": lambda: flag(True, False, "keras_learning_phase", default=False),
    "is_test": lambda: tf.logical_not(flag(True, True, "is_test")),
    "is_test_default": lambda: tf.logical_not(flag(True, True, "is_test", default=False)),
    "not_not": lambda: tf.logical_not(tf.logical_not(flag(True, False, "phase"))),
    "identities": lambda: tf.identity(tf.stop_gradient(tf.identity(flag(True, False, "phase")))),
    "int_equal": lambda: tf.equal(flag(True, 0, "mode", dtype=tf.int32), 1),
    "int_cast": lambda: tf.cast(flag(True, 0, "mode", dtype=tf.int32), tf.bool),
    "int_greater": lambda: tf.greater(flag(True, 0, "mode", dtype=tf.int64), tf.constant(0, tf.int64)),
    "float_greater": lambda: tf.greater(flag(True, 0.0, "mode"), 0.5),
    "and_true": lambda: tf.logical_and(flag(True, False, "phase"), tf.constant(True)),
    "or_false": lambda: tf.logical_or(flag(True, False, "phase"), tf.constant(False)),
    "squeezed": lambda: tf.squeeze(tf.reshape(flag(True, False, "phase"), [1])),
}
for form, made in FORMS.items():
    for functional in (False, True):
        register("flag_%s%s" % (form, "_if" * functional), switched(made), resource=functional, functional=functional)
register("flag_resource", switched(FORMS["phase_train"]), resource=True)


@mode()
def flag_of_unknown_shape(training):
    """tf.placeholder(tf.bool) without a shape."""
    if not training:
        return net_of(False, False)
    phase = tf1.placeholder(tf.bool, name="phase")
    tf1.add_to_collection(FLAGS, (phase.name, False))
    return net_of(True, phase)


@mode()
def two_flags(training):
    """Batch norm and dropout have a flag each, one inverted."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    phase, test = flag(training, False, "bn_train"), flag(training, True, "no_dropout")
    net = tf1.layers.batch_normalization(dense(x, 8, "h"), training=phase, name="bn")
    if training:
        net = tf1.layers.dropout(net, 0.5, training=tf.logical_not(test))
    return Case({x: uniform(4, 6)}, [tf.identity(dense(net, 3, "o"), name="out")])


@mode()
def flag_and_keep(training):
    """A phase and a probability: placeholders of one script."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    phase, keep = flag(training, False), flag(training, 1.0)
    net = tf1.layers.batch_normalization(dense(x, 8, "h"), training=phase, name="bn")
    net = tf1.nn.dropout(net, rate=1 - keep) if training else net
    return Case({x: uniform(4, 6)}, [tf.identity(dense(net, 3, "o"), name="out")])


@mode()
def flag_slim_net(training):
    """arg_scope of slim: convolution, batch norm and dropout take the placeholder."""
    x, phase = tf1.placeholder(tf.float32, [None, 8, 8, 3], name="x"), flag(training, False, "is_training")
    layers = slim()
    with layers.arg_scope([layers.batch_norm, layers.dropout], is_training=phase):
        net = layers.conv2d(x, 4, [3, 3], normalizer_fn=layers.batch_norm, scope="conv")
        net = layers.dropout(layers.flatten(net), 0.5)
        out = tf.identity(layers.fully_connected(net, 3, activation_fn=None, scope="fc"), name="out")
    return Case({x: uniform(2, 8, 8, 3)}, [out], tf.reduce_sum(out))


@mode()
def keras_learning_phase(training):
    """Keras layers that were not told: they take the global learning phase."""
    keras = tf.keras
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    if training:
        phase = tf1.keras.backend.learning_phase()
        tf1.add_to_collection(FLAGS, (phase.name, False))
    options = {} if training else {"training": False}
    net = keras.layers.BatchNormalization(name="bn")(dense(x, 8, "h"), **options)
    net = keras.layers.Dropout(0.5, name="drop")(net, **options)
    return Case({x: uniform(4, 6)}, [tf.identity(dense(net, 3, "o"), name="out")])


@mode()
def nested_conds(training):
    """A cond of training inside a cond of the data, which stays."""
    x, phase = tf1.placeholder(tf.float32, [None, 6], name="x"), flag(training, False, "phase")
    net = dense(x, 8, "h")

    def noisy(t):
        return tf1.cond(phase, lambda: tf1.nn.dropout(t, rate=0.5), lambda: tf.tanh(t)) if training else tf.tanh(t)

    case_of = tf.where(tf.reduce_sum(net) > 0, noisy(net), noisy(-net))
    return Case({x: uniform(4, 6)}, [tf.identity(dense(case_of, 3, "o"), name="out")])


def two_heads(choose, stays=()):
    """A bool that is an input like any other: it selects between two heads."""
    def build(training):
        x = tf1.placeholder(tf.float32, [None, 6], name="x")
        flip = tf1.placeholder(tf.bool, [], name="flip")
        drop = flag(training, 1.0, "keep")
        net = dense(x, 8, "h")
        net = tf1.nn.dropout(net, rate=1 - drop) if training else net
        out = choose(flip, lambda: dense(net, 3, "a"), lambda: tf.nn.relu(dense(net, 3, "b")))
        return Case({x: uniform(4, 6), flip: np.array(True)}, [tf.identity(out, name="out")], stays=stays)
    return build


register("input_flag_where", two_heads(lambda c, a, b: tf.where(c, a(), b())))
register("input_flag_if", two_heads(tf1.cond), functional=True)


@mode()
def input_flag_multiplied(training):
    """A float in 0..1 that weights two branches is no probability of a mask."""
    x, share = tf1.placeholder(tf.float32, [None, 6], name="x"), tf1.placeholder(tf.float32, [], name="share")
    net = dense(x, 8, "h")
    net = tf1.nn.dropout(net, rate=flag(True, 0.0, "rate")) if training else net
    out = share * dense(net, 3, "a") + (1.0 - share) * dense(net, 3, "b")
    return Case({x: uniform(4, 6), share: np.float32(0.25)}, [tf.identity(out, name="out")])
