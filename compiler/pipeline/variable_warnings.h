// What a user should know of where the values of variables come from.
#pragma once

#include <set>
#include <string>

#include "compiler/formats/proto/meta_graph.pb.h"
#include "compiler/pipeline/Freeze.h"
#include "compiler/workbench/checkpoint_view.h"

namespace firn {

/// The variables that a collection lists, "trainable_variables".
std::set<std::string> collectedVariables(const tensorflow::MetaGraphDef &meta,
                                         const std::string &collection);

/// Adds to `report.warnings`, once `report.variables` are known: initial values, variables without
/// the moving average that others have, moving averages that were not asked for, patterns of
/// variables that match nothing.
void warnOfVariables(FreezeReport &report, const FreezeOptions &options,
                     const CheckpointView &checkpoint, const std::set<std::string> &trainable);

} // namespace firn
