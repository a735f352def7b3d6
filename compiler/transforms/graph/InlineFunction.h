// A function's body in the place of a call.
#pragma once

#include "compiler/transforms/graph/NodeNames.h"

namespace firn::graph {

/// Copies the nodes of `function` before `call`, as `CALL/NODE`, with `arguments` for its
/// arguments; the outputs of `call` become what it returns, its control token a node that waits for
/// what the function's control outputs name. The call is erased (a fetched one stays as an Identity
/// of its name). Attributes that the caller gives (`#graph.placeholder`) are filled in from
/// `attrs`. Needs as many arguments as the function takes, as many outputs as it returns.
void inlineFunction(Node call, FuncOp function, llvm::ArrayRef<mlir::Value> arguments,
                    NodeIndex &names, mlir::DictionaryAttr attrs = {});

} // namespace firn::graph
