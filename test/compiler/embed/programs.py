"""Models that are linked in, as their users see them: compiled strictly in every language, linked statically, run. Times are
printed and fail nothing.

usage: programs.py FIRN LIBRARY SOURCE_ROOT WORK_FOLDER
"""
import os
import re
import shutil
import subprocess
import sys
import unittest
import zipfile

FIRN, LIBRARY, ROOT, WORK = sys.argv[1:5]
INCLUDE = ["-I" + os.path.join(ROOT, "runtime"), "-I."]
STRICT = "-O2 -Wall -Wextra -Wconversion -Wsign-conversion -Wpedantic -Wshadow -Werror".split()
STATIC = ["-static", "-Wl,--gc-sections", "-s"]
C_COMPILERS = {"gcc": "gcc", "clang": "clang-19"}
CPP_COMPILERS = {"gcc": "g++", "clang": "clang++-19"}
MOST_OVER_EMPTY = 200_000  # bytes that a static program may have over its weights and over an empty one

TYPES = ["DT_" + name for name in ("FLOAT DOUBLE INT32 UINT8 INT16 INT8 INT64 BOOL HALF BFLOAT16 COMPLEX64 COMPLEX128 UINT16 UINT32 UINT64 "
                                  "QINT8 QUINT8 QINT32").split()]

IDENTITY = """
node { name: "in/%(name)s" op: "Placeholder" attr { key: "dtype" value { type: %(type)s } }
       attr { key: "shape" value { shape { dim { size: -1 } dim { size: 3 } } } } }
node { name: "out/%(name)s" op: "Identity" input: "in/%(name)s" attr { key: "T" value { type: %(type)s } } }
"""

CONSUMER_C = r"""
#include "digits.h"
static const int64_t dims[DIGITS_IMAGES_RANK] = DIGITS_IMAGES_DIMS;
int main(void) {
  static float images[3 * 64];
  digits_model model;
  firn_status status;
  int64_t got[DIGITS_PROBABILITIES_RANK];
  if (digits_create(&model, NULL, &status) || digits_set_images(&model, images, 3, &status) || digits_run(&model, &status))
    return 1;
  if (!digits_probabilities(&model, got) || !digits_probabilities(&model, NULL))
    return 2;
  digits_destroy(&model);
  digits_destroy(&model);
  return got[0] == 3 && got[1] == 10 && dims[0] == -1 && dims[2] == 8 ? 0 : 3;
}
"""

CONSUMER_CPP = r"""
#include "digits.h"
#include "digits.h"
#include <vector>
static_assert(digits::kImagesDims.size() == 3 && digits::kImagesDims[2] == 8, "dims");
int main() {
  std::vector<float> images(3 * 64);
  firn::Result<digits::Model> model = digits::Model::Create();
  if (!model || !model->Probabilities().values().empty())
    return 1;
  if (!model->SetImages(images).ok() || !model->Run().ok())
    return 2;
  const firn::Tensor<const float> all = model->Probabilities();
  if (all.dims()[0] != 3 || all.size() != 30)
    return 3;
  if (!model->SetImages({images.data(), 64}, 1).ok() || !model->Run().ok() || model->Probabilities().size() != 10)
    return 4;
  if (model->SetImages(images, -3).code() != FIRN_INVALID)
    return 5;
  firn::Result<digits::Model> threads = digits::Model::Create({2, nullptr, nullptr});
  return threads && threads->context().threads() == 2 ? 0 : 6;
}
"""

TWO_MODELS = r"""
#include "digits.h"
#include "other.h"
int main(void) {
  static float images[64];
  digits_model a;
  other_model b;
  if (digits_create(&a, NULL, NULL) || digits_set_images(&a, images, 1, NULL) || digits_run(&a, NULL))
    return 1;
  if (other_create(&b, NULL, NULL) || other_set_images(&b, images, 1, NULL) || other_run(&b, NULL))
    return 2;
  return digits_probabilities(&a, NULL)[3] == other_probabilities(&b, NULL)[3] ? 0 : 3;
}
"""

