// The `schedule` dialect: the steps that the runtime executes, on buffers.
#pragma once

#include "dialects/graph/Graph.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/schedule/ScheduleDialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/schedule/ScheduleTypes.h.inc"
#define GET_OP_CLASSES
#include "dialects/schedule/ScheduleOps.h.inc"
