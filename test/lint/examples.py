"""Every op, attribute, type and pass has a summary, a description and an example that parses. Argument: firn-opt."""
import re
import sys
import textwrap

from tree import files, finish, read, run

SSA = re.compile(r"%[A-Za-z_][\w]*")
DEFINED = re.compile(r"^\s*((?:%\w+(?:, )?)+) =", re.M)


def definitions(path):
    """(name, text) of each op, attribute, type, dialect and pass of a .td file."""
    for text in re.split(r"^def ", read(path), flags=re.M)[1:]:
        name = re.match(r"(\w+) *:? *(\w+)?", text)
        if name.group(2) in ("I32EnumAttr", "OpInterface", "Type", None):
            continue
        yield name.group(1), text


def complete(example):
    """A fragment inside a graph: values that it uses and does not define are placeholders of the type that it says."""
    example = re.sub(r"^\s*//.*$", "", example, flags=re.M)
    if re.search(r"^(graph\.(graph|func)|func\.func|schedule\.program)", example, re.M):
        return example
    defined = {v for line in DEFINED.findall(example) for v in SSA.findall(line)}
    missing = []
    for line in example.splitlines():
        tensors = re.search(r"\w ?\(([^)]*)\)", line.split(" = ", 1)[-1])
        names = SSA.findall(tensors.group(1)) if tensors and tensors.group(1).startswith("%") else []
        types = re.search(r" : \((.*)\) ->", line) or re.search(r" : (.*)$", line)
        spelled = re.findall(r"tensor<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>", types.group(1)) if types else []
        missing += [(n, t) for n, t in zip(names, spelled) if n not in defined]
    for control in re.findall(r"\[(%[^\]]*)\]", example):
        missing += [(c, None) for c in SSA.findall(control) if c not in defined]
    lines = []
    for name, kind in dict(missing).items():
        made = "%s_made" % name[1:]
        lines.append('%s, %%%s_c = graph.Made name("%s") : () -> %s' % (name, made, made, kind) if kind else
                     '%s = graph.NoOp name("%s") : () -> ()' % (name, made))
    end = "" if "graph.fetch" in example else "graph.fetch"
    return "graph.graph {\n%s\n%s\n%s\n}" % ("\n".join(lines), example, end)


def main():
    firn_opt, problems, parsed = sys.argv[1], [], 0
    for path in files(".td"):
        for name, text in definitions(path):
            where = "%s: %s: " % (path, name)
            for word in ("summary", "description"):
                if word not in text:
                    problems.append(where + "expected a " + word)
            blocks = re.findall(r"```mlir\n(.*?)```", text, re.S)
            if not blocks:
                problems.append(where + "expected an example")
            for block in blocks:
                for part in re.split(r"^ *// becomes *$", textwrap.dedent(block), flags=re.M):
                    parsed += 1
                    done = run(firn_opt, "-", "-o", "/dev/null", input=complete(part))
                    if done.returncode:
                        problems.append(where + "an example does not parse:\n%s\n%s" % (complete(part), done.stdout))
    if parsed < 20:
        problems.append("expected at least 20 examples, found %d" % parsed)
    finish(problems)


main()
