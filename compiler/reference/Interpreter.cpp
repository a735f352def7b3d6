#include "compiler/reference/Interpreter.h"

#include <deque>
#include <set>

#include "compiler/reference/Frame.h"
#include "compiler/reference/Schedule.h"
#include "dialects/graph/Signature.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::reference {
namespace {

class BlockRun {
public:
  BlockRun(ModuleOp module, ArrayRef<Value> fetches, const Feeds &feeds, const RunOptions &options,
           State &state, unsigned depth)
      : module(module), fetches(fetches), feeds(feeds), options(options), state(state),
        depth(depth) {}

  std::optional<Tensors> run(std::string &message) {
    needed = neededNodes(fetches, feeds);
    enters = countEnters(needed);
    start();
    call = [this](FuncAttr function, Tensors arguments, std::string &why) {
      return callFunction(function, std::move(arguments), why);
    };
    while (!ready.empty() && error.empty()) {
      Ready next = ready.front();
      ready.pop_front();
      execute(next);
      --next.frame->running;
      settle(next.frame);
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
  };

  // Nodes that wait for nothing but what is there, in the order of the graph.
  void start() {
    if (needed.empty())
      return;
    for (Operation &op : *(*needed.begin())->getBlock()) {
      if (!needed.contains(&op))
        continue;
      Arrivals &arrivals = root.nodes[&op];
      for (OpOperand &operand : op.getOpOperands())
        if (isAvailable(operand.get(), feeds))
          arrive(Node(&op), arrivals, operand.getOperandNumber(),
                 {feeds.lookup(operand.get()), false}, false);
      startIfReady(Node(&op), arrivals, &root);
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
    Arrivals arrived = std::move(at.frame->nodes[at.op]);
    at.frame->nodes[at.op].started = true;
    std::vector<Token> outputs(node.numOutputs());
    // A ControlTrigger runs whatever became of what it waits for.
    bool dead = arrived.dead && !node.is("ControlTrigger");
    if (dead)
      for (Token &output : outputs)
        output.dead = true;
    else if (isFlow(node, "Switch"))
      runSwitch(node, arrived, outputs);
    else if (isFlow(node, "Merge"))
      runMerge(arrived, outputs);
    else
      runKernel(node, arrived, outputs);
    if (!error.empty())
      return;
    outputs.push_back({Tensor(), dead}); // the control token
    handOn(node, at.frame, std::move(outputs));
  }

  void runSwitch(Node node, Arrivals &arrived, std::vector<Token> &outputs) {
    const Tensor &predicate = arrived.inputs[1].tensor;
    if (predicate.dtype() != DT_BOOL || predicate.size() != 1)
      return fail(node, "expected one bool as predicate, got " + predicate.text());
    bool taken = predicate.scalar<bool>();
    outputs[taken].tensor = arrived.inputs[0].tensor;
    outputs[!taken].dead = true;
  }

  void runMerge(Arrivals &arrived, std::vector<Token> &outputs) {
    outputs[0] = arrived.inputs[arrived.live];
    outputs[1].tensor = makeScalar<int32_t>(DT_INT32, arrived.live);
  }

  void runKernel(Node node, Arrivals &arrived, std::vector<Token> &outputs) {
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

  void handOn(Node node, Frame *frame, std::vector<Token> outputs) {
    if (isFlow(node, "Enter")) {
      enter(node, frame, outputs);
    } else if (isFlow(node, "Exit")) {
      // Until the loop is over, another iteration may bring a value.
      frame->exits[node.operation()] |= !outputs[0].dead;
      if (!outputs[0].dead && frame->parent)
        deliver(node, outputs, frame->parent);
    } else if (isFlow(node, "NextIteration")) {
      if (!outputs[0].dead)
        frame->next.emplace_back(node.operation(), std::move(outputs));
    } else {
      deliver(node, outputs, frame);
    }
  }

  void enter(Node node, Frame *frame, const std::vector<Token> &outputs) {
    auto name = node.attr<StringAttr>("frame_name");
    StringRef key = name ? name.getValue() : StringRef();
    std::unique_ptr<Frame> &child = frame->children[key];
    if (!child) {
      child = std::make_unique<Frame>();
      child->parent = frame;
      child->name = key.str();
      child->missingEnters = enters.lookup(key);
      ++frame->running;
    }
    --child->missingEnters;
    auto constant = node.attr<BoolAttr>("is_constant");
    if (constant && constant.getValue())
      child->constants.emplace_back(node.operation(), outputs);
    deliver(node, outputs, child.get());
    settle(child.get());
  }

  // Goes on to the next iteration, or leaves the loop, where nothing runs any more.
  void settle(Frame *frame) {
    while (frame != &root && frame->running == 0 && frame->missingEnters == 0 && error.empty()) {
      if (frame->next.empty()) {
        frame = leave(frame);
        continue;
      }
      frame->nodes.clear();
      for (const auto &[op, outputs] : frame->constants)
        deliver(Node(op), outputs, frame);
      for (const auto &[op, outputs] : std::exchange(frame->next, {}))
        deliver(Node(op), outputs, frame);
    }
  }

  // Ends a loop: what it never gave is dead. The frame around it.
  Frame *leave(Frame *frame) {
    Frame *parent = frame->parent;
    for (auto [exit, gaveValue] : frame->exits)
      if (!gaveValue)
        deliver(Node(exit), std::vector<Token>(exit->getNumResults(), {Tensor(), true}), parent);
    parent->children.erase(std::string(frame->name));
    --parent->running;
    return parent;
  }

  // Brings the results of `node` to all that use them.
  void deliver(Node node, const std::vector<Token> &outputs, Frame *frame) {
    for (auto [value, token] : llvm::zip(node.operation()->getResults(), outputs)) {
      if (frame == &root && llvm::is_contained(fetches, value))
        fetched[value] = token;
      if (isAvailable(value, feeds))
        continue;
      for (OpOperand &use : value.getUses()) {
        Operation *user = use.getOwner();
        if (!needed.contains(user))
          continue;
        Arrivals &arrivals = frame->nodes[user];
        arrive(Node(user), arrivals, use.getOperandNumber(), token,
               isFlow(node, "Enter") && token.dead);
        startIfReady(Node(user), arrivals, frame);
      }
    }
  }

  void startIfReady(Node node, Arrivals &arrivals, Frame *frame) {
    if (arrivals.started || !isReady(node, arrivals))
      return;
    arrivals.started = true;
    ++frame->running;
    ready.push_back({node.operation(), frame});
  }

  void arrive(Node user, Arrivals &arrivals, unsigned operand, const Token &token, bool deadEnter) {
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

  bool isReady(Node user, const Arrivals &arrivals) {
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
  llvm::StringMap<unsigned> enters;
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
