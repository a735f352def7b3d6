#include "compiler/export/ExportAttr.h"

#include <cstring>

#include "dialects/graph/DataTypes.h"
#include "dialects/graph/TensorValues.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace firn::graph;
using tensorflow::AttrValue;
using tensorflow::TensorProto;
using tensorflow::TensorShapeProto;

namespace firn {
namespace {

LogicalResult parseProto(ProtoAttr attr, google::protobuf::Message &message,
                         ErrorEmitter emitError) {
  if (!message.ParseFromString(attr.getBytes().str()))
    return emitError() << "expected the bytes of a " << attr.getMessage().getValue();
  return success();
}

LogicalResult exportShape(Attribute attr, TensorShapeProto &proto, ErrorEmitter emitError) {
  if (auto raw = dyn_cast<ProtoAttr>(attr))
    return parseProto(raw, proto, emitError);
  auto shape = cast<ShapeAttr>(attr);
  proto.set_unknown_rank(shape.getUnknownRank());
  for (int64_t dim : shape.getDims())
    proto.add_dim()->set_size(ShapedType::isDynamic(dim) ? -1 : dim);
  return success();
}

// Appends each element of `data`, as a field's value.
template <typename Element, typename Add> void unpackValues(StringRef data, Add add) {
  for (size_t i = 0; i + sizeof(Element) <= data.size(); i += sizeof(Element)) {
    Element element;
    std::memcpy(&element, data.data() + i, sizeof(element));
    add(element);
  }
}

void unpackTypedList(StringRef data, TensorProto &t) {
  auto addInt = [&](auto value) { t.add_int_val(value); };
  switch (t.dtype()) {
  case 1:
    return unpackValues<float>(data, [&](float v) { t.add_float_val(v); });
  case 2:
    return unpackValues<double>(data, [&](double v) { t.add_double_val(v); });
  case 3:
  case 13:
    return unpackValues<int32_t>(data, addInt);
  case 4:
  case 12:
    return unpackValues<uint8_t>(data, addInt);
  case 6:
  case 11:
    return unpackValues<int8_t>(data, addInt);
  case 5:
  case 15:
    return unpackValues<int16_t>(data, addInt);
  case 16:
  case 17:
    return unpackValues<uint16_t>(data, addInt);
  case 8:
    return unpackValues<float>(data, [&](float v) { t.add_scomplex_val(v); });
  case 9:
    return unpackValues<int64_t>(data, [&](int64_t v) { t.add_int64_val(v); });
  case 10:
    return unpackValues<uint8_t>(data, [&](uint8_t v) { t.add_bool_val(v); });
  case 14:
  case 19:
    return unpackValues<uint16_t>(data, [&](uint16_t v) { t.add_half_val(v); });
  case 18:
    return unpackValues<double>(data, [&](double v) { t.add_dcomplex_val(v); });
  case 22:
    return unpackValues<uint32_t>(data, [&](uint32_t v) { t.add_uint32_val(v); });
  case 23:
    return unpackValues<uint64_t>(data, [&](uint64_t v) { t.add_uint64_val(v); });
  default:
    return;
  }
}

LogicalResult exportFunc(Attribute attr, tensorflow::NameAttrList &proto, ErrorEmitter emitError) {
  if (auto raw = dyn_cast<ProtoAttr>(attr))
    return parseProto(raw, proto, emitError);
  auto func = cast<FuncAttr>(attr);
  proto.set_name(func.getName().str());
  for (NamedAttribute named : func.getAttrs())
    if (failed(exportAttr(named.getValue(), (*proto.mutable_attr())[named.getName().str()],
                          emitError)))
      return failure();
  return success();
}

LogicalResult exportElement(Attribute attr, AttrValue::ListValue &list, ErrorEmitter emitError) {
  if (auto text = dyn_cast<StringAttr>(attr))
    return list.add_s(text.str()), success();
  if (auto number = dyn_cast<FloatAttr>(attr); number && number.getType().isF32())
    return list.add_f(number.getValue().convertToFloat()), success();
  if (auto type = dyn_cast<TypeAttr>(attr))
    return list.add_type(static_cast<tensorflow::DataType>(numberFromType(type.getValue()))),
           success();
  if (auto tensor = dyn_cast<TensorAttr>(attr); tensor && !tensor.isReference())
    return exportTensor(tensor, *list.add_tensor(), emitError);
  auto raw = dyn_cast<ProtoAttr>(attr);
  if (isa<ShapeAttr>(attr) || (raw && raw.getMessage() == "tensorflow.TensorShapeProto"))
    return exportShape(attr, *list.add_shape(), emitError);
  if (isa<FuncAttr>(attr) || (raw && raw.getMessage() == "tensorflow.NameAttrList"))
    return exportFunc(attr, *list.add_func(), emitError);
  return emitError() << "expected an element of an attribute list of a node, got " << attr;
}

LogicalResult exportList(Attribute attr, AttrValue::ListValue &list, ErrorEmitter emitError) {
  if (auto integers = dyn_cast<DenseI64ArrayAttr>(attr)) {
    list.mutable_i()->Add(integers.asArrayRef().begin(), integers.asArrayRef().end());
    return success();
  }
  if (auto bools = dyn_cast<DenseBoolArrayAttr>(attr)) {
    list.mutable_b()->Add(bools.asArrayRef().begin(), bools.asArrayRef().end());
    return success();
  }
  for (Attribute element : cast<ArrayAttr>(attr))
    if (failed(exportElement(element, list, emitError)))
      return failure();
  return success();
}

} // namespace

LogicalResult exportTensor(TensorAttr tensor, TensorProto &proto, ErrorEmitter emitError) {
  StringRef data = tensor.getData();
  if (tensor.getEncoding() == TensorEncoding::Proto) {
    if (!proto.ParseFromArray(data.data(), data.size()))
      return emitError() << "expected the bytes of a tensorflow.TensorProto in " << tensor;
    return success();
  }
  proto.set_dtype(static_cast<tensorflow::DataType>(numberFromType(tensor.getElementType())));
  if (tensor.getType().hasRank()) {
    TensorShapeProto &shape = *proto.mutable_tensor_shape();
    for (int64_t dim : tensor.getShape())
      shape.add_dim()->set_size(dim);
  }
  if (tensor.isReference())
    return success();
  if (tensor.getEncoding() == TensorEncoding::Content) {
    proto.set_tensor_content(data.str());
  } else if (isString(tensor.getElementType())) {
    std::optional<SmallVector<StringRef>> strings = unpackStrings(data);
    if (!strings)
      return emitError() << "expected strings with their lengths in " << tensor;
    for (StringRef string : *strings)
      proto.add_string_val(string.str());
  } else {
    unpackTypedList(data, proto);
  }
  return success();
}

LogicalResult exportAttr(Attribute attr, AttrValue &value, ErrorEmitter emitError) {
  if (auto raw = dyn_cast<ProtoAttr>(attr); raw && raw.getMessage() == "tensorflow.AttrValue")
    return parseProto(raw, value, emitError);
  if (isa<UnitAttr>(attr))
    return success();
  if (auto text = dyn_cast<StringAttr>(attr))
    return value.set_s(text.str()), success();
  if (auto flag = dyn_cast<BoolAttr>(attr))
    return value.set_b(flag.getValue()), success();
  if (auto number = dyn_cast<IntegerAttr>(attr); number && number.getType().isInteger(64))
    return value.set_i(number.getInt()), success();
  if (auto number = dyn_cast<FloatAttr>(attr); number && number.getType().isF32())
    return value.set_f(number.getValue().convertToFloat()), success();
  if (auto type = dyn_cast<TypeAttr>(attr))
    return value.set_type(static_cast<tensorflow::DataType>(numberFromType(type.getValue()))),
           success();
  if (auto tensor = dyn_cast<TensorAttr>(attr))
    return exportTensor(tensor, *value.mutable_tensor(), emitError);
  if (auto placeholder = dyn_cast<PlaceholderAttr>(attr))
    return value.set_placeholder(placeholder.getName().str()), success();
  if (isa<ArrayAttr, DenseI64ArrayAttr, DenseBoolArrayAttr>(attr))
    return exportList(attr, *value.mutable_list(), emitError);
  auto raw = dyn_cast<ProtoAttr>(attr);
  if (isa<ShapeAttr>(attr) || (raw && raw.getMessage() == "tensorflow.TensorShapeProto"))
    return exportShape(attr, *value.mutable_shape(), emitError);
  if (isa<FuncAttr>(attr) || (raw && raw.getMessage() == "tensorflow.NameAttrList"))
    return exportFunc(attr, *value.mutable_func(), emitError);
  return emitError() << "expected an attribute of a node, got " << attr;
}

} // namespace firn
