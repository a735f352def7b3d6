"""Installs firn, moves the prefix to where the other tests look for it, and holds the runtime component to what it promises."""
import os
import shutil

from support import BUILD, CMAKE, HERE, PREFIX, ROOT, Case, fresh, needed, project, run, unittest, write

RUNTIME_FILES = """include/firn/firn.hpp include/firn/runtime.h lib/cmake/firn/firnConfig.cmake lib/cmake/firn/firnConfigVersion.cmake
    lib/cmake/firn/firn_runtime-targets-release.cmake lib/cmake/firn/firn_runtime-targets.cmake lib/libfirn_runtime.a
    lib/libfirn_runtime.so lib/pkgconfig/firn.pc"""
C_PROGRAM = """#include <firn/runtime.h>
#include <stdio.h>
int main(void) { return printf("%s\\n", firn_dtype_name(FIRN_FLOAT)) < 0; }
"""
CPP_PROGRAM = """#include <cstdio>
#include <firn/firn.hpp>
int main() { std::puts(firn::Module::Open("nowhere.firn").message()); }
"""


def files_of(prefix):
    found = set()
    for folder, _, names in os.walk(prefix):
        found |= {os.path.relpath(os.path.join(folder, n), prefix) for n in names}
    return found


class Install(Case):
    @classmethod
    def setUpClass(cls):
        """Into one folder, and from there to PREFIX: nothing may know the first."""
        cls.first, cls.runtime = fresh("installed"), fresh("runtime-prefix")
        for prefix, components in ((cls.first, ("runtime", "compiler")), (cls.runtime, ("runtime",))):
            for component in components:
                done = run(CMAKE, "--install", BUILD, "--component", component, "--prefix", prefix, "--strip")
                assert done.code == 0, str(done)
        shutil.rmtree(PREFIX, ignore_errors=True)
        shutil.move(cls.first, PREFIX)

    def test_nothing_looks_for_a_folder_of_this_machine(self):
        for name in sorted(files_of(PREFIX)):
            with open(os.path.join(PREFIX, name), "rb") as f:
                content = f.read()
            # Programs name their sources in messages.
            for path in (self.first,) if name.startswith("bin/") else (self.first, BUILD, ROOT):
                self.assertFalse(path.encode() in content, "%s names %s" % (name, path))

    def test_the_runtime_is_small_and_without_llvm(self):
        files = {f for f in files_of(self.runtime) if not f.startswith("lib/libfirn_runtime.so.")}
        self.assertEqual(files, set(RUNTIME_FILES.split()))
        self.assertLessEqual(needed(self.runtime + "/lib/libfirn_runtime.so"), {"libc.so.6"})

    def test_a_tree_of_the_runtime_alone_installs_it(self):
        build, prefix = fresh("runtime-build"), fresh("runtime-alone")
        self.good(CMAKE, "-S", ROOT, "-B", build, "-DFIRN_RUNTIME_ONLY=ON", "-DFIRN_BUILD_TESTS=OFF")
        self.built(build)
        self.good(CMAKE, "--install", build, "--prefix", prefix)
        self.assertEqual(files_of(prefix), files_of(self.runtime))

    def test_programs_of_the_runtime_alone(self):
        source = fresh("runtime-project")
        write(source + "/c.c", C_PROGRAM)
        write(source + "/cpp.cpp", CPP_PROGRAM)
        project(source, "add_executable(c_static c.c)\ntarget_link_libraries(c_static firn::runtime)\n"
                "add_executable(c_shared c.c)\ntarget_link_libraries(c_shared firn::runtime_shared)\n"
                "add_executable(cpp cpp.cpp)\ntarget_link_libraries(cpp firn::runtime)\n", components="runtime")
        build = source + "/build"
        self.configured(source, build, prefix=self.runtime)
        self.built(build)
        self.assertEqual(needed(build + "/c_static"), {"libc.so.6"})
        self.assertEqual(needed(build + "/c_shared"), {"libc.so.6", "libfirn_runtime.so.0"})
        self.assertEqual(self.good(build + "/c_static"), "float\n")
        self.assertEqual(self.good(build + "/c_shared"), "float\n")
        self.assertIn("nowhere.firn", self.good(build + "/cpp"))

    def test_pkg_config(self):
        if not shutil.which("pkg-config"):
            self.skipTest("no pkg-config")
        source = fresh("pkg-config")
        write(source + "/c.c", C_PROGRAM)
        env = {"PKG_CONFIG_PATH": self.runtime + "/lib/pkgconfig"}
        self.good("sh", "-c", "cc c.c -o c $(pkg-config --cflags --libs firn)", cwd=source, env=env)
        self.assertEqual(self.good("./c", cwd=source, env={"LD_LIBRARY_PATH": self.runtime + "/lib"}), "float\n")
        self.good("sh", "-c", "cc c.c -o alone $(pkg-config --static --cflags --libs firn) -static", cwd=source, env=env)
        self.assertEqual(self.good("./alone", cwd=source), "float\n")

    def test_what_is_not_installed_is_told(self):
        for components, text in (("compiler", "component 'compiler' is not installed in"),
                                 ("runtime kernels", "unknown component 'kernels': expected runtime, compiler")):
            done = self.configure(project(fresh("missing"), "", components=components), fresh("missing-build"), prefix=self.runtime)
            self.assertNotEqual(done.code, 0)
            self.assertIn(text, " ".join(done.text.split()))


unittest.main()
