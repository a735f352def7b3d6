#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "compiler/driver/bench_report.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/text.h"
#include "compiler/embed/benchmark_program.h"
#include "compiler/embed/header.h"
#include "compiler/embed/identifiers.h"
#include "compiler/embed/model_object.h"
#include "compiler/embed/test_program.h"
#include "compiler/formats/output_file.h"
#include "compiler/pipeline/LoadedModule.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

struct Settings {
  ModelObjectOptions object;
  std::string objectFile, header, benchmark; // paths
  std::string test, testData, inputs, outputs;
  TestProgramOptions tolerance;
};

// "my-model.firn" is `my_model`; a name that C or C++ has already gets "_model" behind it.
std::string defaultName(const std::string &module) {
  const std::string stem = std::filesystem::path(module).stem().string();
  const std::string name = identifierOf(stem);
  return isUsableIdentifier(name) ? name : name + "_model";
}

absl::Status readName(const ParsedFlags &flags, std::string &name) {
  name = flags.has("name") ? flags.text("name") : defaultName(flags.positional[0]);
  if (isUsableIdentifier(name))
    return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "expected an identifier of C and C++ as --name that is no keyword, got '", name, "'"));
}

absl::Status readLevels(const ParsedFlags &flags, std::vector<uint32_t> &levels) {
  for (const std::string &level : flags.list("levels")) {
    const bool known = level.size() == 2 && level[0] == 'v' && level[1] >= '2' && level[1] <= '4';
    if (!known)
      return absl::InvalidArgumentError(
          absl::StrCat("expected --levels v2, v3, v4 or some of them, got '", level, "'"));
    levels.push_back(uint32_t(level[1] - '0'));
  }
  return absl::OkStatus();
}

absl::Status readTolerance(const ParsedFlags &flags, const char *name, double &value) {
  if (!flags.has(name) || (absl::SimpleAtod(flags.text(name), &value) && value >= 0))
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected a number from 0 on as --", name, ", got '", flags.text(name), "'"));
}

absl::Status readTest(const ParsedFlags &flags, Settings &settings) {
  settings.test = flags.text("test");
  settings.testData = flags.text("test-data");
  settings.inputs = flags.text("inputs");
  settings.outputs = flags.text("outputs");
  const std::string *parts[] = {&settings.test, &settings.testData, &settings.inputs,
                                &settings.outputs};
  const auto isEmpty = [](const std::string *text) { return text->empty(); };
  if (!std::all_of(std::begin(parts), std::end(parts), isEmpty) &&
      std::any_of(std::begin(parts), std::end(parts), isEmpty))
    return absl::InvalidArgumentError("a test needs all of --test, --test-data, --inputs and "
                                      "--outputs");
  absl::Status status = readTolerance(flags, "rtol", settings.tolerance.rtol);
  status.Update(readTolerance(flags, "atol", settings.tolerance.atol));
  return status;
}

absl::Status readSettings(const ParsedFlags &flags, Settings &settings) {
  settings.object.exported = flags.boolean("export");
  settings.objectFile = flags.text("o");
  settings.header = flags.text("H");
  settings.benchmark = flags.text("benchmark");
  absl::Status status = readName(flags, settings.object.name);
  status.Update(readLevels(flags, settings.object.levels));
  status.Update(readTest(flags, settings));
  if (status.ok() && settings.objectFile.empty() && settings.header.empty())
    return absl::InvalidArgumentError("expected -o OUT.o, -H OUT.h or both");
  if (status.ok() && settings.header.empty() && !(settings.test + settings.benchmark).empty())
    return absl::InvalidArgumentError(
        "--test and --benchmark include the header: expected -H OUT.h");
  return status;
}

/// Files that appear together or not at all.
class Outputs {
public:
  absl::StatusOr<OutputFile *> create(const std::string &path) {
    if (!paths.insert(path).second)
      return absl::InvalidArgumentError(
          absl::StrCat("expected a file of its own for each output, got '", path, "' twice"));
    absl::StatusOr<std::unique_ptr<OutputFile>> file = OutputFile::create(path);
    if (!file.ok())
      return file.status();
    files.push_back(std::move(*file));
    return files.back().get();
  }
  absl::Status write(const std::string &path, const std::string &text) {
    absl::StatusOr<OutputFile *> file = create(path);
    return file.ok() ? (*file)->append(text) : file.status();
  }
  absl::Status write(const std::string &path, const ElfObject &object) {
    absl::StatusOr<OutputFile *> file = create(path);
    return file.ok() ? writeElfObject(object, **file) : file.status();
  }
  absl::Status commit() {
    for (const std::unique_ptr<OutputFile> &file : files)
      if (absl::Status status = file->prepare(); !status.ok())
        return status;
    for (const std::unique_ptr<OutputFile> &file : files)
      if (absl::Status status = file->commit(); !status.ok())
        return status;
    return absl::OkStatus();
  }

private:
  std::set<std::string> paths;
  std::vector<std::unique_ptr<OutputFile>> files;
};

std::string fileName(const std::string &path) {
  return std::filesystem::path(path).filename().string();
}

// As `workOf` counts them.
std::vector<BenchmarkStep::Term> bytesOf(const ModuleProgram &program,
                                         const ModuleProgram::Step &step) {
  if (step.bytes)
    return {{step.bytes, 1}};
  std::vector<BenchmarkStep::Term> terms;
  std::set<uint32_t> seen;
  for (const ModuleProgram::Binding &binding : step.bindings) {
    if (!seen.insert(binding.buffer).second)
      continue;
    terms.push_back({program.buffers[binding.buffer].size, 1});
    if (program.constants[binding.offset] != 0)
      terms.push_back({binding.offset, -1});
  }
  return terms;
}

