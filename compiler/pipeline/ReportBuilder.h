// What a freeze did, gathered while it runs.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "compiler/pipeline/Freeze.h"
#include "compiler/pipeline/Model.h"
#include "dialects/graph/Node.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassInstrumentation.h"

namespace firn {

class ReportBuilder {
public:
  ReportBuilder(const Model &model, const FreezeOptions &options);

  /// Looks at the graph around the pass that freezes variables and the one that folds constants.
  std::unique_ptr<mlir::PassInstrumentation> instrumentation();
  /// Looks at the frozen graph.
  void finish(mlir::ModuleOp module);
  FreezeReport &report() { return result; }

private:
  friend class FreezeObserver;
  void beforeFreeze(mlir::ModuleOp module);
  void afterFreeze(mlir::ModuleOp module);
  void warnOfUnusedAverages(mlir::ModuleOp module);
  void addVariable(graph::Node variable);
  void beforeFold(mlir::ModuleOp module);
  void afterFold(mlir::ModuleOp module);
  void takeChanges(mlir::ModuleOp module);
  void collectWrites(mlir::ModuleOp module);
  void collectInputs(mlir::ModuleOp module);
  void collectOutputs(mlir::ModuleOp module);

  FreezeOptions options;
  std::shared_ptr<const CheckpointView> checkpoint;
  std::set<std::string> trainable;
  FreezeReport result;
  std::vector<std::string> writes;
  /// Nodes that are no constants before constants are folded, and their ops.
  std::map<std::string, std::string> unfolded;
};

} // namespace firn
