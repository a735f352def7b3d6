// A program that holds a model that is linked in against values that are known to be right.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "compiler/embed/elf_object.h"
#include "compiler/embed/header.h"
#include "compiler/formats/npz.h"

namespace firn {

struct TestProgramOptions {
  std::string header;           ///< as the source includes it
  std::string generator;        ///< "firn 0.1.0"
  double rtol = 1e-4, atol = 0; ///< as of `firn verify`
};

struct TestProgram {
  std::string source; ///< C, and C++ as well
  ElfObject data;     ///< the values; refers to those that it was made of
};

/// Runs the code of every level that the processor has. `inputs` and `outputs` are under the names
/// of tensors, "x:0" or "x"; others among them are left out. InvalidArgument: one is missing, or is
/// of another type or shape than the model's.
absl::StatusOr<TestProgram> testProgram(const Interface &model, const NamedArrays &inputs,
                                        const NamedArrays &outputs,
                                        const TestProgramOptions &options);

} // namespace firn
