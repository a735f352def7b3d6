#include "compiler/codegen/MathCalls.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace firn::codegen {
namespace {

// The op's function in the math family; empty: LLVM knows the op.
StringRef familyName(Operation *op) {
  static const llvm::StringMap<StringRef> names = {
      {"math.acos", "acos"},   {"math.acosh", "acosh"}, {"math.asin", "asin"},
      {"math.asinh", "asinh"}, {"math.atan", "atan"},   {"math.atan2", "atan2"},
      {"math.atanh", "atanh"}, {"math.cos", "cos"},     {"math.cosh", "cosh"},
      {"math.erf", "erf"},     {"math.exp", "exp"},     {"math.expm1", "expm1"},
      {"math.log", "log"},     {"math.log1p", "log1p"}, {"math.log2", "log2"},
      {"math.sin", "sin"},     {"math.sinh", "sinh"},   {"math.tan", "tan"},
      {"math.tanh", "tanh"},   {"math.powf", "pow"},    {"arith.remf", "fmod"}};
  return names.lookup(op->getName().getStringRef());
}

class MathCaller {
public:
  MathCaller(ModuleOp module, unsigned lanes) : module(module), lanes(lanes) {}

  Value call(OpBuilder &builder, Location loc, StringRef name, ValueRange operands) {
    Type type = operands[0].getType();
    auto vector = dyn_cast<VectorType>(type);
    if (vector && !isNative(vector))
      return callPerElement(builder, loc, name, operands, vector);
    std::string suffix = vector ? "_f32v" : type.isF64() ? "_f64" : "_f32";
    std::string symbol = ("firn_" + name + suffix).str();
    declare(symbol, builder.getFunctionType(operands.getTypes(), type));
    return builder.create<func::CallOp>(loc, symbol, type, operands).getResult(0);
  }

private:
  bool isNative(VectorType type) {
    return type.getRank() == 1 && type.getElementType().isF32() && type.getDimSize(0) == lanes;
  }

  Value callPerElement(OpBuilder &builder, Location loc, StringRef name, ValueRange operands,
                       VectorType type) {
    Value result = builder.create<arith::ConstantOp>(loc, builder.getZeroAttr(type));
    SmallVector<int64_t> index(type.getRank(), 0);
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      SmallVector<Value> elements;
      for (Value operand : operands)
        elements.push_back(builder.create<vector::ExtractOp>(loc, operand, index));
      Value element = call(builder, loc, name, elements);
      result = builder.create<vector::InsertOp>(loc, element, result, index);
      for (int64_t axis = type.getRank() - 1; axis >= 0; --axis) {
        if (++index[axis] < type.getDimSize(axis))
          break;
        index[axis] = 0;
      }
    }
    return result;
  }

  void declare(StringRef symbol, FunctionType type) {
    if (!declared.insert(symbol).second || module.lookupSymbol(symbol))
      return;
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    builder.create<func::FuncOp>(module.getLoc(), symbol, type).setPrivate();
  }

  ModuleOp module;
  unsigned lanes;
  llvm::StringSet<> declared;
};

// Constant 1 of a float or vector of floats.
Value one(OpBuilder &builder, Location loc, Type type) {
  Attribute value = builder.getFloatAttr(getElementTypeOrSelf(type), 1.0);
  if (auto vector = dyn_cast<VectorType>(type))
    value = DenseElementsAttr::get(vector, value);
  return builder.create<arith::ConstantOp>(loc, cast<TypedAttr>(value));
}

Value replacement(Operation *op, MathCaller &caller) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  if (auto fma = dyn_cast<math::FmaOp>(op))
    return builder.create<LLVM::FMulAddOp>(loc, fma.getType(), fma.getA(), fma.getB(), fma.getC());
  if (auto rsqrt = dyn_cast<math::RsqrtOp>(op)) {
    Value root = builder.create<math::SqrtOp>(loc, rsqrt.getOperand());
    return builder.create<arith::DivFOp>(loc, one(builder, loc, rsqrt.getType()), root);
  }
  if (auto power = dyn_cast<math::FPowIOp>(op)) {
    Value exponent = builder.create<arith::SIToFPOp>(loc, power.getType(), power.getRhs());
    return caller.call(builder, loc, "pow", {power.getLhs(), exponent});
  }
  StringRef name = familyName(op);
  return name.empty() ? Value() : caller.call(builder, loc, name, op->getOperands());
}

} // namespace

void callMathFunctions(ModuleOp module, unsigned lanes) {
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) {
    if (isa<math::MathDialect, arith::ArithDialect>(op->getDialect()))
      ops.push_back(op);
  });
  MathCaller caller(module, lanes);
  for (Operation *op : ops) {
    if (Value value = replacement(op, caller)) {
      op->getResult(0).replaceAllUsesWith(value);
      op->erase();
    }
  }
}

} // namespace firn::codegen
