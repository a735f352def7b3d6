#include "compiler/import/MessageToAttr.h"

#include "compiler/formats/graph_file.h"
#include "compiler/import/ImportAttr.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace firn {
namespace {

bool isAttrValue(const google::protobuf::Descriptor *type) {
  return type == tensorflow::AttrValue::descriptor();
}

// Element `index` of a repeated field, or the field itself for index -1.
class FieldReader {
public:
  FieldReader(MLIRContext *context, const Message &message, const FieldDescriptor *field)
      : builder(context), message(message), reflection(*message.GetReflection()), field(field) {}

  Attribute read(int index) {
    switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return builder.getI32IntegerAttr(get(&R::GetInt32, &R::GetRepeatedInt32, index));
    case FieldDescriptor::CPPTYPE_ENUM:
      return builder.getI32IntegerAttr(get(&R::GetEnumValue, &R::GetRepeatedEnumValue, index));
    case FieldDescriptor::CPPTYPE_INT64:
      return builder.getI64IntegerAttr(get(&R::GetInt64, &R::GetRepeatedInt64, index));
    case FieldDescriptor::CPPTYPE_UINT32:
      return unsignedAttr(32, get(&R::GetUInt32, &R::GetRepeatedUInt32, index));
    case FieldDescriptor::CPPTYPE_UINT64:
      return unsignedAttr(64, get(&R::GetUInt64, &R::GetRepeatedUInt64, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return builder.getF32FloatAttr(get(&R::GetFloat, &R::GetRepeatedFloat, index));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return builder.getF64FloatAttr(get(&R::GetDouble, &R::GetRepeatedDouble, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return builder.getBoolAttr(get(&R::GetBool, &R::GetRepeatedBool, index));
    case FieldDescriptor::CPPTYPE_STRING:
      return builder.getStringAttr(get(&R::GetString, &R::GetRepeatedString, index));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return readMessage(index);
    }
    llvm_unreachable("every C++ type of a field is handled");
  }

private:
  using R = google::protobuf::Reflection;

  template <typename T>
  T get(T (R::*one)(const Message &, const FieldDescriptor *) const,
        T (R::*repeated)(const Message &, const FieldDescriptor *, int) const, int index) {
    return index < 0 ? (reflection.*one)(message, field)
                     : (reflection.*repeated)(message, field, index);
  }

  Attribute unsignedAttr(unsigned width, uint64_t value) {
    return builder.getIntegerAttr(builder.getIntegerType(width, false), APInt(width, value));
  }

  Attribute readMessage(int index) {
    const Message &value = index < 0 ? reflection.GetMessage(message, field)
                                     : reflection.GetRepeatedMessage(message, field, index);
    if (isAttrValue(value.GetDescriptor()))
      return importAttr(builder.getContext(), static_cast<const tensorflow::AttrValue &>(value));
    return messageToAttr(builder.getContext(), value);
  }

  Builder builder;
  const Message &message;
  const R &reflection;
  const FieldDescriptor *field;
};

// Map entries come in no fixed order; their keys as attributes give one.
Attribute mapToAttr(Builder &builder, ArrayRef<Attribute> entries, const FieldDescriptor *field) {
  SmallVector<DictionaryAttr> sorted;
  for (Attribute entry : entries)
    sorted.push_back(cast<DictionaryAttr>(entry));
  auto keyOf = [](DictionaryAttr entry) -> std::pair<std::string, int64_t> {
    Attribute key = entry.get("key");
    if (auto text = dyn_cast_or_null<StringAttr>(key))
      return {text.getValue().str(), 0};
    auto number = dyn_cast_or_null<IntegerAttr>(key);
    return {"", number ? static_cast<int64_t>(number.getValue().getZExtValue()) : 0};
  };
  llvm::sort(sorted, [&](DictionaryAttr a, DictionaryAttr b) { return keyOf(a) < keyOf(b); });
  const auto *value = field->message_type()->map_value();
  bool named = value->message_type() && isAttrValue(value->message_type()) &&
               llvm::all_of(sorted, [](DictionaryAttr e) {
                 return e.getAs<StringAttr>("key") && e.get("value");
               });
  if (!named)
    return builder.getArrayAttr(SmallVector<Attribute>(sorted.begin(), sorted.end()));
  NamedAttrList fields;
  for (DictionaryAttr entry : sorted)
    fields.append(entry.getAs<StringAttr>("key"), entry.get("value"));
  return fields.getDictionary(builder.getContext());
}

} // namespace

DictionaryAttr messageToAttr(MLIRContext *context, const Message &message, ArrayRef<int> skip) {
  Builder builder(context);
  const auto &reflection = *message.GetReflection();
  std::vector<const FieldDescriptor *> fields;
  reflection.ListFields(message, &fields);
  NamedAttrList dict;
  for (const FieldDescriptor *field : fields) {
    if (llvm::is_contained(skip, field->number()))
      continue;
    FieldReader reader(context, message, field);
    if (!field->is_repeated()) {
      dict.append(field->name(), reader.read(-1));
      continue;
    }
    SmallVector<Attribute> elements;
    for (int i = 0, n = reflection.FieldSize(message, field); i < n; ++i)
      elements.push_back(reader.read(i));
    dict.append(field->name(), field->is_map() ? mapToAttr(builder, elements, field)
                                               : builder.getArrayAttr(elements));
  }
  const google::protobuf::UnknownFieldSet &unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    std::string bytes;
    unknown.SerializeToString(&bytes);
    dict.append("unknown", builder.getStringAttr(bytes));
  }
  return dict.getDictionary(context);
}

} // namespace firn
