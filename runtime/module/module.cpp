#include "runtime/module/module.h"

#include <stdio.h>

#include "runtime/module/cpu.h"
#include "runtime/module/sections.h"

namespace firn::runtime {
namespace {

constexpr firn_open_options kDefaults = {0, 0};

class Opener {
public:
  Opener(firn_module &module, const firn_open_options &options, firn_status *status)
      : module(module), options(options), status(status) {}

  firn_code open() {
    const unsigned char *data = module.bytes.data();
    if (firn_code code = checkSections(data, module.bytes.size(), &module.sections,
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
  firn_code failLevel(uint32_t level);

  /// The only section of a kind; null where there is none, or an optional one of a newer format.
  firn_code find(uint16_t kind, const char *what, const firn_section **section);

  firn_module &module;
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
  module.weights = module.bytes.data() + section->offset;
  return options.flags & FIRN_OPEN_VERIFY
             ? checkContents(module.bytes.data(), *section, "weights section", status)
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
  if (firn_code code = checkContents(module.bytes.data(), *section, "program", status))
    return code;
  return readProgram(module.bytes.data() + section->offset, section->size, weights, &module.program,
                     status);
}

firn_code Opener::openNames() {
  const firn_section *section;
  if (firn_code code = find(FIRN_SECTION_DEBUG, "debug names", &section))
    return code;
  if (!section || section->alignment < 8)
    return FIRN_OK;
  if (firn_code code =
          checkContents(module.bytes.data(), *section, "section of debug names", status))
    return code;
  return readNames(module.bytes.data() + section->offset, section->size, &module.program, status);
}

firn_code Opener::openCode() {
  uint32_t level;
  if (firn_code code = usableCpuLevel(options.cpu_level, &level, status))
    return code;
  const firn_section *best = nullptr;
  for (uint32_t i = 0; i < module.sectionCount; ++i) {
    const firn_section &section = module.sections[i];
    const bool usable = section.kind == FIRN_SECTION_CODE && section.variant <= level &&
                        section.major == knownMajor(FIRN_SECTION_CODE);
    if (usable && (!best || section.variant > best->variant))
      best = &section;
  }
  if (!best)
    return failLevel(level);
  if (firn_code code = checkContents(module.bytes.data(), *best, "code", status))
    return code;
  module.cpuLevel = best->variant;
  return module.code.load(module.bytes, *best, status);
}

firn_code Opener::failLevel(uint32_t level) {
  char levels[96];
  size_t at = 0;
  levels[0] = 0;
  for (uint32_t i = 0; i < module.sectionCount && at + 24 < sizeof levels; ++i)
    if (module.sections[i].kind == FIRN_SECTION_CODE)
      at += snprintf(levels + at, sizeof levels - at, "%sx86-64-v%u", at ? ", " : "",
                     module.sections[i].variant);
  return fail(status, FIRN_CPU,
              "the module has no code for this processor: expected %s%u or lower, got %s",
              level ? "x86-64-v" : "level ", level, at ? levels : "none");
}

/// Puts the file's name before a message.
firn_code nameFile(const char *path, firn_code code, firn_status *status) {
  if (!status)
    return code;
  firn_status plain = *status;
  return fail(status, code, "'%s': %.*s", path, int(sizeof plain.message - 1), plain.message);
}

firn_code finish(firn_module *opened, const firn_open_options *options, firn_module **module,
                 firn_status *status) {
  firn_code code = Opener(*opened, options ? *options : kDefaults, status).open();
  opened->bytes.closeFile();
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
  firn_module *opened = create<firn_module>();
  if (!opened)
    return failMemory(status, sizeof(firn_module));
  if (firn_code code = opened->bytes.map(path, status)) {
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
  firn_module *opened = create<firn_module>();
  if (!opened)
    return failMemory(status, sizeof(firn_module));
  opened->bytes.refer(data, size);
  return finish(opened, options, module, status);
}

void firn_module_close(firn_module *module) {
  if (module && module->users.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy(module);
}

uint32_t firn_module_input_count(const firn_module *module) {
  return uint32_t(module->program.inputs.size());
}

uint32_t firn_module_output_count(const firn_module *module) {
  return uint32_t(module->program.outputs.size());
}

const firn_port *firn_module_input(const firn_module *module, uint32_t index) {
  return index < module->program.inputs.size() ? &module->program.inputs[index] : nullptr;
}

const firn_port *firn_module_output(const firn_module *module, uint32_t index) {
  return index < module->program.outputs.size() ? &module->program.outputs[index] : nullptr;
}

uint32_t firn_module_cpu_level(const firn_module *module) { return module->cpuLevel; }

const void *firn_module_bytes(const firn_module *module, size_t *size) {
  if (size)
    *size = module->bytes.size();
  return module->bytes.data();
}

const firn_section *firn_module_sections(const firn_module *module, uint32_t *count) {
  if (count)
    *count = module->sectionCount;
  return module->sections;
}
