"""Small models for every form of variable and every way that a Saver writes one (see small_models.py)."""
import numpy as np
from small_models import Model, dense, model, uniform, weight
from support import tf, tf1


def partitioned(partitioner, shape=(10, 6), optimizer=None):
    ids = tf1.placeholder(tf.int64, [None], name="ids")
    with tf1.variable_scope("scope", partitioner=partitioner):
        table = weight("emb", *shape)
    rows = tf.gather(tf.convert_to_tensor(table), ids)
    out = tf.tanh(tf.matmul(rows, weight("w", shape[1], 3)), name="out")
    return Model({ids: np.array([0, 9, 4, 3])}, [out], loss=tf.reduce_sum(out), optimizer=optimizer)


@model()
def partitioned_rows():
    """Three slices of 4, 3 and 3 rows, each with Adam slots whose keys are the whole tensor's."""
    return partitioned(tf1.fixed_size_partitioner(3), optimizer=tf1.train.AdamOptimizer())


@model()
def partitioned_columns():
    """Slices along axis 1, which interleave in the whole tensor; Momentum slots."""
    return partitioned(tf1.fixed_size_partitioner(4, axis=1), optimizer=tf1.train.MomentumOptimizer(0.1, 0.9))


@model()
def partitioned_by_size():
    return partitioned(tf1.variable_axis_size_partitioner(64))


@model()
def partitioned_min_max():
    return partitioned(tf1.min_max_variable_partitioner(5, min_slice_size=48), optimizer=tf1.train.RMSPropOptimizer(0.1))


@model()
def partitioned_in_one():
    """A partitioner that gives a single slice: part_0 in the graph, no slices to join."""
    return partitioned(tf1.fixed_size_partitioner(1))


@model(resource=True)
def partitioned_resource():
    return partitioned(tf1.fixed_size_partitioner(3), optimizer=tf1.train.AdagradOptimizer(0.1))


@model()
def partitioned_lookup():
    """embedding_lookup over slices, 'div' and 'mod', that never joins them."""
    ids = tf1.placeholder(tf.int64, [None], name="ids")
    table = tf1.get_variable("emb", [12, 4], partitioner=tf1.fixed_size_partitioner(4))
    out = tf1.nn.embedding_lookup(table, ids, partition_strategy="div")
    parts = list(table)
    return Model({ids: np.array([11, 0, 5])}, [out, tf1.nn.embedding_lookup(parts, ids, partition_strategy="mod")])


@model()
def partitioned_averages():
    """Moving averages of slices: part_k stands in the middle of the name, the key has none."""
    x = tf1.placeholder(tf.float32, [None, 6], name="x")
    table = tf1.get_variable("emb", [6, 4], partitioner=tf1.fixed_size_partitioner(2))
    ema = tf1.train.ExponentialMovingAverage(0.9)
    tf1.add_to_collection(tf1.GraphKeys.UPDATE_OPS, ema.apply(list(table)))
    average = tf.concat([ema.average(part) for part in table], 0)
    return Model({x: uniform(2, 6)}, [tf.matmul(x, average, name="out")])


@model(resource=True, tool="leaves VariableShape and VarIsInitializedOp, or fails on them")
def resource_reads():
    """Every read of a resource variable: ReadVariableOp, ResourceGather, ResourceGatherNd, VariableShape, VarIsInitializedOp."""
    ids = tf1.placeholder(tf.int32, [None], name="ids")
    table = weight("table", 7, 4)
    gathered = tf.gather(table, ids)
    nd = tf.raw_ops.ResourceGatherNd(resource=table.handle, indices=tf.expand_dims(ids, 1), dtype=tf.float32)
    shape = tf.raw_ops.VariableShape(input=table.handle, out_type=tf.int64, name="shape")
    known = tf.raw_ops.VarIsInitializedOp(resource=table.handle, name="known")
    out = tf.add(gathered + nd, tf.reduce_sum(table, 0), name="out")
    return Model({ids: np.array([6, 0, 3], np.int32)}, [out, shape, known], loss=tf.reduce_sum(out))


