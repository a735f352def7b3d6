// Names of nodes in what a MetaGraph says beside its graph. Internal to `rename_graph`.
#pragma once

#include <string>

#include "compiler/formats/proto/meta_graph.pb.h"
#include "compiler/workbench/rename_graph.h"

namespace firn {

/// Of "node", "node:1" and "^node" the node renamed.
void renameTensor(std::string &tensor, const NameTable &nodes);

/// Collections, signatures, assets, the SaverDef.
void renameMessages(tensorflow::MetaGraphDef &meta, const NameTable &nodes, const NameTable &keys);

} // namespace firn
