#include "compiler/module/Weights.h"

#include "runtime/kernels/common/pack.h"
#include "runtime/plan/arena.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace firn {

uint64_t elementBytes(Type elementType) {
  if (auto complex = dyn_cast<ComplexType>(elementType))
    return 2 * elementBytes(complex.getElementType());
  return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

int64_t WeightEntry::columns() const {
  return form == Form::PackedTransposed ? type.getShape().front() : type.getShape().back();
}

int64_t WeightEntry::depth() const {
  ArrayRef<int64_t> shape = type.getShape();
  int64_t depth = 1;
  for (int64_t size : form == Form::PackedTransposed ? shape.drop_front() : shape.drop_back())
    depth *= size;
  return depth;
}

static WeightEntry::Form formOf(schedule::WeightsOp op) {
  if (!op.getPacked())
    return WeightEntry::Form::Plain;
  return op.getTransposed() ? WeightEntry::Form::PackedTransposed : WeightEntry::Form::Packed;
}

static LogicalResult check(schedule::WeightsOp op, RankedTensorType type) {
  if (!type || !type.hasStaticShape())
    return op.emitOpError("expected weights of a static shape, got ") << op.getType();
  Type element = type.getElementType();
  if (auto complex = dyn_cast<ComplexType>(element))
    element = complex.getElementType();
  if (!element.isIntOrFloat())
    return op.emitOpError("expected weights of plain elements, got ") << op.getType();
  if (op.getPacked() && (!element.isF32() || type.getRank() == 0))
    return op.emitOpError("expected a matrix of f32 to pack, got ") << op.getType();
  return success();
}

LogicalResult WeightLayout::add(schedule::WeightsOp op) {
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (failed(check(op, type)))
    return failure();
  const WeightEntry::Form form = formOf(op);
  auto [it, isNew] = known.try_emplace({op.getValue(), type, uint8_t(form)}, uint32_t(all.size()));
  places[op] = it->second;
  if (!isNew)
    return success();
  WeightEntry entry{op.getValue(), type, form, llvm::alignTo(end, plan::kAlignment), 0,
                    op.getLoc()};
  entry.bytes =
      form == WeightEntry::Form::Plain
          ? uint64_t(type.getNumElements()) * elementBytes(type.getElementType())
          : uint64_t(kernels::packedFloats(entry.depth(), entry.columns())) * sizeof(float);
  end = entry.offset + entry.bytes;
  all.push_back(entry);
  return success();
}

LogicalResult WeightLayout::add(schedule::ProgramOp program) {
  bool good = true;
  program.walk([&](schedule::WeightsOp op) { good &= succeeded(add(op)); });
  return success(good);
}

} // namespace firn
