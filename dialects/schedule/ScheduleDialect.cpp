#include "dialects/schedule/Schedule.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

#include "dialects/schedule/ScheduleDialect.cpp.inc"
#define GET_TYPEDEF_CLASSES
#include "dialects/schedule/ScheduleTypes.cpp.inc"
#define GET_OP_CLASSES
#include "dialects/schedule/ScheduleOps.cpp.inc"

using namespace mlir;

namespace firn::schedule {

void ScheduleDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/schedule/ScheduleTypes.cpp.inc"
      >();
}

void ScheduleDialect::initialize() {
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "dialects/schedule/ScheduleOps.cpp.inc"
      >();
}

LogicalResult DispatchOp::verify() {
  if (getGrid().size() != 3 && getGrid().size() != 9)
    return emitOpError("expected 3 or 9 sizes of the grid, got ") << getGrid().size();
  return success();
}

} // namespace firn::schedule
