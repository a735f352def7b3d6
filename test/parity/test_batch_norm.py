"""Batch norms in every form behind every op that takes them in: folded, TensorFlow gives what it gave before, and the op counts say that
they were folded. Frozen graphs are made here from constants."""
import itertools
import unittest
from collections import Counter

import numpy as np
from support import ParityTest, need_firn, rewriter_config_pb2, run_passes, tf, tf1

FOLD = ("--graph-fold-constants=everything=true", "--graph-simplify", "--graph-fold-batch-norm")
raw = tf.raw_ops


def setUpModule():
    need_firn()


def numbers(*shape, low=-1.0, high=1.0):
    return np.random.RandomState(sum(shape) + len(shape)).uniform(low, high, shape).astype(np.float32)


class Layout:
    """Channels last or second, for one rank."""

    def __init__(self, first, rank=4):
        self.first, self.rank = first, rank
        self.format = {(4, False): "NHWC", (4, True): "NCHW", (5, False): "NDHWC", (5, True): "NCDHW"}.get((rank, first), "NHWC")

    def shape(self, batch, size, channels):
        inner = [size] * (self.rank - 2)
        return [batch, channels] + inner if self.first else [batch] + inner + [channels]

    def spread(self, constant):
        """A constant of one value for each channel, so that it broadcasts."""
        return constant.reshape([-1] + [1] * (self.rank - 2)) if self.first else constant

    def bias_format(self):
        return "NCHW" if self.first else "NHWC"


# Linear ops: (input shape, function of the placeholder) for a layout of theirs. Each yields 4 channels.


def conv2d(layout):
    return layout.shape(2, 6, 3), lambda x: tf1.nn.conv2d(x, numbers(3, 3, 3, 4), [1] * 4, "SAME", data_format=layout.format)


def depthwise(layout):
    return layout.shape(2, 6, 2), lambda x: tf1.nn.depthwise_conv2d(x, numbers(3, 3, 2, 2), [1] * 4, "SAME", data_format=layout.format)


def transposed(layout):
    strides = [1, 1, 2, 2] if layout.first else [1, 2, 2, 1]
    return layout.shape(2, 3, 3), lambda x: tf1.nn.conv2d_transpose(x, numbers(3, 3, 4, 3), layout.shape(2, 6, 4), strides, "SAME",
                                                                   data_format=layout.format)


def conv3d(layout):
    return layout.shape(2, 4, 3), lambda x: tf1.nn.conv3d(x, numbers(2, 2, 2, 3, 4), [1] * 5, "SAME", data_format=layout.format)


def transposed3d(layout):
    return layout.shape(1, 3, 3), lambda x: tf.nn.conv3d_transpose(x, numbers(2, 2, 2, 4, 3), layout.shape(1, 3, 4), [1] * 5, "SAME",
                                                                  data_format=layout.format)


def dilated(layout):
    def build(x):
        spread = tf.space_to_batch_nd(x, [2, 2], [[2, 2], [2, 2]])
        return tf.batch_to_space(tf1.nn.conv2d(spread, numbers(3, 3, 3, 4), [1] * 4, "VALID"), [2, 2], [[0, 0], [0, 0]])
    return layout.shape(2, 6, 3), build


def matmul(layout):
    return [5, 3], lambda x: tf.matmul(x, numbers(3, 4))


def matmul_transposed(layout):
    return [5, 3], lambda x: tf.matmul(x, numbers(4, 3), transpose_b=True)


def conv1d(layout):
    return [2, 7, 3], lambda x: tf1.nn.conv1d(x, numbers(3, 3, 4), 1, "SAME")


# Batch norms of 4 channels: functions of (tensor, layout).
GAMMA, BETA, MEAN = numbers(4, low=0.5, high=2), numbers(4) + 1, numbers(4) - 1
VARIANCE = numbers(4, low=0.1, high=3)


