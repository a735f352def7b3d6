// What an object-based checkpoint (TensorFlow 2) says of the names of its variables.
#pragma once

#include <map>
#include <string>

#include "compiler/formats/checkpoint.h"

namespace firn {

/// The key under which the description of the objects stands.
inline constexpr char kObjectGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

/// Variables' own names, "dense/kernel", and their keys,
/// "model/dense/kernel/.ATTRIBUTES/VARIABLE_VALUE". Of a name that several variables have, the
/// first. Empty for a checkpoint of names and for a description that can't be read.
std::map<std::string, std::string> objectVariables(Checkpoint &checkpoint);

/// The description with other keys for the tensors that `renamed` (old key → new key) has; "" where
/// it can't be read.
std::string renamedObjectGraph(Checkpoint &checkpoint,
                               const std::map<std::string, std::string> &renamed);

} // namespace firn
