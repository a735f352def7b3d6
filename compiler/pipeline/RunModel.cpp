#include "compiler/pipeline/RunModel.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"
#include "compiler/pipeline/Arrays.h"
#include "compiler/pipeline/RunTensors.h"
#include "compiler/pipeline/signature_keys.h"

namespace firn {
namespace {

ModelTensor describe(const FreezeReport::Tensor &tensor) {
  return {tensorName(tensor.name), dataTypeFromName(tensor.dtype), tensor.shape, tensor.knownRank,
          tensor.op == "PlaceholderWithDefault"};
}

// An input where a tensor was cut is fed under that tensor's name, one that was given as a key of a
// signature under the key.
std::vector<ModelTensor> inputsOf(const FreezeReport &report) {
  std::vector<ModelTensor> inputs;
  for (const FreezeReport::Tensor &tensor : report.inputs) {
    inputs.push_back(describe(tensor));
    for (const auto &[cut, placeholder] : report.renamed)
      if (tensorName(placeholder) == inputs.back().name)
        inputs.back().name = tensorName(cut);
    for (const auto &[key, named] : report.keys)
      if (tensorName(named) == inputs.back().name)
        inputs.back().name = tensorName(key);
  }
  return inputs;
}

bool names(const std::vector<std::string> &list, const std::string &tensor) {
  for (const std::string &name : list)
    if (tensorName(name) == tensor)
      return true;
  return false;
}

absl::Status checkBinds(const FreezeOptions &options, const std::vector<std::string> &fed) {
  for (const auto &[name, value] : options.binds)
    if (names(fed, tensorName(name)))
      return absl::InvalidArgumentError(
          absl::StrCat("expected '", name, "' to be fed or bound, got both"));
  return absl::OkStatus();
}

// A list of inputs is all of them. What is fed is only some: the others are asked of the graph.
absl::StatusOr<FrozenModel *> freezeWithMore(const FreezeOptions &options) {
  FreezeOptions open = options;
  open.inputs.clear();
  absl::StatusOr<FrozenModel *> model = FrozenModel::create(open);
  if (!model.ok())
    return model;
  open.inputs = options.inputs;
  for (const ModelTensor &input : inputsOf((*model)->report()))
    if (!input.hasDefault && !names(open.inputs, input.name))
      open.inputs.push_back(input.name);
  return FrozenModel::create(open);
}

} // namespace

std::string tensorName(const std::string &name) {
  const bool plain = name.find(':') == std::string::npos && !absl::StartsWith(name, "^");
  return plain ? name + ":0" : name;
}

absl::StatusOr<RunnableModel> RunnableModel::open(const FreezeOptions &options,
                                                  const std::vector<std::string> &fed) {
  if (absl::Status status = checkBinds(options, fed); !status.ok())
    return status;
  FreezeOptions listed = options;
  for (const std::string &name : fed)
    if (!names(options.inputs, tensorName(name)))
      listed.inputs.push_back(name);
  absl::StatusOr<FrozenModel *> model = FrozenModel::create(listed);
  if (!model.ok() && options.inputs.empty() && !fed.empty() && options.model != "-")
    if (absl::StatusOr<FrozenModel *> more = freezeWithMore(listed); more.ok())
      model = more;
  if (!model.ok())
    return model.status();
  return RunnableModel(**model);
}

RunnableModel::RunnableModel(FrozenModel &model) : model(&model), in(inputsOf(model.report())) {
  for (const FreezeReport::Tensor &tensor : model.report().outputs)
    if (!absl::StartsWith(tensor.name, "^"))
      out.push_back(describe(tensor));
}

const FreezeReport &RunnableModel::report() const { return model->report(); }

absl::StatusOr<NamedArrays> RunnableModel::run(const NamedArrays &feeds,
                                               const NodeCallback &callback) const {
  Observer observe;
  if (callback)
    observe = [&](graph::Node node, llvm::ArrayRef<reference::Tensor>) {
      callback(node.name().str(), node.type().str());
    };
  absl::StatusOr<reference::Tensors> tensors = runTensors(*this, feeds, observe);
  if (!tensors.ok())
    return tensors.status();
  NamedArrays arrays;
  for (size_t i = 0; i < tensors->size(); ++i)
    arrays.emplace_back(out[i].name, arrayOf((*tensors)[i]));
  return arrays;
}

absl::StatusOr<std::vector<std::string>> feedableNames(const FreezeOptions &options,
                                                       const std::vector<std::string> &names) {
  FreezeOptions graphOnly = options;
  graphOnly.verifyChecksums = false;
  absl::StatusOr<Model> model = openModel(graphOnly);
  if (!model.ok())
    return model.status();
  const tensorflow::MetaGraphDef &meta = model->graph.meta;
  std::set<std::string> nodes;
  for (const auto &node : meta.graph_def().node())
    if (node.op() != "Const")
      nodes.insert(node.name());
  std::vector<std::string> found,
      tensors = withSignatureKeys(meta, options.signature, SignatureSide::Inputs, names);
  for (size_t i = 0; i < names.size(); ++i)
    if (nodes.count(tensors[i].substr(0, tensors[i].find(':'))))
      found.push_back(names[i]);
  return found;
}

} // namespace firn