def fused(op):
    def build(x, layout):
        return op(x=x, scale=GAMMA, offset=BETA, mean=MEAN, variance=VARIANCE, epsilon=1e-3, is_training=False,
                  data_format=layout.format)[0]
    return build


def unfused(scale=True, center=True):
    def build(x, layout):
        return tf.nn.batch_normalization(x, layout.spread(MEAN), layout.spread(VARIANCE), layout.spread(BETA) if center else None,
                                         layout.spread(GAMMA) if scale else None, 1e-3)
    return build


def longhand(x, layout):
    """As it is written by hand: (x - mean) / sqrt(variance + epsilon) * gamma + beta."""
    return (x - layout.spread(MEAN)) / layout.spread(np.sqrt(VARIANCE + 1e-3)) * layout.spread(GAMMA) + layout.spread(BETA)


def global_norm(scale):
    """Made a BatchNormWithGlobalNormalization afterwards: TensorFlow refuses to make one."""
    def build(x, layout):
        return raw.FusedBatchNorm(x=x, scale=GAMMA, offset=BETA, mean=MEAN, variance=VARIANCE, epsilon=1e-3, is_training=False,
                                  name="global_scaled" if scale else "global")[0]
    return build


def with_old_norms(definition):
    """The nodes of global_norm, in a graph that may have them."""
    for node in definition.node:
        if node.name.startswith("global") and node.op == "FusedBatchNorm":
            x, gamma, beta, mean, variance = node.input
            del node.input[:]
            node.input.extend([x, mean, variance, beta, gamma])
            node.op = "BatchNormWithGlobalNormalization"
            node.attr["variance_epsilon"].f = node.attr["epsilon"].f
            node.attr["scale_after_normalization"].b = node.name.startswith("global_scaled")
            for name in set(node.attr) - {"T", "variance_epsilon", "scale_after_normalization"}:
                del node.attr[name]
            definition.versions.producer = 8
    return definition


FUSED = {"v1": fused(raw.FusedBatchNorm), "v2": fused(raw.FusedBatchNormV2), "v3": fused(raw.FusedBatchNormV3)}
UNFUSED = {"unfused": unfused(), "no scale": unfused(scale=False), "no center": unfused(center=False), "longhand": longhand}
OLD = {"global": global_norm(True), "global, no scale": global_norm(False)}

BETWEEN = {
    "nothing": lambda x, layout: x,
    "bias": lambda x, layout: tf1.nn.bias_add(x, numbers(4), data_format=layout.bias_format()),
    "sum": lambda x, layout: raw.Add(x=layout.spread(numbers(4)), y=x),
}


