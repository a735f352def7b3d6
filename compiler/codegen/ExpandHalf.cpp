#include "compiler/codegen/ExpandHalf.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;

namespace firn::codegen {
namespace {

Type *withElement(Type *like, Type *element) {
  auto *vector = dyn_cast<VectorType>(like);
  return vector ? VectorType::get(element, vector->getElementCount()) : element;
}

class Expander {
public:
  explicit Expander(Instruction *at) : b(at), source(at->getOperand(0)) {
    words = withElement(source->getType(), b.getInt32Ty());
    floats = withElement(source->getType(), b.getFloatTy());
    shorts = withElement(source->getType(), b.getInt16Ty());
  }

  Value *fromBf16() {
    Value *bits = b.CreateZExt(b.CreateBitCast(source, shorts), words);
    return b.CreateBitCast(b.CreateShl(bits, 16), floats);
  }

  // The lower half rounds into the upper; a NaN keeps its upper half and becomes quiet.
  Value *toBf16(Type *result) {
    Value *bits = b.CreateBitCast(source, words);
    Value *odd = b.CreateAnd(b.CreateLShr(bits, 16), word(1));
    Value *rounded = b.CreateAdd(bits, b.CreateAdd(odd, word(0x7fff)));
    Value *nan = b.CreateFCmpUNO(source, source);
    Value *chosen = b.CreateSelect(nan, b.CreateOr(bits, word(0x400000)), rounded);
    return b.CreateBitCast(b.CreateTrunc(b.CreateLShr(chosen, 16), shorts), result);
  }

  // Exponent and mantissa move into place; subtracting 2^-14 normalises the small ones exactly.
  Value *fromF16() {
    Value *bits = b.CreateZExt(b.CreateBitCast(source, shorts), words);
    Value *sign = b.CreateShl(b.CreateAnd(bits, word(0x8000)), 16);
    Value *magnitude = b.CreateShl(b.CreateAnd(bits, word(0x7fff)), 13);
    Value *normal = b.CreateAdd(magnitude, word(112u << 23));
    Value *special = b.CreateAdd(magnitude, word(224u << 23));
    Value *shifted = b.CreateBitCast(b.CreateAdd(magnitude, word(113u << 23)), floats);
    Value *small = b.CreateBitCast(b.CreateFSub(shifted, number(113u << 23)), words);
    Value *isSpecial = b.CreateICmpUGE(magnitude, word(0x7c00u << 13));
    Value *isSmall = b.CreateICmpULT(magnitude, word(0x400u << 13));
    Value *value = b.CreateSelect(isSpecial, special, b.CreateSelect(isSmall, small, normal));
    return b.CreateBitCast(b.CreateOr(value, sign), floats);
  }

  // Values below f16's normals are rounded by an addition that leaves f16's last bit in f32's last.
  Value *toF16(Type *result) {
    Value *bits = b.CreateBitCast(source, words);
    Value *sign = b.CreateAnd(b.CreateLShr(bits, 16), word(0x8000));
    Value *magnitude = b.CreateAnd(bits, word(0x7fffffff));
    Value *odd = b.CreateAnd(b.CreateLShr(magnitude, 13), word(1));
    Value *rebased = b.CreateAdd(magnitude, word(0u - (112u << 23) + 0xfff));
    Value *normal = b.CreateLShr(b.CreateAdd(rebased, odd), 13);
    Value *sum = b.CreateFAdd(b.CreateBitCast(magnitude, floats), number(126u << 23));
    Value *small = b.CreateSub(b.CreateBitCast(sum, words), word(126u << 23));
    Value *isNan = b.CreateICmpUGT(magnitude, word(0x7f800000));
    Value *payload =
        b.CreateOr(b.CreateAnd(b.CreateLShr(magnitude, 13), word(0x1ff)), word(0x7e00));
    Value *special = b.CreateSelect(isNan, payload, word(0x7c00));
    Value *isSmall = b.CreateICmpULT(magnitude, word(113u << 23));
    Value *isSpecial = b.CreateICmpUGE(magnitude, word(143u << 23));
    Value *value = b.CreateSelect(isSpecial, special, b.CreateSelect(isSmall, small, normal));
    return b.CreateBitCast(b.CreateTrunc(b.CreateOr(value, sign), shorts), result);
  }

