#include "compiler/import/ImportAttr.h"

#include <cstring>
#include <type_traits>

#include "compiler/formats/graph_file.h"
#include "compiler/import/MessageToAttr.h"
#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace firn::graph;
using tensorflow::AttrValue;
using tensorflow::TensorProto;
using tensorflow::TensorShapeProto;

namespace firn {
namespace {

bool hasUnknownFields(const google::protobuf::Message &message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

Attribute protoAttr(MLIRContext *context, const google::protobuf::Message &message) {
  return ProtoAttr::get(context, StringAttr::get(context, message.GetTypeName()),
                        StringAttr::get(context, serializeDeterministic(message)));
}

// True when dimensions are sizes or -1 and nothing else is said: what `#graph.shape` and a tensor
// type can hold.
bool isPlainShape(const TensorShapeProto &shape) {
  if (hasUnknownFields(shape) || (shape.unknown_rank() && shape.dim_size()))
    return false;
  return llvm::all_of(shape.dim(), [](const TensorShapeProto::Dim &dim) {
    return dim.size() >= -1 && dim.name().empty() && !hasUnknownFields(dim);
  });
}

Attribute importShape(MLIRContext *context, const TensorShapeProto &shape) {
  if (!isPlainShape(shape))
    return protoAttr(context, shape);
  SmallVector<int64_t> dims;
  for (const auto &dim : shape.dim())
    dims.push_back(dim.size() == -1 ? ShapedType::kDynamic : dim.size());
  return ShapeAttr::get(context, shape.unknown_rank(), dims);
}

// Appends each value as `Element` in little-endian bytes; false when one does not fit.
template <typename Element, typename Values>
bool packValues(const Values &values, std::string &data) {
  for (auto value : values) {
    Element element = static_cast<Element>(value);
    if constexpr (std::is_integral_v<Element>)
      if (static_cast<decltype(value)>(element) != value)
        return false;
    data.append(reinterpret_cast<const char *>(&element), sizeof(element));
  }
  return true;
}

// The typed list that belongs to the dtype, as the bytes of its elements; false when this dtype has
// none.
bool packTypedList(const TensorProto &tensor, std::string &data) {
  switch (tensor.dtype()) {
  case 1:
    return packValues<float>(tensor.float_val(), data);
  case 2:
    return packValues<double>(tensor.double_val(), data);
  case 3:
  case 13:
    return packValues<int32_t>(tensor.int_val(), data);
  case 4:
  case 12:
    return packValues<uint8_t>(tensor.int_val(), data);
  case 6:
  case 11:
    return packValues<int8_t>(tensor.int_val(), data);
  case 5:
  case 15:
    return packValues<int16_t>(tensor.int_val(), data);
  case 16:
  case 17:
    return packValues<uint16_t>(tensor.int_val(), data);
  case 8:
    return packValues<float>(tensor.scomplex_val(), data);
  case 9:
    return packValues<int64_t>(tensor.int64_val(), data);
  case 10:
    return packValues<bool>(tensor.bool_val(), data);
  case 14:
  case 19:
    return packValues<uint16_t>(tensor.half_val(), data);
  case 18:
    return packValues<double>(tensor.dcomplex_val(), data);
  case 22:
    return packValues<uint32_t>(tensor.uint32_val(), data);
  case 23:
    return packValues<uint64_t>(tensor.uint64_val(), data);
  case 7: {
    SmallVector<StringRef> strings(tensor.string_val().begin(), tensor.string_val().end());
    data = packStrings(strings);
    return true;
  }
  default:
    return false;
  }
}

// Number of fields that hold elements.
int countLists(const TensorProto &t) {
  return !t.half_val().empty() + !t.float_val().empty() + !t.double_val().empty() +
         !t.int_val().empty() + !t.string_val().empty() + !t.scomplex_val().empty() +
         !t.int64_val().empty() + !t.bool_val().empty() + !t.dcomplex_val().empty() +
         !t.resource_handle_val().empty() + !t.variant_val().empty() + !t.uint32_val().empty() +
         !t.uint64_val().empty() + !t.float8_val().empty();
}

bool isPlainTensor(const TensorProto &tensor) {
  if (tensor.dtype() <= 0 || tensor.dtype() > kRefOffset || tensor.version_number() ||
      hasUnknownFields(tensor))
    return false;
  if (!tensor.has_tensor_shape())
    return true;
  // Element counts beyond any real tensor would overflow in every pass that multiplies.
  int64_t elements = 1;
  for (const auto &dim : tensor.tensor_shape().dim())
    if (dim.size() < 0 || (dim.size() && elements > (int64_t(1) << 50) / dim.size()))
      return false;
    else
      elements *= dim.size();
  return isPlainShape(tensor.tensor_shape()) && !tensor.tensor_shape().unknown_rank();
}

// The list when exactly one kind of element is in it.
int countListKinds(const AttrValue::ListValue &list) {
  return !list.s().empty() + !list.i().empty() + !list.f().empty() + !list.b().empty() +
         !list.type().empty() + !list.shape().empty() + !list.tensor().empty() +
         !list.func().empty();
}

Attribute importFunc(MLIRContext *context, const tensorflow::NameAttrList &func) {
  NamedAttrList attrs;
  for (const auto &[name, value] : func.attr()) {
    if (name.empty())
      return protoAttr(context, func);
    attrs.append(name, importAttr(context, value));
  }
  if (hasUnknownFields(func))
    return protoAttr(context, func);
  return FuncAttr::get(context, StringAttr::get(context, func.name()),
                       attrs.getDictionary(context));
}

Attribute importList(MLIRContext *context, const AttrValue::ListValue &list) {
  Builder b(context);
  if (!list.i().empty())
    return b.getDenseI64ArrayAttr(SmallVector<int64_t>(list.i().begin(), list.i().end()));
  if (!list.b().empty())
    return b.getDenseBoolArrayAttr(SmallVector<bool>(list.b().begin(), list.b().end()));
  SmallVector<Attribute> elements;
  for (const std::string &s : list.s())
    elements.push_back(b.getStringAttr(s));
  for (float f : list.f())
    elements.push_back(b.getF32FloatAttr(f));
  for (int type : list.type())
    elements.push_back(TypeAttr::get(typeFromNumber(context, type)));
  for (const auto &shape : list.shape())
    elements.push_back(importShape(context, shape));
  for (const auto &tensor : list.tensor())
    elements.push_back(importTensor(context, tensor));
  for (const auto &func : list.func())
    elements.push_back(importFunc(context, func));
  return b.getArrayAttr(elements);
}

} // namespace

TensorAttr importTensor(MLIRContext *context, const TensorProto &tensor, const Extent *external) {
  Type element = typeFromNumber(context, tensor.dtype());
  auto unranked = UnrankedTensorType::get(element);
  auto carried = [&] {
    return TensorAttr::get(context, unranked, TensorEncoding::Proto, serializeDeterministic(tensor),
                           {});
  };
  if (!isPlainTensor(tensor) || countLists(tensor) + !tensor.tensor_content().empty() > 1)
    return carried();
  ShapedType type = unranked;
  if (tensor.has_tensor_shape()) {
    SmallVector<int64_t> dims;
    for (const auto &dim : tensor.tensor_shape().dim())
      dims.push_back(dim.size());
    type = RankedTensorType::get(dims, element);
  }
  if (external) {
    FileExtent extent{StringAttr::get(context, external->file), external->offset, external->size,
                      external->crc32c};
    return TensorAttr::get(context, type, TensorEncoding::Content, {}, extent);
  }
  if (!tensor.tensor_content().empty())
    return TensorAttr::get(context, type, TensorEncoding::Content, tensor.tensor_content(), {});
  std::string data;
  bool typed = packTypedList(tensor, data);
  if (!typed ? countLists(tensor) != 0 : (data.empty() && countLists(tensor) != 0))
    return carried();
  return TensorAttr::get(context, type, TensorEncoding::Values, data, {});
}

Type tensorTypeOf(Type elementType, const TensorShapeProto &shape) {
  if (!isPlainShape(shape) || shape.unknown_rank())
    return UnrankedTensorType::get(elementType);
  SmallVector<int64_t> dims;
  for (const auto &dim : shape.dim())
    dims.push_back(dim.size() == -1 ? ShapedType::kDynamic : dim.size());
  return RankedTensorType::get(dims, elementType);
}

Attribute importAttr(MLIRContext *context, const AttrValue &value) {
  Builder b(context);
  if (hasUnknownFields(value))
    return protoAttr(context, value);
  switch (value.value_case()) {
  case AttrValue::kS:
    return b.getStringAttr(value.s());
  case AttrValue::kI:
    return b.getI64IntegerAttr(value.i());
  case AttrValue::kF:
    return b.getF32FloatAttr(value.f());
  case AttrValue::kB:
    return b.getBoolAttr(value.b());
  case AttrValue::kType:
    return TypeAttr::get(typeFromNumber(context, value.type()));
  case AttrValue::kShape:
    return importShape(context, value.shape());
  case AttrValue::kTensor:
    return importTensor(context, value.tensor());
  case AttrValue::kList:
    if (countListKinds(value.list()) > 1 || hasUnknownFields(value.list()))
      return protoAttr(context, value);
    return importList(context, value.list());
  case AttrValue::kFunc:
    return importFunc(context, value.func());
  case AttrValue::kPlaceholder:
    return PlaceholderAttr::get(context, b.getStringAttr(value.placeholder()));
  case AttrValue::VALUE_NOT_SET:
    return b.getUnitAttr();
  }
  llvm_unreachable("every kind of attribute value is handled");
}

} // namespace firn
