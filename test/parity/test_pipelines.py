"""Training graphs whose data come from queues, readers and iterators: cut at what these yield, a typed placeholder for each component
that the outputs need, and the rest of the pipeline is gone."""
import json
import unittest

import graphs
import inference
import numpy as np
from small_models import Model, dense, randomise, uniform
from support import ParityTest, need_firn, read_graph, run_frozen, tf, tf1

CASES = {}


def setUpModule():
    need_firn()


def pipeline(build):
    CASES[build.__name__] = build
    return build


def classifier(image, label=None, training_only=True):
    """Logits of `image`, the output; `label` is in the loss, and in an output unless it is for training only."""
    out = tf.identity(dense(tf.reshape(image, [-1, 6]), 3, "h"), name="out")
    outputs = [out]
    if label is not None:
        hit = tf.equal(tf.argmax(out, 1, output_type=tf.int32), tf.reshape(label, [-1]), name="hit")
        outputs += [] if training_only else [hit]
        tf1.train.GradientDescentOptimizer(0.1).minimize(
            tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.reshape(label, [-1]), logits=out)))
    return Model({image: uniform(2, 6)} if training_only else {image: uniform(2, 6), label: np.array([1, 2], np.int32)}, outputs)


def queued(queue, training_only=True):
    tf1.train.add_queue_runner(tf1.train.QueueRunner(queue, [queue.enqueue([tf1.random_uniform([6]), 1])]))
    image, label = queue.dequeue_many(2, name="batch")
    tf1.summary.scalar("fraction", tf.cast(queue.size(), tf.float32) / 10)
    return classifier(image, label, training_only)


@pipeline
def fifo():
    return queued(tf1.FIFOQueue(10, [tf.float32, tf.int32], [[6], []]))


@pipeline
def fifo_both():
    return queued(tf1.FIFOQueue(10, [tf.float32, tf.int32], [[6], []]), training_only=False)


@pipeline
def shuffled():
    return queued(tf1.RandomShuffleQueue(10, 2, [tf.float32, tf.int32], [[6], []]))


@pipeline
def padded():
    return queued(tf1.PaddingFIFOQueue(10, [tf.float32, tf.int32], [[6], []]), training_only=False)


@pipeline
def dequeued_one_by_one():
    queue = tf1.FIFOQueue(10, [tf.float32], [[1, 6]])
    queue.enqueue([tf1.random_uniform([1, 6])])
    row = queue.dequeue()
    return Model({row: uniform(1, 6)}, classifier(row).outputs)


@pipeline
def train_batch():
    """tf.train.batch of what a reader of records gives: string queue, reader, parsing, batch queue."""
    names = tf1.train.string_input_producer(tf.constant(["a.tfrecord", "b.tfrecord"]), num_epochs=3)
    _, record = tf1.TFRecordReader().read(names)
    parsed = tf1.parse_single_example(record, {"image": tf1.FixedLenFeature([6], tf.float32), "label": tf1.FixedLenFeature([], tf.int64)})
    image, label = tf1.train.shuffle_batch([parsed["image"], tf.cast(parsed["label"], tf.int32)], 2, 20, 5, num_threads=2)
    return classifier(image, label)


@pipeline
def preprocessed():
    """What stands behind the dequeue is part of the model."""
    queue = tf1.FIFOQueue(10, [tf.uint8], [[6]])
    queue.enqueue([tf.zeros([6], tf.uint8)])
    raw = queue.dequeue_many(2)
    made = classifier(tf.cast(raw, tf.float32) / 255.0 - 0.5)
    return Model({raw: np.arange(12, dtype=np.uint8).reshape(2, 6)}, made.outputs)


def dataset():
    rows = tf.data.Dataset.from_tensor_slices({"image": uniform(8, 6), "label": np.arange(8, dtype=np.int32) % 3})
    return rows.shuffle(8).repeat().batch(2)


@pipeline
def one_shot_iterator():
    row = tf1.data.make_one_shot_iterator(dataset()).get_next()
    return classifier(row["image"], row["label"])


