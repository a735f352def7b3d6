// What the tests of code generation share: dispatches from text, run at every level the machine
// has.
#pragma once

#include "compiler/codegen/Codegen.h"
#include "runtime/abi/dispatch.h"

#include <functional>
#include <string>
#include <vector>

extern const std::vector<firn::codegen::CpuLevel> allLevels;

/// The levels that this machine can run.
std::vector<firn::codegen::CpuLevel> runnableLevels();

/// Options with the test's kernels.
firn::codegen::CodegenOptions testOptions(std::vector<firn::codegen::CpuLevel> levels = allLevels);

absl::StatusOr<firn::codegen::GeneratedCode>
generateText(const std::string &text, const firn::codegen::CodegenOptions &options);

absl::StatusOr<std::string> emitText(const std::string &text, firn::codegen::CpuLevel level,
                                     firn::codegen::CodeForm form);

/// Compiles the text and calls `check` with the entry of each level that can run.
void runText(const std::string &text, const std::function<void(firn_dispatch_entry)> &check);

/// A workgroup over `buffers` and `dims`; both outlive it.
firn_workgroup workgroup(const std::vector<void *> &buffers, const std::vector<int64_t> &dims);
