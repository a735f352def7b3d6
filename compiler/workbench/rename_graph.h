// Other names for the variables of a graph, wherever they stand in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "compiler/formats/proto/meta_graph.pb.h"
#include "compiler/workbench/name_map.h"

namespace firn {

/// Old names and new ones; what is not in it stays.
using NameTable = std::map<std::string, std::string>;

/// What rules for the variables of `graph` apply to: their names, and of parts ("emb/part_0") the
/// name of the whole ("emb"), which is the key of a checkpoint.
std::vector<std::string> variableNames(const tensorflow::GraphDef &graph);

/// Of each node that gets another name the old one and the new one: variables by `names`, parts by
/// the name of their whole where they have none of their own, and with a variable, or a whole, what
/// is named after it ("w/read", "w/Assign", "w/Initializer/zeros"). A name in `names` that another
/// node has, too, is an error.
absl::StatusOr<NameTable> renamedNodes(const tensorflow::GraphDef &graph, const NameTable &names);

/// Puts the names of `nodes` in nodes, inputs, colocations, handles, collections (of variables, of
/// conds, of loops, of names), signatures and the SaverDef, and the keys of `keys` in the constants
/// that name what the Saver saves and restores. Restores of other files (`init_from_checkpoint`)
/// stay.
void renameGraph(tensorflow::MetaGraphDef &meta, const NameTable &nodes, const NameTable &keys);

} // namespace firn