@pipeline
def one_shot_iterator_both():
    row = tf1.data.make_one_shot_iterator(dataset()).get_next()
    return classifier(row["image"], row["label"], training_only=False)


@pipeline
def initializable_iterator():
    row = tf1.data.make_initializable_iterator(dataset()).get_next()
    return classifier(row["image"], row["label"])


@pipeline
def feedable_iterator():
    """The iterator is chosen by a handle that is fed: no input of the model."""
    handle = tf1.placeholder(tf.string, [], name="handle")
    row = tf1.data.Iterator.from_string_handle(handle, *[f(dataset()) for f in (tf1.data.get_output_types, tf1.data.get_output_shapes)]).get_next()
    return classifier(row["image"], row["label"])


@pipeline
def staged():
    """A staging area between the iterator and the model."""
    from tensorflow.python.ops import data_flow_ops
    area = data_flow_ops.StagingArea([tf.float32], [[2, 6]])
    area.put([tf1.data.make_one_shot_iterator(dataset()).get_next()["image"]])
    return classifier(area.get()[0])


@pipeline
def default_from_queue():
    """A placeholder whose default is the queue."""
    queue = tf1.FIFOQueue(10, [tf.float32], [[6]])
    queue.enqueue([tf1.random_uniform([6])])
    return classifier(tf1.placeholder_with_default(queue.dequeue_many(2), [None, 6], name="image"))


class Pipelines(ParityTest):

    def save(self, build):
        tf1.disable_control_flow_v2()
        tf1.disable_resource_variables()
        with tf.Graph().as_default(), tf1.Session() as session:
            made = build()
            session.run(tf1.global_variables_initializer())
            randomise(session)
            tf1.train.Saver().save(session, self.path("model.ckpt"))
            self.inputs = {t.name: v for t, v in made.inputs.items()}
            self.outputs = [t.name for t in made.outputs]
            self.want = session.run(made.outputs, made.inputs)

    def freeze(self, level, *flags):
        out = self.path("f.pb")
        self.firn_good("freeze", self.path("model.ckpt.meta"), "--outputs", ",".join(self.outputs), "--optimize", level, *flags,
                       "--report", self.path("report.json"), "-o", out)
        frozen = read_graph(out)
        self.assertEqual(graphs.defects(frozen), [])
        return frozen

    def renamed(self):
        """{old tensor: placeholder}, as the report tells it."""
        with open(self.path("report.json")) as f:
            return {pair["from"]: pair["to"] for pair in json.load(f)["renamed"]}

    def feeds(self, renamed):
        found = {}
        for tensor, value in self.inputs.items():
            new = renamed.get(tensor, renamed.get(tensor.split(":")[0] if tensor.endswith(":0") else tensor))
            found[new.split(":")[0] + ":0" if new else tensor.split(":")[0] + ":0"] = value
        return found

    def check(self, build):
        self.save(build)
        for level in (0, 1, 2):
            for flags in ([], ["--inputs", ",".join(self.inputs)]):
                with self.subTest(level=level, told=bool(flags)):
                    frozen = self.freeze(level, *flags)
                    feeds = self.feeds(self.renamed())
                    self.assertEqual(sorted(inference.placeholders(frozen)), sorted(feeds))
                    self.assertEqual(inference.leftovers(frozen, feeds), [])
                    types = {n.name + ":0": tf.as_dtype(n.attr["dtype"].type).as_numpy_dtype for n in frozen.node if n.op == "Placeholder"}
                    self.assertEqual(types, {k: v.dtype.type for k, v in feeds.items()}, "a placeholder with the component's type")
                    self.assert_close(run_frozen(frozen, feeds, self.outputs), self.want, "level %d" % level)


def add_tests():
    for name, build in CASES.items():
        def test(self, build=build):
            self.check(build)
        test.__doc__ = build.__doc__
        setattr(Pipelines, "test_" + name, test)


add_tests()

if __name__ == "__main__":
    unittest.main()
