// Reads the assembly of a specialised kernel.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firn::kernels {

/// The lines of a loop that holds no other loop.
using Loop = std::vector<std::string>;

/// The innermost loops of `assembly` (AT&T) that multiply vectors: those in which a kernel spends
/// its time. From a label to the last jump back to it.
std::vector<Loop> hotLoops(const std::string &assembly);

/// Lines that have `part`.
int countLines(const Loop &loop, const std::string &part);

/// Vector moves from or to the stack.
int countSpills(const Loop &loop);

/// The loop as text.
std::string print(const Loop &loop);

/// Expects of all hot loops: vectors of the level's width, no call, no spill.
inline void checkHotLoops(const std::string &assembly, int level, const std::string &kernel) {
  const std::vector<Loop> loops = hotLoops(assembly);
  EXPECT_FALSE(loops.empty()) << kernel;
  for (const Loop &loop : loops) {
    SCOPED_TRACE(kernel + ":\n" + print(loop));
    EXPECT_EQ(0, countLines(loop, "call"));
    EXPECT_EQ(0, countSpills(loop));
    EXPECT_LT(0, countLines(loop, level == 4 ? "zmm" : level == 3 ? "ymm" : "xmm"));
  }
}

} // namespace firn::kernels
