"""Batch norm written by hand: every kind of normalisation with every kind of update of its averages (see mode_models.py)."""
from mode_models import Case, dense, flag, mode, register, uniform, weight
from support import tf, tf1

EPSILON = 1e-3


def reader(v):
    return v.read_value() if hasattr(v, "read_value") else v


def subtract_difference(v, s):
    return tf1.assign_sub(v, (v - s) * 0.1)


def subtract_by_decay(v, s):
    return tf1.assign_sub(v, tf.multiply(tf.subtract(reader(v), s), tf.subtract(1.0, tf.constant(0.9))))


def assign_average(v, s):
    return tf1.assign(v, v * 0.9 + s * (1 - 0.9))


def assign_average_swapped(v, s):
    return tf1.assign(v, (1.0 - tf.constant(0.9)) * s + tf.constant(0.9) * v)


def assign_add(v, s):
    return tf1.assign_add(v, 0.1 * (s - v))


def library_average(v, s):
    from tensorflow.python.training import moving_averages
    return moving_averages.assign_moving_average(v, s, 0.9, zero_debias=False)


def zero_debiased(v, s):
    from tensorflow.python.training import moving_averages
    return moving_averages.assign_moving_average(v, s, 0.9, zero_debias=True)


UPDATES = {f.__name__: f for f in (subtract_difference, subtract_by_decay, assign_average, assign_average_swapped, assign_add,
                                   library_average, zero_debiased)}


def fused(version):
    """FusedBatchNorm of a version: (y, batch mean, batch variance)."""
    op = getattr(tf.raw_ops, "FusedBatchNorm" + version)

    def norm(x, gamma, beta, mean, var):
        if mean is None:
            made = op(x=x, scale=gamma, offset=beta, mean=[], variance=[], epsilon=EPSILON, is_training=True)
        else:
            made = op(x=x, scale=gamma, offset=beta, mean=mean, variance=var, epsilon=EPSILON, is_training=False)
        return made[0], made[1], made[2]
    return norm


def from_moments(axes):
    def norm(x, gamma, beta, mean, var):
        if mean is None:
            mean, var = tf.nn.moments(x, axes)
        return tf1.nn.batch_normalization(x, mean, var, beta, gamma, EPSILON), mean, var
    return norm


def by_hand(x, gamma, beta, mean, var):
    """(x - mean) / sqrt(var + eps), the variance as the mean of squared distances."""
    if mean is None:
        mean = tf.reduce_mean(x, [0, 1, 2])
        var = tf.reduce_mean(tf.square(x - mean), [0, 1, 2])
    return gamma * (x - mean) / tf.sqrt(var + EPSILON) + beta, mean, var


def of_squares(x, gamma, beta, mean, var):
    """The variance as the mean of squares less the square of the mean."""
    if mean is None:
        mean = tf.reduce_mean(x, [0, 1, 2])
        var = tf.reduce_mean(x * x, [0, 1, 2]) - mean * mean
    scale = gamma * tf1.rsqrt(var + EPSILON)
    return x * scale + (beta - mean * scale), mean, var


def kept_dims(x, gamma, beta, mean, var):
    """Moments with their dimensions, the averages without them."""
    if mean is None:
        mean, var = tf.nn.moments(x, [0, 1, 2], keepdims=True)
        return (x - mean) * tf1.rsqrt(var + EPSILON) * gamma + beta, tf.squeeze(mean, [0, 1, 2]), tf.reshape(var, [-1])
    return (x - mean) * tf1.rsqrt(var + EPSILON) * gamma + beta, mean, var


FORMS = {"fused": fused(""), "fused_v2": fused("V2"), "fused_v3": fused("V3"), "moments": from_moments([0, 1, 2]),
         "by_hand": by_hand, "of_squares": of_squares, "kept_dims": kept_dims}


def averages(name, channels):
    return (weight(name + "/average_of_mean", channels, trainable=False), weight(name + "/average_of_var", channels, trainable=False))


