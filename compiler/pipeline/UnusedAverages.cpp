#include "compiler/pipeline/UnusedAverages.h"

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/mode/ScalarValues.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

// Channels of a layer are few: a larger constant is no statistic.
constexpr uint64_t kMostBytes = 1 << 20;

bool isAll(TensorAttr value, double number, const ExtentReader &read) {
  if (value.getDataSize() > kMostBytes)
    return false;
  std::string why;
  std::optional<reference::Tensor> tensor = reference::tensorOf(value, read, why);
  bool all = false;
  if (tensor && tensor->size() > 0)
    reference::dispatch(reference::Floats{}, tensor->dtype(), [&](auto zero) {
      using T = decltype(zero);
      all = llvm::all_of(tensor->values<T>(), [&](T element) {
        return static_cast<reference::Wide<T>>(element) == number;
      });
    });
  return all;
}

class NormFinder {
public:
  NormFinder(const std::set<std::string> &variables, const ExtentReader &read)
      : variables(variables), read(read) {}

  void visit(Node node) {
    if (node.type().starts_with("FusedBatchNorm") && node.numInputs() == 5)
      add(node, node.input(3), node.input(4));
    else if (node.is("BatchNormWithGlobalNormalization"))
      add(node, node.input(1), node.input(2));
    else if (node.isOneOf("Rsqrt", "Sqrt"))
      visitRoot(node);
  }

  std::vector<UnusedAverages> found;

private:
  // The variable of equal elements `number` that a value is; null for other values.
  Node variableOf(Value value, double number) {
    Node node = Node::of(value);
    while (node && node.numInputs() > 0 &&
           (isForward(node) || node.isOneOf("Reshape", "Squeeze", "ExpandDims", "Cast")))
      node = Node::of(node.input(0));
    TensorAttr constant = node ? node.constantValue() : TensorAttr();
    bool is = constant && variables.count(node.name().str()) && isAll(constant, number, read);
    return is ? node : Node();
  }

  void add(Node norm, Value mean, Value variance) {
    if (Node zero = variableOf(mean, 0))
      if (Node one = variableOf(variance, 1))
        found.push_back({norm.name().str(), zero.name().str(), one.name().str()});
  }

  // sqrt(variance + epsilon) of a norm that is spelled out.
  void visitRoot(Node root) {
    Node sum = Node::of(root.input(0));
    if (!sum || !sum.isOneOf("Add", "AddV2"))
      return;
    Node variance;
    for (Value operand : sum.inputs())
      if (!variance)
        variance = variableOf(operand, 1);
    if (!variance)
      return;
    if (Node mean = meanBehind(root))
      found.push_back({root.name().str(), mean.name().str(), variance.name().str()});
  }

  // The mean that is scaled as the data is, `mean * root` or `(x - mean) * root`; the root may be
  // scaled by gamma before.
  Node meanBehind(Node root) {
    SmallVector<Node> scales{root};
    for (size_t i = 0; i < scales.size() && i < 8; ++i)
      for (Operation *op : scales[i].output(0).getUsers()) {
        if (!Node::isNode(op) || !Node(op).isOneOf("Mul", "RealDiv", "Div", "Identity"))
          continue;
        for (Value operand : Node(op).inputs())
          if (Node mean = meanIn(operand, Node(op)))
            return mean;
        scales.push_back(Node(op));
      }
    return {};
  }

  Node meanIn(Value operand, Node product) {
    Node difference = Node::of(operand);
    if (difference && difference.is("Sub"))
      return variableOf(difference.input(1), 0);
    bool subtracted = llvm::any_of(product.output(0).getUsers(), [](Operation *op) {
      return Node::isNode(op) && Node(op).isOneOf("Sub", "Neg");
    });
    return subtracted ? variableOf(operand, 0) : Node();
  }

  const std::set<std::string> &variables;
  const ExtentReader &read;
};

} // namespace

std::vector<UnusedAverages> unusedAverages(ModuleOp module,
                                           const std::set<std::string> &variables) {
  NormFinder finder(variables,
                    module.getContext()->getLoadedDialect<GraphDialect>()->getExtentReader());
  for (GraphOp graph : module.getOps<GraphOp>())
    for (Operation &op : graph.getNodes().without_terminator())
      finder.visit(Node(&op));
  for (FuncOp function : module.getOps<FuncOp>())
    for (Operation &op : function.getNodes().without_terminator())
      finder.visit(Node(&op));
  return std::move(finder.found);
}

} // namespace firn
