#include <exception>
#include <iostream>
#include <new>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "compiler/driver/commands.h"
#include "compiler/formats/edit_distance.h"

namespace firn {
namespace {

constexpr char kVersion[] = "firn 0.1.0";

std::vector<Command> allCommands() {
  return {freezeCommand(),
          compileCommand(),
          runCommand(),
          benchCommand(),
          embedCommand(),
          verifyCommand(),
          inspectCommand(),
          checkpointListCommand(),
          checkpointShowCommand(),
          checkpointRenameCommand(),
          checkpointSelectCommand(),
          checkpointMergeCommand(),
          checkpointAverageCommand(),
          checkpointCastCommand(),
          checkpointConvertCommand(),
          checkpointDiffCommand(),
          checkpointVerifyCommand(),
          checkpointMatchCommand(),
          diffCommand()};
}

std::string overview(const std::vector<Command> &commands) {
  std::string text = absl::StrCat(
      kVersion,
      ": freezes and compiles TensorFlow graphs, without TensorFlow\n\nusage: firn COMMAND …\n\n");
  size_t width = 0;
  for (const Command &command : commands)
    width = std::max(width, command.name.size());
  for (const Command &command : commands)
    absl::StrAppend(&text, "  ", command.name, std::string(width + 2 - command.name.size(), ' '),
                    command.summary, "\n");
  return absl::StrCat(text,
                      "\n'firn COMMAND --help' shows its flags and an example.\n"
                      "example: firn freeze run/model.ckpt-1000 --outputs prob -o frozen.pb\n");
}

// The command whose name, of one or two words, the arguments begin with.
const Command *findCommand(const std::vector<Command> &commands,
                           const std::vector<std::string> &arguments, size_t &words) {
  for (size_t count : {2, 1}) {
    if (arguments.size() < count)
      continue;
    std::string name = absl::StrJoin(arguments.begin(), arguments.begin() + count, " ");
    for (const Command &command : commands)
      if (command.name == name) {
        words = count;
        return &command;
      }
  }
  return nullptr;
}

// A word that two-word commands begin with, `firn checkpoint`, shows them when help is asked for.
int unknownCommand(const std::vector<Command> &commands, const std::vector<std::string> &arguments,
                   bool help) {
  std::vector<std::string> names, inside;
  std::string prefix = arguments[0] + " ", texts;
  for (const Command &command : commands) {
    names.push_back(command.name);
    if (command.name.compare(0, prefix.size(), prefix) == 0) {
      inside.push_back(command.name);
      absl::StrAppend(&texts, texts.empty() ? "" : "\n", helpText(command));
    }
  }
  if (help && !inside.empty()) {
    std::cout << texts;
    return 0;
  }
  if (!inside.empty())
    return reportUsage(absl::StrCat("expected one of: firn ", absl::StrJoin(inside, ", firn ")),
                       "");
  std::vector<std::string> nearest = nearestWords(arguments[0], names);
  return reportUsage(absl::StrCat("unknown command '", arguments[0], "'",
                                  nearest.empty()
                                      ? ""
                                      : absl::StrCat("; nearest: ", absl::StrJoin(nearest, ", "))),
                     "");
}

int dispatch(std::vector<std::string> arguments) {
  std::vector<Command> commands = allCommands();
  bool help = false;
  if (!arguments.empty() && arguments[0] == "help") {
    help = true;
    arguments.erase(arguments.begin());
  }
  if (arguments.empty() && !help) {
    std::cerr << "firn: error: expected a command\n\n" << overview(commands);
    return 2;
  }
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
    std::cout << overview(commands);
    return 0;
  }
  if (arguments[0] == "--version") {
    std::cout << kVersion << "\n";
    return 0;
  }
  for (const std::string &argument : arguments)
    help |= argument == "--help" || argument == "-h";
  size_t words = 0;
  const Command *command = findCommand(commands, arguments, words);
  if (!command)
    return unknownCommand(commands, arguments, help);
  arguments.erase(arguments.begin(), arguments.begin() + words);
  if (help) {
    std::cout << helpText(*command);
    return 0;
  }
  ParsedFlags flags;
  if (absl::Status status = parseFlags(*command, arguments, flags); !status.ok())
    return reportUsage(status.message(), command->name);
  return command->run(flags);
}

} // namespace

std::string versionText() { return kVersion; }

int reportError(const absl::Status &status) {
  bool defect =
      status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
  std::cerr << "firn: error: " << absl::StrReplaceAll(status.message(), {{"\n", "\n  "}}) << "\n";
  if (defect)
    std::cerr << "  this is a defect in firn, not in its input\n";
  return defect ? 3 : 1;
}

int reportUsage(absl::string_view message, absl::string_view command) {
  std::cerr << "firn: error: " << message << "\n  see 'firn " << command
            << (command.empty() ? "" : " ") << "--help'\n";
  return 2;
}

int runDriver(const std::vector<std::string> &arguments) {
  try {
    int code = dispatch(arguments);
    std::cout.flush();
    if (!std::cout && code == 0)
      return reportError(absl::FailedPreconditionError("can't write standard output"));
    return code;
  } catch (const std::bad_alloc &) {
    return reportError(absl::InternalError("out of memory"));
  } catch (const std::exception &error) {
    return reportError(absl::InternalError(error.what()));
  }
}

} // namespace firn
