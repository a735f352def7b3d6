"""What runtime/MODEL_IN_CMAKE.md shows works as it stands there: its projects for CMake, Make and Meson."""
import os
import re
import shutil

from support import DATA, HERE, PREFIX, ROOT, Case, fresh, needed, project, unittest, write

EXAMPLE = os.path.join(HERE, "example")
PICTURES = [os.path.join(EXAMPLE, name) for name in ("seven.txt", "three.txt")]


def shown(language):
    """The page's block of code of this language."""
    with open(os.path.join(ROOT, "runtime", "MODEL_IN_CMAKE.md")) as f:
        return re.search("^```%s\n(.*?)^```$" % language, f.read(), re.S | re.M).group(1)


class Page(Case):
    def sources(self, name):
        folder = fresh(name)
        for source in ("read_digits.c", "image.c", "image.h"):
            shutil.copy(os.path.join(EXAMPLE, source), folder)
        shutil.copytree(os.path.join(DATA, "mlp"), folder + "/train")
        return folder

    def test_cmake(self):
        folder = self.sources("page-cmake")
        project(folder, shown("cmake"), "C")
        self.configured(folder, folder + "/build")
        self.built(folder + "/build")
        self.assertEqual(self.good(folder + "/build/read_digits", *PICTURES), "7 3\n")
        self.good(folder + "/build/mlp_test")

    def test_make(self):
        if not shutil.which("make"):
            self.skipTest("no make")
        folder = self.sources("page-make")
        write(folder + "/Makefile", shown("make"))
        arguments = ["make", "-j2", "-C", folder, "FIRN=" + PREFIX]
        self.good(*arguments)
        self.assertEqual(self.good(folder + "/read_digits", *PICTURES), "7 3\n")
        self.assertEqual(needed(folder + "/read_digits"), {"libc.so.6"})
        self.assertNotIn("firn compile", self.good(*arguments), "nothing has changed")
        os.utime(folder + "/train/model.ckpt.index")
        self.assertIn("firn compile", self.good(*arguments), "the checkpoint has")

    def test_meson(self):
        if not shutil.which("meson"):
            self.skipTest("no meson")
        folder = self.sources("page-meson")
        write(folder + "/meson.build", shown("meson"))
        write(folder + "/meson_options.txt", "option('model', type: 'string')\n")
        env = {"PATH": PREFIX + "/bin:" + os.environ["PATH"], "PKG_CONFIG_PATH": PREFIX + "/lib/pkgconfig"}
        self.good("meson", "setup", "build", "-Dmodel=%s/train/model.ckpt" % folder, cwd=folder, env=env)
        self.good("meson", "compile", "-C", "build", cwd=folder, env=env)
        self.assertEqual(self.good(folder + "/build/read_digits", *PICTURES), "7 3\n")
        self.assertIn("no work to do", self.good("ninja", "-C", folder + "/build"))


unittest.main()