FIRST_RESULT = r"""
#define _POSIX_C_SOURCE 200809L
#include <time.h>
#include <unistd.h>
#include "digits.h"
int main(void) {
  static float images[64];
  struct timespec begin, end;
  digits_model model;
  long microseconds;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  if (digits_create(&model, NULL, NULL) || digits_set_images(&model, images, 1, NULL) || digits_run(&model, NULL))
    return 255;
  clock_gettime(CLOCK_MONOTONIC, &end);
  microseconds = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
  return microseconds > 5000 ? 254 : (int)(microseconds / 20); /* in 20 us: it prints nothing */
}
"""


def run(*command, fails=False, **environment):
    """What a command prints; it has to succeed, or with `fails` to fail."""
    done = subprocess.run([str(c) for c in command], cwd=WORK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, **environment})
    if (done.returncode != 0) != fails:
        raise AssertionError("%s: exit code %d\n%s" % (" ".join(map(str, command)), done.returncode, done.stdout))
    return done.stdout


def write(name, text):
    with open(os.path.join(WORK, name), "w", encoding="utf-8") as file:
        file.write(text)
    return name


def size(name):
    return os.path.getsize(os.path.join(WORK, name))


def embed(*flags, name="digits", module="digits.firn"):
    return run(FIRN, "embed", module, "--name", name, "-o", name + ".o", "-H", name + ".h", *flags)


def embed_test(stem, inputs, outputs, *flags):
    """A test program of the digits, linked statically."""
    embed("--test", stem + ".c", "--test-data", stem + ".o", "--inputs", inputs, "--outputs", outputs, *flags)
    run("gcc", "-std=c11", *STRICT, *INCLUDE, stem + ".c", stem + ".o", "digits.o", LIBRARY, *STATIC, "-o", stem)


def change_array(source, target):
    """A copy of an .npz file whose arrays end in other numbers."""
    with zipfile.ZipFile(os.path.join(WORK, source)) as old, zipfile.ZipFile(os.path.join(WORK, target), "w") as new:
        for name in old.namelist():
            data = bytearray(old.read(name))
            data[-1] ^= 0x04
            new.writestr(name, bytes(data))


