#include "dialects/graph/DataTypes.h"

#include "dialects/graph/Graph.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace firn::graph {
namespace {

struct NamedType {
  int number;
  const char *name;
  unsigned size;
};
// Every DataType of types.proto; `size` 0: no fixed size.
constexpr NamedType kTypes[] = {
    {1, "float", 4},          {2, "double", 8},       {3, "int32", 4},   {4, "uint8", 1},
    {5, "int16", 2},          {6, "int8", 1},         {7, "string", 0},  {8, "complex64", 8},
    {9, "int64", 8},          {10, "bool", 1},        {11, "qint8", 1},  {12, "quint8", 1},
    {13, "qint32", 4},        {14, "bfloat16", 2},    {15, "qint16", 2}, {16, "quint16", 2},
    {17, "uint16", 2},        {18, "complex128", 16}, {19, "half", 2},   {20, "resource", 0},
    {21, "variant", 0},       {22, "uint32", 4},      {23, "uint64", 8}, {24, "float8_e5m2", 1},
    {25, "float8_e4m3fn", 1}, {29, "int4", 1},        {30, "uint4", 1},  {DT_OPAQUE, "opaque", 0},
};

const NamedType *find(int number) {
  for (const NamedType &type : kTypes)
    if (type.number == number)
      return &type;
  return nullptr;
}

Type builtinType(Builder b, int number) {
  switch (number) {
  case 1:
    return b.getF32Type();
  case 2:
    return b.getF64Type();
  case 3:
    return b.getI32Type();
  case 4:
    return b.getIntegerType(8, false);
  case 5:
    return b.getIntegerType(16);
  case 6:
    return b.getIntegerType(8);
  case 8:
    return ComplexType::get(b.getF32Type());
  case 9:
    return b.getI64Type();
  case 10:
    return b.getI1Type();
  case 14:
    return b.getBF16Type();
  case 17:
    return b.getIntegerType(16, false);
  case 18:
    return ComplexType::get(b.getF64Type());
  case 19:
    return b.getF16Type();
  case 22:
    return b.getIntegerType(32, false);
  case 23:
    return b.getIntegerType(64, false);
  case 24:
    return b.getFloat8E5M2Type();
  case 25:
    return b.getFloat8E4M3FNType();
  case 29:
    return b.getIntegerType(4);
  case 30:
    return b.getIntegerType(4, false);
  default:
    return {};
  }
}

int integerNumber(IntegerType type) {
  bool isUnsigned = type.isUnsigned();
  switch (type.getWidth()) {
  case 1:
    return DT_BOOL;
  case 4:
    return isUnsigned ? 30 : 29;
  case 8:
    return isUnsigned ? 4 : 6;
  case 16:
    return isUnsigned ? 17 : 5;
  case 32:
    return isUnsigned ? 22 : DT_INT32;
  case 64:
    return isUnsigned ? 23 : DT_INT64;
  default:
    return DT_OPAQUE;
  }
}

} // namespace

Type typeFromNumber(MLIRContext *context, int number) {
  if (number > kRefOffset)
    return RefType::get(typeFromNumber(context, number - kRefOffset));
  if (Type type = builtinType(Builder(context), number))
    return type;
  return DataTypeType::get(context, number);
}

int numberFromType(Type type) {
  if (auto ref = dyn_cast<RefType>(type))
    return numberFromType(ref.getElementType()) + kRefOffset;
  if (auto other = dyn_cast<DataTypeType>(type))
    return other.getNumber();
  if (auto integer = dyn_cast<IntegerType>(type))
    return integerNumber(integer);
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType().isF32() ? 8 : 18;
  if (type.isF32())
    return DT_FLOAT;
  if (type.isF64())
    return 2;
  if (type.isF16())
    return 19;
  if (type.isBF16())
    return 14;
  if (type.isFloat8E5M2())
    return 24;
  if (type.isFloat8E4M3FN())
    return 25;
  return DT_OPAQUE;
}

StringRef dataTypeMnemonic(int number) {
  const NamedType *type = find(number);
  return type ? type->name : "";
}

std::string dataTypeText(Type type) {
  int number = numberFromType(type);
  bool ref = number > kRefOffset;
  StringRef name = dataTypeMnemonic(ref ? number - kRefOffset : number);
  if (name.empty())
    return "dtype_" + std::to_string(number);
  return name.str() + (ref ? "_ref" : "");
}

bool isResource(Type type) { return numberFromType(type) == DT_RESOURCE; }
bool isString(Type type) { return numberFromType(valueType(type)) == DT_STRING; }
bool isOpaque(Type type) { return numberFromType(type) == DT_OPAQUE; }

Type valueType(Type type) {
  auto ref = dyn_cast<RefType>(type);
  return ref ? ref.getElementType() : type;
}

unsigned elementSize(Type type) {
  const NamedType *named = find(numberFromType(valueType(type)));
  return named ? named->size : 0;
}

} // namespace firn::graph
