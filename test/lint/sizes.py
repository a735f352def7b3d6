"""Files stay short enough to be read: 800 lines at most, a CMakeLists 120, a page of a room 100."""
from tree import files, finish, read

DATA = {"dialects/graph/OpTable.inc", "dialects/graph/OpVersions.inc"}


def main():
    problems = []
    limits = [((".h", ".hpp", ".cpp", ".td", ".py", ".inc", ".mlir"), 800), (("CMakeLists.txt", ".cmake"), 120), (("README.md",), 100)]
    for endings, limit in limits:
        for path in files(*endings):
            lines = read(path).count("\n")
            if lines > limit and path not in DATA:
                problems.append("%s: expected at most %d lines, got %d" % (path, limit, lines))
    finish(problems)


main()
