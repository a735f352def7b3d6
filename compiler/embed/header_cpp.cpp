// The C++ half of a model's header.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/embed/header.h"
#include "compiler/embed/identifiers.h"

namespace firn {
namespace {

constexpr char kBegin[] = R"(#include <array>
$complex$
#include "firn/firn.hpp"

namespace $name$ {

$constants$
class Model {
public:
  /// On the caller's thread alone.
  static firn::Result<Model> Create() noexcept {
    firn::Status status;
    $name$_model model;
    if ($name$_create(&model, nullptr, status.raw()) != FIRN_OK)
      return status;
    return Model(model.context);
  }
  static firn::Result<Model> Create(const firn_context_options &options) noexcept {
    firn::Status status;
    $name$_model model;
    if ($name$_create(&model, &options, status.raw()) != FIRN_OK)
      return status;
    return Model(model.context);
  }
)";

constexpr char kEnd[] = R"(
  firn::Status Run() noexcept { return context_.Run(); }
  /// For threads, memory, and whatever else firn/firn.hpp has.
  firn::Context &context() noexcept { return context_; }

private:
  explicit Model(firn_context *context) noexcept : context_(context) {}

  template <class T> firn::Tensor<const T> tensor_(const char *name) const noexcept {
    firn_tensor raw;
    if (firn_get_output(context_.get(), name, &raw, nullptr) != FIRN_OK)
      return {};
    return {firn::Span<const T>(static_cast<const T *>(raw.data), raw.bytes / sizeof(T)),
            firn::Dims(raw.dims, raw.rank)};
  }

  firn::Context context_;
};

} // namespace $name$)";

constexpr char kStaticInput[] = R"(
  /// $text$
  firn::Status Set$Id$(firn::Span<const $type$> values) noexcept {
    return context_.SetInput($tensor$, $enum$, values.data(), values.size_bytes());
  }
)";

constexpr char kDynamicInput[] = R"(
  /// $text$
  firn::Status Set$Id$(firn::Span<const $type$> values, $parameters$) noexcept {
    const std::int64_t dims[] = {$dims$};
    if (firn::Status status = context_.SetDims($tensor$, dims); !status.ok())
      return status;
    return context_.SetInput($tensor$, $enum$, values.data(), values.size_bytes());
  }
)";

// The only dynamic dim follows from the number of values.
constexpr char kCountedInput[] =
    R"(  firn::Status Set$Id$(firn::Span<const $type$> values) noexcept {
    return Set$Id$(values, static_cast<std::int64_t>(values.size() / $known$));
  }
)";

constexpr char kOutput[] = R"(
  /// $text$. Empty before the first Run().
  firn::Tensor<const $type$> $Id$() const noexcept { return tensor_<$type$>($tensor$); }
)";

std::string constants(const InterfacePort &port) {
  const std::string name = camelCase(port.identifier);
  std::string text = absl::StrCat("/// ", commentText(port.text()), "\n");
  absl::StrAppend(&text, "inline constexpr std::array<std::int64_t, ", port.dims.size(), "> k",
                  name, "Dims = {", absl::StrJoin(port.dims, ", "), "};\n");
  if (port.dynamicDims() == 0)
    absl::StrAppend(&text, "inline constexpr std::size_t k", name,
                    "Elements = ", port.knownElements(), ";\n");
  return text;
}

std::vector<std::pair<std::string, std::string>> portValues(const InterfacePort &port) {
  const ElementType &type = elementType(port.dtype);
  const std::vector<std::string> dynamic = dimParameters(port);
  std::vector<std::string> dims;
  for (size_t i = 0, next = 0; i < port.dims.size(); ++i)
    dims.push_back(port.dims[i] < 0 ? dynamic[next++] : absl::StrCat(port.dims[i]));
  return {{"Id", camelCase(port.identifier)},
          {"text", commentText(port.text())},
          {"type", type.cpp},
          {"enum", type.enumerator},
          {"tensor", quotedC(port.tensor)},
          {"dims", absl::StrJoin(dims, ", ")},
          {"known", absl::StrCat(port.knownElements())},
          {"parameters", absl::StrJoin(dynamic, ", ", [](std::string *out, const std::string &dim) {
             absl::StrAppend(out, "std::int64_t ", dim);
           })}};
}

std::string inputText(const InterfacePort &port) {
  if (port.dynamicDims() == 0)
    return filled(kStaticInput, portValues(port));
  const bool counts = port.dynamicDims() == 1 && port.knownElements() > 0;
  return filled(kDynamicInput, portValues(port)) +
         (counts ? filled(kCountedInput, portValues(port)) : "");
}

} // namespace

std::string cppInterfaceText(const Interface &model) {
  std::string all;
  bool isComplex = false;
  for (const auto *ports : {&model.inputs, &model.outputs})
    for (const InterfacePort &port : *ports) {
      absl::StrAppend(&all, constants(port));
      isComplex |= elementType(port.dtype).parts > 1;
    }
  std::string text = filled(kBegin, {{"name", model.name},
                                     {"complex", isComplex ? "#include <complex>\n" : ""},
                                     {"constants", all}});
  for (const InterfacePort &port : model.inputs)
    absl::StrAppend(&text, inputText(port));
  for (const InterfacePort &port : model.outputs)
    absl::StrAppend(&text, filled(kOutput, portValues(port)));
  return text + filled(kEnd, {{"name", model.name}});
}

} // namespace firn
