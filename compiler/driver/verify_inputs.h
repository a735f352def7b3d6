// The inputs of two models that are to run on the same values.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/driver/feeds.h"

namespace firn {

/// An input of A, of B, or of both.
struct VerifyInput {
  std::string a, b; // "" where the model has no such input
  int dtype = 0;
  std::vector<int64_t> shape; // of the value
  std::string source;         // "random", "in.npz", "0.5"
};

struct VerifyInputs {
  std::vector<VerifyInput> inputs;
  NamedArrays a, b;
  Feeds::Notes notes;
};

/// Inputs belong together by name; by position where each model has as many of its own, which a
/// note says. What is not fed and has no default is made random, in both alike. InvalidArgument: an
/// input that only one model has and that is not fed, a value that does not fit.
absl::StatusOr<VerifyInputs> verifyInputs(const std::vector<ModelTensor> &a,
                                          const std::vector<ModelTensor> &b, const Feeds &feeds);

} // namespace firn
