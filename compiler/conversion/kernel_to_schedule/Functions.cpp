#include "compiler/conversion/kernel_to_schedule/Functions.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace firn::schedule {

namespace {

// What tells functions apart: the body, types, which sizes are the same, what is known of buffers.
std::string keyOf(const PlacedDispatch &dispatch) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (Type type : dispatch.op->getOperandTypes())
    os << type << ",";
  for (const auto &dims : dispatch.tensorDims)
    for (unsigned dim : dims)
      os << dim << ",";
  for (const auto &size : dispatch.ownSizes)
    if (const auto *dim = std::get_if<unsigned>(&size))
      os << "d" << *dim;
    else
      os << "c" << std::get<int64_t>(size);
  for (const codegen::BufferArgument &buffer : dispatch.buffers)
    os << (buffer.aligned ? "a" : "-") << (buffer.noalias ? "n" : "-");
  OpPrintingFlags flags;
  flags.useLocalScope().assumeVerified();
  dispatch.op->print(os, flags);
  return text;
}

bool callsLibrary(kernel::DispatchOp op) {
  return isa_and_nonnull<kernel::LibraryOpInterface, kernel::CallOp>(storedBy(op));
}

} // namespace

Operation *storedBy(kernel::DispatchOp op) {
  Operation *root = op.getTerminator()->getOperand(0).getDefiningOp();
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(root))
    return insert.getSource().getDefiningOp();
  return root;
}

FailureOr<Launch> Functions::of(const PlacedDispatch &dispatch, Program &program) {
  auto [it, isNew] = known.try_emplace(keyOf(dispatch), known.size());
  FailureOr<Launch> launch =
      callsLibrary(dispatch.op)
          ? lowerLibraryDispatch(dispatch, program, code, it->second, isNew)
          : lowerGeneratedDispatch(dispatch, program, code, it->second, isNew);
  if (succeeded(launch))
    launch->function = it->second;
  return launch;
}

OpFoldResult sizeInside(OpBuilder &builder, const PlacedDispatch &dispatch, unsigned tensor,
                        int64_t axis, ValueRange dims) {
  RankedTensorType type = dispatch.tensors[tensor].type;
  if (!type.isDynamicDim(axis))
    return builder.getIndexAttr(type.getDimSize(axis));
  unsigned position = type.getDynamicDimIndex(axis);
  return dims[dispatch.tensorDims[tensor][position]];
}

} // namespace firn::schedule
