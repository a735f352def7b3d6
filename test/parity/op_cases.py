"""Single ops on constant inputs: computed by TensorFlow and by `firn run`, all cases in one graph each, and compared."""
import os

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # TensorFlow's own kernels define the ops; oneDNN's give another shape for empty batches
from support import difference, firn, np, session_config, tf, tf1

BOUNDS = {"float16": 4e-3, "bfloat16": 3e-2}


def bits_of(array):
    """As firn writes it: NumPy has neither bfloat16 nor quantized types."""
    array = np.asarray(array)
    if array.dtype.names:
        array = array.view(array.dtype[0])
    return array.view(np.uint16) if array.dtype.name == "bfloat16" else array


def wide(bits):
    """bfloat16 bits as float32."""
    return (bits.astype(np.uint32) << np.uint32(16)).view(np.float32)


class Case:
    """`want` makes TensorFlow's result, `got` what firn is given; `after` brings firn's results into TensorFlow's form. `ignored` are
    numbers of outputs that TensorFlow leaves as it found the memory."""

    def __init__(self, name, want, got, after=lambda outputs: outputs, bound=None, ignored=()):
        self.name, self.want, self.got, self.after, self.bound, self.ignored = name, want, got, after, bound, ignored
        self.outputs = []

    def describe(self):
        """The op with its attributes and the types and shapes of its inputs."""
        def text(value):
            if isinstance(value, list) and value and hasattr(value[0], "shape"):
                return "[" + ", ".join(map(text, value)) + "]"
            return "%s%s" % (value.dtype, list(value.shape)) if hasattr(value, "shape") and hasattr(value, "dtype") else repr(value)
        op, arguments = self.got
        return "%s(%s)" % (op, ", ".join("%s=%s" % (k, text(v)) for k, v in arguments.items()))


def make_node(name, op, arguments):
    """The op with arrays as constants; its outputs."""
    def constant(value):
        if isinstance(value, list) and value and isinstance(value[0], (np.ndarray, np.generic)):
            return [tf.constant(v) for v in value]
        return tf.constant(value) if isinstance(value, (np.ndarray, np.generic)) else value
    with tf1.name_scope(name + "/"):
        inputs = {k: constant(v) for k, v in arguments.items()}
    result = getattr(tf.raw_ops, op)(name=name, **inputs)
    flat = tf.nest.flatten(result)
    return list(flat[0].op.outputs)


