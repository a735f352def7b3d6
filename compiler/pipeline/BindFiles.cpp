#include "compiler/pipeline/BindFiles.h"

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "compiler/formats/npy.h"
#include "compiler/transforms/graph/BindPlaceholders.h"
#include "compiler/transforms/graph/NodeNames.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"

using namespace mlir;
using namespace firn::graph;

namespace firn {
namespace {

template <typename Element> std::string literalOf(const char *bytes) {
  Element element;
  std::memcpy(&element, bytes, sizeof(element));
  if constexpr (std::is_floating_point_v<Element>)
    return absl::StrFormat("%.17g", element);
  else
    return absl::StrCat(static_cast<int64_t>(element));
}

// The element as `parseTensorLiteral` reads it; "" for a type that has no literals.
std::string elementLiteral(int dtype, const char *bytes) {
  switch (dtype) {
  case 1:
    return literalOf<float>(bytes);
  case 2:
    return literalOf<double>(bytes);
  case 3:
    return literalOf<int32_t>(bytes);
  case 4:
    return literalOf<uint8_t>(bytes);
  case 5:
    return literalOf<int16_t>(bytes);
  case 6:
    return literalOf<int8_t>(bytes);
  case 9:
    return literalOf<int64_t>(bytes);
  case 10:
    return *bytes ? "true" : "false";
  case 17:
    return literalOf<uint16_t>(bytes);
  case 22:
    return literalOf<uint32_t>(bytes);
  default:
    return "";
  }
}

// The array with another element type; null with a reason where that would lose something.
TensorAttr convert(const NpyArray &array, Type from, Type to, std::string &why) {
  std::string data;
  unsigned size = elementSize(from);
  for (size_t i = 0; i + size <= array.bytes.size(); i += size) {
    std::string literal = elementLiteral(array.dtype, array.bytes.data() + i);
    TensorAttr element = literal.empty() ? TensorAttr() : parseTensorLiteral(literal, to, why);
    if (!element) {
      why = absl::StrCat("expected ", dataTypeText(to), ", got ", dataTypeText(from),
                         " values that it can't hold without loss");
      return {};
    }
    data += element.getData().str();
  }
  return TensorAttr::get(to.getContext(), RankedTensorType::get(array.shape, to),
                         TensorEncoding::Content, data, {});
}

TensorAttr tensorOf(const NpyArray &array, Type wanted, std::string &why) {
  Type stored = typeFromNumber(wanted.getContext(), array.dtype);
  if (isString(stored) && isString(wanted)) {
    SmallVector<StringRef> strings(array.strings.begin(), array.strings.end());
    return TensorAttr::get(wanted.getContext(), RankedTensorType::get(array.shape, wanted),
                           TensorEncoding::Values, packStrings(strings), {});
  }
  // NumPy has no bfloat16 and the like: integers of their size stand for them.
  bool sameBits = npyDescr(array.dtype) == npyDescr(numberFromType(wanted)) && !isString(wanted);
  if (stored == wanted || sameBits)
    return TensorAttr::get(wanted.getContext(), RankedTensorType::get(array.shape, wanted),
                           TensorEncoding::Content, array.bytes, {});
  return convert(array, stored, wanted, why);
}

absl::Status bindFile(GraphOp graph, std::string name, const std::string &path) {
  if (absl::EndsWith(name, ":0"))
    name.resize(name.size() - 2);
  NodeIndex index(graph.getNodes());
  Node node = index.find(name);
  if (!node || !isPlaceholder(node))
    return absl::InvalidArgumentError(absl::StrCat("expected a placeholder to bind, got '", name,
                                                   "'", node ? "" : ": there is no such node",
                                                   nearestText(name, index.names())));
  absl::StatusOr<NpyArray> array = readNpy(path);
  if (!array.ok())
    return array.status();
  std::string why;
  TensorAttr value = tensorOf(*array, node.elementType(0), why);
  if (!value || !bindPlaceholder(node, value, why))
    return absl::InvalidArgumentError(
        absl::StrCat("can't bind '", name, "' to '", path, "': ", why));
  return absl::OkStatus();
}

} // namespace

absl::StatusOr<std::vector<std::pair<std::string, std::string>>>
bindFiles(ModuleOp module, const FreezeOptions &options) {
  std::vector<std::pair<std::string, std::string>> others;
  for (const auto &[name, value] : options.binds) {
    if (value.empty() || value[0] != '@') {
      others.emplace_back(name, value);
      continue;
    }
    for (GraphOp graph : module.getOps<GraphOp>())
      if (absl::Status status = bindFile(graph, name, value.substr(1)); !status.ok())
        return status;
  }
  return others;
}

} // namespace firn