@model(resource=True)
def resource_gather_dims():
    """ResourceGather of ids of rank 0 and 2, and of a one-dimensional variable."""
    ids = tf1.placeholder(tf.int64, [None, 2], name="ids")
    table, flat = weight("table", 5, 3), weight("flat", 5)
    out = tf.reduce_sum(tf.gather(table, ids), 1) + tf.gather(table, ids[0, 0]) + tf.gather(flat, ids[:, :1])
    return Model({ids: np.array([[4, 0], [1, 1]])}, [tf.identity(out, name="out")], loss=tf.reduce_sum(out))


@model()
def version_1():
    """A V1 checkpoint: one table file, no index."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    tf1.train.get_or_create_global_step()
    out = tf.identity(dense(tf.nn.softplus(dense(x, 4, "h")), 2, "o"), name="out")
    return Model({x: uniform(2, 3)}, [out], loss=tf.reduce_sum(out), optimizer=tf1.train.AdamOptimizer(),
                 saver=lambda: tf1.train.Saver(write_version=tf1.train.SaverDef.V1))


@model()
def version_1_sliced():
    """A V1 checkpoint with slices, which TensorFlow's own reader of whole tensors refuses."""
    made = partitioned(tf1.fixed_size_partitioner(3, axis=1))
    made.saver = lambda: tf1.train.Saver(write_version=tf1.train.SaverDef.V1)
    return made


def on_two_devices(**saver):
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    with tf1.device("/cpu:0"):
        net = dense(x, 4, "first")
    with tf1.device("/cpu:1"):
        out = tf.identity(dense(net, 2, "second"), name="out")
    return Model({x: uniform(2, 3)}, [out], loss=tf.reduce_sum(out), saver=lambda: tf1.train.Saver(sharded=True, **saver))


@model(cpus=2)
def sharded():
    return on_two_devices()


@model(cpus=2)
def version_1_sharded():
    return on_two_devices(write_version=tf1.train.SaverDef.V1)


@model(resource=True, cpus=2)
def sharded_resource():
    return on_two_devices()