def net_of(training, norm, update, collect=None):
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    net = tf1.nn.conv2d(x, weight("w", 3, 3, 2, 4), [1, 1, 1, 1], "SAME")
    for name in ("a", "b"):
        gamma, beta = weight(name + "/gamma", 4), weight(name + "/beta", 4)
        mean, var = averages(name, 4)
        net, *found = norm(net, gamma, beta, *((None, None) if training else (mean, var)))
        net = tf.nn.relu(net)
        for v, s in zip((mean, var), found) if training else ():
            (collect or (lambda op: tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, op)))(update(v, s))
    out = tf.reduce_mean(net, [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out * out))


for form, norm in FORMS.items():
    for kind, update in UPDATES.items():
        if form in ("fused", "moments") or kind in ("subtract_difference", "assign_average"):
            for resource in (False, True):
                register("average_%s_%s%s" % (form, kind, "_resource" * resource),
                         lambda training, norm=norm, update=update: net_of(training, norm, update), resource=resource)


@mode()
def average_never_run(training):
    """The updates are in the graph, but in no collection and before no train op."""
    return net_of(training, FORMS["fused"], assign_average, collect=lambda op: None)


@mode(resource=True)
def exponential_factor(training):
    """Newer graphs: the op averages itself, its outputs are written back; operands 3 and 4 read the same variables."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    gamma, beta, (mean, var) = weight("gamma", 2), weight("beta", 2), averages("bn", 2)
    made = tf.raw_ops.FusedBatchNormV3(x=x, scale=gamma, offset=beta, mean=mean, variance=var, epsilon=EPSILON, is_training=training,
                                       exponential_avg_factor=0.1)
    for v, s in zip((mean, var), made[1:3]) if training else ():
        tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, tf1.assign(v, s))
    out = tf.reduce_mean(made[0], [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out * out))


@mode()
def half_precision(training):
    """Mixed precision: the image is half, the statistics and their averages are not."""
    x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
    gamma, beta, (mean, var) = weight("gamma", 2), weight("beta", 2), averages("bn", 2)
    wide = tf.cast(tf.cast(x, tf.float16), tf.float32)
    net, *found = fused("V3")(wide, gamma, beta, *((None, None) if training else (mean, var)))
    for v, s in zip((mean, var), found) if training else ():
        tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, assign_average(v, tf.cast(tf.cast(s, tf.float64), tf.float32)))
    out = tf.reduce_mean(net, [1, 2], name="out")
    return Case({x: uniform(3, 6, 6, 2)}, [out], tf.reduce_sum(out * out))


def moving_average_object(training, phase=None):
    """ExponentialMovingAverage.apply to the moments; FaceNet runs it inside the branch of training."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    ema = tf1.train.ExponentialMovingAverage(0.9)
    net = dense(x, 4, "h")
    mean, var = tf.nn.moments(net, [0], name="moments")

    def update():
        with tf1.control_dependencies([ema.apply([mean, var])]):
            return tf.identity(mean), tf.identity(var)

    def stored():
        return ema.average(mean), ema.average(var)

    if phase is not None:
        m, v = tf1.cond(phase, update, stored)
    else:
        of_batch = update()  # makes the variables
        m, v = of_batch if training else stored()
    out = tf1.nn.batch_normalization(net, m, v, weight("beta", 4), weight("gamma", 4), EPSILON, name="out")
    return Case({x: uniform(4, 6)}, [tf.identity(out, name="result")], tf.reduce_sum(out))


register("ema_in_cond", lambda training: moving_average_object(training, flag(True, False, "phase_train") if training else tf.constant(False)))
register("ema_in_cond_inverted", lambda training: moving_average_object(
    training, tf.logical_not(flag(True, True)) if training else tf.constant(False)))
register("ema_baked", moving_average_object)
register("ema_baked_resource", moving_average_object, resource=True)


@mode()
def shared_statistics(training):
    """One batch mean normalises two tensors."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    net, (mean, var) = dense(x, 4, "h"), averages("bn", 4)
    m, v = tf.nn.moments(net, [0]) if training else (mean, var)
    for kept, found in zip((mean, var), (m, v)) if training else ():
        tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, assign_average(kept, found))
    one = tf1.nn.batch_normalization(net, m, v, weight("beta", 4), None, EPSILON)
    two = tf1.nn.batch_normalization(tf.tanh(net), m, v, None, weight("gamma", 4), EPSILON)
    return Case({x: uniform(4, 6)}, [tf.add(one, two, name="out")], tf.reduce_sum(one + two))
