#include "compiler/export/AttrToMessage.h"

#include "compiler/export/ExportAttr.h"
#include "compiler/formats/proto/graph.pb.h"
#include "google/protobuf/descriptor.h"

using namespace mlir;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace firn {
namespace {

class FieldWriter {
public:
  FieldWriter(Message &message, const FieldDescriptor *field, ErrorEmitter emitError)
      : message(message), reflection(*message.GetReflection()), field(field), emitError(emitError) {
  }

  LogicalResult write(Attribute attr) {
    if (!field->is_repeated())
      return writeOne(attr);
    if (auto dict = dyn_cast<DictionaryAttr>(attr); dict && field->is_map())
      return writeNamedMap(dict);
    auto array = dyn_cast<ArrayAttr>(attr);
    if (!array)
      return mismatch(attr);
    for (Attribute element : array)
      if (failed(writeOne(element)))
        return failure();
    return success();
  }

private:
  using R = google::protobuf::Reflection;

  LogicalResult mismatch(Attribute attr) {
    return emitError() << "expected a value for the field '" << field->full_name() << "' of type "
                       << field->cpp_type_name() << ", got " << attr;
  }

  template <typename T, typename V>
  LogicalResult put(void (R::*set)(Message *, const FieldDescriptor *, T) const,
                    void (R::*add)(Message *, const FieldDescriptor *, T) const, V value) {
    (reflection.*(field->is_repeated() ? add : set))(&message, field, static_cast<T>(value));
    return success();
  }

  LogicalResult writeOne(Attribute attr) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE)
      return writeMessage(attr);
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      auto text = dyn_cast<StringAttr>(attr);
      if (!text)
        return mismatch(attr);
      std::string value = text.str();
      field->is_repeated() ? reflection.AddString(&message, field, value)
                           : reflection.SetString(&message, field, value);
      return success();
    }
    if (auto number = dyn_cast<FloatAttr>(attr)) {
      bool isFloat = number.getType().isF32();
      if (isFloat && field->cpp_type() == FieldDescriptor::CPPTYPE_FLOAT)
        return put(&R::SetFloat, &R::AddFloat, number.getValue().convertToFloat());
      if (!isFloat && field->cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE)
        return put(&R::SetDouble, &R::AddDouble, number.getValue().convertToDouble());
      return mismatch(attr);
    }
    auto number = dyn_cast<IntegerAttr>(attr);
    if (!number || number.getValue().getBitWidth() > 64)
      return mismatch(attr);
    return writeInteger(number);
  }

  LogicalResult writeInteger(IntegerAttr number) {
    uint64_t bits = number.getValue().getZExtValue();
    int64_t value = number.getValue().getSExtValue();
    switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return put(&R::SetInt32, &R::AddInt32, value);
    case FieldDescriptor::CPPTYPE_ENUM:
      return put(&R::SetEnumValue, &R::AddEnumValue, value);
    case FieldDescriptor::CPPTYPE_INT64:
      return put(&R::SetInt64, &R::AddInt64, value);
    case FieldDescriptor::CPPTYPE_UINT32:
      return put(&R::SetUInt32, &R::AddUInt32, bits);
    case FieldDescriptor::CPPTYPE_UINT64:
      return put(&R::SetUInt64, &R::AddUInt64, bits);
    case FieldDescriptor::CPPTYPE_BOOL:
      return put(&R::SetBool, &R::AddBool, bits);
    default:
      return mismatch(number);
    }
  }

  LogicalResult writeMessage(Attribute attr) {
    Message *value = field->is_repeated() ? reflection.AddMessage(&message, field)
                                          : reflection.MutableMessage(&message, field);
    return writeInto(attr, *value);
  }

  LogicalResult writeInto(Attribute attr, Message &value) {
    if (value.GetDescriptor() == tensorflow::AttrValue::descriptor())
      return exportAttr(attr, static_cast<tensorflow::AttrValue &>(value), emitError);
    auto dict = dyn_cast<DictionaryAttr>(attr);
    return dict ? attrToMessage(dict, value, emitError) : mismatch(attr);
  }

  // map<string, AttrValue>, as one dictionary.
  LogicalResult writeNamedMap(DictionaryAttr dict) {
    const google::protobuf::Descriptor *entryType = field->message_type();
    for (NamedAttribute named : dict) {
      Message *entry = reflection.AddMessage(&message, field);
      entry->GetReflection()->SetString(entry, entryType->map_key(), named.getName().str());
      if (entryType->map_value()->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
        return mismatch(dict);
      Message *value = entry->GetReflection()->MutableMessage(entry, entryType->map_value());
      if (failed(writeInto(named.getValue(), *value)))
        return failure();
    }
    return success();
  }

  Message &message;
  const R &reflection;
  const FieldDescriptor *field;
  ErrorEmitter emitError;
};

} // namespace

LogicalResult attrToMessage(DictionaryAttr dict, Message &message, ErrorEmitter emitError) {
  for (NamedAttribute named : dict) {
    if (named.getName() == "unknown") {
      auto bytes = dyn_cast<StringAttr>(named.getValue());
      if (!bytes || !message.MergeFromString(bytes.str()))
        return emitError() << "expected the bytes of unknown fields of " << message.GetTypeName();
      continue;
    }
    const FieldDescriptor *field = message.GetDescriptor()->FindFieldByName(named.getName().str());
    if (!field)
      return emitError() << "expected a field of " << message.GetTypeName() << ", got '"
                         << named.getName().getValue() << "'";
    if (failed(FieldWriter(message, field, emitError).write(named.getValue())))
      return failure();
  }
  return success();
}

} // namespace firn
