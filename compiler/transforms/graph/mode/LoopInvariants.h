// What a loop hands from one iteration to the next as it is.
#pragma once

#include "dialects/graph/Node.h"

namespace firn::graph {

/// True when a While's body returns argument `index` unchanged.
inline bool handsThrough(FuncOp body, unsigned index) {
  auto values = body.getFetch().getTensors();
  if (index >= values.size() || index >= body.getNumDataArgs())
    return false;
  mlir::Value value = values[index];
  for (Node node = Node::of(value); node && node.is("Identity"); node = Node::of(value))
    value = node.input(0);
  return value == body.getNodes().getArgument(index);
}

} // namespace firn::graph
