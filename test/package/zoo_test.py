"""An image classifier of size: MobileNet of the generated zoo (FIRN_ZOO), from its training graph to a static program's numbers."""
import os

from support import Case, fresh, needed, project, unittest

ZOO = os.environ.get("FIRN_ZOO", "")
PROJECT = """
set(CMAKE_BUILD_TYPE Release)
foreach(name mobilenet_v1 mobilenet_v2)
  firn_add_model(${name} MODEL ${ZOO}/${name} OUTPUTS probabilities BATCH -1 TEST TEST_FEED input=random[2,224,224,3] BENCHMARK)
  target_link_options(${name}_test PRIVATE -static)
endforeach()
"""


@unittest.skipUnless(ZOO, "FIRN_ZOO names no zoo")
class Zoo(Case):
    def test_image_classifiers(self):
        source = project(fresh("zoo"), PROJECT.replace("${ZOO}", ZOO), "C")
        build = source + "/build"
        self.configured(source, build)
        self.built(build)
        for name in ("mobilenet_v1", "mobilenet_v2"):
            self.assertEqual(needed("%s/%s_test" % (build, name)), set())
            self.assertIn("probabilities:0", self.good("%s/%s_test" % (build, name)))
            self.assertRegex(self.good("%s/%s_benchmark" % (build, name), "--seconds", "0.2"), r"median_us: [0-9.]+\n$")


unittest.main()
