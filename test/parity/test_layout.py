"""Level 2's changes of layout: pads that go into convolutions, over all small sizes, and random chains of Reshape, Squeeze, ExpandDims and
Transpose. TensorFlow gives what it gave before, of chains the same bits, and the op counts say what was done."""
import itertools
import os
import unittest
from collections import Counter

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # TensorFlow's oneDNN puts pads of channels into convolutions too, and fails
import numpy as np
from support import ParityTest, need_firn, run_frozen, run_passes, tf, tf1

raw = tf.raw_ops
CHAIN_OPS = ("Reshape", "Squeeze", "ExpandDims", "Transpose")


def setUpModule():
    need_firn()


def numbers(*shape):
    return np.random.RandomState(len(shape)).uniform(-1, 1, shape).astype(np.float32)


class Layout(ParityTest):

    def both(self, graph_def, feeds, *passes):
        """(outputs before, outputs after, GraphDef after); outputs are named out_…"""
        outputs = [n.name + ":0" for n in graph_def.node if n.name.startswith("out_")]
        after = run_passes(graph_def, outputs, *passes)
        self.assertIsInstance(after, tf1.GraphDef, str(after))
        return run_frozen(graph_def, feeds, outputs), run_frozen(after, feeds, outputs), after

    def pads(self, sizes, conv, explicit=False):
        """Convolutions of one kernel each behind pads of every small amount: how often the paddings are what."""
        with tf.Graph().as_default() as graph:
            x = tf1.placeholder(tf.float32, [None, *sizes, 2], name="x")
            for i, (kernel, stride, dilation, before, after) in enumerate(itertools.product((1, 2, 3, 5), (1, 2, 3), (1, 2), (0, 1, 2), (0, 1, 2))):
                if dilation > 1 and stride > 1 or not (before or after):
                    continue
                padded = tf.pad(x, [[0, 0], [before, after], [before, after], [0, 0]])
                tf.identity(conv(padded, kernel, stride, dilation), name="out_%d" % i)
        size = [s or 12 - 3 * i for i, s in enumerate(sizes)]
        option = "--graph-fold-pad=explicit=%s" % str(explicit).lower()
        want, got, after = self.both(graph.as_graph_def(), {"x:0": numbers(2, *size, 2)}, option)
        self.assert_close(got, want, "padded", 1e-5)
        return Counter(n.attr["padding"].s.decode() for n in after.node if "padding" in n.attr)

    @staticmethod
    def conv2d(x, kernel, stride, dilation):
        return raw.Conv2D(input=x, filter=numbers(kernel, kernel, 2, 3), strides=[1, stride, stride, 1], padding="VALID", dilations=[1, dilation, dilation, 1])

    @staticmethod
    def depthwise(x, kernel, stride, dilation):
        return raw.DepthwiseConv2dNative(input=x, filter=numbers(kernel, kernel, 2, 2), strides=[1, stride, stride, 1], padding="VALID")

    def test_pads(self):
        """With a stride only a known size tells what SAME pads."""
        unknown = self.pads([None, None], self.conv2d)
        self.assertEqual(unknown["SAME"], 5)  # kernels 2, 3, 5; 2 and 3 dilated
        square = self.pads([12, 12], self.conv2d)
        self.assertGreater(square["SAME"], unknown["SAME"])
        self.assertGreater(self.pads([11, 11], self.conv2d)["SAME"], unknown["SAME"])
        self.assertLess(self.pads([12, 11], self.conv2d)["SAME"], square["SAME"])

    def test_explicit_pads(self):
        for sizes in ([None, None], [12, 9]):
            kinds = self.pads(sizes, self.conv2d, explicit=True)
            self.assertGreater(kinds["EXPLICIT"], 50)
            self.assertEqual(kinds["VALID"], 0)

    def test_depthwise_pads(self):
        for sizes in ([None, None], [12, 9]):
            kinds = self.pads(sizes, self.depthwise, explicit=True)
            self.assertGreaterEqual(kinds["SAME"], 3)
            self.assertEqual(kinds["EXPLICIT"], 0)

    def test_other_pads(self):
        """Batch, channels, other values: nothing is done."""
        with tf.Graph().as_default() as graph:
            x = tf1.placeholder(tf.float32, [None, 6, 6, 2], name="x")
            inner = [[0, 0], [1, 1], [1, 1], [0, 0]]
            cases = [tf.pad(x, [[1, 0]] + inner[1:]), tf.pad(x, inner[:3] + [[0, 1]]), tf.pad(x, inner, constant_values=0.5), tf.pad(x, inner, "REFLECT")]
            for i, padded in enumerate(cases):
                channels = padded.shape[-1]
                tf.identity(raw.Conv2D(input=padded, filter=numbers(3, 3, channels, 2), strides=[1] * 4, padding="VALID"), name="out_%d" % i)
        want, got, after = self.both(graph.as_graph_def(), {"x:0": numbers(2, 6, 6, 2)}, "--graph-fold-pad=explicit=true")
        self.assert_same_bits(got, want, "not folded")
        self.assertEqual({n.attr["padding"].s for n in after.node if n.op == "Conv2D"}, {b"VALID"})

    def chain(self, rng, x, length):
        """A random chain behind `x`, whose batch is not known."""
        for _ in range(length):
            rank, kind = x.shape.rank, rng.choice(CHAIN_OPS)
            ones = [i for i, d in enumerate(x.shape.as_list()) if d == 1]
            if kind == "Transpose":
                x = tf.transpose(x, rng.permutation(rank))
            elif kind == "ExpandDims" and rank < 6:
                x = tf.expand_dims(x, int(rng.randint(-rank - 1, rank + 1)))
            elif kind == "Squeeze" and ones:
                axes = rng.permutation(ones)[:rng.randint(1, len(ones) + 1)]
                x = tf.squeeze(x, [int(a) - (rank if rng.rand() < 0.5 else 0) for a in axes])
            elif kind == "Reshape":
                shape = [[-1, 6], [-1, 1, 2, 3], [-1], [3, -1, 1, 1]][rng.randint(4)]
                x = tf.reshape(x, np.array(shape, rng.choice([np.int32, np.int64])))
        return x

    def test_chains(self):
        rng, before, left = np.random.RandomState(8), Counter(), Counter()
        for round_ in range(20):
            with tf.Graph().as_default() as graph:
                x = tf1.placeholder(tf.float32, [None, 1, 2, 3], name="x")
                for i in range(10):
                    tf.nn.relu(self.chain(rng, x, rng.randint(1, 7)), name="out_%d" % i)
            definition = graph.as_graph_def()
            want, got, after = self.both(definition, {"x:0": numbers(4, 1, 2, 3)}, "--graph-simplify-layout")
            self.assert_same_bits(got, want, "round %d" % round_)
            before.update(n.op for n in definition.node)
            left.update(n.op for n in after.node)
        self.assertLess(sum(left[op] for op in CHAIN_OPS), 0.7 * sum(before[op] for op in CHAIN_OPS), (before, left))

    def test_chains_in_loops(self):
        """Shapes and orders that are made run in the loop's frame."""
        tf1.disable_control_flow_v2()
        with tf.Graph().as_default() as graph:
            x = tf1.placeholder(tf.float32, [2, 3, 4], name="x")

            def body(i, net):
                turned = tf.transpose(tf.transpose(net, [1, 2, 0]), [2, 1, 0])
                return i + 1, tf.transpose(tf.squeeze(tf.reshape(turned, [2, 4, 3, 1]), [3]), [0, 2, 1]) * 2
            tf.identity(tf1.while_loop(lambda i, net: i < 3, body, [0, x])[1], name="out_0")
        want, got, after = self.both(graph.as_graph_def(), {"x:0": numbers(2, 3, 4)}, "--graph-simplify-layout")
        self.assert_same_bits(got, want, "in a loop")
        ops = Counter(n.op for n in after.node)
        self.assertEqual((ops["Transpose"], ops["Reshape"], ops["Squeeze"]), (2, 1, 0))


if __name__ == "__main__":
    unittest.main()
