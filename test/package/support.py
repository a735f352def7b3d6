"""What the package's tests share: the installed prefix, projects that are built against it.

Environment: FIRN_BUILD is firn's build folder, FIRN_PREFIX where install_test.py has put the prefix, FIRN_SCRATCH a folder for
projects, FIRN_CMAKE cmake.
"""
import os
import re
import shutil
import subprocess
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
HERE = os.path.join(ROOT, "test", "package")
DATA = os.path.join(ROOT, "test", "data")
BUILD = os.environ["FIRN_BUILD"]
PREFIX = os.environ["FIRN_PREFIX"]
SCRATCH = os.environ["FIRN_SCRATCH"]
CMAKE = os.environ.get("FIRN_CMAKE", "cmake")
GENERATORS = [g for g, program in (("Ninja", "ninja"), ("Unix Makefiles", "make")) if shutil.which(program)]


class Finished:
    """A process that ended: its exit code, and what it printed on either stream."""

    def __init__(self, argv, code, text):
        self.argv, self.code, self.text = argv, code, text

    def __str__(self):
        return "$ %s\n-> %d\n%s" % (" ".join(self.argv), self.code, self.text[-6000:])


def run(*argv, cwd=None, env=None):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=cwd, errors="replace",
                          env={**os.environ, **(env or {})}, timeout=600)
    return Finished(argv, done.returncode, done.stdout)


def fresh(name):
    """An empty folder of this name."""
    path = os.path.join(SCRATCH, name)
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    return path


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def needed(program):
    """The libraries that a program asks for by name."""
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", program).text))


class Case(unittest.TestCase):
    maxDiff = None

    def good(self, *argv, **options):
        """Runs it; its text."""
        done = run(*argv, **options)
        self.assertEqual(done.code, 0, str(done))
        return done.text

    def configure(self, source, build, *arguments, prefix=PREFIX):
        return run(CMAKE, "-S", source, "-B", build, "-DCMAKE_PREFIX_PATH=" + prefix, *arguments)

    def configured(self, *arguments, **options):
        done = self.configure(*arguments, **options)
        self.assertEqual(done.code, 0, str(done))

    def built(self, build):
        """Builds it with two jobs; what was told."""
        return self.good(CMAKE, "--build", build, "-j2")


def project(folder, text, languages="C CXX", components="compiler runtime"):
    """A project of one CMakeLists.txt, which starts with four lines."""
    write(os.path.join(folder, "CMakeLists.txt"),
          "cmake_minimum_required(VERSION 3.21)\nproject(test LANGUAGES %s)\nenable_testing()\n"
          "find_package(firn REQUIRED COMPONENTS %s)\n%s" % (languages, components, text))
    return folder
