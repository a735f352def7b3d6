#include "compiler/embed/header.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "compiler/embed/identifiers.h"

namespace firn {
namespace {

constexpr char kHeader[] =
    R"(/* The model `$name$`, linked in. Made from $module$ by $generator$; do not edit.
 *
$ports$ *
 * C:
 *   $name$_model model;
 *   firn_status status;
 *   if ($name$_create(&model, NULL, &status)$cset$ ||
 *       $name$_run(&model, &status))
 *     puts(status.message);
 *   $name$_destroy(&model);
 *
 * C++:
 *   auto model = $name$::Model::Create().value();
$cppset$ *   model.Run().value();
 *
 * Inputs are not copied: they are read in every run, until others are set. Outputs lie in the model's
 * memory until the next run with other dims. A model belongs to one thread at a time; make one for each
 * that runs at once, the weights are there once. See firn/runtime.h. */
#ifndef $NAME$_FIRN_H
#define $NAME$_FIRN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firn/runtime.h"

#if FIRN_STATIC_MAJOR != $major$ || FIRN_STATIC_MINOR < $minor$
#error "the model $name$ is not for this firn/runtime.h: run firn embed of the same firn again"
#endif

$c$
#if defined(__cplusplus) && __cplusplus >= 201703L
$cpp$
#endif

#endif
)";

std::string portList(const Interface &model) {
  std::string text;
  for (const InterfacePort &port : model.inputs)
    absl::StrAppend(&text, " *   in   ", commentText(port.text()), "\n");
  for (const InterfacePort &port : model.outputs)
    absl::StrAppend(&text, " *   out  ", commentText(port.text()), "\n");
  return text;
}

// How inputs are set, in the example at the head.
std::string cExample(const Interface &model) {
  std::string text;
  for (const InterfacePort &port : model.inputs) {
    absl::StrAppend(&text, " ||\n *       ", model.name, "_set_", port.identifier, "(&model, ",
                    port.identifier);
    for (const std::string &dim : dimParameters(port))
      absl::StrAppend(&text, ", ", dim);
    absl::StrAppend(&text, ", &status)");
  }
  return text;
}

std::string cppExample(const Interface &model) {
  std::string text;
  for (const InterfacePort &port : model.inputs) {
    absl::StrAppend(&text, " *   model.Set", camelCase(port.identifier), "(", port.identifier);
    for (const std::string &dim : dimParameters(port))
      absl::StrAppend(&text, ", ", dim);
    absl::StrAppend(&text, ").value();\n");
  }
  return text;
}

} // namespace

std::string quotedC(const std::string &text) {
  return absl::StrCat("\"", absl::CEscape(text), "\"");
}

std::string commentText(const std::string &text) {
  return absl::StrReplaceAll(absl::CHexEscape(text), {{"*/", "* /"}, {"/*", "/ *"}});
}

std::vector<std::string> dimParameters(const InterfacePort &port) {
  std::vector<std::string> names;
  for (size_t i = 0; i < port.dims.size(); ++i)
    if (port.dims[i] < 0)
      names.push_back(absl::StrCat("dim", i));
  return names;
}

std::string filled(const char *text,
                   const std::vector<std::pair<std::string, std::string>> &values) {
  std::vector<std::pair<std::string, std::string>> keys;
  for (const auto &[key, value] : values)
    keys.emplace_back(absl::StrCat("$", key, "$"), value);
  return absl::StrReplaceAll(text, keys);
}

std::string headerText(const Interface &model, const HeaderOptions &options) {
  return filled(kHeader, {{"name", model.name},
                          {"NAME", upperCase(model.name)},
                          {"module", commentText(options.module)},
                          {"generator", commentText(options.generator)},
                          {"ports", portList(model)},
                          {"cset", cExample(model)},
                          {"cppset", cppExample(model)},
                          {"major", absl::StrCat(FIRN_STATIC_MAJOR)},
                          {"minor", absl::StrCat(FIRN_STATIC_MINOR)},
                          {"c", cInterfaceText(model, options)},
                          {"cpp", cppInterfaceText(model)}});
}

} // namespace firn
