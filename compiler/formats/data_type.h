// TensorFlow's element types as the files name them: tensorflow.DataType numbers, their names and
// sizes.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "compiler/formats/proto/types.pb.h"

namespace firn {

using tensorflow::DataType;

/// The name without "DT_" in lower case, "float" for DT_FLOAT, "float_ref" for DT_FLOAT_REF;
/// "dtype_77" for an unknown number.
std::string dataTypeName(int dataType);

/// The inverse of `dataTypeName`; also takes numpy's spellings ("float32", "int32"). DT_INVALID
/// when there is no such type.
DataType dataTypeFromName(absl::string_view name);

/// Bytes of one element in a file or in host memory; 0 for strings, resources, variants and unknown
/// types. bool is 1, half and bfloat16 are 2, complex64 is 8; int4 and uint4 occupy one byte each,
/// as TensorFlow stores them. A ref type has its value type's size.
int64_t dataTypeSize(int dataType);

/// Size of the unit that byte order applies to: 4 for complex64, otherwise `dataTypeSize`.
int64_t dataTypeSwapUnit(int dataType);

} // namespace firn
