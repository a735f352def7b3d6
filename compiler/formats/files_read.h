// Which files this process has read: what a build system has to know of a command.
#pragma once

#include <string>
#include <vector>

namespace firn {

/// For whoever opens a file to read it. From any thread.
void noteFileRead(const std::string &path);

/// All of them so far, absolute, each once, sorted.
std::vector<std::string> filesRead();

/// A rule for make and ninja: `target` is made from all files read so far.
std::string dependencyRule(const std::string &target);

} // namespace firn
