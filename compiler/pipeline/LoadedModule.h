// A compiled module that is run by the runtime.
#pragma once

#include "absl/status/statusor.h"
#include "compiler/pipeline/RunModel.h"
#include "runtime/firn/runtime.h"

#include <memory>
#include <string>
#include <vector>

namespace firn {

/// Whether a file begins as modules do. A name that is no file is none.
bool isModuleFile(const std::string &path);
/// Ok where it is; NotFound, or InvalidArgument for a file that is something else.
absl::Status expectModuleFile(const std::string &path);

/// What the runtime's code and message say; ok for FIRN_OK.
absl::Status statusOf(const firn_status &status);

struct ModuleOptions {
  unsigned threads = 0;     ///< 0: the processors there are
  bool withoutCode = false; ///< to be looked at, not to be run
};

/// A module with a context of its own.
class LoadedModule {
public:
  /// NotFound, DataLoss for a damaged file, FailedPrecondition for one that this processor or
  /// version can't run.
  static absl::StatusOr<LoadedModule> open(const std::string &path,
                                           const ModuleOptions &options = {});

  const std::vector<ModelTensor> &inputs() const { return in; }
  const std::vector<ModelTensor> &outputs() const { return out; }

  /// Takes the dims of `feeds`, which stay where they are until the last run. InvalidArgument: an
  /// input without a value, a dtype or shape that does not fit.
  absl::Status feed(const NamedArrays &feeds);
  /// InvalidArgument: the model fails on these values.
  absl::Status run();
  /// Copies of the results of the last run, in the order of `outputs`.
  absl::StatusOr<NamedArrays> results() const;

  firn_module *module() const { return handle.get(); }
  firn_context *context() const { return state.get(); }

private:
  struct Close {
    void operator()(firn_module *module) const { firn_module_close(module); }
    void operator()(firn_context *context) const { firn_context_destroy(context); }
  };
  std::unique_ptr<firn_module, Close> handle;
  std::unique_ptr<firn_context, Close> state; // null: opened without code
  std::vector<ModelTensor> in, out;
};

} // namespace firn