/// What one command line asks for.
class Embedding {
public:
  Embedding(const Settings &settings, const std::string &path, const LoadedModule &module)
      : settings(settings), path(path), module(module),
        model(interfaceOf(module.module(), settings.object.name)) {}

  absl::Status write() {
    for (auto step : {&Embedding::writeObject, &Embedding::writeHeader, &Embedding::writeTest,
                      &Embedding::writeBenchmark})
      if (absl::Status status = (this->*step)(); !status.ok())
        return status;
    return outputs.commit();
  }

private:
  absl::Status writeObject() {
    if (settings.objectFile.empty())
      return absl::OkStatus();
    absl::StatusOr<ElfObject> object = modelObject(module.module(), settings.object);
    return object.ok() ? outputs.write(settings.objectFile, *object) : about(path, object.status());
  }

  absl::Status writeHeader() {
    if (settings.header.empty())
      return absl::OkStatus();
    return outputs.write(settings.header, headerText(model, {fileName(path), versionText(),
                                                             settings.object.exported}));
  }

  absl::Status writeTest() {
    if (settings.test.empty())
      return absl::OkStatus();
    absl::StatusOr<NamedArrays> inputs = readNpz(settings.inputs);
    if (!inputs.ok())
      return inputs.status();
    absl::StatusOr<NamedArrays> wanted = readNpz(settings.outputs);
    if (!wanted.ok())
      return wanted.status();
    TestProgramOptions options = settings.tolerance;
    options.header = fileName(settings.header);
    options.generator = versionText();
    absl::StatusOr<TestProgram> test = testProgram(model, *inputs, *wanted, options);
    if (!test.ok())
      return about(absl::StrCat(settings.inputs, ", ", settings.outputs), test.status());
    absl::Status status = outputs.write(settings.test, test->source);
    return status.ok() ? outputs.write(settings.testData, test->data) : status;
  }

  absl::Status writeBenchmark() {
    if (settings.benchmark.empty())
      return absl::OkStatus();
    const ModuleProgram program = readModuleProgram(module.module());
    std::vector<BenchmarkStep> steps;
    for (const ModuleProgram::Step &step : program.steps)
      if (step.kind == ModuleProgram::Kind::Copy || step.kind == ModuleProgram::Kind::Dispatch)
        steps.push_back({step.index, stepKernelText(step), stepNodesText(step), step.flops,
                         bytesOf(program, step)});
    return outputs.write(
        settings.benchmark,
        benchmarkProgram(model, steps, {fileName(settings.header), versionText()}));
  }

  static absl::Status about(const std::string &file, const absl::Status &status) {
    return absl::Status(status.code(), absl::StrCat("'", file, "': ", status.message()));
  }

  const Settings &settings;
  const std::string &path;
  const LoadedModule &module;
  const Interface model;
  Outputs outputs;
};

absl::Status embed(const std::string &path, const Settings &settings) {
  if (absl::Status status = expectModuleFile(path); !status.ok())
    return status;
  ModuleOptions inspect;
  inspect.withoutCode = true;
  absl::StatusOr<LoadedModule> module = LoadedModule::open(path, inspect);
  return module.ok() ? Embedding(settings, path, *module).write() : module.status();
}

int runEmbed(const ParsedFlags &flags) {
  Settings settings;
  if (absl::Status status = readSettings(flags, settings); !status.ok())
    return reportUsage(status.message(), "embed");
  absl::Status status = embed(flags.positional[0], settings);
  return status.ok() ? 0 : reportError(status);
}

} // namespace

Command embedCommand() {
  Command command{
      "embed",
      "Turn a module into an object to link, with a header for C and C++.",
      "MODULE",
      1,
      1,
      {},
      R"(The object holds code and weights as the module does and needs no file, no dlopen and no thread at run time; link it with
libfirn_runtime. The header has a typed class for C++ and the same for C.

example: firn embed model.firn -o model.o -H model.h
         cc main.c model.o -lfirn_runtime
)",
      runEmbed};
  addGroup(command.flags, "what is written",
           {{"o", Kind::String, "OUT.o", "the object"},
            {"H", Kind::String, "OUT.h", "the header"},
            {"name", Kind::String, "NAME",
             "what the model is called in programs; default: after the module's file"},
            {"levels", Kind::List, "v2,v3,v4",
             "x86-64 levels whose code is taken; default: all that the module has", true},
            {"export", Kind::Bool, "",
             "the model can be used from outside of the shared library that it is linked into"}});
  addGroup(command.flags, "a program that tests it, of C or C++",
           {{"test", Kind::String, "OUT.c", "its source; it includes the header"},
            {"test-data", Kind::String, "OUT.o", "the values below, an object to link with it"},
            {"inputs", Kind::String, "in.npz",
             "values of the inputs: firn run MODEL --random --save-feeds in.npz --out want.npz"},
            {"outputs", Kind::String, "want.npz", "what the outputs are for them"},
            {"rtol", Kind::String, "1e-4", "what |d| may be of max |want|; default: 1e-4"},
            {"atol", Kind::String, "0", "what |d| may be besides; default: 0"}});
  addGroup(command.flags, "a program that measures it, of C or C++",
           {{"benchmark", Kind::String, "OUT.c",
             "its source; it includes the header and tells what firn bench does"}});
  return command;
}

} // namespace firn
