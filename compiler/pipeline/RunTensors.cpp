#include "compiler/pipeline/RunTensors.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/formats/data_type.h"
#include "compiler/pipeline/Arrays.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

std::string typeText(ShapedType type) {
  std::string text = dataTypeText(type.getElementType());
  if (!type.hasRank())
    return text + " of any shape";
  auto dim = [](std::string *out, int64_t size) {
    absl::StrAppend(out, ShapedType::isDynamic(size) ? "?" : std::to_string(size));
  };
  return absl::StrCat(text, "[", absl::StrJoin(type.getShape(), ",", dim), "]");
}

absl::StatusOr<reference::Tensor> fit(Value value, const std::string &name, const NpyArray &array) {
  auto type = cast<ShapedType>(value.getType());
  Type element = type.getElementType();
  auto given = RankedTensorType::get(array.shape, element);
  if (holdsDtype(array, numberFromType(element)) && succeeded(verifyCompatibleShape(type, given)))
    return tensorOf(array, numberFromType(element));
  return absl::InvalidArgumentError(
      absl::StrCat("can't feed '", name, "': expected ", typeText(type), ", got ",
                   dataTypeName(array.dtype), reference::shapeText(array.shape)));
}

// The placeholder that stands where a tensor was cut, else the tensor itself.
std::string placeholderOf(const FreezeReport &report, std::string input) {
  for (const auto &[key, tensor] : report.keys)
    if (tensorName(key) == input)
      input = tensorName(tensor);
  for (const auto &[cut, placeholder] : report.renamed)
    if (tensorName(cut) == input)
      return placeholder;
  return input;
}

absl::StatusOr<reference::Feeds> bindFeeds(const RunnableModel &model, GraphOp graph,
                                           const NamedArrays &feeds) {
  std::map<std::string, const NpyArray *> given;
  for (const auto &[name, array] : feeds)
    given[tensorName(name)] = &array;
  NodeIndex index(graph.getNodes());
  reference::Feeds values;
  for (const ModelTensor &input : model.inputs()) {
    auto array = given.find(input.name);
    if (array == given.end() && input.hasDefault)
      continue;
    std::string why = "it is not fed";
    Value value = array == given.end()
                      ? Value()
                      : resolveTensorName(index, placeholderOf(model.report(), input.name), why);
    if (!value)
      return absl::InvalidArgumentError(
          absl::StrCat("expected a value for '", input.name, "': ", why));
    absl::StatusOr<reference::Tensor> tensor = fit(value, input.name, *array->second);
    if (!tensor.ok())
      return tensor.status();
    values[value] = std::move(*tensor);
  }
  return values;
}

// Where one op is missing others may be, too: they are told at once.
std::string missingText(ModuleOp module) {
  std::vector<std::string> missing = reference::missingKernels(module);
  return missing.empty() ? ""
                         : absl::StrCat("\nops of this graph that the interpreter lacks: ",
                                        absl::StrJoin(missing, ", "));
}

} // namespace

absl::StatusOr<reference::Tensors> runTensors(const RunnableModel &model, const NamedArrays &feeds,
                                              const Observer &observe) {
  ModuleOp module = model.frozen().module();
  GraphOp graph = *module.getOps<GraphOp>().begin();
  absl::StatusOr<reference::Feeds> values = bindFeeds(model, graph, feeds);
  if (!values.ok())
    return values.status();
  reference::RunOptions options{makeExtentReader(model.frozen().files()), observe};
  SmallVector<Value> fetches(graph.getFetch()->getOperands());
  reference::State state;
  std::string error;
  auto results = reference::run(module, fetches, *values, options, state, error);
  if (!results)
    return absl::InvalidArgumentError(absl::StrCat(error, missingText(module)));
  reference::Tensors tensors;
  for (auto [fetch, tensor] : llvm::zip(fetches, *results))
    if (!isControl(fetch))
      tensors.push_back(std::move(tensor));
  return tensors;
}

} // namespace firn
