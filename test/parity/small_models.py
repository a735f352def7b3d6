"""Small training graphs, saved as training scripts save them: the same kinds as the big zoo, in seconds, and many more forms.

A builder returns a Model; `save` writes NAME/model.ckpt.*, NAME/graph.pbtxt below a directory and returns a Saved. The builders of
variables and checkpoints stand in small_variables.py, those of control flow in small_control.py; `all_models()` has every one.
"""
import os

import numpy as np
from support import tf, tf1

MODELS = {}


class Model:
    """inputs {tensor: array}, outputs [tensor], binds {placeholder: value for inference}; cut: inputs must be named to firn;
    saver: builds the Saver; checkpoint: writes another checkpoint at a prefix in place of the model's own."""

    def __init__(self, inputs, outputs, binds=None, loss=None, optimizer=None, cut=False, saver=None, checkpoint=None):
        self.inputs, self.outputs, self.binds = inputs, outputs, binds or {}
        self.loss, self.optimizer, self.cut = loss, optimizer, cut
        self.saver, self.checkpoint = saver or tf1.train.Saver, checkpoint


class Saved:
    """A model on disk, names in place of tensors. tool: None where TensorFlow's freeze_graph succeeds, else why it does not."""

    def __init__(self, name, directory, model, tool, restore_path):
        self.name, self.directory, self.tool, self.cut = name, directory, tool, model.cut
        self.meta = os.path.join(directory, "model.ckpt.meta")
        self.checkpoint = os.path.join(directory, "model.ckpt")
        self.restore_path = restore_path  # what TensorFlow must be given: a pattern for sharded V1 files, else the prefix
        self.pbtxt = os.path.join(directory, "graph.pbtxt")
        self.inputs = {t.name: v for t, v in model.inputs.items()}
        self.outputs = [t.name for t in model.outputs]
        self.binds = {t.name: v for t, v in model.binds.items()}

    def flags(self):
        """What `firn freeze` needs to be told beside the file and the output."""
        from support import bind_flags
        flags = ["--outputs", ",".join(self.outputs)] + bind_flags(self.binds)
        return flags + (["--inputs", ",".join(self.inputs)] if self.cut else [])


def model(resource=False, functional=False, tool=None, cpus=1):
    """Registers a builder: resource variables, control flow v2 (If, While), why freeze_graph fails, virtual CPU devices."""
    def register(build):
        MODELS[build.__name__] = (build, resource, functional, tool, cpus)
        return build
    return register


def all_models():
    import small_control  # noqa: F401 (registers)
    import small_variables  # noqa: F401 (registers)
    return MODELS


def randomise(session):
    """Every floating-point variable gets values of its own, so that no two can be mistaken for each other."""
    rng = np.random.RandomState(5)
    for v in tf1.global_variables():
        if v.dtype.base_dtype.is_floating:
            v.load(rng.uniform(0.2, 0.8, v.shape.as_list()).astype(v.dtype.base_dtype.as_numpy_dtype), session)


def save(name, root):
    build, resource, functional, tool, cpus = all_models()[name]
    directory = os.path.join(root, name)
    os.makedirs(directory, exist_ok=True)
    (tf1.enable_control_flow_v2 if functional else tf1.disable_control_flow_v2)()
    (tf1.enable_resource_variables if resource else tf1.disable_resource_variables)()
    config = tf1.ConfigProto(device_count={"CPU": cpus}, allow_soft_placement=True)
    with tf.Graph().as_default() as graph, tf1.Session(config=config) as session:
        tf1.set_random_seed(11)
        made = build()
        if made.loss is not None:
            with tf1.control_dependencies(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)):
                (made.optimizer or tf1.train.GradientDescentOptimizer(0.1)).minimize(made.loss)
        saver = made.saver()
        session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
        randomise(session)
        prefix = os.path.join(directory, "model.ckpt")
        restore_path = saver.save(session, prefix)
        tf1.train.write_graph(graph.as_graph_def(), directory, "graph.pbtxt")
    if made.checkpoint:
        with tf.Graph().as_default(), tf1.Session() as session:
            made.checkpoint(session, prefix)
    return Saved(name, directory, made, tool, restore_path)


