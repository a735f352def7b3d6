// What `firn verify` tells.
#pragma once

#include <optional>
#include <string>

#include "compiler/driver/verify_inputs.h"
#include "compiler/pipeline/DispatchComparison.h"
#include "compiler/pipeline/Verify.h"

namespace firn {

/// Two models that ran on the same inputs.
struct Verification {
  std::string a, b; // as the user named them, and how they were taken
  std::string howA, howB;
  VerifyInputs inputs;
  VerifyOptions options;
  VerifyResult result;
  bool comparesNodes = true; // both are graphs
  /// Of a graph and a module that differ, or with --keep-all.
  std::optional<DispatchReport> dispatches;
};

/// "(inference, variables from …)": how a graph was frozen.
std::string frozenText(const FreezeOptions &options, const RunnableModel &model);

std::string verificationText(const Verification &verification);
void printVerificationJson(const Verification &verification);

} // namespace firn
