#include "compiler/transforms/graph/Frames.h"

#include <deque>

using namespace mlir;

namespace firn::graph {
namespace {

std::string outerFrame(StringRef frame) {
  return frame.rsplit('|').first == frame ? "" : frame.rsplit('|').first.str();
}

// The frame in which what a node yields is used.
std::string frameBehind(Node node, StringRef frame) {
  if (node.isOneOf("Enter", "RefEnter")) {
    auto name = node.attr<StringAttr>("frame_name");
    return (frame + "|" + (name ? name.getValue() : StringRef())).str();
  }
  return node.isOneOf("Exit", "RefExit") ? outerFrame(frame) : frame.str();
}

} // namespace

// Frames spread from the nodes without inputs; a back edge brings the frame that its Merge already
// has.
Frames::Frames(Block &block) {
  std::deque<Operation *> worklist;
  for (Operation &op : block.without_terminator())
    if (op.getNumOperands() == 0 ||
        llvm::all_of(op.getOperands(), [](Value v) { return isa<BlockArgument>(v); })) {
      frames[&op] = "";
      worklist.push_back(&op);
    }
  llvm::DenseSet<Operation *> reported;
  while (!worklist.empty()) {
    Operation *op = worklist.front();
    worklist.pop_front();
    std::string behind = frameBehind(Node(op), frames[op]);
    for (Operation *user : op->getUsers()) {
      if (!Node::isNode(user))
        continue;
      auto [it, isNew] = frames.try_emplace(user, behind);
      if (isNew)
        worklist.push_back(user);
      else if (it->second != behind && reported.insert(user).second)
        found.push_back({Node(user), it->second, behind});
    }
  }
}

std::string Frames::behind(Node node) const { return frameBehind(node, of(node.operation())); }

StringRef Frames::of(Operation *op) const {
  auto it = frames.find(op);
  return it == frames.end() ? StringRef() : StringRef(it->second);
}

} // namespace firn::graph
