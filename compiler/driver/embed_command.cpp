#include <filesystem>
#include <iostream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/text.h"
#include "compiler/embed/header.h"
#include "compiler/embed/identifiers.h"
#include "compiler/embed/model_object.h"
#include "compiler/formats/output_file.h"
#include "compiler/pipeline/LoadedModule.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

struct Settings {
  ModelObjectOptions object;
  std::string objectPath, headerPath;
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

absl::Status readSettings(const ParsedFlags &flags, Settings &settings) {
  settings.object.exported = flags.boolean("export");
  settings.objectPath = flags.text("o");
  settings.headerPath = flags.text("H");
  if (settings.objectPath.empty() && settings.headerPath.empty())
    return absl::InvalidArgumentError("expected -o OUT.o, -H OUT.h or both");
  absl::Status status = readName(flags, settings.object.name);
  status.Update(readLevels(flags, settings.object.levels));
  return status;
}

/// Files that appear together or not at all.
class Outputs {
public:
  absl::StatusOr<OutputFile *> create(const std::string &path) {
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
  std::vector<std::unique_ptr<OutputFile>> files;
};

absl::Status embed(const ParsedFlags &flags, const Settings &settings) {
  const std::string &path = flags.positional[0];
  if (!isModuleFile(path))
    return absl::InvalidArgumentError(
        absl::StrCat("expected a module of firn compile, got '", path, "'"));
  ModuleOptions inspect;
  inspect.withoutCode = true;
  absl::StatusOr<LoadedModule> module = LoadedModule::open(path, inspect);
  if (!module.ok())
    return module.status();
  Outputs outputs;
  absl::Status status;
  if (!settings.objectPath.empty()) {
    absl::StatusOr<ElfObject> object = modelObject(module->module(), settings.object);
    if (!object.ok())
      return absl::Status(object.status().code(),
                          absl::StrCat("'", path, "': ", object.status().message()));
    status = outputs.write(settings.objectPath, *object);
  }
  const Interface model = interfaceOf(module->module(), settings.object.name);
  const HeaderOptions header = {std::filesystem::path(path).filename().string(), versionText(),
                                settings.object.exported};
  if (status.ok() && !settings.headerPath.empty())
    status = outputs.write(settings.headerPath, headerText(model, header));
  return status.ok() ? outputs.commit() : status;
}

int runEmbed(const ParsedFlags &flags) {
  Settings settings;
  if (absl::Status status = readSettings(flags, settings); !status.ok())
    return reportUsage(status.message(), "embed");
  absl::Status status = embed(flags, settings);
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
  return command;
}

} // namespace firn
