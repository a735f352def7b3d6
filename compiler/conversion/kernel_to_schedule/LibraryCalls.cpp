#include "compiler/conversion/kernel_to_schedule/CallBuilder.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "runtime/kernels/matmul/tiling.h"
#include "runtime/kernels/softmax/tiling.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace firn::schedule {

std::string text(const CallArgument &argument) {
  int64_t number = std::get<int64_t>(argument.constant);
  if (argument.dims.empty())
    return std::to_string(number);
  return number == 1 ? "?" : std::to_string(number) + "?";
}

void CallBuilder::addResult(Value init) {
  addBuffer(init);
  auto part = init.getDefiningOp<tensor::ExtractSliceOp>();
  if (!part)
    return;
  int64_t stride = elementBytes(part.getType().getElementType());
  for (int64_t axis = part.getSourceType().getRank() - 1; axis >= 0; --axis) {
    int64_t offset = part.getStaticOffset(axis);
    if (offset)
      call.resultOffset += offset * stride;
    stride *= part.getSourceType().getDimSize(axis); // unused before an axis that is not known
  }
}

namespace {

// Rows of a dynamic count are taken to be at least this many when a kernel is chosen.
constexpr int64_t kUsualRows = 1;
// Columns of a dynamic number, when rows are shared out.
constexpr int64_t kUsualColumns = 128;

/// A product as the kernel sees it.
struct Product {
  Value a, result;
  int64_t firstRow; // dimensions before are those of the batch
  firn_matmul_b form;
};

// Rows that are a multiple of a dynamic size (pixels of images) are so many matrices of a constant
// number of rows: kernels for those are smaller and faster.
constexpr int64_t kRowsOfAnImage = 4;

void callMatmul(CallBuilder &builder, const Product &product) {
  LibraryCall &call = builder.call;
  Program &program = builder.program;
  auto [a, result, firstRow, form] = product;
  int64_t rank = cast<RankedTensorType>(a.getType()).getRank();
  CallArgument rows = builder.sizes(a, firstRow, rank - 1);
  CallArgument columns = builder.sizes(result, rank - 1, rank);
  CallArgument depth = builder.sizes(a, rank - 1, rank);
  bool isDynamic = !CallBuilder::isConstant(rows);
  bool isImages =
      isDynamic && form == FIRN_MATMUL_PANELS && CallBuilder::constant(rows) >= kRowsOfAnImage;
  kernels::MatmulProblem problem;
  problem.dynamicRows = isDynamic && !isImages;
  problem.rows = std::max(kUsualRows, CallBuilder::constant(rows));
  problem.columns = CallBuilder::constant(columns);
  problem.depth = CallBuilder::constant(depth);
  problem.form = form;
  problem.cStride = builder.resultStride(result);
  kernels::MatmulTiling tiling = kernels::tileMatmul(call.level, problem);
  call.kernel = tiling.kernel;
  call.arguments = argumentsOf(tiling.args);
  Size allRows = builder.programSizes(a, firstRow, rank - 1);
  if (problem.dynamicRows) {
    call.arguments[offsetof(firn_matmul_args, rows) / 8] = rows;
    call.arguments[offsetof(firn_matmul_args, a_batch) / 8] = builder.sizes(a, firstRow, rank);
    call.arguments[offsetof(firn_matmul_args, c_batch) / 8] = builder.sizes(result, firstRow, rank);
    call.grid[0] = program.ceilDiv(allRows, program.size(tiling.rowsPerGroup));
  } else {
    call.grid[0] = program.size(tiling.gridX);
  }
  call.grid[1] = program.size(tiling.gridY);
  call.grid[2] = isImages ? program.ceilDiv(allRows, program.size(problem.rows))
                          : builder.programSizes(a, 0, firstRow);
  call.scratchBytes = tiling.scratchBytes;
}

FailureOr<LibraryCall> matmulCall(CallBuilder &builder, kernel::MatmulOp op) {
  LibraryCall &call = builder.call;
  Value a = op.getA(), result = op.getInit();
  int64_t rank = op.getA().getType().getRank();
  for (Value value : {a, result})
    if (cast<RankedTensorType>(value.getType()).isDynamicDim(rank - 1))
      return op.emitOpError("needs a constant number of columns and of summands, got ")
             << value.getType();
  firn_matmul_b form = op.getPacked()       ? FIRN_MATMUL_PANELS
                       : op.getTransposeB() ? FIRN_MATMUL_TRANSPOSED
                                            : FIRN_MATMUL_ROWS;
  // With packed weights a batch of matrices is one matrix of all rows.
  int64_t firstRow = op.getPacked() ? 0 : rank - 2;
  callMatmul(builder, {a, result, firstRow, form});
  builder.addBuffer(a);
  builder.addBuffer(op.getB());
  builder.addResult(result);
  builder.addExtras(op);
  CallArgument depth = builder.sizes(a, rank - 1, rank);
  call.flops = builder.program.product({builder.programSizes(result, 0, rank),
                                        builder.program.size(2 * CallBuilder::constant(depth))});
  call.description = "matmul " +
                     (firstRow ? text(builder.sizes(a, 0, firstRow)) + " of " : std::string()) +
                     text(builder.sizes(a, firstRow, rank - 1)) + "x" + text(depth) + " by " +
                     text(depth) + "x" + text(builder.sizes(result, rank - 1, rank));
  return call;
}

FailureOr<LibraryCall> softmaxCall(CallBuilder &builder, kernel::SoftmaxOp op) {
  LibraryCall &call = builder.call;
  Program &program = builder.program;
  int64_t rank = op.getInput().getType().getRank();
  CallArgument rows = builder.sizes(op.getInput(), 0, rank - 1);
  CallArgument columns = builder.sizes(op.getInput(), rank - 1, rank);
  bool isDynamic = !CallBuilder::isConstant(rows);
  int64_t width = CallBuilder::isConstant(columns) ? CallBuilder::constant(columns) : kUsualColumns;
  kernels::SoftmaxTiling tiling =
      kernels::tileSoftmax(call.level, isDynamic ? -1 : CallBuilder::constant(rows), width);
  call.kernel = op.getLog() ? "log_softmax" : "softmax";
  call.arguments = argumentsOf(tiling.args);
  call.arguments[offsetof(firn_softmax_args, count) / 8] = rows;
  call.arguments[offsetof(firn_softmax_args, columns) / 8] = columns;
  builder.addBuffer(op.getInput());
  builder.addResult(op.getInit());
  builder.addExtras(op);
  call.grid[0] = isDynamic ? program.ceilDiv(builder.programSizes(op.getInput(), 0, rank - 1),
                                             program.size(tiling.args.rows))
                           : program.size(tiling.gridX);
  call.description = call.kernel + " " + text(rows) + "x" + text(columns);
  return call;
}

} // namespace

void packedMatmul(CallBuilder &builder, Value a, Value result) {
  callMatmul(builder, {a, result, 0, FIRN_MATMUL_PANELS});
}

FailureOr<LibraryCall> libraryCall(const PlacedDispatch &dispatch, Program &program, int level) {
  Operation *op = storedBy(dispatch.op);
  CallBuilder builder(dispatch, program, op, level);
  return TypeSwitch<Operation *, FailureOr<LibraryCall>>(op)
      .Case([&](kernel::MatmulOp matmul) { return matmulCall(builder, matmul); })
      .Case([&](kernel::SoftmaxOp softmax) { return softmaxCall(builder, softmax); })
      .Case([&](kernel::Conv2DOp conv) { return convCall(builder, conv); })
      .Case([&](kernel::DepthwiseConv2DOp depthwise) { return depthwiseCall(builder, depthwise); })
      .Case([&](kernel::PoolOp pool) { return poolCall(builder, pool); })
      .Case([&](kernel::CallOp call) { return plainCall(builder, call); })
      .Default([](Operation *other) -> FailureOr<LibraryCall> {
        return other->emitOpError("has no kernel");
      });
}

} // namespace firn::schedule
