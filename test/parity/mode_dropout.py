"""Every form in which dropout was ever written, with every way to say how much is kept (see mode_models.py)."""
from mode_models import Case, dense, flag, mode, register, uniform
from support import tf, tf1


class Probability:
    """What a dropout is told: keep, or rate; the other is computed as TensorFlow of its time did."""

    def __init__(self, keep=None, rate=None):
        self._keep, self._rate = keep, rate

    def keep(self):
        return self._keep if self._keep is not None else tf.subtract(1.0, self._rate)

    def rate(self):
        return self._rate if self._rate is not None else tf.subtract(1.0, self._keep)


def uniform_1(shape):
    """Uniform numbers as TensorFlow 1 built them: scaled from 0..1 to 0..1."""
    low, high = tf.constant(0.0), tf.constant(1.0)
    return tf.add(tf.multiply(tf.raw_ops.RandomUniform(shape=shape, dtype=tf.float32), tf.subtract(high, low)), low)


def floor_mask(keep, shape):
    return tf.floor(tf.add(keep, uniform_1(shape)))


def at_least(p, shape, block=uniform_1):
    return tf.greater_equal(block(shape), p.rate())


def uniform_2(shape):
    return tf.raw_ops.RandomUniform(shape=shape, dtype=tf.float32)


def rate_of_1_13(x, p, shape):
    keep = tf.subtract(1.0, p.rate())
    return tf.multiply(tf.raw_ops.RealDiv(x=x, y=keep), floor_mask(keep, shape))


def compare_of_1_15(x, p, shape):
    scale = tf.raw_ops.RealDiv(x=tf.constant(1.0), y=tf.subtract(1.0, p.rate()))
    return tf.multiply(tf.multiply(x, scale), tf.cast(at_least(p, shape), tf.float32))


def scaled(x, p):
    rate = tf.get_static_value(p.rate()) if tf.is_tensor(p.rate()) else p.rate()
    return tf.raw_ops.RealDiv(x=x, y=tf.subtract(1.0, p.rate())) if rate is None else tf.multiply(x, 1 / (1 - float(rate)))


GENERATIONS = {
    "inv_of_0_9": lambda x, p, s: tf.multiply(tf.multiply(x, tf.raw_ops.Inv(x=p.keep())), floor_mask(p.keep(), s)),
    "div_of_0_12": lambda x, p, s: tf.multiply(tf.raw_ops.Div(x=x, y=p.keep()), floor_mask(p.keep(), s)),
    "realdiv_of_1_0": lambda x, p, s: tf.multiply(tf.raw_ops.RealDiv(x=x, y=p.keep()), floor_mask(p.keep(), s)),
    "rate_of_1_13": rate_of_1_13,
    "compare_of_1_15": compare_of_1_15,
    "compare_of_2_3": lambda x, p, s: tf.multiply(scaled(x, p), tf.cast(at_least(p, s, uniform_2), tf.float32)),
    "select_of_2_15": lambda x, p, s: tf.raw_ops.SelectV2(condition=at_least(p, s, uniform_2), t=scaled(x, p), e=tf.constant(0.0)),
    "library": lambda x, p, s: tf1.nn.dropout(x, rate=p.rate(), noise_shape=s),
    "mask_first": lambda x, p, s: tf.raw_ops.RealDiv(x=tf.multiply(floor_mask(p.keep(), s), x), y=p.keep()),
    "scaled_mask": lambda x, p, s: tf.multiply(x, tf.raw_ops.RealDiv(x=floor_mask(p.keep(), s), y=p.keep())),
    "less_than_keep": lambda x, p, s: tf.multiply(tf.cast(tf.less(uniform_2(s), p.keep()), tf.float32), x) / p.keep(),
}


def derived(phase, pick):
    """keep = 0.5 while training and 1 otherwise, by pick(phase, 0.5, 1)."""
    return Probability(keep=pick(phase, tf.constant(0.5), tf.constant(1.0)))


def by_cond(phase, a, b):
    return tf1.cond(phase, lambda: tf.identity(a), lambda: tf.identity(b))


SOURCES = {
    "constant": lambda: Probability(keep=tf.constant(0.6)),
    "constant_rate": lambda: Probability(rate=tf.constant(0.4)),
    "keep": lambda: Probability(keep=flag(True, 1.0, "keep_prob")),
    "rate": lambda: Probability(rate=flag(True, 0.0, "rate")),
    "unnamed": lambda: Probability(keep=flag(True, 1.0)),
    "default_half": lambda: Probability(keep=flag(True, 1.0, "keep", default=0.5)),
    "default_one": lambda: Probability(keep=flag(True, 1.0, "keep", default=1.0)),
    "default_rate": lambda: Probability(rate=flag(True, 0.0, "drop", default=0.5)),
    "one_minus_rate": lambda: Probability(keep=1.0 - flag(True, 0.0, "rate")),
    "identities": lambda: Probability(keep=tf.stop_gradient(tf.identity(tf.identity(flag(True, 1.0, "keep"))))),
    "cond": lambda: derived(flag(True, False, "phase"), by_cond),
    "cond_inverted": lambda: derived(tf.logical_not(flag(True, True, "is_test")), by_cond),
    "where": lambda: derived(flag(True, False, "phase"), tf.where),
    "select": lambda: derived(flag(True, False, "phase"), lambda c, a, b: tf.raw_ops.Select(condition=c, x=a, y=b)),
    "cast_of_int": lambda: Probability(rate=0.5 * tf.cast(flag(True, 0, "training", dtype=tf.int32), tf.float32)),
    "cast_of_bool": lambda: Probability(keep=1.0 - 0.5 * tf.cast(flag(True, False, "phase"), tf.float32)),
}


def plain_net(training, drop, instead=lambda net: net):
    """A net of two layers on rows of numbers; between them `drop` while training, `instead` in the reference."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    net = tf.nn.elu(dense(x, 8, "h"))
    out = tf.identity(dense((drop if training else instead)(net), 3, "o"), name="out")
    return Case({x: uniform(4, 6)}, [out], tf.reduce_sum(out * out))


def add_table():
    """Each form with a constant and with a placeholder, the usual forms with every source."""
    for form, drop in GENERATIONS.items():
        for source, probability in SOURCES.items():
            if source in ("constant", "keep") or form in ("realdiv_of_1_0", "compare_of_1_15", "select_of_2_15"):
                register("dropout_%s_%s" % (form, source), lambda training, drop=drop, p=probability: plain_net(
                    training, lambda net: drop(net, p(), tf.shape(net))))
    for source in ("cond", "cond_inverted", "keep"):
        register("dropout_if_%s" % source, lambda training, p=SOURCES[source]: plain_net(
            training, lambda net: GENERATIONS["realdiv_of_1_0"](net, p(), tf.shape(net))), functional=True)


add_table()


@mode()
def dropout_two_flags(training):
    """Two placeholders, one of them of two masks."""
    keep, other = flag(training, 1.0), flag(training, 1.0)

    def drop(net):
        for p in (keep, other, keep):
            net = GENERATIONS["realdiv_of_1_0"](net, Probability(keep=p), tf.shape(net))
        return net

    return plain_net(training, drop)
