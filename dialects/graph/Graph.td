// The whole `graph` dialect: what TensorFlow said, as MLIR.
#ifndef FIRN_DIALECTS_GRAPH_GRAPH
#define FIRN_DIALECTS_GRAPH_GRAPH

include "dialects/graph/GraphBase.td"
include "dialects/graph/GraphTypes.td"
include "dialects/graph/GraphAttributes.td"
include "dialects/graph/GraphOps.td"

#endif
