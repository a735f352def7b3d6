// Ops and attributes in terms of older ones.
#pragma once

#include <string>

#include "compiler/transforms/graph/NodeNames.h"

namespace firn::graph {

/// Replaces `node` by nodes of older ops that compute the same, and sets it to the last of them,
/// which has its name. False, with nothing changed, when there is no way or none that is proved;
/// `why` then says what there is to say beyond that.
bool downgradeOp(Node &node, NodeIndex &names, std::string &why);

/// The same for an attribute that an older op lacks, of another value than its default.
bool downgradeAttr(Node &node, llvm::StringRef attr, NodeIndex &names, std::string &why);

} // namespace firn::graph
