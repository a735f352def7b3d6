"""Training graphs whose mode firn must find, each with the same net built for inference by Python: the oracle.

A builder takes `training` and returns a Case. It is called twice: for the graph that is saved with its checkpoint, and for the reference,
where dropout is off, batch norm reads its moving averages and a mask without division is its expectation. Both give their variables
the same names. The builders stand in mode_*.py; `all_cases()` has every one.
"""
import os

from small_models import dense, randomise, uniform, weight  # noqa: F401 (for the builders)
from support import run_training, session_config, tf, tf1

CASES = {}
FLAGS = "mode_flags_made"  # collection of the training graph: (placeholder, value for inference)


class Case:
    """inputs {tensor: array}, outputs [tensor]; stays: nodes of training that are meant to be left (names); says: what firn's messages
    must name; freeze: flags for firn; live: nothing changes, the training graph itself is the reference."""

    def __init__(self, inputs, outputs, loss=None, stays=(), says=(), freeze=(), live=False):
        self.inputs, self.outputs, self.loss, self.live = inputs, outputs, loss, live
        self.stays, self.says, self.freeze = stays, says, list(freeze)


class Saved:
    """A case on disk; want: the numbers of its inference form; flags: {placeholder: value for inference}."""

    def __init__(self, meta, case, flags, want):
        self.meta, self.want, self.flags = meta, want, flags
        self.inputs = {t.name: v for t, v in case.inputs.items()}
        self.outputs = [t.name for t in case.outputs]
        self.stays, self.says, self.freeze = case.stays, case.says, case.freeze


def register(name, build, resource=False, functional=False):
    assert name not in CASES, name
    CASES[name] = (build, resource, functional)


def mode(resource=False, functional=False):
    """Registers a builder under its name: with resource variables, with control flow as functions (If, While)."""
    def decorate(build):
        register(build.__name__, build, resource, functional)
        return build
    return decorate


def all_cases():
    import mode_dropout  # noqa: F401 (registers)
    import mode_flags  # noqa: F401 (registers)
    import mode_masks  # noqa: F401 (registers)
    import mode_norm  # noqa: F401 (registers)
    import mode_norm_forms  # noqa: F401 (registers)
    return CASES


def flag(training, value, name=None, default=None, dtype=None):
    """A placeholder of the training graph that firn must bind to `value`; in the reference the value itself."""
    dtype = dtype or (tf.bool if isinstance(value, bool) else tf.float32)
    if not training:
        return value
    made = tf1.placeholder(dtype, [], name) if default is None else tf1.placeholder_with_default(
        tf.constant(default, dtype), [], name)
    tf1.add_to_collection(FLAGS, (made.name, value))
    return made


def taken(graph):
    """The flags made in `graph`; the collection must not reach the MetaGraph, which holds none of its kind."""
    flags = dict(graph.get_collection(FLAGS))
    graph.clear_collection(FLAGS)
    return flags


def save_training(build, prefix):
    """Saves the training graph; (case with names, flags)."""
    with tf.Graph().as_default() as graph, tf1.Session(config=session_config()) as session:
        tf1.set_random_seed(11)
        case = build(True)
        if case.loss is not None:
            with tf1.control_dependencies(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)):
                tf1.train.GradientDescentOptimizer(0.1).minimize(case.loss)
        flags = taken(graph)
        if not tf1.global_variables():
            weight("unused")  # a Saver needs one
        session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])
        randomise(session)
        tf1.train.Saver().save(session, prefix)
    return case, flags


def run_reference(build, prefix):
    """The numbers of the net built for inference, its variables restored from the training checkpoint."""
    with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
        case = build(False)
        if tf1.global_variables():
            tf1.train.Saver().restore(session, prefix)
        return session.run(case.outputs, case.inputs)


def save(name, root):
    build, resource, functional = all_cases()[name]
    return save_case(build, os.path.join(root, name), resource, functional)


def save_case(build, directory, resource=False, functional=False):
    os.makedirs(directory, exist_ok=True)
    (tf1.enable_control_flow_v2 if functional else tf1.disable_control_flow_v2)()
    (tf1.enable_resource_variables if resource else tf1.disable_resource_variables)()
    prefix = os.path.join(directory, "model.ckpt")
    case, flags = save_training(build, prefix)
    saved = Saved(prefix + ".meta", case, flags, None)
    saved.want = (run_training(saved.meta, prefix, saved.inputs, saved.outputs) if case.live
                  else run_reference(build, prefix))
    return saved
