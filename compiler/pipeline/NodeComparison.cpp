#include "compiler/pipeline/NodeComparison.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compiler/pipeline/TensorCompare.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

using reference::Tensor;
using reference::Tensors;

GraphOp graphOf(const RunnableModel &model) {
  return *model.frozen().module().getOps<GraphOp>().begin();
}

uint64_t bytesOf(ArrayRef<Tensor> tensors) {
  uint64_t bytes = 0;
  for (const Tensor &tensor : tensors) {
    if (!tensor)
      continue;
    bytes += tensor.size() * reference::elementBytes(tensor.dtype());
    if (tensor.dtype() == DT_STRING)
      for (const std::string &text : tensor.values<std::string>())
        bytes += sizeof(text) + text.size();
  }
  return bytes;
}

bool haveSameShapes(ArrayRef<Tensor> a, ArrayRef<Tensor> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto pair) {
           auto &[x, y] = pair;
           return bool(x) == bool(y) && (!x || (x.dtype() == y.dtype() && x.shape() == y.shape()));
         });
}

} // namespace

NodeComparison::NodeComparison(const RunnableModel &a, const NamedArrays &feedsA,
                               const RunnableModel &b, const NamedArrays &feedsB,
                               const VerifyOptions &options)
    : a(a), b(b), feedsA(feedsA), feedsB(feedsB), options(options) {
  for (Operation &op : graphOf(b).getNodes().without_terminator())
    common.insert(Node(&op).name().str());
}

absl::Status NodeComparison::run() {
  absl::Status status;
  do {
    std::map<Key, Kept> kept;
    status = keep(kept);
    if (status.ok())
      status = compare(kept);
  } while (status.ok() && next < evaluations);
  return status;
}

absl::Status NodeComparison::keep(std::map<Key, Kept> &kept) {
  std::map<std::string, size_t> times;
  const size_t begin = next;
  uint64_t bytes = 0;
  evaluations = 0;
  auto observe = [&](Node node, ArrayRef<Tensor> outputs) {
    std::string name = node.name().str();
    if (options.callback)
      options.callback(name, node.type().str());
    if (!common.count(name))
      return;
    const size_t order = evaluations++, time = times[name]++;
    // At least one, however large it is.
    if (order < begin || order != next || (bytes >= options.budget && order > begin))
      return;
    kept[{name, time}] = {order, Tensors(outputs.begin(), outputs.end())};
    bytes += bytesOf(outputs);
    ++next;
  };
  return runTensors(a, feedsA, observe).status();
}

absl::Status NodeComparison::compare(std::map<Key, Kept> &kept) {
  std::map<std::string, size_t> times;
  auto observe = [&](Node node, ArrayRef<Tensor> outputs) {
    std::string name = node.name().str();
    if (options.callback)
      options.callback(name, node.type().str());
    auto want = kept.find({name, times[name]++});
    if (want == kept.end())
      return;
    compareNode(node, want->second, outputs);
    kept.erase(want);
  };
  return runTensors(b, feedsB, observe).status();
}

void NodeComparison::compareNode(Node node, const Kept &want, ArrayRef<Tensor> got) {
  if (!haveSameShapes(want.tensors, got))
    return;
  std::string name = node.name().str();
  auto [entry, isNew] = nodes.try_emplace(name, Compared{want.order, node.type().str(), {}});
  entry->second.order = std::min(entry->second.order, want.order);
  for (size_t i = 0; i < got.size() && !entry->second.parts; ++i) {
    if (!got[i])
      continue;
    TensorDifference difference = compareTensors(want.tensors[i], got[i], options);
    if (difference.good || !difference.mismatch.empty())
      continue;
    difference.name = difference.other = absl::StrCat(name, ":", i);
    entry->second.parts = std::move(difference);
  }
}

std::optional<NodeDifference> NodeComparison::first(const std::vector<size_t> &outputs) const {
  SmallVector<Value> fetches, stack;
  for (Value fetch : graphOf(a).getFetch()->getOperands())
    if (!isControl(fetch))
      fetches.push_back(fetch);
  for (size_t output : outputs)
    stack.push_back(fetches[output]);
  std::set<Operation *> seen;
  const std::pair<const std::string, Compared> *first = nullptr;
  while (!stack.empty()) {
    Operation *op = stack.pop_back_val().getDefiningOp();
    if (!op || !seen.insert(op).second)
      continue;
    auto found = nodes.find(Node(op).name().str());
    // Through a node that agrees no difference comes.
    if (found != nodes.end() && !found->second.parts)
      continue;
    if (found != nodes.end() && (!first || found->second.order < first->second.order))
      first = &*found;
    llvm::append_range(stack, Node(op).inputs());
  }
  if (!first)
    return std::nullopt;
  return NodeDifference{first->first, first->second.op, *first->second.parts};
}

} // namespace firn
