#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/freeze_flags.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/text.h"
#include "compiler/pipeline/MatchCheckpoint.h"
#include "compiler/workbench/key_kind.h"

namespace firn {
namespace {

using Kind = Flag::Kind;
using State = VariableMatch::State;

const char *stateName(State state) {
  switch (state) {
  case State::Matched:
    return "matched";
  case State::Missing:
    return "missing";
  case State::WrongShape:
    return "shape";
  case State::WrongDtype:
    return "dtype";
  case State::WrongSlice:
    return "slice";
  }
  return "";
}

constexpr State kStates[] = {State::Matched, State::Missing, State::WrongShape, State::WrongDtype,
                             State::WrongSlice};

size_t countOf(const CheckpointMatch &match, State state) {
  size_t count = 0;
  for (const VariableMatch &variable : match.variables)
    count += variable.state == state;
  return count;
}

KeyKind kindOf(const CheckpointMatch &match, const std::string &name) {
  const ViewedTensor &tensor = match.checkpoint->tensors().at(name);
  return keyKind(*tensor.checkpoint, tensor.key);
}

// What the checkpoint has for a variable, or might have.
std::string storedText(const VariableMatch &variable) {
  const std::string key =
      variable.key == variable.name ? "" : absl::StrCat(" under ", variable.key);
  if (variable.state == State::Missing)
    return absl::StrCat("not in the checkpoint", key,
                        variable.nearest.empty()
                            ? ""
                            : absl::StrCat("; nearest: ", absl::StrJoin(variable.nearest, ", ")));
  if (variable.state == State::Matched)
    return absl::StrCat(key.empty() ? "" : absl::StrCat("from ", variable.key),
                        variable.slice.empty() ? "" : absl::StrCat(" [", variable.slice, "]"));
  return absl::StrCat(
      "the checkpoint has ", variable.storedDtype, " ", shapeText(variable.storedShape), key,
      variable.slice.empty() ? "" : absl::StrCat(", the Saver asks for ", variable.slice));
}

void printVariables(const CheckpointMatch &match, bool all) {
  TextTable table;
  for (const VariableMatch &variable : match.variables)
    if (all || variable.state != State::Matched)
      table.row({stateName(variable.state), variable.name, variable.dtype,
                 shapeText(variable.shape, variable.knownRank), storedText(variable)});
  if (!table.empty())
    std::cout << "\n" << table.str();
}

void printUnused(const CheckpointMatch &match, bool all) {
  TextTable table;
  size_t left = 0;
  for (const std::string &key : match.unused) {
    const CheckpointEntry &entry = match.checkpoint->tensors().at(key).entry();
    const KeyKind kind = kindOf(match, key);
    // What optimizers keep is seldom what a variable lacks.
    if (!all && kind != KeyKind::Weight) {
      ++left;
      continue;
    }
    table.row({"unused", key, dataTypeName(entry.dtype), shapeText(entry.shape),
               kind == KeyKind::Weight ? "" : keyKindName(kind)});
  }
  if (!table.empty())
    std::cout << "\n" << table.str();
  if (left > 0)
    std::cout << (table.empty() ? "\n" : "") << "  unused  and " << plural(left, "key")
              << " of optimizers and averages; --all lists them\n";
}

void printMatch(const CheckpointMatch &match, bool all) {
  std::cout << "graph      " << match.graphPath << "\ncheckpoint " << match.checkpoint->name()
            << "\n";
  for (const std::string &note : match.notes)
    std::cout << "note: " << note << "\n";
  printVariables(match, all);
  printUnused(match, all);
  std::cout << "\n" << plural(match.variables.size(), "variable") << ": ";
  for (State state : kStates)
    if (size_t count = countOf(match, state); count > 0 || state == State::Matched)
      std::cout << (state == State::Matched ? "" : ", ") << count << " "
                << (state == State::Matched || state == State::Missing ? "" : "of another ")
                << stateName(state);
  std::cout << "; " << plural(match.unused.size(), "unused key") << "\n";
}

void writeVariable(const VariableMatch &variable, llvm::json::OStream &json) {
  json.attribute("state", stateName(variable.state));
  json.attribute("name", utf8(variable.name));
  json.attribute("dtype", variable.dtype);
  json.attribute("shape", jsonShape(variable.shape, variable.knownRank));
  json.attribute("key", utf8(variable.key));
  const bool isThere = variable.state != State::Missing;
  json.attribute("stored_dtype", isThere ? llvm::json::Value(variable.storedDtype) : nullptr);
  json.attribute("stored_shape", isThere ? jsonShape(variable.storedShape) : nullptr);
  json.attribute("slice", utf8(variable.slice));
  json.attribute("nearest", jsonStrings(variable.nearest));
}

void printMatchJson(const CheckpointMatch &match) {
  printJson([&](llvm::json::OStream &json) {
    json.attribute("graph", utf8(match.graphPath));
    json.attribute("checkpoint", utf8(match.checkpoint->name()));
    json.attribute("notes", jsonStrings(match.notes));
    json.attributeArray("variables", [&] {
      for (const VariableMatch &variable : match.variables)
        json.object([&] { writeVariable(variable, json); });
    });
    json.attributeArray("unused", [&] {
      for (const std::string &key : match.unused)
        json.object([&] {
          const CheckpointEntry &entry = match.checkpoint->tensors().at(key).entry();
          json.attribute("key", utf8(key));
          json.attribute("dtype", dataTypeName(entry.dtype));
          json.attribute("shape", jsonShape(entry.shape));
          json.attribute("kind", keyKindName(kindOf(match, key)));
        });
    });
    json.attributeObject("totals", [&] {
      for (State state : kStates)
        json.attribute(stateName(state), countOf(match, state));
      json.attribute("unused", match.unused.size());
    });
  });
}

int runMatch(const ParsedFlags &flags) {
  FreezeOptions options;
  if (absl::Status status = fillVariableOptions(flags, options); !status.ok())
    return reportUsage(status.message(), "checkpoint match");
  options.model = flags.positional[0];
  options.checkpoints.assign(flags.positional.begin() + 1, flags.positional.end());
  options.outputs = flags.list("outputs");
  options.tags = flags.list("tags");
  absl::StatusOr<CheckpointMatch> match = matchCheckpoint(options);
  if (!match.ok())
    return reportError(match.status());
  if (flags.boolean("json"))
    printMatchJson(*match);
  else
    printMatch(*match, flags.boolean("all"));
  return countOf(*match, State::Matched) == match->variables.size() ? 0 : 1;
}

constexpr char kDetails[] =
    R"(G is a .meta, .pb, .pbtxt or SavedModel, C a checkpoint by any of its names; of several, the later lies over the
earlier, and without one the one beside G is taken. Variables are looked for as 'firn freeze' does: by the graph's Saver, the
objects of TensorFlow 2, their names. Without --outputs all that the graph's Saver would save count.

Exit code: 0 all variables match, 1 some do not, or the input's fault.

example: firn checkpoint match run/model.ckpt-1000.meta pretrained/model.ckpt --scope resnet=net/resnet
)";

} // namespace

Command checkpointMatchCommand() {
  Command command{"checkpoint match",
                  "Show which variables of a graph a checkpoint has, and what it has besides.",
                  "G [C …]",
                  1,
                  SIZE_MAX,
                  {{"outputs", Kind::List, "a,b:1", "only the variables that these need", true},
                   {"all", Kind::Bool, "", "list what matches and every unused key, too"},
                   {"tags", Kind::List, "t,u", "tags of the MetaGraph in a SavedModel", true},
                   {"json", Kind::Bool, "", "for a program to read"}},
                  kDetails,
                  runMatch};
  for (Flag &flag : nameFlags())
    command.flags.push_back(std::move(flag));
  return command;
}

} // namespace firn
