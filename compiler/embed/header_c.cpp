// The C half of a model's header.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/embed/header.h"
#include "compiler/embed/identifiers.h"
#include "compiler/embed/model_object.h"

namespace firn {
namespace {

constexpr char kBegin[] = R"(#ifdef __cplusplus
extern "C" {
static_assert(sizeof(firn_static_module) >= $size$, "the model is not for this firn/runtime.h");
#define $NAME$_AS(type, value) static_cast<type>(value)
#else
_Static_assert(sizeof(firn_static_module) >= $size$, "the model is not for this firn/runtime.h");
#define $NAME$_AS(type, value) ((type)(value))
#endif

extern $visibility$ const firn_static_module $symbol$;

typedef struct $name$_model {
  firn_context *context;
} $name$_model;

/* `options` NULL: one thread, the caller's. The code is that of the best level the processor has. */
static inline firn_code $name$_create($name$_model *model, const firn_context_options *options,
    firn_status *status) {
  firn_module *module;
  firn_code code = firn_module_open_static(&$symbol$, NULL, &module, status);
  model->context = NULL;
  if (code != FIRN_OK)
    return code;
  code = options ? firn_context_create(module, options, &model->context, status)
                 : firn_context_create_single(module, &model->context, status);
  firn_module_close(module); /* the context keeps it */
  return code;
}

/* Also of a model whose creation failed. */
static inline void $name$_destroy($name$_model *model) {
  if (model->context)
    firn_context_destroy(model->context);
  model->context = NULL;
}

static inline firn_code $name$_run($name$_model *model, firn_status *status) {
  return firn_run(model->context, status);
}
)";

constexpr char kEnd[] = R"(
#undef $NAME$_AS
#ifdef __cplusplus
} /* extern "C" */
#endif
)";

constexpr char kStaticInput[] = R"(
/* $text$ */
static inline firn_code $name$_set_$id$($name$_model *model, const $type$ *data, firn_status *status) {
  return firn_set_input(model->context, $tensor$, $enum$, data, $bytes$, status);
}
)";

constexpr char kDynamicInput[] = R"(
/* $text$ */
static inline firn_code $name$_set_$id$($name$_model *model, const $type$ *data, $parameters$,
    firn_status *status) {
  const int64_t dims[] = {$dims$};
  const firn_code code = firn_set_input_dims(model->context, $tensor$, dims, $rank$, status);
  if (code != FIRN_OK)
    return code;
  return firn_set_input(model->context, $tensor$, $enum$, data, $product$, status);
}
)";

constexpr char kOutput[] = R"(
/* $text$. Its dims go to `dims`, where that is not NULL. NULL before the first run. */
static inline const $type$ *$name$_$id$(const $name$_model *model, int64_t *dims) {
  firn_tensor tensor;
  uint32_t i;
  if (firn_get_output(model->context, $tensor$, &tensor, NULL) != FIRN_OK)
    return NULL;
  for (i = 0; dims && i < tensor.rank; ++i)
    dims[i] = tensor.dims[i];
  return $NAME$_AS(const $type$ *, tensor.data);
}
)";

std::string comment(const InterfacePort &port) {
  const ElementType &type = elementType(port.dtype);
  return absl::StrCat(commentText(port.text()),
                      type.parts > 1 ? "; of each element the real and the imaginary part" : "");
}

/// What the functions of a port have in common.
std::vector<std::pair<std::string, std::string>> portValues(const Interface &model,
                                                            const InterfacePort &port) {
  const ElementType &type = elementType(port.dtype);
  const std::vector<std::string> dynamic = dimParameters(port);
  std::vector<std::string> dims;
  for (size_t i = 0, next = 0; i < port.dims.size(); ++i)
    dims.push_back(port.dims[i] < 0 ? dynamic[next++] : absl::StrCat(port.dims[i]));
  const uint64_t bytes = port.knownElements() * type.size;
  std::string product;
  for (const std::string &dim : dynamic)
    absl::StrAppend(&product, upperCase(model.name), "_AS(size_t, ", dim, ") * ");
  return {{"name", model.name},
          {"NAME", upperCase(model.name)},
          {"id", port.identifier},
          {"text", comment(port)},
          {"type", type.c},
          {"enum", type.enumerator},
          {"tensor", quotedC(port.tensor)},
          {"rank", absl::StrCat(port.dims.size())},
          {"dims", absl::StrJoin(dims, ", ")},
          {"bytes", absl::StrCat(bytes)},
          {"product", absl::StrCat(product, bytes)},
          {"parameters", absl::StrJoin(dynamic, ", ", [](std::string *out, const std::string &dim) {
             absl::StrAppend(out, "int64_t ", dim);
           })}};
}

std::string constants(const Interface &model, const InterfacePort &port) {
  const std::string prefix =
      absl::StrCat("#define ", upperCase(model.name), "_", upperCase(port.identifier), "_");
  std::string text = absl::StrCat(prefix, "RANK ", port.dims.size(), "\n");
  if (!port.dims.empty())
    absl::StrAppend(&text, prefix, "DIMS {", absl::StrJoin(port.dims, ", "), "}\n");
  if (port.dynamicDims() == 0)
    absl::StrAppend(&text, prefix, "ELEMENTS ", port.knownElements(), "\n");
  return text;
}

} // namespace

std::string cInterfaceText(const Interface &model, const HeaderOptions &options) {
  std::string text = "/* Dims; -1: dynamic. */\n";
  for (const auto *ports : {&model.inputs, &model.outputs})
    for (const InterfacePort &port : *ports)
      absl::StrAppend(&text, constants(model, port));
  absl::StrAppend(
      &text, "\n",
      filled(kBegin, {{"name", model.name},
                      {"NAME", upperCase(model.name)},
                      {"size", absl::StrCat(sizeof(firn_static_module))},
                      {"visibility",
                       options.exported ? "FIRN_API" : "__attribute__((visibility(\"hidden\")))"},
                      {"symbol", modelSymbol(model.name)}}));
  for (const InterfacePort &port : model.inputs)
    absl::StrAppend(
        &text, filled(port.dynamicDims() ? kDynamicInput : kStaticInput, portValues(model, port)));
  for (const InterfacePort &port : model.outputs)
    absl::StrAppend(&text, filled(kOutput, portValues(model, port)));
  return text + filled(kEnd, {{"NAME", upperCase(model.name)}});
}

} // namespace firn
