// A model after the passes of freeze, in memory: what is written, run or compared.
#pragma once

#include <memory>
#include <optional>

#include "compiler/pipeline/Freeze.h"
#include "compiler/pipeline/Model.h"
#include "compiler/pipeline/signature_keys.h"
#include "compiler/support/Status.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

namespace firn {

class ReportBuilder;

/// Opens, imports and lowers. Lives until the process ends: giving a large graph back piece by
/// piece takes longer than what a command has left to do.
class FrozenModel {
public:
  /// Errors as of `freeze`.
  static absl::StatusOr<FrozenModel *> create(const FreezeOptions &options);

  mlir::ModuleOp module() { return *graph; }
  FreezeReport &report() { return result; }
  /// Of the tensors that a signature names its keys.
  std::map<std::string, std::string> keysOf(SignatureSide side) const {
    return signatureKeys(model->graph.meta, options.signature, side);
  }
  /// Where the bytes of references are read from.
  TensorFiles &files() {
    return model->checkpoint->empty() ? ownFiles
                                      : model->checkpoint->checkpoints()[0]->tensorFiles();
  }
  /// What was diagnosed since; ok when nothing was.
  absl::Status diagnosed() const { return diagnostics->status(); }

private:
  explicit FrozenModel(const FreezeOptions &options);
  absl::Status lower();
  absl::Status runPasses(const std::vector<std::string> &outputs, ReportBuilder &report);
  absl::Status located(const absl::Status &status) const;

  FreezeOptions options;
  absl::StatusOr<Model> model;
  mlir::MLIRContext context;
  std::optional<DiagnosticCollector> diagnostics;
  mlir::OwningOpRef<mlir::ModuleOp> graph;
  FreezeReport result;
  TensorFiles ownFiles;
};

} // namespace firn