def uniform(*shape, seed=3):
    return np.random.RandomState(seed).uniform(-1, 1, shape).astype(np.float32)


def weight(name, *shape, **more):
    return tf1.get_variable(name, shape, initializer=tf1.random_uniform_initializer(-0.5, 0.5), **more)


def dense(x, units, name):
    return tf.matmul(x, weight(name + "/w", int(x.shape[-1]), units)) + weight(name + "/b", units)


@model()
def keep_prob_conv():
    """A conv net whose dropout keeps with a placeholder's probability; Adam slots beside the weights."""
    x, keep = tf1.placeholder(tf.float32, [None, 64], name="x"), tf1.placeholder(tf.float32, name="keep")
    net = tf1.nn.conv2d(tf.reshape(x, [-1, 8, 8, 1]), weight("c/w", 3, 3, 1, 4), [1, 1, 1, 1], "SAME") + weight("c/b", 4)
    net = tf1.nn.max_pool(tf.nn.relu(net), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    net = tf1.nn.dropout(dense(tf.reshape(net, [-1, 64]), 10, "fc1"), rate=1.0 - keep)
    out = tf.nn.softmax(dense(net, 3, "fc2"), name="prob")
    return Model({x: uniform(2, 64)}, [out], {keep: 1.0}, tf.reduce_sum(out * out), tf1.train.AdamOptimizer())


@model()
def fixed_batch():
    """The batch size is in the placeholder and in a Reshape; Momentum slots."""
    x, rate = tf1.placeholder(tf.float32, [5, 6], name="images"), tf1.placeholder_with_default(0.5, [], name="rate")
    net = tf1.nn.dropout(tf.nn.relu(dense(x, 8, "h")), rate=rate)
    out = tf.reduce_mean(tf.reshape(net, [5, 2, 4]), 1, name="out")
    return Model({x: uniform(5, 6)}, [out], {rate: 0.0}, tf.reduce_sum(out), tf1.train.MomentumOptimizer(0.1, 0.9))


@model(tool="writes a graph that TensorFlow refuses: the update in the branch takes a reference")
def phase_cond_ema():
    """FaceNet-era batch norm: a phase placeholder picks batch or moving statistics, the averages are updated inside the branch."""
    x, phase = tf1.placeholder(tf.float32, [None, 4], name="x"), tf1.placeholder(tf.bool, [], name="phase_train")
    ema = tf1.train.ExponentialMovingAverage(0.9)
    net = dense(x, 4, "h")
    mean, var = tf.nn.moments(net, [0])

    def update():
        with tf1.control_dependencies([ema.apply([mean, var])]):
            return tf.identity(mean), tf.identity(var)

    m, v = tf1.cond(phase, update, lambda: (ema.average(mean), ema.average(var)))
    out = tf1.nn.batch_normalization(net, m, v, weight("beta", 4), weight("gamma", 4), 1e-3, name="out")
    return Model({x: uniform(3, 4)}, [out], {phase: False}, tf.reduce_sum(out), tf1.train.AdagradOptimizer(0.1))


@model()
def batch_norm_layer():
    """tf.layers batch norm with a phase placeholder; the moving averages are updated by UPDATE_OPS before the train op."""
    x, phase = tf1.placeholder(tf.float32, [None, 5, 5, 2], name="x"), tf1.placeholder(tf.bool, [], name="phase")
    net = tf1.layers.batch_normalization(x, training=phase, name="bn1")
    net = tf1.layers.batch_normalization(net, training=phase, fused=False, name="bn2")
    out = tf.reduce_mean(net, [1, 2], name="out")
    return Model({x: uniform(3, 5, 5, 2)}, [out], {phase: False}, tf.reduce_sum(out), tf1.train.RMSPropOptimizer(0.1))


@model(resource=True)
def batch_norm_layer_resource():
    return batch_norm_layer()


@model()
def queue_input():
    """Inference starts behind the dequeue."""
    queue = tf1.FIFOQueue(4, [tf.float32], shapes=[[6]], name="examples")
    tf1.train.add_queue_runner(tf1.train.QueueRunner(queue, [queue.enqueue([tf.random.uniform([6])])]))
    batch = tf.identity(queue.dequeue_many(2), name="batch")
    return Model({batch: uniform(2, 6)}, [tf.nn.relu(dense(batch, 3, "h"), name="out")], cut=True)


@model()
def cut_between():
    """Two cuts at outputs of one node that nothing else needs, one of them not its first."""
    parts = tf.split(tf.random.uniform([2, 6], name="noise"), 3, axis=1, name="parts")
    out = tf.add(dense(parts[0], 3, "a"), dense(parts[2], 3, "b"), name="out")
    return Model({parts[0]: uniform(2, 2), parts[2]: uniform(2, 2, seed=4)}, [out], cut=True)


@model()
def custom_gradient():
    """tf.custom_gradient leaves IdentityN with a gradient that no other process has registered."""
    @tf.custom_gradient
    def clipped(t):
        return tf.clip_by_value(t, -0.5, 0.5), lambda dy: dy

    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    out = tf.identity(clipped(dense(x, 3, "h")), name="out")
    return Model({x: uniform(2, 3)}, [out], loss=tf.reduce_sum(out))


@model()
def devices_and_colocations():
    """Devices of the training machine, and colocations with variables and with nodes that are pruned."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    with tf1.device("/device:GPU:0"):
        net = dense(x, 4, "h")
    with tf1.device("/device:GPU:3"):
        w = weight("w", 4, 4)
    with tf1.colocate_with(w):
        net = tf.matmul(net, w)
    side = tf.reduce_sum(net, name="side")
    with tf1.colocate_with(side.op):
        out = tf.nn.relu(net, name="out")
    return Model({x: uniform(2, 3)}, [out], loss=side)


@model()
def defaults_and_checks():
    """Placeholder with default as input, CheckNumerics, Print, Assert, summaries, a control dependency on a queue size check."""
    x = tf1.placeholder_with_default(np.ones([1, 3], np.float32), [None, 3], name="x")
    net = tf1.check_numerics(dense(x, 4, "h"), "bad")
    with tf1.control_dependencies([tf1.Assert(tf.reduce_all(tf.math.is_finite(net)), [net])]):
        net = tf.identity(net)
    tf1.summary.histogram("net", net)
    out = tf.nn.elu(net, name="out")
    return Model({x: uniform(2, 3)}, [out], loss=tf.reduce_sum(out))


@model()
def many_outputs():
    """Outputs: second output of a node, a placeholder, a constant, an integer, a variable's read and the variable itself."""
    x = tf1.placeholder(tf.float32, [None, 4], name="x")
    w = weight("w", 4, 4)
    values, indices = tf.nn.top_k(tf.matmul(x, w), 2, name="top")
    read = next(op for op in tf1.get_default_graph().get_operations() if op.name == "w/read").outputs[0]
    return Model({x: uniform(2, 4)}, [values, indices, x, tf.constant([1, 2], name="pair"), read], loss=tf.reduce_sum(values))


@model()
def strings_and_tables_of_bytes():
    """Strings as input and output, bytes that are no UTF-8 in a constant."""
    text = tf1.placeholder(tf.string, [None], name="text")
    table = tf.constant([b"\xff\x00zero", b"one", b""], name="table")
    bucket = tf.strings.to_hash_bucket_fast(text, 3)
    score = tf.gather(weight("scores", 3), bucket, name="score")
    word = tf.strings.join([tf.gather(table, bucket), text], name="word")
    return Model({text: np.array([b"a", b"bc", b"\xfe"], object)}, [score, word])
