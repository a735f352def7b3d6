// What control flow is written with: each hands its input on. Loops and branches themselves are
// made by LoopLowering and BranchLowering.
#include "compiler/conversion/graph_to_kernel/ops/Ops.h"
#include "dialects/graph/Graph.h"

using namespace mlir;

namespace firn::kernel {
namespace {

void handOn(NodeLowering &n) { n.handOn(0, 0); }

// Whatever is taken: on its branch only, an output is used.
void handOnToAll(NodeLowering &n) {
  for (unsigned i = 0; i < n.node.numOutputs(); ++i)
    n.handOn(i, 0);
}

// A value that nobody reads.
void fakeParam(NodeLowering &n) {
  if (!storageType(n.b.getContext(), n.outDtype()))
    return n.giveHandle(0);
  if (std::optional<Sizes> sizes = n.outSizes())
    n.give(n.zeros(n.outDtype(), *sizes));
}

const LoweringEntry kFlow[] = {
    {"Enter", handOn},
    {"FakeParam", fakeParam},
    {"LoopCond", handOn},
    {"NextIteration", handOn},
    {"RefEnter", handOn},
    {"RefIdentity", handOn},
    {"RefNextIteration", handOn},
    {"RefSwitch", handOnToAll},
    {"Switch", handOnToAll},
    {"_SwitchN", handOnToAll},
};

} // namespace

Lowerings flowLowerings() { return kFlow; }

} // namespace firn::kernel
