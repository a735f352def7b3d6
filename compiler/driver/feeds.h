// `--feed` and `--feeds`: what the commands that run a model feed it with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/driver/flags.h"
#include "compiler/formats/npz.h"
#include "compiler/pipeline/RunModel.h"

namespace firn {

/// The flags' rows: feed, feeds, seed.
std::vector<Flag> feedFlags();

class Feeds {
public:
  /// A line for the user on what was done with a value.
  using Notes = std::vector<std::string>;

  /// A mistake in a flag is InvalidArgument.
  static absl::StatusOr<Feeds> parse(const ParsedFlags &flags);
  /// Reads the file of `--feeds`: keys `x:0`, `x` and `in:x:0` are the tensor x:0; where some begin
  /// with "in:", the others are left out. Errors as of `readNpz`.
  absl::Status readFile();

  /// What is fed, "x:0", sorted.
  std::vector<std::string> names() const;
  bool has(const std::string &tensor) const { return values.count(tensor) > 0; }

  /// The value that was given for `input`, which is fed. InvalidArgument and NotFound name it.
  absl::StatusOr<NpyArray> value(const ModelTensor &input, Notes &notes) const;
  /// A random value; unknown dimensions are 1. InvalidArgument where there is none.
  absl::StatusOr<NpyArray> random(const ModelTensor &input) const;

  /// What of `--feed` a value is: "random", "in.npz", "x.npy", "0.5".
  std::string source(const std::string &tensor) const;

private:
  struct Given {
    std::string text;    // of --feed
    NpyArray array = {}; // of --feeds
  };
  std::map<std::string, Given> values;
  std::string file;
  uint64_t seed = 0;
};

/// "2 of 3 inputs have no value", each of `missing` with dtype and shape, and the command line
/// `firn COMMAND …` of `flags` that feeds them.
absl::Status missingFeeds(const std::string &command, const ParsedFlags &flags,
                          const std::vector<ModelTensor> &missing, size_t inputs);

} // namespace firn
