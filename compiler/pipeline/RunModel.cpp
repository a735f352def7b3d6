#include "compiler/pipeline/RunModel.h"

#include "absl/strings/str_cat.h"
#include "compiler/pipeline/CheckpointSource.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

using reference::Tensor;

Tensor tensorOf(const NpyArray &array, int dtype) {
  Tensor tensor(dtype, array.shape);
  if (dtype == DT_STRING)
    llvm::copy(array.strings, tensor.mutableValues<std::string>().begin());
  else
    llvm::copy(array.bytes, tensor.mutableBytes().begin());
  return tensor;
}

NpyArray arrayOf(const Tensor &tensor) {
  NpyArray array{tensor.dtype(), {tensor.shape().begin(), tensor.shape().end()}, "", {}};
  if (!tensor || reference::countElements(tensor.shape()) == 0)
    return array;
  if (tensor.dtype() == DT_STRING)
    array.strings.assign(tensor.values<std::string>().begin(), tensor.values<std::string>().end());
  else if (reference::elementBytes(tensor.dtype()))
    array.bytes.assign(tensor.bytes().begin(), tensor.bytes().end());
  return array;
}

// NumPy lacks some dtypes: integers of their size stand for them.
bool fits(const NpyArray &array, int dtype) {
  return array.dtype == dtype || (dtype != DT_STRING && array.dtype != DT_STRING &&
                                  npyDescr(array.dtype) == npyDescr(dtype));
}

absl::StatusOr<reference::Feeds> bindFeeds(const NodeIndex &index, const NamedArrays &feeds) {
  reference::Feeds values;
  for (const auto &[name, array] : feeds) {
    std::string why;
    Value value = resolveTensorName(index, name, why);
    if (!value)
      return absl::InvalidArgumentError(absl::StrCat("can't feed '", name, "': ", why));
    auto type = cast<ShapedType>(value.getType());
    int dtype = numberFromType(type.getElementType());
    if (!fits(array, dtype) ||
        failed(
            verifyCompatibleShape(type, RankedTensorType::get(array.shape, type.getElementType()))))
      return absl::InvalidArgumentError(absl::StrCat(
          "can't feed '", name, "': expected ", dataTypeText(type.getElementType()),
          type.hasRank() ? reference::shapeText(type.getShape()) : " of unknown shape", ", got ",
          dataTypeMnemonic(array.dtype).str(), reference::shapeText(array.shape)));
    values[value] = tensorOf(array, dtype);
  }
  return values;
}

} // namespace

absl::StatusOr<NamedArrays>
runModel(FrozenModel &model, const NamedArrays &feeds,
         const std::function<void(const std::string &, const std::string &,
                                  const std::vector<NpyArray> &)> &observe) {
  GraphOp graph = *model.module().getOps<GraphOp>().begin();
  absl::StatusOr<reference::Feeds> values = bindFeeds(NodeIndex(graph.getNodes()), feeds);
  if (!values.ok())
    return values.status();
  reference::RunOptions options;
  options.read = makeExtentReader(model.files());
  if (observe)
    options.observe = [&](Node node, ArrayRef<Tensor> outputs) {
      std::vector<NpyArray> arrays;
      for (const Tensor &tensor : outputs)
        arrays.push_back(tensor ? arrayOf(tensor) : NpyArray{});
      observe(node.name().str(), node.type().str(), arrays);
    };
  SmallVector<Value> fetches(graph.getFetch()->getOperands());
  reference::State state;
  std::string error;
  auto results = reference::run(model.module(), fetches, *values, options, state, error);
  if (!results)
    return absl::InvalidArgumentError(error);
  NamedArrays arrays;
  for (auto [fetch, tensor] : llvm::zip(fetches, *results))
    if (!isControl(fetch))
      arrays.emplace_back(edgeText(fetch), arrayOf(tensor));
  return arrays;
}

} // namespace firn