class BatchNorm(ParityTest):

    def make(self, shape, build):
        with tf.Graph().as_default() as graph:
            x = tf1.placeholder(tf.float32, [None] + shape[1:], name="x")
            tf.identity(build(x), name="build")
            return with_old_norms(graph.as_graph_def())

    def outputs(self, definition, shape, names=("build:0",)):
        """TensorFlow on channels first is asked to turn the layout itself."""
        config = tf1.ConfigProto()
        config.graph_options.rewrite_options.CopyFrom(rewriter_config_pb2.RewriterConfig(
            cpu_layout_conversion=rewriter_config_pb2.RewriterConfig.NCHW_TO_NHWC, remapping=rewriter_config_pb2.RewriterConfig.OFF))
        with tf.Graph().as_default(), tf1.Session(config=config) as session:
            tf.import_graph_def(definition, name="")
            return session.run(list(names), {"x:0": numbers(*shape)})

    def fold(self, shape, build, names=("build:0",)):
        """Counts of ops after folding; outputs are compared."""
        before = self.make(shape, build)
        after = run_passes(before, names, *FOLD)
        self.assertIsInstance(after, tf1.GraphDef, str(after))
        self.assert_close(self.outputs(after, shape, names), self.outputs(before, shape, names), "folded")
        return Counter(n.op for n in after.node), after

    def check(self, kind, layout, forms):
        shape, linear = kind(layout)
        for (form, norm), (between, more) in itertools.product(forms.items(), BETWEEN.items()):
            if between == "bias" and layout.format == "NCDHW":
                continue  # BiasAdd has no such layout
            with self.subTest(form=form, between=between):
                ops, _ = self.fold(shape, lambda x: norm(more(linear(x), layout), layout))
                sums = ops["BiasAdd"] + ops["Add"]
                self.assertEqual(sums, 1, ops)
                self.assertFalse([op for op in ops if op.startswith(("FusedBatchNorm", "BatchNorm")) or op in ("Mul", "Sub", "RealDiv", "AddV2")])

    def test_conv2d(self):
        self.check(conv2d, Layout(False), {**FUSED, **UNFUSED, **OLD})

    def test_conv2d_channels_first(self):
        self.check(conv2d, Layout(True), {**FUSED, **UNFUSED})

    def test_depthwise(self):
        self.check(depthwise, Layout(False), {**FUSED, **UNFUSED})
        self.check(depthwise, Layout(True), {**FUSED, "unfused": unfused()})

    def test_transposed(self):
        self.check(transposed, Layout(False), {**FUSED, **UNFUSED})
        self.check(transposed, Layout(True), {**FUSED, "unfused": unfused()})

    def test_conv3d(self):
        for kind in (conv3d, transposed3d):
            self.check(kind, Layout(False, 5), {"v3": FUSED["v3"], **UNFUSED})
            self.check(kind, Layout(True, 5), {"v3": FUSED["v3"], "unfused": unfused()})

    def test_dilated(self):
        self.check(dilated, Layout(False), {**FUSED, **UNFUSED})

    def test_matmul(self):
        for kind in (matmul, matmul_transposed):
            self.check(kind, Layout(False, 2), UNFUSED)

    def test_matmul_reshaped(self):
        """The way in which slim and tf.layers put a fused batch norm behind a dense layer."""
        for shape, layout in (([-1, 1, 1, 4], Layout(False)), ([-1, 4, 1, 1], Layout(True))):
            with self.subTest(layout.format):
                ops, _ = self.fold([5, 3], lambda x: tf.reshape(
                    FUSED["v3"](tf.reshape(tf.matmul(x, numbers(3, 4)), shape), layout), [-1, 4]))
                self.assertEqual(ops["BiasAdd"], 1)
                self.assertEqual(ops["FusedBatchNormV3"], 0)

    def test_conv1d(self):
        self.check(conv1d, Layout(False, 3), UNFUSED)
        ops, _ = self.fold([2, 7, 3], lambda x: tf.squeeze(FUSED["v3"](tf.expand_dims(conv1d(None)[1](x), 1), Layout(False)), [1]))
        self.assertEqual(ops["FusedBatchNormV3"] + ops["Mul"], 0)

    def test_alone(self):
        """Behind nothing that takes it in: a product and a sum."""
        for first, form in itertools.product((False, True), FUSED):
            with self.subTest(form=form, first=first):
                ops, _ = self.fold(Layout(first).shape(2, 5, 4), lambda x: FUSED[form](tf.nn.relu(x), Layout(first)))
                self.assertEqual((ops["Mul"], ops["Add"], ops[form]), (1, 1, 0))

    def test_shared_weights(self):
        def build(x):
            weights, layout = tf.constant(numbers(3, 3, 3, 4)), Layout(False)
            first, second, third = (tf1.nn.conv2d(x + i, weights, [1] * 4, "SAME") for i in range(3))
            return FUSED["v3"](first, layout) + 2 * FUSED["v3"](tf.nn.bias_add(second, BETA), layout) + 3 * tf.nn.relu(third)
        ops, after = self.fold([2, 6, 6, 3], build)
        kernels = {n.input[1] for n in after.node if n.op == "Conv2D"}
        self.assertEqual((ops["Conv2D"], ops["BiasAdd"], len(kernels)), (3, 2, 3))

    def test_second_consumer(self):
        """What is used twice is not rescaled: optimize_for_inference does, and is wrong by more than 3."""
        for between in BETWEEN.values():
            def build(x):
                inner = between(conv2d(Layout(False))[1](x), Layout(False))
                return tf.concat([FUSED["v3"](inner, Layout(False)), inner], 3)
            ops, _ = self.fold([2, 6, 6, 3], build)
            self.assertEqual((ops["Mul"], ops["FusedBatchNormV3"]), (1, 0))

    def test_fetched_between(self):
        """A fetched convolution keeps its values, a fetched batch norm its name."""
        def build(x):
            conv = tf1.nn.conv2d(x, numbers(3, 3, 3, 4), [1] * 4, "SAME", name="conv")
            return tf.identity(raw.FusedBatchNormV3(x=conv, scale=GAMMA, offset=BETA, mean=MEAN, variance=VARIANCE, is_training=False, name="norm")[0])
        ops, after = self.fold([2, 6, 6, 3], build, ("conv:0", "norm:0"))
        self.assertIn("norm", {n.name for n in after.node})
        self.assertEqual(ops["Mul"], 1)
        ops, after = self.fold([2, 6, 6, 3], build, ("norm:0",))
        self.assertEqual({n.name: n.op for n in after.node}["norm"], "BiasAdd")
        self.assertEqual(ops["Mul"], 0)

    def test_statistics_used(self):
        def build(x):
            norm = raw.FusedBatchNormV3(x=conv2d(Layout(False))[1](x), scale=GAMMA, offset=BETA, mean=MEAN, variance=VARIANCE, is_training=False)
            return norm[0] + norm[1]
        ops, _ = self.fold([2, 6, 6, 3], build)
        self.assertEqual(ops["FusedBatchNormV3"], 1)

    def test_not_across(self):
        """Relu, Pad, training mode, a constant that widens, another axis: nothing is folded, nothing changes."""
        layout, conv = Layout(False), conv2d(Layout(False))[1]
        cases = {
            "relu": (lambda x: longhand(tf.nn.relu(conv(x)), layout), "Relu"),
            "pad": (lambda x: longhand(tf.pad(conv(x), [[0, 0], [1, 1], [1, 1], [0, 0]]), layout), "Pad"),
            "row": (lambda x: conv(x) * numbers(6, 1), "Mul"),
            "widen": (lambda x: conv(x) * numbers(2, 1, 1, 1, 4), "Mul"),
            "each row": (lambda x: conv(x) * numbers(6, 6, 4), "Mul"),
        }
        for name, (build, op) in cases.items():
            with self.subTest(name):
                ops, _ = self.fold([2, 6, 6, 3], build)
                self.assertGreaterEqual(ops[op], 1)
        training = self.make([2, 6, 6, 3], lambda x: raw.FusedBatchNormV3(x=conv(x), scale=GAMMA, offset=BETA, mean=[], variance=[])[0])
        self.assertIn("FusedBatchNormV3", {n.op for n in run_passes(training, ["build"], *FOLD).node})

    def test_infinite_scale(self):
        """Variance 0 and no epsilon: the batch norm stays."""
        ops, _ = self.fold([2, 6, 6, 3], lambda x: tf.clip_by_value(conv2d(Layout(False))[1](x) / np.zeros(4, np.float32), -1, 1))
        self.assertEqual(ops["RealDiv"], 1)

    def test_in_loop(self):
        """Constants of a loop's body run in its frame, and so do the folded ones."""
        tf1.disable_control_flow_v2()

        def build(x):
            body = lambda i, net: (i + 1, longhand(tf1.nn.conv2d(net, numbers(3, 3, 4, 4) / 9, [1] * 4, "SAME"), Layout(False)))
            return tf1.while_loop(lambda i, net: i < 3, body, [0, x])[1]
        ops, _ = self.fold([2, 6, 6, 4], build)
        self.assertEqual((ops["Mul"] + ops["RealDiv"], ops["Conv2D"]), (0, 1))


if __name__ == "__main__":
    unittest.main()
