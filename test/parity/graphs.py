"""What can be said of a GraphDef without running it: is it frozen and sound, and is it the same as another."""
import re

from support import tf
from tensorflow.python.framework import op_def_registry

VARIABLE_OPS = {
    "Variable", "VariableV2", "TemporaryVariable", "VarHandleOp", "AutoReloadVariable", "ReadVariableOp", "_ReadVariablesOp",
    "ResourceGather", "ResourceGatherNd", "VariableShape", "VarIsInitializedOp", "IsVariableInitialized", "Assign", "AssignAdd",
    "AssignSub", "AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "RefSwitch", "RefMerge", "RefEnter", "RefExit",
    "RefIdentity", "RefNextIteration", "RefSelect", "RestoreV2", "Restore", "SaveV2", "Save",
}
FIRST_REF_TYPE = 101
IGNORED_ATTRIBUTES = {"_class", "_output_shapes", "_gradient_op_type"}


def node_of(edge):
    """"^a", "a:1" and "a" all name node a."""
    return edge.lstrip("^").split(":")[0]


def types_in(attribute):
    kind = attribute.WhichOneof("value")
    return [attribute.type] if kind == "type" else list(attribute.list.type) if kind == "list" else []


def functions_used(graph_def):
    """Functions that the nodes call, directly or not (as attribute or as op)."""
    library = {f.signature.name: f for f in graph_def.library.function}
    todo, used = [list(graph_def.node)], {}
    while todo:
        for node in todo.pop():
            called = [node.op] + [v.func.name for v in node.attr.values()] + [f.name for v in node.attr.values() for f in v.list.func]
            for name in called:
                if name in library and name not in used:
                    used[name] = library[name]
                    todo.append(library[name].node_def)
    return used


def defects(graph_def):
    """What keeps `graph_def` from being a sound frozen graph, a line each. Functions that nothing calls do not matter."""
    names = [n.name for n in graph_def.node]
    found = ["two nodes are named %s" % n for n in set(names) if names.count(n) > 1] if len(set(names)) < len(names) else []
    known = set(names)
    functions = [(name, n) for name, f in functions_used(graph_def).items() for n in f.node_def]
    for owner, node in [("", n) for n in graph_def.node] + functions:
        where = "%s%s (%s)" % (owner and owner + "/", node.name, node.op)
        if node.op in VARIABLE_OPS:
            found.append("%s is left" % where)
        for name, value in node.attr.items():
            if any(t >= FIRST_REF_TYPE for t in types_in(value)):
                found.append("%s: attr %s is a reference type" % (where, name))
        if owner:
            continue
        found += ["%s: input %s does not exist" % (where, e) for e in node.input if node_of(e) not in known]
        controls = [e.startswith("^") for e in node.input]
        if controls != sorted(controls):
            found.append("%s: a control input stands before a data input" % where)
        for place in node.attr["_class"].list.s if "_class" in node.attr else ():
            if place.startswith(b"loc:@") and place[5:].decode() not in known:
                found.append("%s: colocated with %s, which is gone" % (where, place.decode()))
    return found


def reachable(graph_def, outputs):
    """The nodes that `outputs` need by data and control edges. TensorFlow's tool also keeps what colocations name; nothing runs it."""
    nodes = {n.name: n for n in graph_def.node}
    todo, seen = [node_of(o) for o in outputs], set()
    while todo:
        name = todo.pop()
        if name in nodes and name not in seen:
            seen.add(name)
            todo += [node_of(e) for e in nodes[name].input]
    return {name: nodes[name] for name in seen}


def attribute_value(value):
    """Something comparable: tensors by their values and not by how they are encoded."""
    if value.WhichOneof("value") == "tensor":
        array = tf.make_ndarray(value.tensor)
        return (array.dtype.str, array.shape, tuple(array.ravel()) if array.dtype == object else array.tobytes())
    called = [value.func] if value.WhichOneof("value") == "func" else value.list.func
    if called:  # TensorFlow renames the functions that it rewrites
        return [re.sub(r"(_\d+)?(_frozen(_\d+)?)?$", "", f.name) for f in called]
    return value.SerializeToString(deterministic=True)


def with_defaults(node):
    """Attributes of `node`; an absent one has its op's default, which is how TensorFlow reads it."""
    attributes = {k: v for k, v in node.attr.items() if k not in IGNORED_ATTRIBUTES}
    signature = op_def_registry.get(node.op)
    for attr in signature.attr if signature else ():
        if attr.HasField("default_value"):
            attributes.setdefault(attr.name, attr.default_value)
    return attributes


def describe(node):
    data = [e[:-2] if e.endswith(":0") else e for e in node.input if not e.startswith("^")]
    control = sorted({e for e in node.input if e.startswith("^")})
    attributes = {k: attribute_value(v) for k, v in with_defaults(node).items()}
    return {"op": node.op, "device": node.device, "inputs": data, "controls": control, "attrs": attributes}


def differences(got, want, outputs, limit=12):
    """How the parts of two graphs that `outputs` need differ as sets of nodes (order, versions, ignored attributes aside)."""
    got, want = reachable(got, outputs), reachable(want, outputs)
    found = ["missing: %s (%s)" % (n, want[n].op) for n in sorted(want.keys() - got.keys())]
    found += ["extra: %s (%s)" % (n, got[n].op) for n in sorted(got.keys() - want.keys())]
    for name in sorted(got.keys() & want.keys()):
        a, b = describe(got[name]), describe(want[name])
        for part in ("op", "device", "inputs", "controls"):
            if a[part] != b[part]:
                found.append("%s: %s is %s, expected %s" % (name, part, a[part], b[part]))
        for key in sorted(a["attrs"].keys() | b["attrs"].keys()):
            if a["attrs"].get(key) != b["attrs"].get(key):
                found.append("%s (%s): attr %s is %.120r, expected %.120r"
                             % (name, b["op"], key, a["attrs"].get(key), b["attrs"].get(key)))
    return found if len(found) <= limit else found[:limit] + ["… and %d more" % (len(found) - limit)]
