#include "compiler/formats/data_type.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firn {
namespace {

constexpr int kRefOffset = 100;

int withoutRef(int dataType) { return dataType > kRefOffset ? dataType - kRefOffset : dataType; }

} // namespace

std::string dataTypeName(int dataType) {
  if (!tensorflow::DataType_IsValid(dataType))
    return absl::StrCat("dtype_", dataType);
  const std::string &name = tensorflow::DataType_Name(static_cast<DataType>(dataType));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "DT_"));
}

DataType dataTypeFromName(absl::string_view name) {
  static const auto *const numpy = new std::map<absl::string_view, DataType>{
      {"float16", tensorflow::DT_HALF},   {"float32", tensorflow::DT_FLOAT},
      {"float64", tensorflow::DT_DOUBLE}, {"bool_", tensorflow::DT_BOOL},
      {"str", tensorflow::DT_STRING},     {"object", tensorflow::DT_STRING}};
  if (auto found = numpy->find(name); found != numpy->end())
    return found->second;
  DataType result;
  if (tensorflow::DataType_Parse(absl::StrCat("DT_", absl::AsciiStrToUpper(name)), &result))
    return result;
  return tensorflow::DT_INVALID;
}

int64_t dataTypeSize(int dataType) {
  switch (withoutRef(dataType)) {
  case tensorflow::DT_BOOL:
  case tensorflow::DT_INT8:
  case tensorflow::DT_UINT8:
  case tensorflow::DT_QINT8:
  case tensorflow::DT_QUINT8:
  case tensorflow::DT_INT4:
  case tensorflow::DT_UINT4:
  case tensorflow::DT_FLOAT8_E5M2:
  case tensorflow::DT_FLOAT8_E4M3FN:
    return 1;
  case tensorflow::DT_HALF:
  case tensorflow::DT_BFLOAT16:
  case tensorflow::DT_INT16:
  case tensorflow::DT_UINT16:
  case tensorflow::DT_QINT16:
  case tensorflow::DT_QUINT16:
    return 2;
  case tensorflow::DT_FLOAT:
  case tensorflow::DT_INT32:
  case tensorflow::DT_UINT32:
  case tensorflow::DT_QINT32:
    return 4;
  case tensorflow::DT_DOUBLE:
  case tensorflow::DT_INT64:
  case tensorflow::DT_UINT64:
  case tensorflow::DT_COMPLEX64:
    return 8;
  case tensorflow::DT_COMPLEX128:
    return 16;
  default:
    return 0;
  }
}

int64_t dataTypeSwapUnit(int dataType) {
  switch (withoutRef(dataType)) {
  case tensorflow::DT_COMPLEX64:
    return 4;
  case tensorflow::DT_COMPLEX128:
    return 8;
  default:
    return dataTypeSize(dataType);
  }
}

} // namespace firn
