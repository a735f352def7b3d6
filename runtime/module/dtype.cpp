#include "runtime/module/dtype.h"

namespace firn::runtime {
namespace {

struct Type {
  const char *name;
  uint32_t size;
};

// In the order of tensorflow.DataType's numbers.
constexpr Type kTypes[] = {
    {"none", 0},     {"float", 4},   {"double", 8}, {"int32", 4},       {"uint8", 1},
    {"int16", 2},    {"int8", 1},    {"string", 0}, {"complex64", 8},   {"int64", 8},
    {"bool", 1},     {"qint8", 1},   {"quint8", 1}, {"qint32", 4},      {"bfloat16", 2},
    {"qint16", 2},   {"quint16", 2}, {"uint16", 2}, {"complex128", 16}, {"half", 2},
    {"resource", 0}, {"variant", 0}, {"uint32", 4}, {"uint64", 8},
};
constexpr int32_t kTypeCount = sizeof kTypes / sizeof kTypes[0];

const Type &typeOf(int32_t dtype) { return kTypes[dtype > 0 && dtype < kTypeCount ? dtype : 0]; }

} // namespace

uint32_t sizeOfType(int32_t dtype) { return typeOf(dtype).size; }

} // namespace firn::runtime

const char *firn_dtype_name(firn_dtype dtype) { return firn::runtime::typeOf(dtype).name; }
