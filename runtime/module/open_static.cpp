// Modules that are linked in. Nothing here knows of files: a program that links its model links
// nothing else.
#include <stddef.h>

#include "runtime/module/cpu.h"
#include "runtime/module/module.h"

static_assert(FIRN_STATIC_MAJOR == FIRN_ABI_MAJOR && FIRN_STATIC_MINOR >= FIRN_ABI_MINOR,
              "the version of linked models covers that of their code");

namespace firn::runtime {
namespace {

constexpr uint64_t kMostLevels = 16;

bool isAligned(const void *data, uint64_t alignment) {
  return reinterpret_cast<uintptr_t>(data) % alignment == 0;
}

firn_code checkVersion(const firn_static_module *model, firn_status *status) {
  if (!model || model->size < offsetof(firn_static_module, code))
    return fail(status, FIRN_INVALID, "expected a model that firn embed made, got something else");
  if (model->major != FIRN_STATIC_MAJOR || model->minor > FIRN_STATIC_MINOR)
    return fail(status, FIRN_VERSION,
                "expected a linked model of version %u.%u, got %u.%u: embed it again with the firn "
                "of this runtime",
                FIRN_STATIC_MAJOR, FIRN_STATIC_MINOR, model->major, model->minor);
  return FIRN_OK;
}

const char *checkParts(const firn_static_module &model) {
  if (model.size < sizeof model)
    return "it is shorter than its version says";
  if (!model.program || !isAligned(model.program, 8) || !isAligned(model.names, 8))
    return "it has no program";
  if (!isAligned(model.weights, kAlignment))
    return "its weights are not aligned";
  if (!model.code || model.code_count > kMostLevels)
    return "it has no code";
  for (uint64_t i = 0; i < model.code_count; ++i)
    if (!model.code[i].entry)
      return "its code has no entry";
  return nullptr;
}

firn_code readParts(const firn_static_module &model, firn_module &module, firn_status *status) {
  const uint64_t weights = model.weights ? model.weights_size : 0;
  module.weights = static_cast<const unsigned char *>(model.weights);
  if (firn_code code = readProgram(static_cast<const unsigned char *>(model.program),
                                   model.program_size, weights, &module.program, status))
    return code;
  if (!model.names)
    return FIRN_OK;
  return readNames(static_cast<const unsigned char *>(model.names), model.names_size,
                   &module.program, status);
}

firn_code chooseLevel(const firn_static_module &model, uint32_t wanted, firn_module &module,
                      firn_status *status) {
  uint32_t level, best, levels[kMostLevels];
  if (firn_code code = usableCpuLevel(wanted, &level, status))
    return code;
  const uint32_t count = uint32_t(model.code_count);
  for (uint32_t i = 0; i < count; ++i)
    levels[i] = model.code[i].level;
  if (firn_code code = chooseCode(levels, count, level, &best, status))
    return code;
  module.cpuLevel = levels[best];
  module.entry = model.code[best].entry;
  return FIRN_OK;
}

void release(firn_module *module) { destroy(module); }

} // namespace
} // namespace firn::runtime

using namespace firn::runtime;

firn_code firn_module_open_static(const firn_static_module *model, const firn_open_options *options,
                                  firn_module **module, firn_status *status) {
  *module = nullptr;
  if (firn_code code = checkVersion(model, status))
    return code;
  if (const char *why = checkParts(*model))
    return fail(status, FIRN_DAMAGED, "the linked model is damaged: %s", why);
  firn_module *opened = create<firn_module>();
  if (!opened)
    return failMemory(status, sizeof(firn_module));
  opened->release = release;
  firn_code code = readParts(*model, *opened, status);
  if (!code && !(options && options->flags & FIRN_OPEN_INSPECT))
    code = chooseLevel(*model, options ? options->cpu_level : 0, *opened, status);
  if (code) {
    destroy(opened);
    return code;
  }
  *module = opened;
  return succeed(status);
}
