#include "compiler/formats/typed_values.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

using tensorflow::TensorProto;

absl::Status wrongCount(int64_t expected, int64_t got) {
  return absl::DataLossError(absl::StrCat("expected ", expected, " values, got ", got));
}

/// `perElement` values of a list, cast to T, make an element.
template <typename T, typename List>
absl::StatusOr<std::string> pack(const List &values, int64_t elements, int64_t perElement = 1) {
  // Compared without a product: `elements` comes from the file and may be anything.
  const int64_t size = values.size();
  if (size % perElement != 0 || size / perElement != elements)
    return wrongCount(elements, size / perElement);
  std::string bytes(size * sizeof(T), '\0');
  char *out = bytes.data();
  for (const auto &value : values) {
    const T narrow = static_cast<T>(value);
    std::memcpy(out, &narrow, sizeof narrow);
    out += sizeof narrow;
  }
  return bytes;
}

} // namespace

absl::StatusOr<std::string> typedValues(const tensorflow::TensorProto &tensor, int dtype,
                                        int64_t elements) {
  if (!tensor.tensor_content().empty()) {
    const int64_t size = tensor.tensor_content().size(), each = dataTypeSize(dtype);
    if (each == 0 || size % each != 0 || size / each != elements)
      return wrongCount(elements, each == 0 ? 0 : size / each);
    return tensor.tensor_content();
  }
  switch (dtype) {
  case tensorflow::DT_FLOAT:
    return pack<float>(tensor.float_val(), elements);
  case tensorflow::DT_DOUBLE:
    return pack<double>(tensor.double_val(), elements);
  case tensorflow::DT_HALF:
  case tensorflow::DT_BFLOAT16:
    return pack<uint16_t>(tensor.half_val(), elements);
  case tensorflow::DT_BOOL:
    return pack<uint8_t>(tensor.bool_val(), elements);
  case tensorflow::DT_INT64:
    return pack<int64_t>(tensor.int64_val(), elements);
  case tensorflow::DT_UINT32:
    return pack<uint32_t>(tensor.uint32_val(), elements);
  case tensorflow::DT_UINT64:
    return pack<uint64_t>(tensor.uint64_val(), elements);
  case tensorflow::DT_COMPLEX64:
    return pack<float>(tensor.scomplex_val(), elements, 2);
  case tensorflow::DT_COMPLEX128:
    return pack<double>(tensor.dcomplex_val(), elements, 2);
  case tensorflow::DT_FLOAT8_E5M2:
  case tensorflow::DT_FLOAT8_E4M3FN:
    return pack<uint8_t>(tensor.float8_val(), elements);
  default:
    break;
  }
  switch (dataTypeSize(dtype)) {
  case 1:
    return pack<uint8_t>(tensor.int_val(), elements);
  case 2:
    return pack<uint16_t>(tensor.int_val(), elements);
  case 4:
    return pack<uint32_t>(tensor.int_val(), elements);
  default:
    return absl::UnimplementedError(
        absl::StrCat("values of type ", dataTypeName(dtype), " are not read"));
  }
}

ValueField valueField(int dtype) {
  switch (dtype) {
  case tensorflow::DT_FLOAT:
    return {TensorProto::kFloatValFieldNumber, false, 4, true};
  case tensorflow::DT_DOUBLE:
    return {TensorProto::kDoubleValFieldNumber, false, 8, true};
  case tensorflow::DT_COMPLEX64:
    return {TensorProto::kScomplexValFieldNumber, false, 4, true};
  case tensorflow::DT_COMPLEX128:
    return {TensorProto::kDcomplexValFieldNumber, false, 8, true};
  case tensorflow::DT_HALF:
  case tensorflow::DT_BFLOAT16:
    return {TensorProto::kHalfValFieldNumber, true, 2, false};
  case tensorflow::DT_BOOL:
    return {TensorProto::kBoolValFieldNumber, true, 1, false};
  case tensorflow::DT_INT64:
    return {TensorProto::kInt64ValFieldNumber, true, 8, true};
  case tensorflow::DT_UINT32:
    return {TensorProto::kUint32ValFieldNumber, true, 4, false};
  case tensorflow::DT_UINT64:
    return {TensorProto::kUint64ValFieldNumber, true, 8, false};
  case tensorflow::DT_INT8:
  case tensorflow::DT_QINT8:
    return {TensorProto::kIntValFieldNumber, true, 1, true};
  case tensorflow::DT_UINT8:
  case tensorflow::DT_QUINT8:
    return {TensorProto::kIntValFieldNumber, true, 1, false};
  case tensorflow::DT_INT16:
  case tensorflow::DT_QINT16:
    return {TensorProto::kIntValFieldNumber, true, 2, true};
  case tensorflow::DT_UINT16:
  case tensorflow::DT_QUINT16:
    return {TensorProto::kIntValFieldNumber, true, 2, false};
  case tensorflow::DT_INT32:
  case tensorflow::DT_QINT32:
    return {TensorProto::kIntValFieldNumber, true, 4, true};
  default:
    return {};
  }
}

uint64_t varintOf(const ValueField &field, const char *bytes) {
  uint64_t value = 0;
  std::memcpy(&value, bytes, field.bytes);
  const int unused = 64 - 8 * field.bytes;
  return field.isSigned ? static_cast<uint64_t>(static_cast<int64_t>(value << unused) >> unused)
                        : value;
}

} // namespace firn
