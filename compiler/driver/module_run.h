// What the commands that run a module share.
#pragma once

#include "compiler/driver/feeds.h"
#include "compiler/pipeline/LoadedModule.h"

namespace firn {

/// "threads": of the runtime.
Flag threadsFlag();

/// Its value; 0 where it is not given.
absl::StatusOr<unsigned> threadsOf(const ParsedFlags &flags);

/// The module at `path` with the threads that `flags` ask for. InvalidArgument for flags of
/// freezing, which have no meaning for what is compiled; otherwise errors as of
/// `LoadedModule::open`.
absl::StatusOr<LoadedModule> openModule(const std::string &path, const ParsedFlags &flags);

/// A value for each of `inputs` that has no default. What is not fed is random with --random,
/// otherwise missing: InvalidArgument, with the command line of `command` that feeds it.
absl::StatusOr<NamedArrays> fedValues(const std::string &command,
                                      const std::vector<ModelTensor> &inputs, const Feeds &feeds,
                                      const ParsedFlags &flags, Feeds::Notes &notes);

/// Of all outputs those that are `wanted`; of no names all. InvalidArgument for a name that is
/// none.
absl::StatusOr<NamedArrays> wantedOutputs(NamedArrays outputs,
                                          const std::vector<std::string> &wanted);

} // namespace firn
