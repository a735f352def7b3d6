"""What is built again, and when: two models, one program with both, a model in a shared library of its own."""
import os
import shutil
import time

from support import CMAKE, DATA, GENERATORS, PREFIX, Case, fresh, project, run, unittest, write

PROJECT = """
firn_add_model(digits MODEL data/digits OUTPUTS probabilities BATCH 1 LEVELS v2 v3)
firn_add_model(mlp MODEL data/mlp/model.ckpt OUTPUTS probabilities NATIVE)
firn_add_model(mlp-shared MODEL data/mlp/model.ckpt OUTPUTS probabilities LEVELS v2 SHARED)
add_executable(both both.cpp)
target_link_libraries(both digits mlp mlp-shared)
"""
BOTH = """
#include <cstdio>

#include "digits.h"
#include "mlp-shared.h"
#include "mlp.h"

int main() {
  const float pixels[64] = {};
  digits::Model a = digits::Model::Create().value();
  mlp::Model b = mlp::Model::Create().value();
  mlp_shared::Model c = mlp_shared::Model::Create().value();
  a.SetImages(pixels).value();
  b.SetPixels(pixels).value();
  c.SetPixels(pixels).value();
  a.Run().value();
  b.Run().value();
  c.Run().value();
  std::printf("%d\\n", b.Probabilities()[0] == c.Probabilities()[0] && a.Probabilities().size() == 10);
}
"""


def touch(path):
    now = time.time()
    os.utime(path, (now, now))


class Rebuild(Case):
    def prepared(self, generator):
        self.source = project(fresh("to build again"), PROJECT)
        write(self.source + "/both.cpp", BOTH)
        shutil.copytree(DATA, self.source + "/data")
        self.build = self.source + "/build"
        self.configured(self.source, self.build, "-G", generator)
        text = self.built(self.build)
        self.assertEqual(self.compiled(text), {"digits", "mlp", "mlp-shared"})
        self.assertEqual(self.good(self.build + "/both"), "1\n")

    def compiled(self, text):
        return {line.split()[-1] for line in text.splitlines() if "Compiling model" in line}

    def expect(self, file, models):
        """Touching the file builds these models again, once."""
        if file:
            touch(file)
        self.assertEqual(self.compiled(self.built(self.build)), models, file)
        self.assertEqual(self.compiled(self.built(self.build)), set(), "and then nothing")

    def test_only_what_has_changed(self):
        for generator in GENERATORS:
            with self.subTest(generator):
                self.prepared(generator)
                data = self.source + "/data/"
                self.expect(None, set())
                self.expect(data + "digits/README.md", set())
                self.expect(data + "digits/model.ckpt-2000.data-00000-of-00001", {"digits"})
                self.expect(data + "mlp/model.ckpt.index", {"mlp", "mlp-shared"})

    def test_ninja_has_no_work(self):
        if "Ninja" not in GENERATORS:
            self.skipTest("no ninja")
        self.prepared("Ninja")
        self.assertIn("no work to do", self.built(self.build))
        self.together("firn/digits/digits.firn", "firn/mlp/mlp.firn")
        program = PREFIX + "/bin/firn"
        before = os.stat(program)
        touch(program)
        try:
            self.assertEqual(self.compiled(self.built(self.build)), {"digits", "mlp", "mlp-shared"}, "another compiler")
        finally:
            os.utime(program, ns=(before.st_atime_ns, before.st_mtime_ns))

    def together(self, *outputs):
        """Both were under way at one time."""
        with open(self.build + "/.ninja_log") as f:
            lines = [line.split("\t") for line in f if "\t" in line]
        spans = [(int(start), int(end)) for start, end, _, name, _ in lines if name in outputs]
        self.assertEqual(len(spans), 2)
        self.assertLess(max(start for start, _ in spans), min(end for _, end in spans))


unittest.main()
