#include "compiler/pipeline/Verify.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "compiler/pipeline/Arrays.h"
#include "compiler/pipeline/NodeComparison.h"
#include "compiler/pipeline/TensorCompare.h"

namespace firn {

using Pairs = std::vector<std::pair<size_t, size_t>>;

bool VerifyResult::good() const {
  for (const TensorDifference &output : outputs)
    if (!output.good)
      return false;
  return true;
}

absl::StatusOr<Pairs> pairOutputs(const std::vector<ModelTensor> &a,
                                  const std::vector<ModelTensor> &b) {
  std::map<std::string, size_t> named;
  for (size_t i = 0; i < b.size(); ++i)
    named.emplace(b[i].name, i);
  Pairs byName, byPosition;
  std::string missing;
  for (size_t i = 0; i < a.size(); ++i) {
    byPosition.emplace_back(i, i);
    if (auto found = named.find(a[i].name); found != named.end())
      byName.emplace_back(i, found->second);
    else
      absl::StrAppend(&missing, missing.empty() ? "" : ", ", "'", a[i].name, "'");
  }
  if (missing.empty())
    return byName;
  if (byName.empty() && a.size() == b.size())
    return byPosition;
  return absl::InvalidArgumentError(absl::StrCat("expected the outputs of A in B, which lacks ",
                                                 missing, "; name outputs of both with --fetch"));
}

TensorDifference compareArrays(const std::pair<std::string, NpyArray> &want,
                               const std::pair<std::string, NpyArray> &got,
                               const VerifyOptions &options) {
  TensorDifference difference = compareTensors(tensorOf(want.second, want.second.dtype),
                                               tensorOf(got.second, got.second.dtype), options);
  difference.name = want.first;
  difference.other = got.first;
  return difference;
}

absl::StatusOr<VerifyResult> verifyModels(const RunnableModel &a, const NamedArrays &feedsA,
                                          const RunnableModel &b, const NamedArrays &feedsB,
                                          const Pairs &pairs, const VerifyOptions &options) {
  Observer observe;
  if (options.callback)
    observe = [&](graph::Node node, llvm::ArrayRef<reference::Tensor>) {
      options.callback(node.name().str(), node.type().str());
    };
  absl::StatusOr<reference::Tensors> want = runTensors(a, feedsA, observe);
  if (!want.ok())
    return absl::Status(want.status().code(), absl::StrCat("A: ", want.status().message()));
  absl::StatusOr<reference::Tensors> got = runTensors(b, feedsB, observe);
  if (!got.ok())
    return absl::Status(got.status().code(), absl::StrCat("B: ", got.status().message()));
  VerifyResult result;
  std::vector<size_t> differing;
  for (auto [i, j] : pairs) {
    TensorDifference difference = compareTensors((*want)[i], (*got)[j], options);
    difference.name = a.outputs()[i].name;
    difference.other = b.outputs()[j].name;
    if (!difference.good)
      differing.push_back(i);
    result.outputs.push_back(std::move(difference));
  }
  if (differing.empty())
    return result;
  NodeComparison nodes(a, feedsA, b, feedsB, options);
  if (absl::Status status = nodes.run(); !status.ok())
    return status;
  result.first = nodes.first(differing);
  result.compared = nodes.count();
  return result;
}

} // namespace firn
