// What an object-based checkpoint (TensorFlow 2) says of the names of its variables.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "compiler/formats/checkpoint.h"
#include "compiler/formats/proto/object_graph.pb.h"

namespace firn {

/// The key under which the description of the objects stands.
inline constexpr char kObjectGraphKey[] = "_CHECKPOINTABLE_OBJECT_GRAPH";

/// Whether the keys of `checkpoint` are paths of objects, not names of variables.
bool isObjectCheckpoint(const Checkpoint &checkpoint);

/// DataLoss where the description is none; the caller has seen that there is one.
absl::StatusOr<tensorflow::TrackableObjectGraph> readObjectGraph(Checkpoint &checkpoint);

/// Variables' own names, "dense/kernel", and their keys,
/// "model/dense/kernel/.ATTRIBUTES/VARIABLE_VALUE". Of a name that several variables have, the
/// first. Empty for a checkpoint of names and for a description that can't be read.
std::map<std::string, std::string> objectVariables(Checkpoint &checkpoint);

/// The description with other keys for the tensors that `renamed` (old key → new key) has. Errors
/// as of `readObjectGraph`.
absl::StatusOr<std::string> renamedObjectGraph(Checkpoint &checkpoint,
                                               const std::map<std::string, std::string> &renamed);

} // namespace firn
