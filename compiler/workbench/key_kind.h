// What the keys of a checkpoint are.
#pragma once

#include <array>
#include <string>

#include "compiler/formats/checkpoint.h"

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

} // namespace firn
