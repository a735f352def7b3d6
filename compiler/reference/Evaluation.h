// One node's evaluation: what a kernel of the interpreter sees.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include "compiler/reference/Tensor.h"
#include "dialects/graph/Node.h"
#include "llvm/ADT/Twine.h"

namespace firn::reference {

/// What outlives a node's evaluation: random streams, tables. One for each run of a graph.
class State {
public:
  /// The object under `key`, made by `make` at its first use. Keys: a node's operation, or a
  /// resource's name.
  std::shared_ptr<Object> &of(const void *key) { return byNode[key]; }
  std::shared_ptr<Object> &named(llvm::StringRef name) { return byName[name.str()]; }

private:
  std::map<const void *, std::shared_ptr<Object>> byNode;
  std::map<std::string, std::shared_ptr<Object>> byName;
};

using Tensors = std::vector<Tensor>;
/// Calls a function of the graph's library. Nothing when it failed; the error is then `fail`ed by
/// the callee.
using CallFunction = std::function<std::optional<Tensors>(graph::FuncAttr function,
                                                          Tensors arguments, std::string &error)>;

/// Inputs and attributes in, outputs or an error out. A kernel ends by giving each output, or calls
/// `fail` and returns.
class Evaluation {
public:
  Evaluation(graph::Node node, llvm::ArrayRef<Tensor> inputs, State &state,
             const CallFunction *callFunction = nullptr)
      : graphNode(node), tensors(inputs), runState(&state), callFunction(callFunction),
        results(node.numOutputs()) {}

  graph::Node node() const { return graphNode; }
  State &state() { return *runState; }

  // Inputs
  unsigned numInputs() const { return tensors.size(); }
  const Tensor &input(unsigned index) const { return tensors[index]; }
  llvm::ArrayRef<Tensor> inputs() const { return tensors; }
  int dtype(unsigned input = 0) const { return tensors[input].dtype(); }

  // Attributes, with the op's defaults; zero, empty and false where there is neither.
  mlir::Attribute attr(llvm::StringRef name) const;
  int64_t integer(llvm::StringRef name) const;
  double real(llvm::StringRef name) const;
  bool flag(llvm::StringRef name) const;
  llvm::StringRef text(llvm::StringRef name) const;
  int type(llvm::StringRef name) const;
  llvm::SmallVector<int64_t> integers(llvm::StringRef name) const;
  llvm::SmallVector<float> reals(llvm::StringRef name) const;
  llvm::SmallVector<int> types(llvm::StringRef name) const;
  llvm::SmallVector<std::string> texts(llvm::StringRef name) const;
  graph::FuncAttr function(llvm::StringRef name) const;

  // Outputs
  unsigned numOutputs() const { return results.size(); }
  void give(unsigned index, Tensor tensor) { results[index] = std::move(tensor); }
  void give(Tensor tensor) { give(0, std::move(tensor)); }
  /// A new output of zeros, to be filled. Fails instead of allocating what no machine holds; check
  /// `failed()` where the shape comes from data.
  Tensor make(unsigned index, int dtype, llvm::ArrayRef<int64_t> shape);
  const Tensor &output(unsigned index) const { return results[index]; }
  Tensors takeOutputs() { return std::move(results); }

  /// The message says what is wrong with which input: "expected a matrix, got float[2,3,4]".
  void fail(const llvm::Twine &message) {
    if (error.empty())
      error = message.str();
  }
  void failDtype(int dtype);
  bool failed() const { return !error.empty(); }
  const std::string &message() const { return error; }

  /// Calls a function; nothing after a failure.
  std::optional<Tensors> call(graph::FuncAttr function, Tensors arguments);

private:
  graph::Node graphNode;
  llvm::ArrayRef<Tensor> tensors;
  State *runState;
  const CallFunction *callFunction;
  Tensors results;
  std::string error;
};

using Kernel = void (*)(Evaluation &);
struct KernelEntry {
  llvm::StringRef op;
  Kernel kernel;
};

/// The kernel of an op type; null when the interpreter lacks it.
Kernel findKernel(llvm::StringRef op);
/// Names of all ops that have a kernel, sorted.
std::vector<llvm::StringRef> kernelNames();

/// `dispatch` that fails the evaluation for a dtype that the list lacks.
template <typename List, typename F> void dispatch(Evaluation &e, List list, int dtype, F &&f) {
  if (!dispatch(list, dtype, f))
    e.failDtype(dtype);
}

} // namespace firn::reference
