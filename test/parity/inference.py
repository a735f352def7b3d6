"""What an inference graph must not hold any more: the marks of training, told by op and never by name."""
import re

import graphs

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
RANDOM = re.compile(r"^(Stateless|Stateful)?(Random(?!ShuffleQueue)|TruncatedNormal|StandardNormal|ParameterizedTruncatedNormal"
                    r"|Multinomial|Uniform(Int|FullInt)?$)")
CHECKS = re.compile(r"^(Assert|CheckNumerics(V2)?|Print(V2)?|.*Summary(V2)?|WriteSummary|.*SummaryWriter.*)$")
GRADIENT_STOPS = ("StopGradient", "PreventGradient")
PIPELINES = re.compile(r"Queue|Iterator|Dataset|Reader(Read|V2$)|^(Stage|Unstage|Barrier)|^(Read|Write)File$")
LEAVES_FRAME, ENTERS_FRAME = ("Exit", "RefExit"), ("Enter", "RefEnter")


def frame_depths(nodes):
    """{name: number of loop frames around it}. Enter counts as inside, Exit as outside."""
    users, depth = {}, {n.name: 0 for n in nodes}
    for node in nodes:
        for edge in node.input:
            users.setdefault(graphs.node_of(edge), []).append(node)
    todo = [n for n in nodes if n.op in ENTERS_FRAME]
    depth.update((n.name, 1) for n in todo)
    while todo:
        node = todo.pop()
        for user in users.get(node.name, ()):
            reached = depth[node.name] + (user.op in ENTERS_FRAME) - (user.op in LEAVES_FRAME)
            if reached > depth[user.name]:
                depth[user.name] = reached
                todo.append(user)
    return depth


def marks(node, depth):
    """Why `node` does not belong into an inference graph, or None."""
    if RANDOM.match(node.op):
        return "a random op"
    if node.op.startswith("FusedBatchNorm") and (node.attr["is_training"].b if "is_training" in node.attr else True):
        return "batch norm in training mode"  # an absent is_training is true
    if node.op in ("Switch", "RefSwitch", "Merge", "RefMerge", "_SwitchN") and not depth:
        return "a cond that is no loop's"
    if node.op in graphs.VARIABLE_OPS:
        return "a variable"
    if CHECKS.match(node.op) or PIPELINES.search(node.op) or node.op in GRADIENT_STOPS:
        return "a part of training"
    return None


def leftovers(graph_def, inputs, keep=()):
    """What training left in `graph_def`, function bodies included, a line each. inputs: the tensors that may be fed; keep: nodes that may stay."""
    names, kept = {graphs.node_of(i) for i in inputs}, set(keep)
    depths = frame_depths(graph_def.node)
    found = ["%s (%s): not an input" % (n.name, n.op) for n in graph_def.node if n.op in PLACEHOLDERS and n.name not in names]
    nodes = [(n.name, n, depths[n.name]) for n in graph_def.node]
    nodes += [(f.signature.name + "/" + n.name, n, 0) for f in graph_def.library.function for n in f.node_def]
    for where, node, depth in nodes:
        why = marks(node, depth)
        if why and node.name not in kept:
            found.append("%s (%s): %s" % (where, node.op, why))
    return found


def placeholders(graph_def):
    return [n.name + ":0" for n in graph_def.node if n.op in PLACEHOLDERS]


def random_nodes(graph_def):
    return [n.name for n in graph_def.node if RANDOM.match(n.op)]
