#include "compiler/reference/Interpreter.h"

#include <deque>
#include <set>

#include "compiler/reference/Schedule.h"
#include "dialects/graph/Signature.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::reference {
namespace {

// An op of v1 control flow, in its value or its Ref form.
bool isFlow(Node node, StringRef type) {
  return node.is(type) || (node.type().starts_with("Ref") && node.type().drop_front(3) == type);
}

// A tensor on its way: absent when it comes from a branch that was not taken.
struct Token {
  Tensor tensor;
  bool dead = false;
};

struct Frame;

/// One iteration of a frame: what has arrived at each node.
struct Iteration {
  struct Arrivals {
    std::vector<Token> inputs;
    unsigned data = 0, controls = 0, deadData = 0;
    bool dead = false, started = false;
    int live = -1; // of a Merge: the input that came first
  };
  llvm::DenseMap<Operation *, Arrivals> nodes;
};

/// A loop that runs; the outermost frame runs once.
struct Frame {
  Frame *parent = nullptr;
  unsigned parentIteration = 0;
  bool enteredDead = false;
  std::vector<std::unique_ptr<Iteration>> iterations;
  /// Loop invariants: what every iteration receives.
  std::vector<std::pair<Operation *, Token>> constants;
  std::map<std::tuple<std::string, unsigned>, std::unique_ptr<Frame>> children;
};

class BlockRun {
public:
  BlockRun(ModuleOp module, ArrayRef<Value> fetches, const Feeds &feeds, const RunOptions &options,
           State &state, unsigned depth)
      : module(module), fetches(fetches), feeds(feeds), options(options), state(state),
        depth(depth) {}

  std::optional<Tensors> run(std::string &message) {
    needed = neededNodes(fetches, feeds);
    root.iterations.push_back(std::make_unique<Iteration>());
    start();
    call = [this](FuncAttr function, Tensors arguments, std::string &why) {
      return callFunction(function, std::move(arguments), why);
    };
    while (!ready.empty() && error.empty()) {
      Ready next = ready.front();
      ready.pop_front();
      execute(next);
    }
    if (error.empty())
      return results(message);
    message = error;
    return std::nullopt;
  }

private:
  struct Ready {
    Operation *op;
    Frame *frame;
    unsigned iteration;
  };

  // Nodes that wait for nothing but what is there, in the order of the graph.
  void start() {
    if (needed.empty())
      return;
    for (Operation &op : *(*needed.begin())->getBlock()) {
      if (!needed.contains(&op))
        continue;
      Iteration::Arrivals &arrivals = root.iterations[0]->nodes[&op];
      for (OpOperand &operand : op.getOpOperands())
        if (isAvailable(operand.get(), feeds))
          arrive(Node(&op), arrivals, operand.getOperandNumber(),
                 {feeds.lookup(operand.get()), false}, false);
      if ((arrivals.started = isReady(Node(&op), arrivals)))
        ready.push_back({&op, &root, 0});
    }
  }

  std::optional<Tensors> results(std::string &message) {
    Tensors tensors;
    for (Value fetch : fetches) {
      auto found = fetched.find(fetch);
      if (isAvailable(fetch, feeds)) {
        tensors.push_back(feeds.lookup(fetch));
      } else if (found != fetched.end() && !found->second.dead) {
        tensors.push_back(found->second.tensor);
      } else {
        message =
            "expected a value of '" + edgeText(fetch) + "': it lies on a branch that was not taken";
        return std::nullopt;
      }
    }
    return tensors;
  }

  // Runs a node whose inputs have arrived and hands its outputs on.
  void execute(const Ready &at) {
    Node node(at.op);
    Iteration::Arrivals arrived = std::move(at.frame->iterations[at.iteration]->nodes[at.op]);
    at.frame->iterations[at.iteration]->nodes[at.op].started = true;
    std::vector<Token> outputs(node.numOutputs());
    bool dead = arrived.dead;
    if (dead)
      for (Token &output : outputs)
        output.dead = true;
    else if (isFlow(node, "Switch"))
      runSwitch(arrived, outputs);
    else if (isFlow(node, "Merge"))
      runMerge(arrived, outputs);
    else
      runKernel(node, arrived, outputs);
    if (!error.empty())
      return;
    handOn(node, at, std::move(outputs), dead);
  }

  void runSwitch(Iteration::Arrivals &arrived, std::vector<Token> &outputs) {
    bool taken = arrived.inputs[1].tensor.scalar<bool>();
    outputs[taken].tensor = arrived.inputs[0].tensor;
    outputs[!taken].dead = true;
  }

  void runMerge(Iteration::Arrivals &arrived, std::vector<Token> &outputs) {
    outputs[0] = arrived.inputs[arrived.live];
    outputs[1].tensor = makeScalar<int32_t>(DT_INT32, arrived.live);
  }

