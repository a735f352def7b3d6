// A model that is frozen in memory and run by the reference interpreter.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/npz.h"
#include "compiler/pipeline/Freeze.h"

namespace firn {

class FrozenModel;

/// A tensor that a model takes or gives.
struct ModelTensor {
  std::string name;           // "x:0"
  int dtype = 0;              // tensorflow.DataType
  std::vector<int64_t> shape; // -1: unknown dimension
  bool knownRank = true;
  /// A placeholder that has a value when it is not fed.
  bool hasDefault = false;
};

/// "x" and "x:0" are the same tensor: the longer form.
std::string tensorName(const std::string &name);

/// Called after each node that ran, in order of execution.
using NodeCallback = std::function<void(const std::string &node, const std::string &op)>;

class RunnableModel {
public:
  /// Freezes in memory. Tensors that will be `fed` count as listed inputs, as do `options.inputs`;
  /// where only tensors are fed, the other placeholders that are needed stay inputs. Where nothing
  /// says what the outputs are, those of a graph without variables are what nothing uses. Errors as
  /// of `freeze`.
  static absl::StatusOr<RunnableModel> open(const FreezeOptions &options,
                                            const std::vector<std::string> &fed);

  /// What the outputs need, under the names by which it is fed.
  const std::vector<ModelTensor> &inputs() const { return in; }
  const std::vector<ModelTensor> &outputs() const { return out; }
  const FreezeReport &report() const;
  FrozenModel &frozen() const { return *model; }

  /// The values of the outputs under their names. Feeds that the outputs don't need are ignored.
  /// InvalidArgument: a feed whose dtype or shape does not fit, an input without a value, a node
  /// that fails, by its name.
  absl::StatusOr<NamedArrays> run(const NamedArrays &feeds,
                                  const NodeCallback &callback = nullptr) const;

private:
  explicit RunnableModel(FrozenModel &model);
  FrozenModel *model;
  std::vector<ModelTensor> in, out;
};

/// Of `names` ("x", "x:0") those whose node is in the graph that `options` names and no constant.
absl::StatusOr<std::vector<std::string>> feedableNames(const FreezeOptions &options,
                                                       const std::vector<std::string> &names);

} // namespace firn
