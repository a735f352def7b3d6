// Algorithms of the library that have no form as loops.
#include "compiler/conversion/kernel_to_schedule/CallBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace firn::schedule {

namespace {

// A size of the call: a constant of the body, or one of the dispatch's.
CallArgument sizeArgument(const CallBuilder &builder, Value size) {
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return CallArgument(*number);
  const PlacedDispatch &dispatch = builder.dispatch;
  unsigned index = cast<BlockArgument>(size).getArgNumber() - dispatch.op.getInputs().size();
  const auto &own = dispatch.ownSizes[index];
  if (const auto *number = std::get_if<int64_t>(&own))
    return CallArgument(*number);
  CallArgument argument(1);
  argument.dims.push_back(std::get<unsigned>(own));
  return argument;
}

} // namespace

FailureOr<LibraryCall> plainCall(CallBuilder &builder, kernel::CallOp op) {
  LibraryCall &call = builder.call;
  call.kernel = op.getKernel().str();
  call.description = call.kernel;
  for (Value size : op.getSizes())
    call.arguments.push_back(sizeArgument(builder, size));
  if (auto numbers = op->getAttrOfType<ArrayAttr>("numbers"))
    for (auto number : numbers.getAsRange<FloatAttr>())
      call.arguments.push_back(CallArgument::real(number.getValueAsDouble()));
  for (Value input : op.getInputs())
    builder.addBuffer(input);
  for (Value init : op.getInits())
    builder.addBuffer(init);
  return call;
}

} // namespace firn::schedule
