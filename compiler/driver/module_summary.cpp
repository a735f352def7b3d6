#include "compiler/driver/module_summary.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"
#include "compiler/formats/data_type.h"

namespace firn {
namespace {

using Buffer = ModuleProgram::Buffer;
using Kind = ModuleProgram::Kind;
using Space = ModuleProgram::Space;
using Step = ModuleProgram::Step;

constexpr size_t kShown = 40;

std::string portsText(const std::vector<ModelTensor> &ports) {
  TextTable table;
  for (const ModelTensor &port : ports)
    table.row({port.name, dataTypeName(port.dtype), shapeText(port.shape)});
  return table.str();
}

std::string sectionsText(const ModuleProgram &program) {
  TextTable table({false, true, true});
  for (const ModuleProgram::Section &section : program.sections)
    table.row({section.name, absl::StrCat("at ", section.offset), sizeText(section.size)});
  return table.str();
}

std::string buildText(const ModuleProgram &program) {
  std::string text;
  for (absl::string_view line : absl::StrSplit(program.build, '\n', absl::SkipEmpty()))
    absl::StrAppend(&text, "  ", line, "\n");
  return text;
}

std::string stepText(const ModuleProgram &program, const Step &step) {
  switch (step.kind) {
  case Kind::Dispatch:
    return absl::StrCat(step.kernel.empty() ? "dispatch" : step.kernel);
  case Kind::Copy:
    return absl::StrCat("copy ", program.formulas[step.size], " bytes");
  case Kind::While:
    return absl::StrCat("while, condition ", plural(step.inner, "step"), ", body ", step.body);
  case Kind::If:
    return absl::StrCat("if, then ", plural(step.inner, "step"), ", else ", step.body);
  case Kind::For:
    return absl::StrCat("for ", program.formulas[step.size], ", body ", plural(step.body, "step"));
  case Kind::Read:
    return "read a size";
  }
  return "";
}

std::string stepsText(const ModuleProgram &program, bool all) {
  TextTable table({true, true});
  const size_t shown = all ? program.steps.size() : std::min(program.steps.size(), kShown);
  for (size_t i = 0; i < shown; ++i) {
    const Step &step = program.steps[i];
    const bool dispatch = step.kind == Kind::Dispatch;
    table.row({absl::StrCat(i), dispatch ? absl::StrCat("f", step.function) : "",
               std::string(2 * step.depth, ' ') + stepText(program, step),
               absl::StrJoin(step.nodes, ", ")});
  }
  std::string text = table.str();
  if (shown < program.steps.size())
    absl::StrAppend(&text, "  and ", program.steps.size() - shown, " more; --all shows them\n");
  return text;
}

/// The step that first writes or reads a buffer.
const Step *firstUse(const ModuleProgram &program, size_t buffer) {
  for (const Step &step : program.steps)
    for (const ModuleProgram::Binding &binding : step.bindings)
      if (binding.buffer == buffer)
        return &step;
  return nullptr;
}

std::vector<size_t> arenaBuffers(const ModuleProgram &program) {
  std::vector<size_t> buffers;
  for (size_t i = 0; i < program.buffers.size(); ++i)
    if (program.buffers[i].space == Space::Arena)
      buffers.push_back(i);
  std::stable_sort(buffers.begin(), buffers.end(), [&](size_t a, size_t b) {
    return program.buffers[a].offset < program.buffers[b].offset;
  });
  return buffers;
}

std::string arenaText(const ModuleProgram &program, bool all) {
  const std::vector<size_t> buffers = arenaBuffers(program);
  if (buffers.empty())
    return "arena: none\n";
  const bool planned = program.arenaSize > 0;
  std::string text =
      planned ? absl::StrCat("arena: ", sizeText(program.arenaSize), ", no plan is smaller than ",
                             sizeText(program.arenaBound), "\n")
              : "arena: planned when inputs have their dims\n";
  TextTable table(planned ? std::vector<bool>{true, true} : std::vector<bool>{false});
  const size_t shown = all ? buffers.size() : std::min(buffers.size(), kShown);
  for (size_t i = 0; i < shown; ++i) {
    const Buffer &buffer = program.buffers[buffers[i]];
    const Step *use = firstUse(program, buffers[i]);
    std::vector<std::string> row;
    if (planned)
      row.push_back(absl::StrCat(buffer.offset));
    row.push_back(planned ? sizeText(*program.constants[buffer.size])
                          : program.formulas[buffer.size] + " bytes");
    row.push_back(absl::StrCat("steps ", buffer.first, " to ", buffer.last));
    row.push_back(use ? stepText(program, *use) : "");
    table.row(std::move(row));
  }
  absl::StrAppend(&text, table.str());
  if (shown < buffers.size())
    absl::StrAppend(&text, "  and ", buffers.size() - shown, " more; --all shows them\n");
  return text;
}

size_t countDispatches(const ModuleProgram &program) {
  return std::count_if(program.steps.begin(), program.steps.end(),
                       [](const Step &step) { return step.kind == Kind::Dispatch; });
}

} // namespace

std::string moduleText(const std::string &path, const LoadedModule &module, bool all) {
  const ModuleProgram program = readModuleProgram(module.module());
  size_t bytes;
  firn_module_bytes(module.module(), &bytes);
  return absl::StrCat(
      path, ": compiled module, ", sizeText(bytes), "\n\n", buildText(program), "\nsections\n",
      sectionsText(program), "\ninputs\n", portsText(module.inputs()), "\noutputs\n",
      portsText(module.outputs()), "\n", plural(program.steps.size(), "step"), ", ",
      plural(countDispatches(program), "dispatch"), " of ", plural(program.functions, "function"),
      "\n", stepsText(program, all), "\n", arenaText(program, all));
}

namespace {

void writePorts(const char *key, const std::vector<ModelTensor> &ports, llvm::json::OStream &json) {
  json.attributeArray(key, [&] {
    for (const ModelTensor &port : ports)
      json.object([&] {
        json.attribute("name", utf8(port.name));
        json.attribute("dtype", dataTypeName(port.dtype));
        json.attribute("shape", jsonShape(port.shape));
      });
  });
}

void writeSections(const ModuleProgram &program, llvm::json::OStream &json) {
  for (const ModuleProgram::Section &section : program.sections)
    json.object([&] {
      json.attribute("name", section.name);
      json.attribute("version", absl::StrCat(section.major, ".", section.minor));
      json.attribute("offset", section.offset);
      json.attribute("bytes", section.size);
    });
}

void writeBuild(const ModuleProgram &program, llvm::json::OStream &json) {
  for (absl::string_view line : absl::StrSplit(program.build, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> fact = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    json.attribute(utf8(fact.first), utf8(fact.second));
  }
}

void writeSteps(const ModuleProgram &program, llvm::json::OStream &json) {
  for (const Step &step : program.steps)
    json.object([&] {
      json.attribute("kind", kindName(step.kind));
      json.attribute("depth", step.depth);
      if (step.kind != Kind::Dispatch)
        return;
      json.attribute("function", step.function);
      json.attribute("kernel", utf8(step.kernel));
      json.attribute("nodes", jsonStrings(step.nodes));
    });
}

void writeArena(const ModuleProgram &program, llvm::json::OStream &json) {
  json.attribute("planned", program.arenaSize > 0);
  json.attribute("bytes", program.arenaSize);
  json.attribute("bound", program.arenaBound);
  json.attributeArray("buffers", [&] {
    for (size_t index : arenaBuffers(program))
      json.object([&] {
        const Buffer &buffer = program.buffers[index];
        if (const auto size = program.constants[buffer.size])
          json.attribute("bytes", *size);
        else
          json.attribute("bytes", nullptr);
        json.attribute("formula", utf8(program.formulas[buffer.size]));
        json.attribute("offset", buffer.offset);
        json.attribute("first", buffer.first);
        json.attribute("last", buffer.last);
      });
  });
}

} // namespace

void printModuleJson(const std::string &path, const LoadedModule &module) {
  const ModuleProgram program = readModuleProgram(module.module());
  printJson([&](llvm::json::OStream &json) {
    json.attributeObject("module", [&] {
      json.attribute("path", utf8(path));
      json.attributeObject("build", [&] { writeBuild(program, json); });
      json.attributeArray("sections", [&] { writeSections(program, json); });
      writePorts("inputs", module.inputs(), json);
      writePorts("outputs", module.outputs(), json);
      json.attribute("functions", program.functions);
      json.attributeArray("steps", [&] { writeSteps(program, json); });
      json.attributeObject("arena", [&] { writeArena(program, json); });
    });
  });
}

} // namespace firn