@model()
def renamed_keys():
    """A Saver that was given {key: variable}, two keys crossed so that matching by name takes the wrong one."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    a, b, c = weight("a", 3, 3), weight("b", 3, 3), weight("c", 3)
    out = tf.add(tf.matmul(tf.matmul(x, a), b), c, name="out")
    return Model({x: uniform(2, 3)}, [out], saver=lambda: tf1.train.Saver({"b": a, "a": b, "old/scope/bias": c}))


@model(resource=True)
def renamed_keys_resource():
    return renamed_keys()


@model()
def reshaped():
    """Saver(reshape=True) takes a tensor of another shape and the same number of elements."""
    def checkpoint(session, prefix):
        w = tf1.get_variable("w", initializer=uniform(8, 3, seed=9), use_resource=False)
        session.run(w.initializer)
        tf1.train.Saver([w]).save(session, prefix, write_meta_graph=False)

    x = tf1.placeholder(tf.float32, [None, 4], name="x")
    out = tf.matmul(x, weight("w", 4, 6), name="out")
    return Model({x: uniform(2, 4)}, [out], saver=lambda: tf1.train.Saver(reshape=True), checkpoint=checkpoint)


@model()
def extra_keys():
    """The checkpoint holds more than the graph asks for, strings and slices among it."""
    def checkpoint(session, prefix):
        tf1.get_variable("w", initializer=uniform(4, 2, seed=9))
        tf1.get_variable("else/words", initializer=np.array([b"x", b"\xff\x00"], object))
        tf1.get_variable("else/parts", [6, 2], partitioner=tf1.fixed_size_partitioner(2))
        session.run(tf1.global_variables_initializer())
        tf1.train.Saver().save(session, prefix, write_meta_graph=False)

    x = tf1.placeholder(tf.float32, [None, 4], name="x")
    return Model({x: uniform(2, 4)}, [tf.matmul(x, weight("w", 4, 2), name="out")], checkpoint=checkpoint)


@model()
def unneeded_variables():
    """Outputs need one variable; another of the graph is not in the checkpoint, which its own Saver does not ask for."""
    x = tf1.placeholder(tf.float32, [None, 4], name="x")
    w, _ = weight("w", 4, 2), weight("forgotten", 9)
    return Model({x: uniform(2, 4)}, [tf.matmul(x, w, name="out")], saver=lambda: tf1.train.Saver([w]))


DTYPES = (tf.float16, tf.bfloat16, tf.float64, tf.int8, tf.uint8, tf.int16, tf.uint16, tf.int32, tf.int64, tf.bool, tf.complex64,
          tf.complex128, tf.string)


def value_of(dtype):
    if dtype == tf.string:
        return np.array([[b"", b"\xff\x00x", b"plain"]], object)
    values = np.array([[0, 1, 3]])
    return (values - 0.5j if dtype.is_complex else values).astype(dtype.as_numpy_dtype)


def every_dtype():
    """Odd sizes before wide types, so that the packed data lie unaligned."""
    x = tf1.placeholder(tf.float32, [], name="x")
    outs = []
    for dtype in DTYPES:
        v = tf1.get_variable("v_" + dtype.name, initializer=tf.constant(value_of(dtype)))
        outs.append(tf.identity(tf.tile(v, [2, 1]) if dtype not in (tf.uint16,) else v, name="out_" + dtype.name))
    return Model({x: np.float32(1)}, outs + [x + weight("w")])


@model()
def dtypes():
    return every_dtype()


@model(resource=True)
def dtypes_resource():
    return every_dtype()


@model()
def sizes():
    """A scalar, an empty tensor, a tensor of many dimensions, one element."""
    x = tf1.placeholder(tf.float32, [None, 2], name="x")
    empty = tf.concat([x, tf.identity(weight("empty", 0, 2))], 0)
    deep = tf.reshape(weight("deep", 1, 2, 1, 2, 1, 1, 1), [2, 2])
    return Model({x: uniform(3, 2)}, [tf.add(tf.matmul(empty, deep) * weight("scalar"), weight("one", 1), name="out")])


@model(resource=True)
def sizes_resource():
    return sizes()


@model(tool="writes a graph that TensorFlow refuses: IsVariableInitialized takes a value")
def initialised_reads():
    """initialized_value() reads a variable through a cond on IsVariableInitialized; a second variable starts from the first."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    w = weight("w", 3, 3)
    copy = tf1.get_variable("copy", initializer=w.initialized_value() * 2.0)
    out = tf.add(tf.matmul(x, w.initialized_value()), tf.matmul(x, copy), name="out")
    return Model({x: uniform(2, 3)}, [out])


@model(tool="writes a graph that TensorFlow refuses: AssignAdd takes a value")
def counted():
    """The output waits for a step counter, an average and an optimizer that write beside its path."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    step = tf1.train.get_or_create_global_step()
    w = weight("w", 3, 2)
    with tf1.control_dependencies([tf1.assign_add(step, 1), tf1.assign_sub(weight("seen", 2), [1.0, 2.0])]):
        out = tf.nn.relu(tf.matmul(x, w), name="out")
    return Model({x: uniform(2, 3)}, [out])


@model(resource=True, tool="AssignAddVariableOp takes a value")
def counted_resource():
    return counted()


@model()
def shared_reads():
    """One variable read by several Identities and by an op that takes the reference itself."""
    x = tf1.placeholder(tf.float32, [None, 3], name="x")
    w = weight("w", 3, 3)
    direct = tf.raw_ops.MatMul(a=x, b=w._ref())
    out = tf.add_n([direct, tf.matmul(x, w), tf.matmul(x, tf.identity(w._ref()))], name="out")
    return Model({x: uniform(2, 3)}, [out])
