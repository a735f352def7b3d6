// Kernels whose windows move over images.
#include "compiler/conversion/kernel_to_schedule/CallBuilder.h"

#include "runtime/kernels/conv/tiling.h"
#include "runtime/kernels/depthwise/tiling.h"
#include "runtime/kernels/pool/tiling.h"

using namespace mlir;

namespace firn::schedule {

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

// Of [n, h, w, c] images: sizes but the number of images are constants.
LogicalResult expectConstantImages(Operation *op, Value input, Value result) {
  for (Value value : {input, result})
    for (int64_t size : typeOf(value).getShape().drop_front())
      if (ShapedType::isDynamic(size))
        return op->emitOpError("needs images of constant sizes, got ")
               << value.getType() << "; --input-shape gives inputs their sizes";
  return success();
}

firn_window_args windowOf(Value input, Value result, ArrayRef<int64_t> window,
                          ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
                          ArrayRef<int64_t> padding) {
  RankedTensorType in = typeOf(input), out = typeOf(result);
  return {in.getDimSize(1), in.getDimSize(2), out.getDimSize(1), out.getDimSize(2),
          window[0],        window[1],        strides[0],        strides[1],
          dilations[0],     dilations[1],     padding[0],        padding[2]};
}

std::string describe(const char *name, const firn_window_args &w, int64_t channels,
                     int64_t outChannels) {
  std::string text = std::string(name) + " " + std::to_string(w.kernel_height) + "x" +
                     std::to_string(w.kernel_width);
  if (w.stride_y != 1 || w.stride_x != 1)
    text += "/" + std::to_string(w.stride_y);
  text += " " + std::to_string(w.in_height) + "x" + std::to_string(w.in_width) + "x" +
          std::to_string(channels);
  return outChannels == channels ? text : text + " -> " + std::to_string(outChannels);
}

// Multiplications and additions for each element of the result.
Size flopsOf(CallBuilder &builder, Value result, int64_t perElement) {
  Program &program = builder.program;
  return program.product({builder.programSizes(result, 0, 4), program.size(perElement)});
}

} // namespace

FailureOr<LibraryCall> depthwiseCall(CallBuilder &builder, kernel::DepthwiseConv2DOp op) {
  if (failed(expectConstantImages(op, op.getInput(), op.getInit())))
    return failure();
  LibraryCall &call = builder.call;
  int64_t channels = typeOf(op.getInput()).getDimSize(3);
  int64_t outChannels = typeOf(op.getInit()).getDimSize(3);
  kernels::DepthwiseTiling tiling = kernels::tileDepthwise(
      {windowOf(op.getInput(), op.getInit(), op.getWindow(), op.getStrides(), op.getDilations(),
                op.getPadding()),
       channels, outChannels / channels, builder.resultStride(op.getInit())});
  const firn_depthwise_args &args = tiling.args;
  call.kernel = tiling.kernel;
  call.arguments = argumentsOf(args);
  builder.addBuffer(op.getInput());
  builder.addBuffer(op.getFilter());
  builder.addResult(op.getInit());
  builder.addExtras(op);
  call.grid[0] = builder.program.size(tiling.gridX);
  call.grid[2] = builder.programSizes(op.getInput(), 0, 1);
  call.scratchBytes = tiling.scratchBytes;
  call.flops = flopsOf(builder, op.getInit(), 2 * op.getWindow()[0] * op.getWindow()[1]);
  call.description = describe("depthwise", args.window, channels, outChannels);
  return call;
}

FailureOr<LibraryCall> poolCall(CallBuilder &builder, kernel::PoolOp op) {
  if (failed(expectConstantImages(op, op.getInput(), op.getInit())))
    return failure();
  LibraryCall &call = builder.call;
  int64_t channels = typeOf(op.getInput()).getDimSize(3);
  bool isAverage = op.getKind() == kernel::PoolKind::Average;
  kernels::PoolTiling tiling =
      kernels::tilePool({windowOf(op.getInput(), op.getInit(), op.getWindow(), op.getStrides(),
                                  {1, 1}, op.getPadding()),
                         channels, isAverage, builder.resultStride(op.getInit())});
  call.kernel = tiling.kernel;
  call.arguments = argumentsOf(tiling.args);
  builder.addBuffer(op.getInput());
  builder.addResult(op.getInit());
  builder.addExtras(op);
  call.grid[0] = builder.program.size(tiling.gridX);
  call.grid[2] = builder.programSizes(op.getInput(), 0, 1);
  call.description =
      describe(isAverage ? "average pool" : "max pool", tiling.args.window, channels, channels);
  return call;
}

namespace {

bool isMatmul(const firn_window_args &w) {
  return w.kernel_height == 1 && w.kernel_width == 1 && w.stride_y == 1 && w.stride_x == 1 &&
         w.in_height == w.out_height && w.in_width == w.out_width;
}

kernels::ConvProblem problemOf(const firn_window_args &w, int64_t channels, int64_t filters) {
  kernels::ConvProblem problem = {w.in_height, w.in_width, channels,        w.out_height,
                                  w.out_width, filters,    w.kernel_height, w.kernel_width};
  problem.rowStride = w.stride_y, problem.columnStride = w.stride_x;
  problem.rowDilation = w.dilation_y, problem.columnDilation = w.dilation_x;
  problem.padTop = w.pad_top, problem.padLeft = w.pad_left;
  return problem;
}

} // namespace

FailureOr<LibraryCall> convCall(CallBuilder &builder, kernel::Conv2DOp op) {
  if (failed(expectConstantImages(op, op.getInput(), op.getInit())))
    return failure();
  LibraryCall &call = builder.call;
  int64_t channels = typeOf(op.getInput()).getDimSize(3);
  int64_t columns = typeOf(op.getInit()).getDimSize(3);
  firn_window_args window = windowOf(op.getInput(), op.getInit(), op.getWindow(), op.getStrides(),
                                     op.getDilations(), op.getPadding());
  builder.addBuffer(op.getInput());
  builder.addBuffer(op.getFilter());
  builder.addResult(op.getInit());
  builder.addExtras(op);
  if (isMatmul(window)) {
    packedMatmul(builder, op.getInput(), op.getInit());
  } else {
    kernels::ConvProblem problem = problemOf(window, channels, columns);
    problem.outputPixel = builder.resultStride(op.getInit());
    kernels::ConvTiling tiling = kernels::tileConv(call.level, problem);
    call.kernel = tiling.kernel;
    call.arguments = argumentsOf(tiling.args);
    call.grid = {builder.program.size(tiling.gridX), builder.program.size(tiling.gridY),
                 builder.programSizes(op.getInput(), 0, 1)};
    call.scratchBytes = tiling.scratchBytes;
  }
  call.flops =
      flopsOf(builder, op.getInit(), 2 * window.kernel_height * window.kernel_width * channels);
  call.description = describe("conv", window, channels, columns);
  return call;
}

} // namespace firn::schedule
