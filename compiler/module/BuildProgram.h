// From the `schedule` dialect to what the runtime reads.
#pragma once

#include "compiler/module/Weights.h"

#include <map>
#include <string>

namespace firn {

/// The sections of a program, and what a summary tells of it.
struct BuiltProgram {
  std::string program; ///< runtime/schema/program.fbs
  std::string debug;   ///< runtime/schema/debug.fbs
  uint32_t dispatches = 0, functions = 0, steps = 0, slots = 0, buffers = 0;
  bool isPlanned = false;                 ///< all sizes are constants
  uint64_t arenaSize = 0, arenaBound = 0; ///< where it is planned
};

/// What a signature calls the tensors of ports; of others nothing.
struct PortKeys {
  std::map<std::string, std::string> inputs, outputs; ///< tensor "x:0" → key
};

/// Numbers buffers and slots, flattens blocks of steps, finds how long each buffer lives and, where
/// all sizes are constants, plans the arena. `weights` has all weights of the program. Failure was
/// diagnosed. The same program gives the same bytes.
mlir::FailureOr<BuiltProgram> buildProgram(schedule::ProgramOp program, const WeightLayout &weights,
                                           const PortKeys &keys = {});

} // namespace firn
