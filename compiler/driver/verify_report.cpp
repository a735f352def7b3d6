#include "compiler/driver/verify_report.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

std::string typeText(int dtype, const std::vector<int64_t> &shape) {
  return absl::StrCat(dataTypeName(dtype), " ", shapeText(shape));
}

// "max |d| 0.5, 0.1 of max |want| 5, at [0,3]: 5 and 4.5; 7 of 40 elements differ".
std::string differenceText(const TensorDifference &difference) {
  if (!difference.mismatch.empty())
    return absl::StrCat("can't be compared: ", difference.mismatch);
  if (!difference.differing)
    return "equal";
  std::string text = absl::StrFormat("max |d| %.3g", difference.largest);
  if (difference.scale > 0 && std::isfinite(difference.largest))
    absl::StrAppendFormat(&text, ", %.3g of max |want| %.3g", difference.largest / difference.scale,
                          difference.scale);
  return absl::StrCat(text, ", at ", shapeText(difference.at), ": ", difference.want, " and ",
                      difference.got, "; ", countText(difference.differing), " of ",
                      plural(difference.elements, "element"),
                      difference.differing == 1 ? " differs" : " differ");
}

std::string inputsText(const VerifyInputs &inputs) {
  TextTable table;
  for (const VerifyInput &input : inputs.inputs)
    table.row({input.a.empty() ? input.b : input.a, typeText(input.dtype, input.shape),
               input.source,
               input.a.empty()   ? "only B"
               : input.b.empty() ? "only A"
                                 : ""});
  return table.str();
}

void writeDifference(const TensorDifference &difference, llvm::json::OStream &json) {
  auto number = [&](const char *key, double value) {
    // JSON has no infinity.
    if (std::isfinite(value))
      json.attribute(key, value);
    else
      json.attribute(key, nullptr);
  };
  json.attribute("dtype", dataTypeName(difference.dtype));
  json.attribute("shape", jsonShape(difference.shape));
  if (!difference.mismatch.empty())
    json.attribute("mismatch", difference.mismatch);
  json.attribute("elements", difference.elements);
  json.attribute("differing", difference.differing);
  number("max_abs_difference", difference.largest);
  number("max_abs_want", difference.scale);
  if (difference.differing) {
    json.attribute("at", jsonShape(difference.at));
    json.attribute("want", utf8(difference.want));
    json.attribute("got", utf8(difference.got));
  }
  json.attribute("good", difference.good);
}

void writeInputs(const VerifyInputs &inputs, llvm::json::OStream &json) {
  auto name = [&](const char *key, const std::string &text) {
    if (!text.empty())
      json.attribute(key, utf8(text));
  };
  for (const VerifyInput &input : inputs.inputs)
    json.object([&] {
      name("a", input.a);
      name("b", input.b);
      json.attribute("dtype", dataTypeName(input.dtype));
      json.attribute("shape", jsonShape(input.shape));
      json.attribute("source", utf8(input.source));
    });
}

std::string dispatchText(const DispatchReport &report) {
  std::string text = absl::StrCat("of ", countText(report.dispatches), " dispatches ",
                                  countText(report.compared), " leave a tensor of the graph, ",
                                  countText(report.agreeing), " of these agree\n");
  if (!report.first)
    return text;
  const DispatchDifference &first = *report.first;
  return absl::StrCat(text, "first dispatch that parts: step ", first.step, ", ", first.kernel,
                      "  (", absl::StrJoin(first.nodes, ", "), ")\n  ", first.tensor.name, "  ",
                      typeText(first.tensor.dtype, first.tensor.shape), "  ",
                      differenceText(first.tensor), "\n");
}

std::string nodeText(const VerifyResult &result) {
  if (!result.first)
    return absl::StrCat("of ", plural(result.compared, "node"),
                        " with names and shapes in common none parts on the way there\n");
  return absl::StrCat("first node that parts: ", result.first->node, " (", result.first->op,
                      ")\n  ", result.first->tensor.name, "  ",
                      typeText(result.first->tensor.dtype, result.first->tensor.shape), "  ",
                      differenceText(result.first->tensor), "\n");
}

void writeDispatches(const DispatchReport &report, llvm::json::OStream &json) {
  json.attribute("ran", report.dispatches);
  json.attribute("compared", report.compared);
  json.attribute("agreeing", report.agreeing);
  if (!report.first)
    return;
  json.attributeObject("first_difference", [&] {
    json.attribute("step", report.first->step);
    json.attribute("kernel", utf8(report.first->kernel));
    json.attribute("nodes", jsonStrings(report.first->nodes));
    json.attribute("tensor", utf8(report.first->tensor.name));
    writeDifference(report.first->tensor, json);
  });
}

} // namespace

std::string frozenText(const FreezeOptions &options, const RunnableModel &model) {
  std::string text = options.mode == Mode::AsIs ? "(as is" : "(inference";
  if (options.optimize > 0)
    absl::StrAppend(&text, ", --optimize ", options.optimize);
  if (!model.report().variables.empty())
    absl::StrAppend(&text, ", variables from ", model.report().checkpointPath);
  return text + ")";
}

std::string verificationText(const Verification &verification) {
  const VerifyResult &result = verification.result;
  std::string text = absl::StrCat("A  ", verification.a, "  ", verification.howA, "\nB  ",
                                  verification.b, "  ", verification.howB, "\n\ninputs\n",
                                  inputsText(verification.inputs), "\noutputs\n");
  size_t bad = 0, differing = 0;
  for (const TensorDifference &output : result.outputs) {
    bad += !output.good;
    differing += output.differing > 0;
    absl::StrAppend(&text, output.good ? "  " : "~ ", output.name,
                    output.other == output.name ? "" : " and " + output.other, "  ",
                    typeText(output.dtype, output.shape), "  ", differenceText(output), "\n");
  }
  const std::string bound = absl::StrFormat("|d| <= %g + %g * max |want|",
                                            verification.options.atol, verification.options.rtol);
  absl::StrAppend(&text, "\n");
  const std::string dispatches =
      verification.dispatches ? dispatchText(*verification.dispatches) : "";
  if (bad == 0)
    return absl::StrCat(text, differing ? "equal within " + bound : "equal", "\n", dispatches);
  absl::StrAppend(&text, countText(bad), " of ", plural(result.outputs.size(), "output"),
                  bad == 1 ? " is" : " are", " not within ", bound, "\n");
  if (verification.dispatches)
    return text + dispatches;
  return verification.comparesNodes ? text + nodeText(result) : text;
}

void printVerificationJson(const Verification &verification) {
  const VerifyResult &result = verification.result;
  printJson([&](llvm::json::OStream &json) {
    json.attribute("a", utf8(verification.a));
    json.attribute("b", utf8(verification.b));
    json.attribute("rtol", verification.options.rtol);
    json.attribute("atol", verification.options.atol);
    json.attributeArray("inputs", [&] { writeInputs(verification.inputs, json); });
    json.attributeArray("outputs", [&] {
      for (const TensorDifference &output : result.outputs)
        json.object([&] {
          json.attribute("a", utf8(output.name));
          json.attribute("b", utf8(output.other));
          writeDifference(output, json);
        });
    });
    if (result.first)
      json.attributeObject("first_difference", [&] {
        json.attribute("node", utf8(result.first->node));
        json.attribute("op", utf8(result.first->op));
        json.attribute("tensor", utf8(result.first->tensor.name));
        writeDifference(result.first->tensor, json);
      });
    if (verification.dispatches)
      json.attributeObject("dispatches", [&] { writeDispatches(*verification.dispatches, json); });
    json.attribute("good", result.good());
  });
}

} // namespace firn
