#include "compiler/driver/constant_values.h"

#include "absl/strings/str_cat.h"
#include "compiler/formats/typed_values.h"

using tensorflow::TensorProto;

namespace firn {
namespace {

constexpr uint64_t kMostElements = uint64_t{1} << 31; // what a GraphDef can hold

absl::StatusOr<int64_t> elementsOf(const TensorProto &tensor) {
  uint64_t count = 1;
  for (const auto &dim : tensor.tensor_shape().dim()) {
    if (dim.size() < 0 || (dim.size() && count > kMostElements / dim.size()))
      return absl::InvalidArgumentError(
          absl::StrCat("expected the dimensions of a constant, got ", dim.size()));
    count *= dim.size();
  }
  return count;
}

// TensorFlow's rule: the last value stands for all that are missing, no value at all for zeros.
template <typename List> void repeatLast(List *list, int64_t count, int step) {
  if (list->empty())
    return;
  while (list->size() < count * step)
    list->Add(list->Get(list->size() - step));
}

void writeOut(TensorProto &tensor, int64_t count) {
  repeatLast(tensor.mutable_half_val(), count, 1);
  repeatLast(tensor.mutable_float_val(), count, 1);
  repeatLast(tensor.mutable_double_val(), count, 1);
  repeatLast(tensor.mutable_int_val(), count, 1);
  repeatLast(tensor.mutable_scomplex_val(), count, 2);
  repeatLast(tensor.mutable_int64_val(), count, 1);
  repeatLast(tensor.mutable_bool_val(), count, 1);
  repeatLast(tensor.mutable_dcomplex_val(), count, 2);
  repeatLast(tensor.mutable_uint32_val(), count, 1);
  repeatLast(tensor.mutable_uint64_val(), count, 1);
}

bool hasTypedValues(const TensorProto &tensor) {
  return tensor.half_val_size() || tensor.float_val_size() || tensor.double_val_size() ||
         tensor.int_val_size() || tensor.scomplex_val_size() || tensor.int64_val_size() ||
         tensor.bool_val_size() || tensor.dcomplex_val_size() || tensor.uint32_val_size() ||
         tensor.uint64_val_size() || !tensor.float8_val().empty();
}

ValueDiff diffStringValues(const TensorProto &a, const TensorProto &b) {
  auto values = [](const TensorProto &tensor) {
    return std::vector<std::string>(tensor.string_val().begin(), tensor.string_val().end());
  };
  return diffStrings(values(a), values(b));
}

} // namespace

ConstantContents::ConstantContents(const GraphFile &file) : file(file) {
  for (const ExternalContent &content : file.external)
    external[{content.node, content.attr}] = &content.content;
}

const TensorProto &ConstantContents::tensor(int node, const std::string &attr) const {
  return file.meta.graph_def().node(node).attr().at(attr).tensor();
}

absl::StatusOr<TensorReader> ConstantContents::bytes(int node, const std::string &attr) {
  if (auto it = external.find({node, attr}); it != external.end())
    return TensorReader({{*it->second}, ""}, &files, false);
  const TensorProto &proto = tensor(node, attr);
  absl::StatusOr<int64_t> count = elementsOf(proto);
  if (!count.ok())
    return count.status();
  if (!proto.tensor_content().empty())
    return TensorReader({{}, proto.tensor_content()}, nullptr, false);
  if (!hasTypedValues(proto))
    return TensorReader({{}, std::string(*count * dataTypeSize(proto.dtype()), '\0')}, nullptr,
                        false);
  TensorProto full = proto;
  writeOut(full, *count);
  absl::StatusOr<std::string> values = typedValues(full, full.dtype(), *count);
  if (!values.ok())
    return absl::InvalidArgumentError(values.status().message());
  return TensorReader({{}, *std::move(values)}, nullptr, false);
}

absl::StatusOr<ValueDiff> diffConstants(ConstantContents &a, int nodeA, ConstantContents &b,
                                        int nodeB, const std::string &attr,
                                        const Tolerance &tolerance) {
  const TensorProto &left = a.tensor(nodeA, attr), &right = b.tensor(nodeB, attr);
  const bool numbers = dataTypeSize(left.dtype()) > 0;
  if (left.dtype() == tensorflow::DT_STRING && left.tensor_content().empty() &&
      right.tensor_content().empty())
    return diffStringValues(left, right);
  if (!numbers) {
    ValueDiff diff;
    diff.elements = 1;
    diff.differing = serializeDeterministic(left) != serializeDeterministic(right);
    return diff;
  }
  absl::StatusOr<TensorReader> x = a.bytes(nodeA, attr), y = b.bytes(nodeB, attr);
  if (!x.ok() || !y.ok())
    return x.ok() ? y.status() : x.status();
  return diffNumbers(left.dtype(), *std::move(x), *std::move(y), tolerance);
}

} // namespace firn