  void runKernel(Node node, Iteration::Arrivals &arrived, std::vector<Token> &outputs) {
    Tensors inputs;
    for (Token &token : arrived.inputs)
      inputs.push_back(std::move(token.tensor));
    if (TensorAttr value = node.constantValue()) {
      std::string why;
      std::optional<Tensor> tensor = tensorOf(value, options.read, why);
      if (!tensor)
        return fail(node, why);
      outputs[0].tensor = *tensor;
    } else {
      Kernel kernel = findKernel(node.type());
      if (!kernel)
        return callByName(node, inputs, outputs);
      Evaluation evaluation(node, inputs, state, &call);
      kernel(evaluation);
      if (evaluation.failed())
        return fail(node, evaluation.message());
      Tensors tensors = evaluation.takeOutputs();
      for (auto [output, tensor] : llvm::zip(outputs, tensors))
        output.tensor = std::move(tensor);
    }
    if (options.observe && depth == 0)
      observe(node, outputs);
  }

  void observe(Node node, const std::vector<Token> &outputs) {
    Tensors tensors;
    for (const Token &output : outputs)
      tensors.push_back(output.tensor);
    options.observe(node, tensors);
  }

  // An op type may be the name of a function.
  void callByName(Node node, Tensors inputs, std::vector<Token> &outputs) {
    FuncOp function = findFunction(module, node.type());
    if (!function)
      return fail(node, "the reference interpreter has no kernel for this op");
    std::string why;
    std::optional<Tensors> values = runFunction(function, std::move(inputs), why);
    if (!values || values->size() < outputs.size())
      return fail(node, why);
    for (auto [output, tensor] : llvm::zip(outputs, *values))
      output.tensor = std::move(tensor);
  }

  std::optional<Tensors> callFunction(FuncAttr name, Tensors arguments, std::string &why) {
    FuncOp function = findFunction(module, name.getName().getValue());
    if (!function) {
      why = "there is no function '" + name.getName().str() + "' in the library";
      return std::nullopt;
    }
    return runFunction(function, std::move(arguments), why);
  }

  std::optional<Tensors> runFunction(FuncOp function, Tensors arguments, std::string &why) {
    constexpr unsigned kMaxDepth = 200;
    if (depth >= kMaxDepth || arguments.size() != function.getNumDataArgs()) {
      why = ("expected " + Twine(function.getNumDataArgs()) + " arguments for '" +
             function.getFuncName() + "' and at most " + Twine(kMaxDepth) + " nested calls, got " +
             Twine(arguments.size()))
                .str();
      return std::nullopt;
    }
    Feeds bound;
    Block &body = function.getNodes();
    for (auto [argument, tensor] : llvm::zip(body.getArguments(), arguments))
      bound[argument] = tensor;
    SmallVector<Value> values(function.getFetch().getTensors());
    llvm::append_range(values, function.getFetch().getControls());
    BlockRun inner(module, values, bound, options, state, depth + 1);
    std::optional<Tensors> tensors = inner.run(why);
    if (tensors)
      tensors->resize(function.getFetch().getTensors().size());
    return tensors;
  }

  void handOn(Node node, const Ready &at, std::vector<Token> outputs, bool dead) {
    outputs.push_back({Tensor(), dead}); // the control token
    bool leaves = isFlow(node, "Exit") && at.frame->parent == &root;
    if ((at.frame == &root && !isFlow(node, "Exit")) ||
        (leaves && (!dead || at.frame->enteredDead)))
      keepFetched(node, outputs);
    if (isFlow(node, "Enter"))
      return enter(node, at, outputs);
    if (isFlow(node, "Exit")) {
      // Dead exits come from iterations before the last, but for a loop that never ran.
      if ((!dead || at.frame->enteredDead) && at.frame->parent)
        deliver(node, outputs, at.frame->parent, at.frame->parentIteration);
      return;
    }
    if (isFlow(node, "NextIteration")) {
      if (!dead)
        deliver(node, outputs, at.frame, at.iteration + 1);
      return;
    }
    deliver(node, outputs, at.frame, at.iteration);
  }

  void keepFetched(Node node, const std::vector<Token> &outputs) {
    for (auto [value, token] : llvm::zip(node.operation()->getResults(), outputs))
      if (llvm::is_contained(fetches, value))
        fetched[value] = token;
  }

