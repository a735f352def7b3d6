#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/driver/commands.h"
#include "compiler/driver/json_text.h"
#include "compiler/driver/progress.h"
#include "compiler/driver/text.h"
#include "compiler/workbench/integrity.h"

namespace firn {
namespace {

using Kind = Flag::Kind;

void printAsJson(const Checkpoint &checkpoint, const Integrity &integrity) {
  printJson([&](llvm::json::OStream &json) {
    json.attribute("prefix", utf8(checkpoint.prefix()));
    json.attribute("good", integrity.problems.empty());
    json.attribute("files", integrity.files);
    json.attribute("tensors", integrity.tensors);
    json.attribute("slices", integrity.slices);
    json.attribute("bytes", integrity.bytes);
    json.attribute("problems", jsonStrings(integrity.problems));
    json.attribute("unchecked", jsonStrings(integrity.unchecked));
  });
}

void printText(const Checkpoint &checkpoint, const Integrity &integrity) {
  for (const std::string &problem : integrity.problems)
    std::cout << problem << "\n";
  std::cout << checkpoint.prefix() << ": " << plural(integrity.files, "file") << ", "
            << plural(integrity.tensors, "tensor");
  if (integrity.slices)
    std::cout << ", " << plural(integrity.slices, "slice");
  std::cout << ", " << sizeText(integrity.bytes) << " read: "
            << (integrity.problems.empty() ? "good" : plural(integrity.problems.size(), "problem"))
            << "\n";
  if (!integrity.unchecked.empty())
    std::cout << "not checked: " << absl::StrJoin(integrity.unchecked, ", ") << "\n";
}

int runCheckpointVerify(const ParsedFlags &flags) {
  auto checkpoint = Checkpoint::open(flags.positional[0]);
  if (!checkpoint.ok())
    return reportError(checkpoint.status());
  const Integrity integrity = checkIntegrity(**checkpoint, nullptr);
  flags.boolean("json") ? printAsJson(**checkpoint, integrity) : printText(**checkpoint, integrity);
  return integrity.problems.empty() ? 0 : 1;
}

} // namespace

Command checkpointVerifyCommand() {
  return {"checkpoint verify",
          "Read all of a checkpoint: every file, every checksum, every slice; exit code 1 where "
          "something is wrong.",
          "PATH",
          1,
          1,
          {{"json", Kind::Bool, "", "for a program to read"}},
          "\nexample: firn checkpoint verify run/model.ckpt-1000\n",
          runCheckpointVerify};
}

} // namespace firn
