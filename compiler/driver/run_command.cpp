#include <fstream>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "compiler/driver/commands.h"
#include "compiler/pipeline/RunModel.h"

namespace firn {
namespace {

int runRun(const ParsedFlags &flags) {
  FreezeOptions options;
  options.model = flags.positional[0];
  options.outputs = flags.list("fetch");
  absl::StatusOr<FrozenModel *> model = FrozenModel::create(options);
  if (!model.ok())
    return reportError(model.status());
  NamedArrays feeds;
  for (const std::string &feed : flags.list("feed")) {
    absl::StatusOr<NpyArray> array = readNpy(feed.substr(feed.find("=@") + 2));
    if (!array.ok())
      return reportError(array.status());
    feeds.emplace_back(feed.substr(0, feed.find('=')), std::move(*array));
  }
  absl::StatusOr<NamedArrays> outputs = runModel(**model, feeds);
  if (!outputs.ok())
    return reportError(outputs.status());
  for (size_t i = 0; i < outputs->size(); ++i) {
    const auto &[name, array] = (*outputs)[i];
    size_t width = 1;
    for (const std::string &text : array.strings)
      width = std::max(width, text.size());
    std::ofstream out(absl::StrCat(flags.text("out"), ".", i, ".npy"), std::ios::binary);
    out << npyHeader(array.dtype, array.shape, width) << array.bytes;
    for (std::string text : array.strings) {
      text.resize(width);
      out << text;
    }
    std::cout << name << "\n";
  }
  return 0;
}

} // namespace

Command runCommand() {
  Command command{"run", "Evaluate a model with the reference interpreter.", "MODEL", 1, 1, {}, "",
                  runRun};
  command.flags = {{"feed", Flag::Kind::List, "x:0=@x.npy", "a value of an input; repeatable"},
                   {"fetch", Flag::Kind::List, "a,b:1", "tensors wanted", true},
                   {"out", Flag::Kind::String, "OUT", "where values are written"}};
  return command;
}

} // namespace firn
