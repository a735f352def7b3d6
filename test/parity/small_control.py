"""Small models with control flow around variables: v1 (Switch, Merge, Enter), functional (If, While, Case), functions."""
import numpy as np
from small_models import Model, model, uniform, weight
from support import tf, tf1


def recurrent():
    x, length = tf1.placeholder(tf.float32, [None, 5, 4], name="x"), tf1.placeholder(tf.int32, [None], name="length")
    cell = tf1.nn.rnn_cell.MultiRNNCell([tf1.nn.rnn_cell.LSTMCell(3, name="l%d" % i) for i in range(2)])
    out, state = tf1.nn.dynamic_rnn(cell, x, sequence_length=length, dtype=tf.float32)
    out = tf.identity(out[:, -1] + state[-1].h, name="out")
    return Model({x: uniform(2, 5, 4), length: np.array([5, 3], np.int32)}, [out], loss=tf.reduce_sum(out),
                 optimizer=tf1.train.AdamOptimizer())


@model()
def recurrent_ref():
    return recurrent()


@model(resource=True)
def recurrent_resource():
    return recurrent()


@model(functional=True)
def recurrent_functional():
    return recurrent()


@model(resource=True, functional=True)
def recurrent_functional_resource():
    return recurrent()


def branches():
    """Variables read inside both branches and shared by them, the predicate fed at inference."""
    x, flag = tf1.placeholder(tf.float32, [None, 3], name="x"), tf1.placeholder(tf.bool, [], name="flag")
    a, b, c = weight("a", 3, 3), weight("b", 3, 3), weight("c", 3)
    out = tf1.cond(flag, lambda: tf.matmul(x, a) + c, lambda: tf.matmul(tf.nn.relu(tf.matmul(x, b)), a))
    out = tf.identity(out, name="out")
    return Model({x: uniform(2, 3), flag: np.array(False)}, [out], loss=tf.reduce_sum(out))


@model()
def cond_ref():
    return branches()


@model(resource=True)
def cond_resource():
    return branches()


@model(functional=True)
def if_ref():
    return branches()


@model(functional=True, resource=True)
def if_resource():
    return branches()


def loop():
    """Variables read inside the body and inside the condition."""
    x, steps = tf1.placeholder(tf.float32, [2, 3], name="x"), tf1.placeholder(tf.int32, [], name="steps")
    w, bound = weight("w", 3, 3), weight("bound")

    def body(i, t):
        return i + 1, tf.tanh(tf.matmul(t, w)) + weight_inside

    weight_inside = weight("inside", 3)
    _, out = tf1.while_loop(lambda i, t: tf.logical_and(i < steps, tf.reduce_sum(t) < 100 * bound), body, [0, x])
    return Model({x: uniform(2, 3), steps: np.int32(3)}, [tf.identity(out, name="out")])


@model()
def while_ref():
    return loop()


@model(resource=True)
def while_resource():
    return loop()


@model(functional=True)
def functional_while_ref():
    return loop()


@model(functional=True, resource=True, tool="keeps an _output_shapes that its own rewrite made wrong")
def functional_while_resource():
    return loop()


def embedding_loop():
    """An embedding looked up inside a loop: the gather, and what it needs, belong to the loop's frame."""
    ids = tf1.placeholder(tf.int64, [4], name="ids")
    table = weight("table", 9, 3)

    def body(i, total):
        return i + 1, total + tf1.nn.embedding_lookup(table, tf.reshape(ids[i], [1]))

    _, out = tf1.while_loop(lambda i, total: i < 4, body, [0, tf.zeros([1, 3])])
    return Model({ids: np.array([8, 0, 3, 3])}, [tf.identity(out, name="out")])


@model()
def embedding_while_ref():
    return embedding_loop()


@model(resource=True, tool="its axis constant is outside the loop's frame, so the graph cannot run")
def embedding_while_resource():
    return embedding_loop()


@model(functional=True, resource=True, tool="a gather in a function is not converted")
def embedding_functional_while():
    return embedding_loop()


def nested():
    """A cond inside a loop, both reading one variable, and a TensorArray of the steps."""
    x = tf1.placeholder(tf.float32, [2, 3], name="x")
    w, b = weight("w", 3, 3), weight("b", 3)

    def body(i, t, steps):
        t = tf1.cond(tf.equal(i % 2, 0), lambda: tf.matmul(t, w), lambda: t * b)
        return i + 1, t, steps.write(i, t)

    steps = tf.TensorArray(tf.float32, 4, element_shape=[2, 3])
    _, out, steps = tf1.while_loop(lambda i, *_: i < 4, body, [0, x, steps])
    return Model({x: uniform(2, 3)}, [tf.add(out, tf.reduce_sum(steps.stack(), 0), name="out")])


@model()
def nested_ref():
    return nested()


@model(resource=True)
def nested_resource():
    return nested()


@model(functional=True, resource=True, tool="keeps an _output_shapes that its own rewrite made wrong")
def nested_functional_resource():
    return nested()


@model(tool="writes a graph that TensorFlow refuses: Assign takes a value")
def assign_in_branch():
    """One branch writes a variable before it reads another; inference takes the other branch."""
    x, train = tf1.placeholder(tf.float32, [None, 3], name="x"), tf1.placeholder_with_default(True, [], name="train")
    w, seen = weight("w", 3, 3), weight("seen")

    def training():
        with tf1.control_dependencies([tf1.assign_add(seen, 1.0)]):
            return tf.matmul(x, w) * 0.5

    out = tf.identity(tf1.cond(train, training, lambda: tf.matmul(x, w)), name="out")
    return Model({x: uniform(2, 3)}, [out], {train: False})


@model(resource=True, tool="AssignAddVariableOp takes a value")
def assign_in_branch_resource():
    return assign_in_branch()


@model(functional=True, resource=True)
def switch_case():
    """A functional Case over branches that read different variables."""
    x, which = tf1.placeholder(tf.float32, [None, 3], name="x"), tf1.placeholder(tf.int32, [], name="which")
    weights = [weight("w%d" % i, 3, 3) for i in range(3)]
    out = tf.switch_case(which, [lambda w=w: tf.matmul(x, w) for w in weights])
    return Model({x: uniform(2, 3), which: np.int32(1)}, [tf.identity(out, name="out")])


@model(resource=True)
def function_calls():
    """tf.function in a graph: calls with captured variables, one function calling another, one called twice."""
    x = tf1.placeholder(tf.float32, [2, 3], name="x")
    w, b = weight("w", 3, 3), weight("b", 3)

    @tf.function(autograph=False)
    def inner(t):
        return tf.nn.relu(tf.matmul(t, w))

    @tf.function(autograph=False)
    def outer(t):
        return inner(t) + b

    return Model({x: uniform(2, 3)}, [tf.identity(outer(outer(x)), name="out")])


@model(resource=True, tool="a gather in a function is not converted")
def function_gather():
    """ResourceGather inside a function body."""
    ids = tf1.placeholder(tf.int32, [2], name="ids")
    table = weight("table", 5, 3)

    @tf.function(autograph=False)
    def look(t):
        return tf.gather(table, t) * tf.cast(tf.shape(table)[0], tf.float32)

    return Model({ids: np.array([4, 1], np.int32)}, [tf.identity(look(ids), name="out")])