  Value *narrowed() { return b.CreateFPTrunc(source, floats); }
  Value *widened(Value *value, Type *result) { return b.CreateFPExt(value, result); }

private:
  Value *word(uint32_t value) { return ConstantInt::get(words, value); }
  Value *number(uint32_t bits) {
    return ConstantFP::get(floats, APFloat(APFloat::IEEEsingle(), APInt(32, bits)));
  }

  IRBuilder<> b;
  Value *source;
  Type *words, *floats, *shorts;
};

bool isExpanded(Type *type, CpuLevel level) {
  type = type->getScalarType();
  return type->isBFloatTy() || (type->isHalfTy() && level == FIRN_CPU_X86_64_V2);
}

// Through f32 where the other side is f64: TensorFlow's casts round twice as well.
Value *expansionOf(Instruction *cast, CpuLevel level) {
  Type *from = cast->getOperand(0)->getType(), *to = cast->getType();
  Type *other = isa<FPExtInst>(cast) ? to : from;
  bool viaFloat = !other->getScalarType()->isFloatTy();
  if (isa<FPTruncInst>(cast) && viaFloat && to->getScalarSizeInBits() == 16) {
    cast->setOperand(0, Expander(cast).narrowed());
    return expansionOf(cast, level);
  }
  if (isa<FPTruncInst>(cast) && isExpanded(to, level)) {
    Expander expander(cast);
    return to->getScalarType()->isBFloatTy() ? expander.toBf16(to) : expander.toF16(to);
  }
  if (isa<FPExtInst>(cast) && isExpanded(from, level)) {
    Expander expander(cast);
    Value *value = from->getScalarType()->isBFloatTy() ? expander.fromBf16() : expander.fromF16();
    return viaFloat ? expander.widened(value, to) : value;
  }
  return nullptr;
}

// The integers of the same width where a type is one of a level's expanded ones.
Type *carrierOf(Type *type, CpuLevel level) {
  return isExpanded(type, level) ? type->getWithNewType(Type::getInt16Ty(type->getContext()))
                                 : nullptr;
}

bool onlyMoves(const Instruction &instruction) {
  return isa<LoadInst, StoreInst, PHINode, SelectInst, BitCastInst, ExtractElementInst,
             InsertElementInst, ShuffleVectorInst, FreezeInst>(instruction);
}

bool isConcerned(const Instruction &instruction, CpuLevel level) {
  return isExpanded(instruction.getType(), level) ||
         any_of(instruction.operand_values(),
                [&](const Value *operand) { return isExpanded(operand->getType(), level); });
}

// What is left moves bits from place to place. As numbers that live across blocks LLVM would widen
// and round them again, by the functions that are not there.
void carryAsIntegers(Function &function, CpuLevel level) {
  SmallVector<Instruction *> moves;
  for (Instruction &instruction : instructions(function))
    if (isConcerned(instruction, level)) {
      if (!onlyMoves(instruction))
        return;
      moves.push_back(&instruction);
    }
  for (Instruction *move : moves) {
    for (Use &operand : move->operands())
      if (auto *constant = dyn_cast<Constant>(operand.get()))
        if (Type *carrier = carrierOf(constant->getType(), level))
          operand.set(ConstantExpr::getBitCast(constant, carrier));
    if (Type *carrier = carrierOf(move->getType(), level))
      move->mutateType(carrier);
  }
}

} // namespace

void expandHalf(Module &module, CpuLevel level) {
  for (Function &function : module) {
    for (Instruction &instruction : make_early_inc_range(instructions(function))) {
      if (!isa<FPTruncInst, FPExtInst>(instruction))
        continue;
      if (Value *value = expansionOf(&instruction, level)) {
        instruction.replaceAllUsesWith(value);
        instruction.eraseFromParent();
      }
    }
    carryAsIntegers(function, level);
  }
}

} // namespace firn::codegen
