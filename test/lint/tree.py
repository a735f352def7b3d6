"""What the lint tests share: the files of the tree, and the way in which they fail."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(*endings, under=("compiler", "dialects", "runtime", "tools", "test")):
    """Paths from the root, sorted, of files that git knows or would (no build folders)."""
    found = []
    for top in under:
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = [f for f in folders if f not in ("__pycache__",)]
            found += [os.path.relpath(os.path.join(folder, n), ROOT) for n in names if n.endswith(endings)]
    return sorted(found)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def finish(problems):
    """Prints the problems and ends the test."""
    for problem in problems:
        print(problem)
    print("%d problems" % len(problems))
    sys.exit(bool(problems))


def run(*argv, **options):
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
