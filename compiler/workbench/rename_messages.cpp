#include "compiler/workbench/rename_messages.h"

#include "absl/strings/str_cat.h"
#include "compiler/formats/graph_file.h"
#include "compiler/formats/proto/variable.pb.h"
#include "compiler/formats/wire_reader.h"

namespace firn {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What a message holds in fields of strings, in itself and below: of these messages all are names
// of nodes and tensors, or texts that are none.
void renameStrings(Message &message, const NameTable &nodes) {
  const auto *reflection = message.GetReflection();
  std::vector<const FieldDescriptor *> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor *field : fields) {
    const int count = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        renameStrings(field->is_repeated() ? *reflection->MutableRepeatedMessage(&message, field, i)
                                           : *reflection->MutableMessage(&message, field),
                      nodes);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        std::string text = field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                                : reflection->GetString(message, field);
        renameTensor(text, nodes);
        if (field->is_repeated())
          reflection->SetRepeatedString(&message, field, i, text);
        else
          reflection->SetString(&message, field, text);
      }
    }
  }
}

template <typename Context> void renameContext(Context &context, const NameTable &nodes);

// What a context takes from outside of it: by name inside, by name outside.
void renameValues(tensorflow::ValuesDef &values, const NameTable &nodes) {
  google::protobuf::Map<std::string, std::string> external;
  for (auto [inside, outside] : values.external_values()) {
    std::string name = inside;
    renameTensor(name, nodes);
    renameTensor(outside, nodes);
    external[name] = outside;
  }
  values.clear_external_values();
  renameStrings(values, nodes);
  *values.mutable_external_values() = std::move(external);
}

template <typename Context> void renameContext(Context &context, const NameTable &nodes) {
  auto nested = context.nested_contexts();
  auto values = context.values_def();
  const bool hasValues = context.has_values_def();
  context.clear_nested_contexts();
  context.clear_values_def();
  renameStrings(context, nodes);
  if (hasValues) {
    renameValues(values, nodes);
    *context.mutable_values_def() = std::move(values);
  }
  for (tensorflow::ControlFlowContextDef &inner : nested)
    if (inner.has_cond_ctxt())
      renameContext(*inner.mutable_cond_ctxt(), nodes);
    else if (inner.has_while_ctxt())
      renameContext(*inner.mutable_while_ctxt(), nodes);
  *context.mutable_nested_contexts() = std::move(nested);
}

void renameVariable(tensorflow::VariableDef &variable, const NameTable &nodes,
                    const NameTable &keys) {
  renameStrings(variable, nodes);
  if (!variable.has_save_slice_info_def())
    return;
  std::string &whole = *variable.mutable_save_slice_info_def()->mutable_full_name();
  if (auto it = keys.find(whole); it != keys.end())
    whole = it->second;
}

// Elements that `Element` does not describe stay as they are.
template <typename Element, typename Action>
void renameElements(tensorflow::CollectionDef &collection, Action action) {
  for (std::string &bytes : *collection.mutable_bytes_list()->mutable_value()) {
    Element element;
    if (!mergeFromBytes(bytes, element) || serializeDeterministic(element).size() != bytes.size())
      continue;
    action(element);
    bytes = serializeDeterministic(element);
  }
}

void renameCollection(const std::string &name, tensorflow::CollectionDef &collection,
                      const NameTable &nodes, const NameTable &keys) {
  if (collection.has_node_list()) {
    renameStrings(*collection.mutable_node_list(), nodes);
  } else if (!collection.has_bytes_list()) {
    return;
  } else if (name == "cond_context") {
    renameElements<tensorflow::CondContextDef>(collection,
                                               [&](auto &c) { renameContext(c, nodes); });
  } else if (name == "while_context") {
    renameElements<tensorflow::WhileContextDef>(collection,
                                                [&](auto &c) { renameContext(c, nodes); });
  } else if (name == "savers") {
    renameElements<tensorflow::SaverDef>(collection, [&](auto &c) { renameStrings(c, nodes); });
  } else {
    // Users have collections of variables of their own: an element is told by its content.
    renameElements<tensorflow::VariableDef>(collection, [&](tensorflow::VariableDef &variable) {
      std::string tensor = variable.variable_name();
      renameTensor(tensor, nodes);
      if (tensor != variable.variable_name() || variable.has_save_slice_info_def())
        renameVariable(variable, nodes, keys);
    });
  }
}

} // namespace

void renameTensor(std::string &tensor, const NameTable &nodes) {
  const size_t begin = !tensor.empty() && tensor[0] == '^';
  const size_t colon = tensor.find(':', begin);
  auto it = nodes.find(tensor.substr(begin, colon == std::string::npos ? colon : colon - begin));
  if (it == nodes.end())
    return;
  tensor = absl::StrCat(tensor.substr(0, begin), it->second,
                        colon == std::string::npos ? "" : tensor.substr(colon));
}

void renameMessages(tensorflow::MetaGraphDef &meta, const NameTable &nodes, const NameTable &keys) {
  for (auto &[name, collection] : *meta.mutable_collection_def())
    renameCollection(name, collection, nodes, keys);
  for (auto &[key, signature] : *meta.mutable_signature_def()) {
    for (auto &[input, tensor] : *signature.mutable_inputs())
      renameStrings(tensor, nodes);
    for (auto &[output, tensor] : *signature.mutable_outputs())
      renameStrings(tensor, nodes);
  }
  for (auto &asset : *meta.mutable_asset_file_def())
    renameStrings(*asset.mutable_tensor_info(), nodes);
  if (meta.has_saver_def())
    renameStrings(*meta.mutable_saver_def(), nodes);
}

} // namespace firn
