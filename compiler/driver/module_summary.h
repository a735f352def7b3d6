// What `firn inspect` tells of a module.
#pragma once

#include <string>

#include "compiler/pipeline/LoadedModule.h"
#include "compiler/pipeline/ModuleProgram.h"

namespace firn {

/// Sections, inputs and outputs, dispatches with their nodes, the arena. `all`: every step and
/// buffer.
std::string moduleText(const std::string &path, const LoadedModule &module, bool all);
void printModuleJson(const std::string &path, const LoadedModule &module);

} // namespace firn
