#include "compiler/embed/interface.h"

#include <algorithm>
#include <cassert>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/embed/identifiers.h"
#include "compiler/formats/data_type.h"
#include "runtime/module/sections.h"
#include "runtime/schema/debug_generated.h"

namespace firn {
namespace {

struct TypeRow {
  firn_dtype dtype;
  ElementType type;
};

// The quantised types are the integers of their size, as in NumPy's files.
constexpr TypeRow kTypes[] = {
    {FIRN_FLOAT, {"FIRN_FLOAT", "float", "float", 4, 1}},
    {FIRN_DOUBLE, {"FIRN_DOUBLE", "double", "double", 8, 1}},
    {FIRN_INT32, {"FIRN_INT32", "int32_t", "std::int32_t", 4, 1}},
    {FIRN_UINT8, {"FIRN_UINT8", "uint8_t", "std::uint8_t", 1, 1}},
    {FIRN_INT16, {"FIRN_INT16", "int16_t", "std::int16_t", 2, 1}},
    {FIRN_INT8, {"FIRN_INT8", "int8_t", "std::int8_t", 1, 1}},
    {FIRN_COMPLEX64, {"FIRN_COMPLEX64", "float", "std::complex<float>", 8, 2}},
    {FIRN_INT64, {"FIRN_INT64", "int64_t", "std::int64_t", 8, 1}},
    {FIRN_BOOL, {"FIRN_BOOL", "bool", "bool", 1, 1}},
    {FIRN_QINT8, {"FIRN_QINT8", "int8_t", "std::int8_t", 1, 1}},
    {FIRN_QUINT8, {"FIRN_QUINT8", "uint8_t", "std::uint8_t", 1, 1}},
    {FIRN_QINT32, {"FIRN_QINT32", "int32_t", "std::int32_t", 4, 1}},
    {FIRN_BFLOAT16, {"FIRN_BFLOAT16", "uint16_t", "firn::BFloat16", 2, 1}},
    {FIRN_QINT16, {"FIRN_QINT16", "int16_t", "std::int16_t", 2, 1}},
    {FIRN_QUINT16, {"FIRN_QUINT16", "uint16_t", "std::uint16_t", 2, 1}},
    {FIRN_UINT16, {"FIRN_UINT16", "uint16_t", "std::uint16_t", 2, 1}},
    {FIRN_COMPLEX128, {"FIRN_COMPLEX128", "double", "std::complex<double>", 16, 2}},
    {FIRN_HALF, {"FIRN_HALF", "uint16_t", "firn::Half", 2, 1}},
    {FIRN_UINT32, {"FIRN_UINT32", "uint32_t", "std::uint32_t", 4, 1}},
    {FIRN_UINT64, {"FIRN_UINT64", "uint64_t", "std::uint64_t", 8, 1}},
};

// What a header has of a port, each in its own space of names: functions and methods of the model,
// constants of C, constants of C++.
std::vector<std::string> inputForms(const std::string &identifier) {
  return {"c set_" + identifier, "method Set" + camelCase(identifier), "macro " + identifier,
          "constant " + camelCase(identifier)};
}
std::vector<std::string> outputForms(const std::string &identifier) {
  return {"c " + identifier, "method " + camelCase(identifier), "macro " + identifier,
          "constant " + camelCase(identifier)};
}

InterfacePort describe(const firn_port &port) {
  return {port.name, "", "", port.dtype, {port.dims, port.dims + port.rank}};
}

using Keys = flatbuffers::Vector<flatbuffers::Offset<schema::PortKey>>;

// The runtime has checked them.
const schema::Debug *namesOf(const firn_module *module) {
  uint32_t count;
  const firn_section *sections = firn_module_sections(module, &count);
  for (uint32_t i = 0; i < count; ++i)
    if (sections[i].kind == FIRN_SECTION_DEBUG &&
        sections[i].major == runtime::knownMajor(FIRN_SECTION_DEBUG) && sections[i].alignment >= 8)
      return schema::GetDebug(static_cast<const char *>(firn_module_bytes(module, nullptr)) +
                              sections[i].offset);
  return nullptr;
}

void setKeys(std::vector<InterfacePort> &ports, const Keys *keys) {
  for (uint32_t i = 0; i < (keys ? keys->size() : 0); ++i)
    ports[keys->Get(i)->port()].key = keys->Get(i)->key()->str();
}

void setIdentifiers(std::vector<InterfacePort> &ports, TakenNames &taken,
                    std::vector<std::string> (*formsOf)(const std::string &)) {
  for (InterfacePort &port : ports)
    port.identifier = taken.claim(identifierOf(port.key.empty() ? port.tensor : port.key), formsOf);
}

} // namespace

const ElementType &elementType(firn_dtype dtype) {
  const TypeRow *row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                    [&](const TypeRow &row) { return row.dtype == dtype; });
  assert(row != std::end(kTypes) && "the runtime opens no module with such a port");
  return row->type;
}

size_t InterfacePort::dynamicDims() const { return std::count(dims.begin(), dims.end(), -1); }

uint64_t InterfacePort::knownElements() const {
  uint64_t product = 1;
  for (int64_t dim : dims)
    product *= dim < 0 ? 1 : uint64_t(dim);
  return product;
}

std::string InterfacePort::text() const {
  return absl::StrCat(key.empty() ? tensor : absl::StrCat(key, " (", tensor, ")"), "  ",
                      dataTypeName(dtype), " [",
                      absl::StrJoin(dims, ",",
                                    [](std::string *out, int64_t dim) {
                                      absl::StrAppend(out, dim < 0 ? "?" : absl::StrCat(dim));
                                    }),
                      "]");
}

Interface interfaceOf(const firn_module *module, const std::string &name) {
  Interface result;
  result.name = name;
  TakenNames taken;
  for (const char *own : {"c create", "c destroy", "c run", "c model", "method Create",
                          "method Run", "method Model", "method context"})
    taken.take(own);
  for (uint32_t i = 0; i < firn_module_input_count(module); ++i)
    result.inputs.push_back(describe(*firn_module_input(module, i)));
  for (uint32_t i = 0; i < firn_module_output_count(module); ++i)
    result.outputs.push_back(describe(*firn_module_output(module, i)));
  if (const schema::Debug *names = namesOf(module)) {
    setKeys(result.inputs, names->inputs());
    setKeys(result.outputs, names->outputs());
  }
  setIdentifiers(result.inputs, taken, inputForms);
  setIdentifiers(result.outputs, taken, outputForms);
  return result;
}

} // namespace firn
