#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "llvm/ADT/StringMap.h"

namespace firn::kernel {

LowerNode findLowering(llvm::StringRef op) {
  static const llvm::StringMap<LowerNode> table = [] {
    llvm::StringMap<LowerNode> all;
    for (Lowerings family :
         {valueLowerings(),     layoutLowerings(),  sliceLowerings(),      joinLowerings(),
          constructLowerings(), padLowerings(),     gatherLowerings(),     reverseLowerings(),
          diagonalLowerings(),  flowLowerings(),    listLowerings(),       arithmeticLowerings(),
          unaryLowerings(),     compareLowerings(), activationLowerings(), castLowerings(),
          reduceLowerings(),    segmentLowerings(), orderLowerings(),      boxLowerings(),
          softmaxLowerings(),   matmulLowerings(),  convLowerings()})
      for (const LoweringEntry &entry : family)
        all[entry.op] = entry.lower;
    return all;
  }();
  auto it = table.find(op);
  return it == table.end() ? nullptr : it->second;
}

} // namespace firn::kernel
