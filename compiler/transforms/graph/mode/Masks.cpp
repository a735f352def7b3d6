#include "compiler/transforms/graph/mode/Masks.h"

#include "dialects/graph/OpTable.h"

using namespace mlir;

namespace firn::graph {

bool isRandom(Node node) {
  if (node.type().starts_with("StatelessRandom") || node.type().starts_with("StatelessTruncated"))
    return node.type() != "StatelessRandomGetKeyCounter" &&
           node.type() != "StatelessRandomGetKeyCounterAlg" &&
           node.type() != "StatelessRandomGetAlg";
  StringRef type = node.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  return op && op->effect == OpEffect::Random;
}

std::optional<double> Mask::keepProbability(ScalarValues &scalars) const {
  Scalar scalar = scalars.of(threshold);
  if (!scalar.isKnown())
    return std::nullopt;
  double keep = thresholdKeeps ? scalar.number : 1 - scalar.number;
  return std::min(1.0, std::max(0.0, keep));
}

namespace {

// Follows uniform numbers from where they are drawn to where they are compared.
class MaskFinder {
public:
  MaskFinder(Node random, ScalarValues &scalars) : random(random), scalars(scalars) {}

  SmallVector<Mask> run() {
    if (random.isOneOf("RandomUniform", "StatelessRandomUniform", "StatelessRandomUniformV2") &&
        random.numOutputs() == 1)
      follow(random.output(0), /*offset=*/0, /*scale=*/1);
    return std::move(masks);
  }

private:
  // `value` is u * scale + offset, u uniform in [0, 1).
  void follow(Value value, double offset, double scale) {
    for (OpOperand &use : value.getUses()) {
      Operation *user = use.getOwner();
      if (Node::isNode(user) && !scalars.isDead(user))
        visit(Node(user), use.getOperandNumber(), offset, scale);
    }
  }

  void visit(Node user, unsigned operand, double offset, double scale) {
    if (isForward(user) && operand == 0)
      return follow(user.output(0), offset, scale);
    if (user.numInputs() != 2)
      return;
    Value other = user.input(1 - operand);
    bool unit = offset == 0 && scale == 1;
    if (user.isOneOf("Add", "AddV2")) {
      // The mask's own addition is the one whose sum is floored.
      if (unit && isFloored(user, other))
        return;
      if (Scalar term = scalars.of(other); term.isKnown())
        follow(user.output(0), offset + term.number, scale);
    } else if (user.is("Mul")) {
      if (Scalar factor = scalars.of(other); factor.isKnown())
        follow(user.output(0), offset * factor.number, scale * factor.number);
    } else if (unit) {
      compare(user, operand, other);
    }
  }

  bool isFloored(Node sum, Value keep) {
    bool found = false;
    for (Operation *user : sum.output(0).getUsers())
      if (Node::isNode(user) && Node(user).is("Floor")) {
        masks.push_back({Node(user).output(0), random, keep, true});
        found = true;
      }
    return found;
  }

  void compare(Node user, unsigned operand, Value threshold) {
    bool less = user.isOneOf("Less", "LessEqual"),
         greater = user.isOneOf("Greater", "GreaterEqual");
    if (less || greater) // u < threshold keeps with that probability, threshold < u drops
      masks.push_back({user.output(0), random, threshold, less == (operand == 0)});
  }

  Node random;
  ScalarValues &scalars;
  SmallVector<Mask> masks;
};

} // namespace

SmallVector<Mask> masksOf(Node random, ScalarValues &scalars) {
  return MaskFinder(random, scalars).run();
}

} // namespace firn::graph