class Cases:
    def __init__(self):
        self.list = []

    def add(self, op, bound=None, ignored=(), **arguments):
        """Both get the same node."""
        self.add_pair((op, arguments), (op, arguments), bound, ignored)

    def add_pair(self, want, got, bound=None, ignored=()):
        """Two ways, (op, arguments), to the same result: for what TensorFlow has no kernel for."""
        self.list.append(Case("c%d_%s" % (len(self.list), got[0]), want, got, bound=bound, ignored=ignored))

    def add_both_layouts(self, op, images, sizes=(), bound=None, ignored=(), **arguments):
        """Channels last, and channels first compared with TensorFlow's channels last. `images` names the tensors and the numbers of
        the outputs that are images; `sizes` the tensors that hold a shape."""
        self.add(op, bound, ignored, **arguments)
        rank = next(len(arguments[k].shape) for k in images if isinstance(k, str))
        first = [0, rank - 1] + list(range(1, rank - 1))
        last = [0] + list(range(2, rank)) + [1]
        turned = dict(arguments, data_format="NCHW" if rank == 4 else "NCDHW")
        for key, value in arguments.items():
            if key in images:
                turned[key] = value.transpose(first)
            elif key in sizes:
                turned[key] = value[first]
            elif key in ("strides", "dilations", "ksize"):
                turned[key] = [value[i] for i in first]
            elif key == "explicit_paddings" and value:
                turned[key] = [value[2 * i + side] for i in first for side in (0, 1)]
        case = self.list[-1]
        self.list.append(Case(case.name + "_first", case.want, (op, turned),
                              lambda outputs: [o.transpose(last) if i in images else o for i, o in enumerate(outputs)], bound, ignored))

    def build(self, which):
        """A GraphDef of all cases; notes their outputs."""
        with tf.Graph().as_default() as graph:
            for case in self.list:
                op, arguments = getattr(case, which)
                try:
                    case.outputs = [t.name for t in make_node(case.name, op, arguments)]
                except (TypeError, ValueError) as error:
                    raise AssertionError("%s: %s" % (case.describe(), error)) from error
            return graph.as_graph_def()

    def run_tensorflow(self):
        """{case: arrays, or the exception}."""
        graph_def = self.build("want")
        results = {}
        with tf.Graph().as_default(), tf1.Session(config=session_config()) as session:
            tf.import_graph_def(graph_def, name="")
            for case in self.list:
                try:
                    results[case.name] = session.run(case.outputs)
                except tf.errors.OpError as error:
                    if "No OpKernel was registered" in str(error) or "Could not find device" in str(error):
                        raise AssertionError("a case that TensorFlow cannot place spoils all others: %s" % error) from error
                    results[case.name] = error
        return results

    def run_firn(self, directory):
        """{case: arrays, or the message}. A node that fails ends the run, so the run is repeated without it."""
        path = os.path.join(directory, "cases.pb")
        with open(path, "wb") as f:
            f.write(self.build("got").SerializeToString())
        out = os.path.join(directory, "out.npz")
        results, left = {}, list(self.list)
        while left:
            done = firn("run", path, "--fetch", ",".join(t for c in left for t in c.outputs), "--out", out)
            if done.rc == 0:
                break
            failed = [c for c in left if "'%s'" % c.name in done.err]
            if not failed:
                raise AssertionError(str(done)[-3000:])
            results[failed[0].name] = done.err.strip()
            left.remove(failed[0])
        if left:
            arrays = np.load(out)
            for case in left:
                results[case.name] = case.after([arrays[name if name in arrays.files else name.removesuffix(":0")] for name in case.outputs])
        return results


def mismatch(case, got, want):
    """Why firn's results are not TensorFlow's; "" when they are. Where TensorFlow refuses, firn must."""
    if isinstance(want, Exception):
        return "" if isinstance(got, str) else "TensorFlow refuses: " + str(want)[:300]
    if isinstance(got, str):
        return got
    bound = case.bound
    for i, (g, w) in enumerate(zip(got, want)):
        if i in case.ignored:
            continue
        kind = np.asarray(w).dtype.name
        if np.asarray(w).dtype.kind in "OS":
            g, w = np.asarray(g, object), np.asarray(w, object)
            if g.shape != w.shape or g.tolist() != w.tolist():
                return "output %d: %r, expected %r" % (i, g, w)
            continue
        w = bits_of(w)
        if (g.shape, g.dtype) != (w.shape, w.dtype):
            return "output %d: %s%s, expected %s%s" % (i, g.dtype, g.shape, w.dtype, w.shape)
        if kind == "bfloat16":
            g, w = wide(g), wide(w)
        if w.dtype.kind not in "fc":
            allowed = bound or 0
            if not np.all(np.abs(g.astype(np.int64) - w.astype(np.int64)) <= allowed):
                return "output %d: %s" % (i, difference(g, w))
            continue
        finite = np.isfinite(w)
        if not np.array_equal(g[~finite], w[~finite], equal_nan=True):
            return "output %d: not finite: %s" % (i, difference(g, w))
        off = np.abs(g[finite].astype(complex) - w[finite].astype(complex)).max(initial=0)
        largest = np.abs(w[finite].astype(complex)).max(initial=0)
        if not off <= (bound or BOUNDS.get(kind, 1e-5)) * largest:
            return "output %d: max|d| = %g of max|want| = %g" % (i, off, largest)
    return ""


def check_cases(test, add):
    """A sub-test of `test` for each case that `add(cases, random)` adds."""
    cases = Cases()
    add(cases, np.random.default_rng(7))
    want, got = cases.run_tensorflow(), cases.run_firn(test.dir)
    for case in cases.list:
        with test.subTest(case.name):
            why = mismatch(case, got[case.name], want[case.name])
            test.assertFalse(why, "%s\n%s" % (case.describe(), why))