class Programs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for compiler in [*C_COMPILERS.values(), *CPP_COMPILERS.values()]:
            if not shutil.which(compiler):
                raise AssertionError("expected %s, which is not to be found" % compiler)
        shutil.rmtree(WORK, ignore_errors=True)
        os.makedirs(WORK)
        model = [os.path.join(ROOT, "test/data/digits"), "--outputs", "probabilities"]
        run(FIRN, "compile", *model, "--quiet", "-o", "digits.firn")
        run(FIRN, "run", *model, "--feed", "images=random[3,8,8]", "--save-feeds", "in.npz", "--out", "want.npz")
        embed("--benchmark", "bench.c")

    def test_strict_consumers(self):
        embed_test("test", "in.npz", "want.npz", "--benchmark", "bench.c")
        write("consumer.c", CONSUMER_C)
        write("consumer.cpp", CONSUMER_CPP)
        for source in ["test", "bench"]:
            shutil.copy(os.path.join(WORK, source + ".c"), os.path.join(WORK, source + ".cpp"))
        for family, compiler in C_COMPILERS.items():
            for source in ["test.c", "bench.c"]:
                run(compiler, "-std=c11", *STRICT, *INCLUDE, "-c", source, "-o", "out.o")
            run(compiler, "-std=c11", *STRICT, *INCLUDE, "consumer.c", "digits.o", LIBRARY, "-o", "consumer_" + family)
            run("./consumer_" + family)
        for family, compiler in CPP_COMPILERS.items():
            for standard in ["c++17", "c++20"]:
                flags = ["-std=" + standard, "-Wold-style-cast", *STRICT, *INCLUDE]
                run(compiler, *flags, "consumer.cpp", "digits.o", LIBRARY, "-o", "consumer_" + family)
                run("./consumer_" + family)
                run(compiler, *flags, "-fno-exceptions", "-fno-rtti", "-c", "consumer.cpp", "-o", "out.o")
                for source in ["test.cpp", "bench.cpp"]:
                    flags = ["-std=" + standard, *STRICT, *INCLUDE]
                    run(compiler, *flags, "-c", source, "-o", "out.o")

    def test_every_element_type(self):
        write("types.pbtxt", "".join(IDENTITY % {"type": t, "name": t[3:].lower()} for t in TYPES))
        run(FIRN, "compile", "types.pbtxt", "--levels", "v2", "--quiet", "-o", "types.firn")
        run(FIRN, "run", "types.pbtxt", "--random", "--save-feeds", "types_in.npz", "--out", "types_want.npz")
        embed("--test", "types.c", "--test-data", "types_data.o", "--inputs", "types_in.npz", "--outputs", "types_want.npz",
              name="types", module="types.firn")
        for compiler in C_COMPILERS.values():
            run(compiler, "-std=c11", *STRICT, *INCLUDE, "types.c", "types_data.o", "types.o", LIBRARY, "-o", "types")
            self.assertEqual(run("./types").count("max |d| 0 of"), len(TYPES))
        shutil.copy(os.path.join(WORK, "types.c"), os.path.join(WORK, "types.cpp"))
        for compiler in CPP_COMPILERS.values():
            run(compiler, "-std=c++17", *STRICT, *INCLUDE, "-c", "types.cpp", "-o", "out.o")
        # One bit near the top of the last number of each is one that the test has to see.
        change_array("types_want.npz", "types_wrong.npz")
        embed("--test", "types.c", "--test-data", "types_data.o", "--inputs", "types_in.npz", "--outputs", "types_wrong.npz",
              name="types", module="types.firn")
        run("gcc", "-std=c11", *INCLUDE, "types.c", "types_data.o", "types.o", LIBRARY, "-o", "types")
        self.assertEqual(run("./types", fails=True).count("FAILED"), len(TYPES))

    def test_the_test_tells_right_from_wrong(self):
        embed_test("right", "in.npz", "want.npz")
        self.assertRegex(run("./right"), r"^digits v2: probabilities:0  max \|d\| ")
        change_array("want.npz", "wrong.npz")
        embed_test("wrong", "in.npz", "wrong.npz")
        self.assertRegex(run("./wrong", fails=True), r"FAILED\n  number 29: expected ")

    def test_the_same_bits_as_the_module(self):
        for level in self.levels():
            run(FIRN, "run", "digits.firn", "--feeds", "in.npz", "--threads", "1", "--out", level + ".npz", FIRN_CPU_LEVEL=level)
            embed_test("same", "in.npz", level + ".npz", "--levels", level, "--rtol", "0", "--atol", "0")
            self.assertIn("digits %s: probabilities:0  max |d| 0 of" % level, run("./same"))
        embed()

    def levels(self):
        text = run(FIRN, "bench", "digits.firn", "--seconds", "0", "--json")
        best = int(re.search(r'"level": "v(\d)"', text).group(1))
        return ["v%d" % level for level in range(2, best + 1)]

    def test_size_and_first_result(self):
        write("first.c", FIRST_RESULT)
        write("empty.c", "int main(void) { return 0; }\n")
        weights = int(re.search(r"digits\.weights\s+(\d+)", run("size", "-A", "digits.o")).group(1))
        for compiler in C_COMPILERS.values():
            run(compiler, "-O2", "-std=c11", *INCLUDE, "first.c", "digits.o", LIBRARY, *STATIC, "-o", "first")
            run(compiler, "-O2", "-std=c11", "empty.c", *STATIC, "-o", "empty")
            over = size("first") - size("empty") - weights
            times = sorted(20 * subprocess.call([os.path.join(WORK, "first")]) for _ in range(9))
            print("%s: %d bytes over weights (%d) and an empty program; first result after %d to %d us"
                  % (compiler, over, weights, times[0], times[-1]))
            self.assertLessEqual(over, MOST_OVER_EMPTY)
        self.assertNotRegex(run("nm", LIBRARY), r" U (_Z[nd]|__cxa_|__gxx)")

    def test_two_models_do_not_meet(self):
        embed(name="other")
        write("two.c", TWO_MODELS)
        run("gcc", "-std=c11", *STRICT, *INCLUDE, "two.c", "digits.o", "other.o", LIBRARY, "-o", "two")
        run("./two")

    def test_a_shared_library_hides_its_model(self):
        write("own.c", CONSUMER_C.replace("int main(void)", "int own_function(void);\nint own_function(void)"))
        command = ["gcc", "-std=c11", "-fPIC", "-shared", *INCLUDE, "own.c", "digits.o", LIBRARY, "-Wl,--exclude-libs,ALL", "-o"]
        run(*command, "libown.so")
        self.assertEqual(re.findall(r" [TDRB] (.*)", run("nm", "-D", "--defined-only", "libown.so")), ["own_function"])
        embed("--export")
        run(*command, "libshown.so")
        self.assertIn("firn_model_digits", run("nm", "-D", "--defined-only", "libshown.so"))
        embed()

    def test_linkers_and_forms_of_programs(self):
        write("consumer.c", CONSUMER_C)
        for flags in [["-fuse-ld=bfd"], ["-fuse-ld=lld"], ["-static-pie"], ["-no-pie"], ["-flto", "-O2"]]:
            run("clang-19" if "lld" in flags[0] else "gcc", *flags, *INCLUDE, "consumer.c", "digits.o", LIBRARY, "-o", "linked")
            run("./linked")

    def test_a_runtime_of_another_version_is_refused(self):
        os.makedirs(os.path.join(WORK, "newer/firn"), exist_ok=True)
        with open(os.path.join(ROOT, "runtime/firn/runtime.h"), encoding="utf-8") as file:
            text = file.read()
        write("newer/firn/runtime.h", re.sub(r"(#define FIRN_STATIC_MAJOR) \d+", r"\1 99", text))
        write("refused.c", '#include "digits.h"\n')
        out = run("gcc", "-std=c11", "-Inewer", "-c", "refused.c", "-o", "out.o", fails=True)
        self.assertIn("the model digits is not for this firn/runtime.h", out)

    def test_the_benchmark_tells_what_bench_does(self):
        embed("--benchmark", "bench.c")
        run("gcc", "-std=c11", *STRICT, *INCLUDE, "bench.c", "digits.o", LIBRARY, *STATIC, "-o", "bench")
        linked = run("./bench", "--batch", "4", "--threads", "1", "--seconds", "0.1")
        module = run(FIRN, "bench", "digits.firn", "--batch", "4", "--threads", "1", "--seconds", "0.1")
        ours, theirs = (float(re.search(r"^median_us: ([\d.]+)\n\Z", text, re.M).group(1)) for text in (linked, module))
        print("benchmark %s us, firn bench %s us: ratio %.2f" % (ours, theirs, ours / theirs))
        self.assertGreater(min(ours, theirs), 0)
        self.assertRegex(linked, r"images:0  float \[4,8,8\]  random")
        for figure in ["GFLOP/s", "conv 3x3 4x4x12 -> 24", "opened in", "arena", "runs: min", "p99"]:
            self.assertIn(figure, linked)
        self.assertIn("expected a number from 1 on as --batch", run("./bench", "--batch", "x", fails=True))
        self.assertIn("unknown argument '--what'", run("./bench", "--what", fails=True))


sys.argv[1:] = []
unittest.main(verbosity=2)
