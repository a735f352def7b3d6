// A kernel as a module's code has it: the bitcode, constant arguments, an epilogue, optimised
// together. For benchmarks (run it) and for tests of the machine code (read it).
#pragma once

#include "runtime/abi/dispatch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace firn::kernels {

class SpecialisedKernel {
public:
  /// `arguments`: the words of the family's argument structure. `epilogue`: LLVM IR of the body of
  /// `firn_epilogue`, with the parameters %value, %row, %column, %group; V stands for its vector
  /// type. A broken kernel ends the program with LLVM's message.
  SpecialisedKernel(int level, const std::string &kernel, const std::vector<int64_t> &arguments,
                    const std::string &epilogue);
  ~SpecialisedKernel();

  /// One workgroup. The machine has to have the level.
  uint32_t operator()(const firn_workgroup *group);

  const std::string &assembly() const;

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

/// The words of an argument structure.
template <class Args> std::vector<int64_t> argumentWords(const Args &args) {
  static_assert(sizeof(Args) % 8 == 0, "argument structures have fields of eight bytes only");
  const auto *words = reinterpret_cast<const int64_t *>(&args);
  return {words, words + sizeof(Args) / 8};
}

/// Epilogues.
inline const char *const kIdentity = "ret V %value";
inline const char *const kRelu = "%positive = fcmp ogt V %value, zeroinitializer\n"
                                 "%result = select M %positive, V %value, V zeroinitializer\n"
                                 "ret V %result";

} // namespace firn::kernels
