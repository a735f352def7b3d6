#include "compiler/conversion/graph_to_kernel/ops/Ops.h"

#include "compiler/conversion/graph_to_kernel/GraphLowering.h"
#include "compiler/conversion/graph_to_kernel/ops/ShapeValues.h"
#include "llvm/ADT/StringMap.h"

namespace firn::kernel {

static llvm::StringMap<LowerNode> makeTable() {
  llvm::StringMap<LowerNode> table;
  auto add = [&](Lowerings family) {
    for (const LoweringEntry &entry : family)
      table[entry.op] = entry.lower;
  };
  add(flowLowerings());
  add(listLowerings());
  add(valueLowerings());
  add(layoutLowerings());
  add(sliceLowerings());
  add(joinLowerings());
  add(constructLowerings());
  add(padLowerings());
  add(gatherLowerings());
  add(reverseLowerings());
  add(diagonalLowerings());
  add(arithmeticLowerings());
  add(unaryLowerings());
  add(compareLowerings());
  add(activationLowerings());
  add(castLowerings());
  add(matmulLowerings());
  add(convLowerings());
  add(convGradientLowerings());
  add(poolLowerings());
  add(batchNormLowerings());
  add(reduceLowerings());
  add(softmaxLowerings());
  add(segmentLowerings());
  add(orderLowerings());
  add(boxLowerings());
  add(colorLowerings());
  add(scatterLowerings());
  add(einsumLowerings());
  add(resizeLowerings());
  add(warpLowerings());
  add(recurrentLowerings());
  add(quantizedLowerings());
  add(quantizedOpLowerings());
  add(linalgLowerings());
  add(fourierLowerings());
  add(randomLowerings());
  add(shapeDataLowerings());
  add(sparseLowerings());
  add(sparseDenseLowerings());
  return table;
}

LowerNode findLowering(llvm::StringRef op) {
  static const llvm::StringMap<LowerNode> table = makeTable();
  auto it = table.find(op);
  return it == table.end() ? nullptr : it->second;
}

bool isKnownOp(llvm::StringRef op) {
  static constexpr llvm::StringLiteral flow[] = {"Case",
                                                 "Enter",
                                                 "Exit",
                                                 "If",
                                                 "Merge",
                                                 "NextIteration",
                                                 "PartitionedCall",
                                                 "RefEnter",
                                                 "RefExit",
                                                 "RefMerge",
                                                 "RefNextIteration",
                                                 "StatefulPartitionedCall",
                                                 "StatelessCase",
                                                 "StatelessIf",
                                                 "StatelessWhile",
                                                 "While"};
  return findLowering(op) || hasShapeValues(op) || llvm::is_contained(flow, op);
}

} // namespace firn::kernel
