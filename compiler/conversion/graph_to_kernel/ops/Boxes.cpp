// Non-maximum suppression.
#include "compiler/conversion/graph_to_kernel/ops/Plain.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// The limits of overlap and score and the width of soft suppression: inputs from 3 on, as far as
// the op has them.
Tensor limitsOf(NodeLowering &n) {
  double missing[3] = {static_cast<float>(n.real("iou_threshold")), -0x1.fffffep127, 0};
  SmallVector<Tensor> given;
  for (unsigned i = 3; i < std::min(n.numInputs(), 6u); ++i)
    given.push_back(n.reshape(converted(n, n.in(i), DT_FLOAT), {}));
  if (n.failed())
    return {};
  return n.generate(DT_FLOAT, {n.size(3)}, [&](ImplicitLocOpBuilder &b, ValueRange place) -> Value {
    auto limit = [&](size_t i) -> Number {
      if (i >= given.size())
        return constantOf(b, DT_FLOAT, missing[i]);
      return {&b, NodeLowering::read(b, given[i], {}), DT_FLOAT};
    };
    Number which = fromIndex(b, place[0], DT_INT64);
    return choose(which == 0, limit(0), choose(which == 1, limit(1), limit(2))).value;
  });
}

struct Chosen {
  Tensor boxes, scores, number;
};

// Up to `most` boxes, zeros behind them.
Chosen choose(NodeLowering &n, StringRef kernel, Size most) {
  Tensor boxes = converted(n, n.in(0), DT_FLOAT), scores = converted(n, n.in(1), DT_FLOAT);
  Tensor limits = limitsOf(n);
  if (!boxes || !scores || !limits)
    return {};
  Sizes all = {scores.sizes[0]};
  SmallVector<Tensor> results =
      n.call(kernel, {boxes, scores, limits}, {all[0], most}, {},
             {n.empty(DT_INT32, {most}), n.empty(DT_FLOAT, {most}), n.empty(DT_INT64, {}),
              n.empty(DT_FLOAT, all), n.empty(DT_INT32, all), n.empty(DT_INT32, all)});
  return {results[0], results[1], results[2]};
}

void suppress(NodeLowering &n, StringRef kernel) {
  Tensor scores = n.in(1);
  if (!scores)
    return;
  // Without padding there are as many boxes as scores at most.
  bool isPadded = n.flag("pad_to_max_output_size");
  Size most = sizeInput(n, 2, scores.sizes[0]);
  if (!isPadded)
    most = n.min(most, scores.sizes[0]);
  Chosen chosen = choose(n, kernel, most);
  if (!chosen.boxes)
    return;
  Size number = isPadded ? most : n.readSize(chosen.number, most);
  number = n.outSizes(0, {number}).front();
  n.give(0, firstOf(n, chosen.boxes, number));
  unsigned last = n.node.numOutputs() - 1;
  if (last == 2)
    n.give(1, converted(n, firstOf(n, chosen.scores, number), n.outDtype(1)));
  if (last > 0)
    n.give(last, converted(n, chosen.number, n.outDtype(last)));
}

void suppressBoxes(NodeLowering &n) { suppress(n, "suppress_boxes"); }

const LoweringEntry kBoxes[] = {
    {"NonMaxSuppression", suppressBoxes},
    {"NonMaxSuppressionV2", suppressBoxes},
    {"NonMaxSuppressionV3", suppressBoxes},
    {"NonMaxSuppressionV4", suppressBoxes},
    {"NonMaxSuppressionV5", suppressBoxes},
    {"NonMaxSuppressionWithOverlaps", [](NodeLowering &n) { suppress(n, "suppress_overlaps"); }},
};

} // namespace

Lowerings boxLowerings() { return kBoxes; }

} // namespace firn::kernel
