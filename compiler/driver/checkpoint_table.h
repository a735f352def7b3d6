// What the keys of a checkpoint are, and how much of each kind there is.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "compiler/formats/checkpoint.h"
#include "llvm/Support/JSON.h"

namespace firn {

/// `Slot`: an optimizer's state for a variable (`fc1/W/Momentum`) or its own (`beta1_power`).
/// `Average`: an ExponentialMovingAverage of a variable. `Other`: strings and variants.
enum class KeyKind { Weight, Slot, Average, Other };

constexpr std::array<KeyKind, 4> kKeyKinds = {KeyKind::Weight, KeyKind::Slot, KeyKind::Average,
                                              KeyKind::Other};

/// "weight", "slot", "average", "other".
const char *keyKindName(KeyKind kind);

/// A name alone proves nothing: a key is a slot or an average only beside the key of its variable.
KeyKind keyKind(const Checkpoint &checkpoint, const std::string &key);

struct CheckpointTotals {
  uint64_t tensors = 0, parameters = 0, bytes = 0;
};

CheckpointTotals totalsOf(const Checkpoint &checkpoint);
CheckpointTotals totalsOf(const Checkpoint &checkpoint, KeyKind kind);

/// "12 tensors, 1,234 parameters, 4.9 MB", and a line for each kind where there are several.
std::string totalsText(const Checkpoint &checkpoint);

/// Attributes of the JSON object that is open: format, prefix, files, notes.
void writeCheckpointHeader(const Checkpoint &checkpoint, llvm::json::OStream &json);
/// The attribute "totals".
void writeTotals(const Checkpoint &checkpoint, llvm::json::OStream &json);

} // namespace firn
