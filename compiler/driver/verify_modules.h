// `firn verify` where one of the two is a compiled module, or both are.
#pragma once

#include "compiler/driver/verify_report.h"

namespace firn {

/// Opens, feeds and runs both, and compares their outputs; of a graph and a module that differ, or
/// with --keep-all, also what dispatches leave. A graph is asked for the outputs of the module
/// where it is asked for none.
absl::Status verifyModules(const ParsedFlags &flags, const FreezeOptions &a, const FreezeOptions &b,
                           const Feeds &feeds, Verification &verification);

} // namespace firn
