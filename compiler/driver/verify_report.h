// What `firn verify` tells.
#pragma once

#include <string>

#include "compiler/driver/verify_inputs.h"
#include "compiler/pipeline/Verify.h"

namespace firn {

/// Two models that ran on the same inputs.
struct Verification {
  std::string a, b; // as the user named them, and how they were taken
  std::string howA, howB;
  VerifyInputs inputs;
  VerifyOptions options;
  VerifyResult result;
};

std::string verificationText(const Verification &verification);
void printVerificationJson(const Verification &verification);

} // namespace firn
