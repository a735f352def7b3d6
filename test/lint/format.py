"""C++ is formatted by clang-format-19. Argument: clang-format-19."""
import os
import sys

from tree import ROOT, files, finish, run


def main():
    paths = files(".h", ".hpp", ".cpp")
    done = run(sys.argv[1], "--dry-run", "-Werror", *[os.path.join(ROOT, p) for p in paths], cwd=ROOT)
    wrong = sorted({line.split(":")[0] for line in done.stdout.splitlines() if "error:" in line})
    finish(["%s: expected the format of clang-format-19 (clang-format-19 -i)" % os.path.relpath(p, ROOT) for p in wrong])


main()
