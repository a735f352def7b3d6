// How much of each kind of key a checkpoint has.
#pragma once

#include <cstdint>
#include <string>

#include "compiler/workbench/key_kind.h"
#include "llvm/Support/JSON.h"

namespace firn {

/// "12 tensors, 1,234 parameters, 4.9 MB", and a line for each kind where there are several.
std::string totalsText(const Checkpoint &checkpoint);

/// Attributes of the JSON object that is open: format, prefix, files, notes.
void writeCheckpointHeader(const Checkpoint &checkpoint, llvm::json::OStream &json);
/// The attribute "totals".
void writeTotals(const Checkpoint &checkpoint, llvm::json::OStream &json);

} // namespace firn
