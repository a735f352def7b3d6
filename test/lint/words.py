"""No unfinished work, no paths of one machine, names of tests in kebab-case, a page in every room."""
import os
import re

from tree import ROOT, files, finish, read

UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE = re.compile(r"(?<![\w.])/(home|root|Users|work)/")


def main():
    problems = []
    sources = files(".h", ".hpp", ".cpp", ".td", ".py", ".mlir", ".test", ".md", ".txt", ".cmake", ".pbtxt") + ["README.md", "CMakeLists.txt"]
    for path in sources:
        for number, line in enumerate(read(path).splitlines(), 1):
            if UNFINISHED.search(line) and not path.startswith("test/lint/"):
                problems.append("%s:%d: unfinished: %s" % (path, number, line.strip()))
            if MACHINE.search(line) and not path.startswith("test/lint/"):
                problems.append("%s:%d: a path of one machine: %s" % (path, number, line.strip()))
    for path in files(".mlir", ".test", ".pbtxt", under=("test",)):
        if not re.fullmatch(r"[a-z0-9.-]+", os.path.basename(path)):
            problems.append("%s: expected a kebab-case name" % path)
    rooms = {os.path.dirname(p) for p in files(".cpp", ".td", under=("compiler", "dialects"))}
    problems += ["%s: expected a README.md" % r for r in sorted(rooms) if not os.path.exists(os.path.join(ROOT, r, "README.md"))]
    finish(problems)


main()
