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

namespace {

// Rows of a dynamic count are taken to be at least this many when a kernel is chosen.
constexpr int64_t kUsualRows = 1;

LibraryCall matmulCall(CallBuilder &builder, kernel::MatmulOp op) {
  LibraryCall &call = builder.call;
  int64_t rank = op.getA().getType().getRank();
  bool isPacked = op.getPacked();
  // With packed weights a batch of matrices is one matrix of all rows.
  int64_t firstRow = isPacked ? 0 : rank - 2;
  CallArgument rows = builder.sizes(op.getA(), firstRow, rank - 1);
  CallArgument columns = builder.sizes(op.getInit(), rank - 1, rank);
  CallArgument depth = builder.sizes(op.getA(), rank - 1, rank);
  CallArgument batch = builder.sizes(op.getA(), 0, firstRow);
  kernels::MatmulProblem problem;
  problem.dynamicRows = !CallBuilder::isConstant(rows);
  problem.rows = problem.dynamicRows ? std::max(kUsualRows, CallBuilder::constant(rows))
                                     : CallBuilder::constant(rows);
  problem.columns = CallBuilder::constant(columns);
  problem.depth = CallBuilder::constant(depth);
  problem.form = isPacked             ? FIRN_MATMUL_PANELS
                 : op.getTransposeB() ? FIRN_MATMUL_TRANSPOSED
                                      : FIRN_MATMUL_ROWS;
  kernels::MatmulTiling tiling = kernels::tileMatmul(call.level, problem);
  call.kernel = tiling.kernel;
  const firn_matmul_args &args = tiling.args;
  CallArgument aBatch = builder.sizes(op.getA(), firstRow, rank);
  CallArgument cBatch = builder.sizes(op.getInit(), firstRow, rank);
  call.arguments = {rows,         columns, depth,       args.a_stride, args.c_stride, aBatch,
                    args.b_batch, cBatch,  args.b_form, args.b_stride, args.tiles,    args.panels};
  builder.addBuffer(op.getA());
  builder.addBuffer(op.getB());
  builder.addBuffer(op.getInit());
  builder.addExtras(op);
  Program &program = builder.program;
  Size programRows = builder.programSizes(op.getA(), firstRow, rank - 1);
  call.grid[0] = problem.dynamicRows
                     ? program.ceilDiv(programRows, program.size(tiling.rowsPerGroup))
                     : program.size(tiling.gridX);
  call.grid[1] = program.size(tiling.gridY);
  call.grid[2] = builder.programSizes(op.getA(), 0, firstRow);
  call.scratchBytes = tiling.scratchBytes;
  call.flops = program.product(
      {builder.programSizes(op.getInit(), 0, rank), program.size(2 * problem.depth)});
  call.description = "matmul " + (firstRow ? text(batch) + " of " : "") + text(rows) + "x" +
                     text(depth) + " by " + text(depth) + "x" + text(columns);
  return call;
}

LibraryCall softmaxCall(CallBuilder &builder, kernel::SoftmaxOp op) {
  LibraryCall &call = builder.call;
  Program &program = builder.program;
  int64_t rank = op.getInput().getType().getRank();
  CallArgument rows = builder.sizes(op.getInput(), 0, rank - 1);
  CallArgument columns = builder.sizes(op.getInput(), rank - 1, rank);
  bool isDynamic = !CallBuilder::isConstant(rows);
  kernels::SoftmaxTiling tiling = kernels::tileSoftmax(
      call.level, isDynamic ? -1 : CallBuilder::constant(rows), CallBuilder::constant(columns));
  call.kernel = op.getLog() ? "log_softmax" : "softmax";
  call.arguments = {rows, columns, tiling.args.rows};
  builder.addBuffer(op.getInput());
  builder.addBuffer(op.getInit());
  builder.addExtras(op);
  call.grid[0] = isDynamic ? program.ceilDiv(builder.programSizes(op.getInput(), 0, rank - 1),
                                             program.size(tiling.args.rows))
                           : program.size(tiling.gridX);
  call.description = call.kernel + " " + text(rows) + "x" + text(columns);
  return call;
}

} // namespace

FailureOr<LibraryCall> libraryCall(const PlacedDispatch &dispatch, Program &program, int level) {
  Operation *op = dispatch.op.getTerminator()->getOperand(0).getDefiningOp();
  CallBuilder builder(dispatch, program, op, level);
  return TypeSwitch<Operation *, FailureOr<LibraryCall>>(op)
      .Case([&](kernel::MatmulOp matmul) { return matmulCall(builder, matmul); })
      .Case([&](kernel::SoftmaxOp softmax) { return softmaxCall(builder, softmax); })
      .Case([&](kernel::Conv2DOp conv) { return convCall(builder, conv); })
      .Case([&](kernel::DepthwiseConv2DOp depthwise) { return depthwiseCall(builder, depthwise); })
      .Case([&](kernel::PoolOp pool) { return poolCall(builder, pool); })
      .Default([](Operation *other) -> FailureOr<LibraryCall> {
        return other->emitOpError("has no kernel");
      });
}

} // namespace firn::schedule
