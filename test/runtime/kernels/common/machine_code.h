// Reads the assembly of a specialised kernel.
#pragma once

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

} // namespace firn::kernels
