#include "compiler/formats/typed_values.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

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

} // namespace firn
