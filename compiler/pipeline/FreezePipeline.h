// The order of the passes that freeze a graph. The only place that orders them.
#pragma once

#include "compiler/formats/proto/meta_graph.pb.h"
#include "compiler/pipeline/Freeze.h"
#include "mlir/Pass/PassManager.h"

namespace firn {

/// Adds the passes of `freeze` for a graph whose outputs are chosen.
void buildFreezePipeline(mlir::OpPassManager &passes, const FreezeOptions &options,
                         const std::vector<std::string> &outputs,
                         const tensorflow::SaverDef &saver);

/// Registers `--graph-freeze`, the same order with options for tests, with firn-opt.
void registerFreezePipeline();

} // namespace firn
