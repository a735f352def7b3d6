"""Batch norm that was saved with is_training=True in Python, as libraries build it and update its averages (see mode_models.py)."""
import numpy as np
from mode_models import Case, dense, flag, mode, register, uniform, weight
from support import slim, tf, tf1


def conv_net(training, norm, rank=4):
    """norm(net, name, training) behind a convolution and again behind another layer; images, or rows of numbers."""
    shape = [6, 6, 2] if rank == 4 else [6]
    x = tf1.placeholder(tf.float32, [None] + shape, name="x")
    net = tf1.nn.conv2d(x, weight("w", 3, 3, 2, 4), [1, 1, 1, 1], "SAME") if rank == 4 else dense(x, 4, "h")
    net = tf.nn.relu(norm(net, "first", training))
    net = norm(net * 0.5 + 0.1, "second", training)
    out = tf.identity(tf.reduce_mean(net, [1, 2]) if rank == 4 else net, name="out")
    return Case({x: uniform(3, *shape)}, [out], tf.reduce_sum(out * out))


def layers_norm(**options):
    return lambda net, name, training: tf1.layers.batch_normalization(net, training=training, name=name, **options)


def slim_norm(**options):
    return lambda net, name, training: slim().batch_norm(net, is_training=training, scope=name, **options)


def keras_norm(**options):
    def norm(net, name, training):
        layer = tf.keras.layers.BatchNormalization(name=name, **options)
        out = layer(net, training=training)
        for update in layer.get_updates_for(net) if training else ():
            tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, update)
        return out
    return norm


LIBRARY = {
    "layers_fused": (layers_norm(fused=True), 4),
    "layers_unfused": (layers_norm(fused=False), 4),
    "layers_rows": (layers_norm(), 2),
    "layers_no_scale": (layers_norm(scale=False), 4),
    "layers_no_center": (layers_norm(center=False, fused=False), 4),
    "layers_neither": (layers_norm(scale=False, center=False), 2),
    "layers_momentum": (layers_norm(momentum=0.5, epsilon=1e-2), 4),
    "slim_fused": (slim_norm(fused=True), 4),
    "slim_unfused": (slim_norm(fused=False, scale=True), 4),
    "slim_rows": (slim_norm(), 2),
    "slim_in_place": (slim_norm(updates_collections=None), 4),
    "slim_in_place_unfused": (slim_norm(updates_collections=None, fused=False), 4),
    "slim_in_place_rows": (slim_norm(updates_collections=None), 2),
    "slim_zero_debias": (slim_norm(zero_debias_moving_mean=True), 4),
    "slim_zero_debias_unfused": (slim_norm(zero_debias_moving_mean=True, fused=False), 4),
    "slim_relu": (slim_norm(activation_fn=tf.nn.relu, decay=0.9), 4),
    "keras": (keras_norm(), 4),
    "keras_rows": (keras_norm(), 2),
    "keras_unfused": (keras_norm(fused=False), 4),
}
for form, (norm, rank) in LIBRARY.items():
    for resource in (False, True):
        register("norm_%s%s" % (form, "_resource" * resource), lambda training, norm=norm, rank=rank: conv_net(training, norm, rank),
                 resource=resource)


@mode()
def norm_and_dropout_baked(training):
    """The whole script of slim says is_training=True."""
    x, layers = tf1.placeholder(tf.float32, [None, 8, 8, 3], name="x"), slim()
    with layers.arg_scope([layers.batch_norm, layers.dropout], is_training=training):
        net = layers.conv2d(x, 4, [3, 3], normalizer_fn=layers.batch_norm, scope="conv")
        net = layers.separable_conv2d(net, 6, [3, 3], 1, normalizer_fn=layers.batch_norm, scope="separable")
        net = layers.dropout(layers.flatten(net), 0.5)
        out = tf.identity(layers.fully_connected(net, 3, activation_fn=None, normalizer_fn=layers.batch_norm, scope="fc"), name="out")
    return Case({x: uniform(2, 8, 8, 3)}, [out], tf.reduce_sum(out))


