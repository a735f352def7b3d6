// What is asked of a module, however it was opened.
#include "runtime/module/module.h"

void firn_module_close(firn_module *module) {
  if (module && module->users.fetch_sub(1, std::memory_order_acq_rel) == 1)
    module->release(module);
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
    *size = module->size;
  return module->bytes;
}

const firn_section *firn_module_sections(const firn_module *module, uint32_t *count) {
  if (count)
    *count = module->sectionCount;
  return module->sections;
}
