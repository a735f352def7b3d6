"""What is wrong stops the configuration or the build, with firn's message at the line that asked."""
import os
import re

from support import CMAKE, DATA, PREFIX, Case, fresh, project, run, unittest, write

# Arguments → what the configuration says.
ARGUMENTS = [
    ("MODEL m OUTPUT y", "unknown argument 'OUTPUT'; nearest: OUTPUTS"),
    ("MODEL m CHEKPOINT c", "unknown argument 'CHEKPOINT'; nearest: CHECKPOINT"),
    ("MODEL m stray", "unknown argument 'stray'"),
    ("OUTPUTS y", "expected MODEL: a .meta, .pb or .pbtxt, a SavedModel, a checkpoint prefix or its folder"),
    ("MODEL m BATCH", "expected a value behind BATCH"),
    ("MODEL m BATCH none", "expected BATCH -1 or a number, got 'none'"),
    ("MODEL m LEVELS v2 v5", "expected LEVELS v2, v3, v4 or some of them, got 'v5'"),
    ("MODEL m LEVELS v2 NATIVE", "expected LEVELS or NATIVE, got both"),
    ("MODEL m TEST_FEED x=1", "expected TEST with TEST_FEED"),
    ("MODEL m PRECISION bf16", "expected PRECISION f32, in which firn computes, got 'bf16'"),
]
# Models that are wrong, in this order in one CMakeLists.txt from line 5 on → what the build says.
MODELS = [
    ("nowhere", "MODEL nowhere/model.ckpt OUTPUTS y", "no graph, SavedModel or checkpoint"),
    ("no-output", "MODEL ${DATA}/mlp OUTPUTS probability", "there is no node 'probability'"),
    ("no-checkpoint", "MODEL ${DATA}/mlp/model.ckpt.meta CHECKPOINT nowhere/model.ckpt OUTPUTS probabilities", "nowhere/model.ckpt"),
    ("strings", "MODEL strings.pbtxt OUTPUTS length", "StringLength"),
    ("no-flag", "MODEL ${DATA}/mlp OUTPUTS probabilities FLAGS --quick", "--quick"),
]
STRINGS = """
node { name: "text" op: "Placeholder" attr { key: "dtype" value { type: DT_STRING } } attr { key: "shape" value { shape { dim { size: 2 } } } } }
node { name: "length" op: "StringLength" input: "text" }
"""


class Errors(Case):
    def test_wrong_arguments_stop_the_configuration(self):
        for arguments, text in ARGUMENTS:
            with self.subTest(arguments):
                source = project(fresh("arguments"), "firn_add_model(m %s)\n" % arguments)
                done = self.configure(source, source + "/build")
                self.assertNotEqual(done.code, 0)
                message = " ".join(done.text.split())
                self.assertIn("firn_add_model(m): " + text, message)
                self.assertIn("CMakeLists.txt:5 (firn_add_model)", message)

    def test_a_wrong_project_stops_the_configuration(self):
        for text, languages, components, message in (
                ("firn_add_model(m MODEL m TEST)", "CXX", "compiler", "TEST and BENCHMARK are C programs"),
                ("add_library(m STATIC IMPORTED)\nfirn_add_model(m MODEL m)", "C", "compiler", "there is a target of this name already")):
            with self.subTest(message):
                source = project(fresh("projects"), text, languages, components)
                done = self.configure(source, source + "/build")
                self.assertNotEqual(done.code, 0)
                self.assertIn(message, " ".join(done.text.split()))

    def test_wrong_models_stop_the_build(self):
        calls = "".join("firn_add_model(%s\n  %s)\n" % (name, arguments) for name, arguments, _ in MODELS)
        source = project(fresh("models"), calls.replace("${DATA}", DATA), "CXX")
        write(source + "/strings.pbtxt", STRINGS)
        self.configured(source, source + "/build", "-G", "Unix Makefiles")
        done = run(CMAKE, "--build", source + "/build", "--", "-k")
        self.assertNotEqual(done.code, 0)
        for i, (name, _, text) in enumerate(MODELS):
            with self.subTest(name):
                where = "%s/CMakeLists.txt:%d: error: firn_add_model(%s)\n" % (os.path.realpath(source), 5 + 2 * i, name)
                self.assertIn(where, done.text)
                message = done.text.split(where)[1].split("make")[0]
                self.assertRegex(message, "^firn: error: ")
                self.assertIn(text, message)

    def test_warnings_are_told_with_their_line(self):
        call = "firn_add_model(m MODEL %s/mlp OUTPUTS probabilities LEVELS v2 FLAGS --keep-random nothing/*)\n" % DATA
        source = project(fresh("warnings"), "# firn_add_model(m is below\n" + call, "CXX")
        self.configured(source, source + "/build")
        text = self.built(source + "/build")
        self.assertRegex(text, re.escape(os.path.realpath(source)) + r"/CMakeLists.txt:6: warning: firn_add_model\(m\): .*nothing/\*")


unittest.main()
