// Modules of files and of memory.
#include "runtime/module/code.h"
#include "runtime/module/cpu.h"
#include "runtime/module/file.h"
#include "runtime/module/module.h"
#include "runtime/module/sections.h"

namespace firn::runtime {
namespace {

constexpr firn_open_options kDefaults = {0, 0};

struct FileModule : firn_module {
  ModuleBytes file;
  Code code;
};

class Opener {
public:
  Opener(FileModule &module, const firn_open_options &options, firn_status *status)
      : module(module), options(options), status(status) {}

  firn_code open() {
    module.bytes = module.file.data();
    module.size = module.file.size();
    if (firn_code code = checkSections(module.bytes, module.size, &module.sections,
                                       &module.sectionCount, status))
      return code;
    if (firn_code code = openWeights())
      return code;
    if (firn_code code = openProgram())
      return code;
    if (firn_code code = openNames())
      return code;
    return options.flags & FIRN_OPEN_INSPECT ? FIRN_OK : openCode();
  }

private:
  firn_code openWeights();
  firn_code openProgram();
  firn_code openNames();
  firn_code openCode();

  /// The only section of a kind; null where there is none, or an optional one of a newer format.
  firn_code find(uint16_t kind, const char *what, const firn_section **section);

  FileModule &module;
  const firn_open_options &options;
  firn_status *status;
};

firn_code Opener::find(uint16_t kind, const char *what, const firn_section **section) {
  *section = nullptr;
  for (uint32_t i = 0; i < module.sectionCount; ++i) {
    const firn_section &candidate = module.sections[i];
    if (candidate.kind != kind || candidate.major != knownMajor(kind))
      continue;
    if (*section)
      return fail(status, FIRN_DAMAGED, "the module has more than one section of %s", what);
    *section = &candidate;
  }
  return FIRN_OK;
}

firn_code Opener::openWeights() {
  const firn_section *section;
  if (firn_code code = find(FIRN_SECTION_WEIGHTS, "weights", &section))
    return code;
  if (!section)
    return FIRN_OK;
  module.weights = module.bytes + section->offset;
  return options.flags & FIRN_OPEN_VERIFY
             ? checkContents(module.bytes, *section, "weights section", status)
             : FIRN_OK;
}

firn_code Opener::openProgram() {
  const firn_section *section, *weights;
  if (firn_code code = find(FIRN_SECTION_PROGRAM, "program", &section))
    return code;
  if (firn_code code = find(FIRN_SECTION_WEIGHTS, "weights", &weights))
    return code;
  if (!section || section->alignment < 8)
    return fail(status, FIRN_DAMAGED, "the module has no program");
  if (firn_code code = checkContents(module.bytes, *section, "program", status))
    return code;
  return readProgram(module.bytes + section->offset, section->size, weights ? weights->size : 0,
                     &module.program, status);
}

firn_code Opener::openNames() {
  const firn_section *section;
  if (firn_code code = find(FIRN_SECTION_DEBUG, "debug names", &section))
    return code;
  if (!section || section->alignment < 8)
    return FIRN_OK;
  if (firn_code code = checkContents(module.bytes, *section, "section of debug names", status))
    return code;
  return readNames(module.bytes + section->offset, section->size, &module.program, status);
}

firn_code Opener::openCode() {
  uint32_t level, best;
  if (firn_code code = usableCpuLevel(options.cpu_level, &level, status))
    return code;
  Array<uint32_t> levels; // of each section the level that its code is for; 0: it is no code
  if (!levels.allocate(module.sectionCount))
    return failMemory(status, module.sectionCount * sizeof(uint32_t));
  for (uint32_t i = 0; i < module.sectionCount; ++i) {
    const firn_section &section = module.sections[i];
    const bool isCode =
        section.kind == FIRN_SECTION_CODE && section.major == knownMajor(section.kind);
    levels[i] = isCode ? section.variant : 0;
  }
  if (firn_code code = chooseCode(levels.data(), module.sectionCount, level, &best, status))
    return code;
  if (firn_code code = checkContents(module.bytes, module.sections[best], "code", status))
    return code;
  if (firn_code code = module.code.load(module.file, module.sections[best], status))
    return code;
  module.cpuLevel = levels[best];
  module.entry = module.code.entry();
  return FIRN_OK;
}

/// Puts the file's name before a message.
firn_code nameFile(const char *path, firn_code code, firn_status *status) {
  if (!status)
    return code;
  firn_status plain = *status;
  return fail(status, code, "'%s': %.*s", path, int(sizeof plain.message - 1), plain.message);
}

void releaseFile(firn_module *module) { destroy(static_cast<FileModule *>(module)); }

firn_code finish(FileModule *opened, const firn_open_options *options, firn_module **module,
                 firn_status *status) {
  opened->release = releaseFile;
  firn_code code = Opener(*opened, options ? *options : kDefaults, status).open();
  opened->file.closeFile();
  if (code) {
    destroy(opened);
    return code;
  }
  *module = opened;
  return succeed(status);
}

} // namespace
} // namespace firn::runtime

using namespace firn::runtime;

firn_code firn_module_open(const char *path, const firn_open_options *options, firn_module **module,
                           firn_status *status) {
  *module = nullptr;
  FileModule *opened = create<FileModule>();
  if (!opened)
    return failMemory(status, sizeof(FileModule));
  if (firn_code code = opened->file.map(path, status)) {
    destroy(opened);
    return nameFile(path, code, status);
  }
  firn_code code = finish(opened, options, module, status);
  return code ? nameFile(path, code, status) : FIRN_OK;
}

firn_code firn_module_open_memory(const void *data, size_t size, const firn_open_options *options,
                                  firn_module **module, firn_status *status) {
  *module = nullptr;
  if (!data || reinterpret_cast<uintptr_t>(data) % kAlignment)
    return fail(status, FIRN_INVALID, "expected a module at a multiple of %u bytes, got %p",
                unsigned(kAlignment), data);
  FileModule *opened = create<FileModule>();
  if (!opened)
    return failMemory(status, sizeof(FileModule));
  opened->file.refer(data, size);
  return finish(opened, options, module, status);
}
