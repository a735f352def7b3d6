#include "runtime/module/dims.h"

#include <inttypes.h>

namespace firn::runtime {

using schema::DimOp;

bool computeDim(DimOp op, int64_t a, int64_t b, int64_t *result) {
  const bool divides = op == DimOp::FloorDiv || op == DimOp::CeilDiv || op == DimOp::FloorMod;
  if (divides && (b == 0 || (b == -1 && a == INT64_MIN)))
    return false;
  switch (op) {
  case DimOp::Add:
    return !__builtin_add_overflow(a, b, result);
  case DimOp::Sub:
    return !__builtin_sub_overflow(a, b, result);
  case DimOp::Mul:
    return !__builtin_mul_overflow(a, b, result);
  case DimOp::FloorDiv:
    *result = a / b - (a % b != 0 && (a < 0) != (b < 0));
    return true;
  case DimOp::CeilDiv:
    *result = a / b + (a % b != 0 && (a < 0) == (b < 0));
    return true;
  case DimOp::FloorMod:
    *result = a % b + (a % b != 0 && (a < 0) != (b < 0) ? b : 0);
    return true;
  case DimOp::Min:
    *result = a < b ? a : b;
    return true;
  case DimOp::Max:
    *result = a > b ? a : b;
    return true;
  default:
    return false;
  }
}

firn_code evaluateDims(const DimSource &source, uint32_t first, int64_t *values,
                       const uint8_t *read, firn_status *status) {
  const auto &dims = *source.program->dims();
  for (uint32_t i = first; i < dims.size(); ++i) {
    const schema::Dim &dim = *dims.Get(i);
    switch (dim.op()) {
    case DimOp::Constant:
      values[i] = dim.value();
      break;
    case DimOp::Input:
      values[i] = source.inputDims[source.inputStart[dim.a()] + dim.b()];
      break;
    case DimOp::Read:
      if (!read || !read[i])
        values[i] = values[dim.a()];
      break;
    default:
      if (!computeDim(dim.op(), values[dim.a()], values[dim.b()], &values[i]))
        return fail(status, FIRN_INVALID,
                    "the model has no sizes for these dims: %s of %" PRId64 " and %" PRId64,
                    schema::EnumNameDimOp(dim.op()), values[dim.a()], values[dim.b()]);
    }
  }
  return FIRN_OK;
}

} // namespace firn::runtime
