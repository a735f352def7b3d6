#include "compiler/driver/commands.h"

namespace firn {

std::vector<Command> lookCommands() { return {}; }

} // namespace firn
