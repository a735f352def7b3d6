"""The example project against the installed prefix: its generated tests, what its programs need, and that they run without the rest."""
import glob
import os
import re
import shutil

from support import CMAKE, HERE, PREFIX, ROOT, Case, fresh, needed, run, unittest

SYSTEM = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"}
SOURCE = os.path.join(HERE, "example")
PICTURES = [os.path.join(SOURCE, name) for name in ("seven.txt", "three.txt")]


def put(path, tree):
    """A file, into a tree that will be the root, at the place that it has now."""
    target = tree + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy(path, target)


def rooted(tree):
    """What runs a program with the tree as its root; None where this machine does not let us."""
    for argv in (["chroot", tree], ["unshare", "-r", "chroot", tree]):
        if shutil.which(argv[0]) and run(*argv, "/bin/nothing").code == 127:
            return argv
    return None


class Example(Case):
    @classmethod
    def setUpClass(cls):
        cls.build = fresh("example")
        cls.steps = [run(CMAKE, "-G", "Ninja", "-S", SOURCE, "-B", cls.build, "-DCMAKE_PREFIX_PATH=" + PREFIX),
                     run(CMAKE, "--build", cls.build, "-j2")]

    def setUp(self):
        for step in self.steps:
            self.assertEqual(step.code, 0, str(step))

    def program(self, name):
        return os.path.join(self.build, name)

    def test_builds_without_warnings(self):
        self.assertNotIn("warning", self.steps[1].text)

    def test_its_own_tests_pass(self):
        text = self.good("ctest", "--test-dir", self.build, "--output-on-failure")
        for name in ("digits_test", "mlp_test", "classify", "read_digits"):
            self.assertRegex(text, r" %s \.+ +Passed" % name)

    def test_programs_need_the_system_alone(self):
        self.assertEqual(needed(self.program("read_digits")), set())
        self.assertLessEqual(needed(self.program("classify")) - {"libclassifier.so"}, SYSTEM)
        self.assertLessEqual(needed(self.program("libclassifier.so")), SYSTEM)
        self.assertEqual(needed(self.program("digits_test")), {"libc.so.6"}, "the C ABI needs libc alone")

    def test_the_shared_library_shows_its_function_alone(self):
        symbols = self.good("nm", "-D", "--defined-only", self.program("libclassifier.so"))
        self.assertEqual([line.split()[-1] for line in symbols.splitlines()], ["classify_digit"])

    def test_runs_where_nothing_else_is(self):
        tree = fresh("tree")
        argv = rooted(tree)
        if not argv:
            self.skipTest("neither chroot nor user namespaces here")
        programs = [self.program(name) for name in ("read_digits", "classify", "digits_test", "mlp_test")]
        libraries = set()
        for program in programs:
            libraries |= set(re.findall(r"(/\S+) \(0x", run("ldd", program).text))
        for path in libraries.union(programs, PICTURES):
            put(path, tree)
        for program in programs[:2]:
            self.assertEqual(self.good(*argv, program, *PICTURES), "7 3\n")
        for program in programs[2:]:
            self.good(*argv, program)

    def test_benchmarks_tell_what_firn_bench_tells(self):
        text = self.good(self.program("mlp_benchmark"), "--seconds", "0.1")
        self.assertRegex(text, r"median_us: [0-9.]+\n$")

    def test_strict_compilers_take_headers_and_programs(self):
        folders = [os.path.dirname(path) for path in glob.glob(self.build + "/firn/*/*.h")]
        self.assertEqual(len(folders), 2)
        generated = glob.glob(self.build + "/firn/*/*/*.c")
        self.assertEqual(len(generated), 4, "two tests, two benchmarks")
        self.good(CMAKE, "-DINCLUDE=" + ";".join(folders + [PREFIX + "/include"]),
                  "-DC_SOURCES=" + ";".join(glob.glob(SOURCE + "/*.c") + generated),
                  "-DCPP_SOURCES=" + ";".join(glob.glob(SOURCE + "/*.cpp")), "-P", os.path.join(ROOT, "test", "runtime", "headers.cmake"))


unittest.main()