@mode()
def norm_towers(training):
    """Two towers share the variables, each has its update; one variable is fed from several layers."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    outs = []
    for tower, part in enumerate((x, x * 0.5 + 0.2)):
        with tf1.variable_scope("net", reuse=tower > 0), tf1.name_scope("tower%d" % tower):
            net = tf1.nn.conv2d(part, weight("w", 3, 3, 2, 4), [1, 1, 1, 1], "SAME")
            outs.append(tf1.layers.batch_normalization(net, training=training, name="bn", reuse=tower > 0))
    out = tf.reduce_mean(tf.add_n(outs), [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out))


@mode()
def norm_two_nets(training):
    """A generator and a discriminator; only one is an output, each updates its own."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    made = tf.tanh(tf1.layers.batch_normalization(dense(x, 6, "g"), training=training, name="gen"), name="made")
    with tf1.variable_scope("d"):
        judged = tf1.layers.batch_normalization(dense(made, 4, "h"), training=training, name="bn")
    return Case({x: uniform(4, 6)}, [tf.identity(made, name="out")], tf.reduce_sum(judged))


def two_ways(training, phase, inverted=False):
    """A cond of two whole layers that share their variables, the way of TF 1 books."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    net = tf1.nn.conv2d(x, weight("w", 3, 3, 2, 4), [1, 1, 1, 1], "SAME")

    def layer(mode_of, reuse):
        return lambda: slim().batch_norm(net, is_training=mode_of, updates_collections=None, scope="bn", reuse=reuse, center=False)

    if training:
        first, second = layer(not inverted, None), layer(inverted, True)
        net = tf1.cond(phase(), first, second)
    else:
        net = layer(False, None)()
    out = tf.reduce_mean(net, [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out))


for resource in (False, True):
    register("norm_cond_both_ways" + "_resource" * resource, lambda training: two_ways(training, lambda: flag(True, False, "phase")),
             resource=resource)
    register("norm_cond_inverted" + "_resource" * resource,
             lambda training: two_ways(training, lambda: flag(True, True), inverted=True), resource=resource)


@mode()
def norm_global_step_decay(training):
    """The decay grows with the step, so the factor of the average is computed."""
    step = tf1.train.get_or_create_global_step()
    decay = tf.minimum(0.99, (1.0 + tf.cast(step, tf.float32)) / (10.0 + tf.cast(step, tf.float32)))
    return conv_net(training, lambda net, name, mode_of: slim().batch_norm(net, is_training=mode_of, scope=name, decay=decay))


@mode()
def layer_norm(training):
    """Statistics over the features of one row: they belong to inference, and nothing is to be said."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    mean, var = tf.nn.moments(x, [-1], keepdims=True)
    net = tf1.nn.batch_normalization(x, mean, var, weight("beta", 6), weight("gamma", 6), 1e-6)
    return Case({x: uniform(4, 6)}, [tf.identity(dense(net, 3, "o"), name="out")])


@mode()
def instance_norm(training):
    """Statistics over the pixels of one image, averaged nowhere."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    mean, var = tf.nn.moments(x, [1, 2], keepdims=True)
    net = tf1.nn.batch_normalization(x, mean, var, weight("beta", 2), weight("gamma", 2), 1e-6)
    return Case({x: uniform(3, 6, 6, 2)}, [tf.reduce_max(net, [1, 2], name="out")])


@mode()
def standardised_input(training):
    """The mean of one image is taken off: no batch norm at all."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    net = tf1.nn.conv2d(x - tf.reduce_mean(x, [1, 2, 3], keepdims=True), weight("w", 3, 3, 2, 4), [1, 1, 1, 1], "SAME")
    net = tf1.layers.batch_normalization(net, training=training, name="bn")
    return Case({x: uniform(3, 6, 6, 2)}, [tf.reduce_mean(net, [1, 2], name="out")], tf.reduce_sum(net))


@mode()
def fused_instance_norm(training):
    """FusedBatchNorm in training mode without any update: the batch's statistics stay, with a warning."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    made = tf.raw_ops.FusedBatchNorm(x=x, scale=np.ones(2, np.float32), offset=np.zeros(2, np.float32), mean=[], variance=[],
                                     is_training=True, name="style")
    return Case({x: uniform(3, 6, 6, 2)}, [tf.reduce_max(made[0], [1, 2], name="out")], stays=["style"], says=["style"], live=True)
