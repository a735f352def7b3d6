// The `kernel` dialect: what firn's kernel library computes, and the dispatch.
#pragma once

#include "dialects/graph/Graph.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace firn::kernel {

/// Columns of a panel of packed weights, on every CPU level.
inline constexpr int64_t kPanelColumns = 32;

/// How the epilogue of a library op reads one of its extra operands.
enum class ExtraKind { Scalar, Channel, Full };
/// Of an operand of this type, for a result of `result`'s type; nothing where it fits none.
std::optional<ExtraKind> extraKind(mlir::RankedTensorType extra, mlir::RankedTensorType result);

mlir::LogicalResult verifyLibraryOp(mlir::Operation *op);

} // namespace firn::kernel

#include "dialects/kernel/KernelDialect.h.inc"
#include "dialects/kernel/KernelEnums.h.inc"
#include "dialects/kernel/KernelInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialects/kernel/KernelOps.h.inc"