  void enter(Node node, const Ready &at, const std::vector<Token> &outputs) {
    auto name = node.attr<StringAttr>("frame_name");
    auto key = std::make_tuple(name ? name.str() : "", at.iteration);
    std::unique_ptr<Frame> &child = at.frame->children[key];
    if (!child) {
      child = std::make_unique<Frame>();
      child->parent = at.frame;
      child->parentIteration = at.iteration;
      child->iterations.push_back(std::make_unique<Iteration>());
    }
    child->enteredDead |= outputs[0].dead;
    auto constant = node.attr<BoolAttr>("is_constant");
    if (!constant || !constant.getValue())
      return deliver(node, outputs, child.get(), 0);
    for (auto [value, token] : llvm::zip(node.operation()->getResults(), outputs))
      child->constants.emplace_back(node.operation(), token);
    for (unsigned i = 0; i < child->iterations.size(); ++i)
      deliver(node, outputs, child.get(), i);
  }

  Iteration &iterationOf(Frame *frame, unsigned index) {
    while (frame->iterations.size() <= index) {
      unsigned number = frame->iterations.size();
      frame->iterations.push_back(std::make_unique<Iteration>());
      // An iteration that is over holds nothing that is needed again.
      if (number >= 2)
        frame->iterations[number - 2]->nodes.clear();
      for (size_t i = 0; i < frame->constants.size(); i += 2)
        deliver(Node(frame->constants[i].first),
                {frame->constants[i].second, frame->constants[i + 1].second}, frame, number);
    }
    return *frame->iterations[index];
  }

  // Brings the results of `node` to all that use them.
  void deliver(Node node, const std::vector<Token> &outputs, Frame *frame, unsigned number) {
    Iteration &iteration = iterationOf(frame, number);
    for (auto [value, token] : llvm::zip(node.operation()->getResults(), outputs)) {
      if (isAvailable(value, feeds))
        continue;
      for (OpOperand &use : value.getUses()) {
        Operation *user = use.getOwner();
        if (!needed.contains(user))
          continue;
        Iteration::Arrivals &arrivals = iteration.nodes[user];
        arrive(Node(user), arrivals, use.getOperandNumber(), token,
               isFlow(node, "Enter") && token.dead);
        if (!arrivals.started && isReady(Node(user), arrivals)) {
          arrivals.started = true;
          ready.push_back({user, frame, number});
        }
      }
    }
  }

  void arrive(Node user, Iteration::Arrivals &arrivals, unsigned operand, const Token &token,
              bool deadEnter) {
    if (arrivals.started)
      return;
    bool merge = isFlow(user, "Merge");
    arrivals.inputs.resize(user.numInputs());
    if (operand >= user.numInputs()) {
      ++arrivals.controls;
      arrivals.dead |= token.dead && !merge;
      return;
    }
    ++arrivals.data;
    arrivals.inputs[operand] = token;
    if (!merge) {
      arrivals.dead |= token.dead;
    } else if (!token.dead) {
      arrivals.live = arrivals.live < 0 ? static_cast<int>(operand) : arrivals.live;
    } else if (++arrivals.deadData == user.numInputs() || deadEnter) {
      // A dead Enter is a loop on a branch that was not taken: no NextIteration will come.
      arrivals.dead = true;
    }
  }

  bool isReady(Node user, const Iteration::Arrivals &arrivals) {
    if (arrivals.controls < user.controls().size())
      return false;
    if (isFlow(user, "Merge"))
      return arrivals.live >= 0 || arrivals.dead;
    return arrivals.data == user.numInputs();
  }

  void fail(Node node, const Twine &message) {
    error = ("'" + node.name() + "' (" + node.type() + "): " + message).str();
  }

  ModuleOp module;
  ArrayRef<Value> fetches;
  const Feeds &feeds;
  const RunOptions &options;
  State &state;
  unsigned depth;
  CallFunction call;
  NodeSet needed;
  Frame root;
  std::deque<Ready> ready;
  llvm::DenseMap<Value, Token> fetched;
  std::string error;
};

} // namespace

std::optional<Tensors> run(ModuleOp module, ArrayRef<Value> fetches, const Feeds &feeds,
                           const RunOptions &options, State &state, std::string &error) {
  return BlockRun(module, fetches, feeds, options, state, 0).run(error);
}

std::vector<std::string> missingKernels(ModuleOp module) {
  std::set<std::string> missing;
  auto visit = [&](Block &block) {
    for (Operation &op : block.without_terminator()) {
      Node node(&op);
      bool builtIn = node.is("Const") || isFlow(node, "Switch") || isFlow(node, "Merge");
      if (!builtIn && !findKernel(node.type()) && !findFunction(module, node.type()))
        missing.insert(node.type().str());
    }
  };
  for (GraphOp graph : module.getOps<GraphOp>())
    visit(graph.getNodes());
  for (FuncOp function : module.getOps<FuncOp>())
    visit(function.getNodes());
  return {missing.begin(), missing.end()};
}

} // namespace firn::reference
