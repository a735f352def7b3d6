#include "compiler/embed/benchmark_program.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "compiler/embed/benchmark_source.h"
#include "compiler/embed/model_object.h"
#include "compiler/formats/data_type.h"

namespace firn {

std::string benchmarkProgram(const Interface &model, const std::vector<BenchmarkStep> &steps,
                             const BenchmarkProgramOptions &options) {
  std::string inputs, rows, terms;
  size_t termCount = 0;
  size_t rank = 1;
  bool takesBatch = false;
  for (const InterfacePort &port : model.inputs) {
    rank = std::max(rank, port.dims.size());
    takesBatch |= !port.dims.empty() && port.dims[0] < 0;
    absl::StrAppend(&inputs, "    {", quotedC(port.tensor), ", ",
                    elementType(port.dtype).enumerator, ", ", quotedC(dataTypeName(port.dtype)),
                    ", ", port.dims.size(), ", ", elementType(port.dtype).size, ", {",
                    port.dims.empty() ? "0" : absl::StrJoin(port.dims, ", "), "}},\n");
  }
  for (const BenchmarkStep &step : steps) {
    absl::StrAppend(&rows, "    {", step.index, ", ", step.flops, ", ", termCount, ", ",
                    step.bytes.size(), ", ", quotedC(step.kernel), ", ", quotedC(step.nodes),
                    "},\n");
    for (const BenchmarkStep::Term &term : step.bytes)
      absl::StrAppend(&terms, "    {", term.slot, ", ", term.sign, "},\n");
    termCount += step.bytes.size();
  }
  return filled(kBenchmarkSource, {{"name", model.name},
                                   {"generator", commentText(options.generator)},
                                   {"header", options.header},
                                   {"model", modelSymbol(model.name)},
                                   {"rank", absl::StrCat(rank)},
                                   {"takes_batch", takesBatch ? "1" : "0"},
                                   {"inputs", inputs},
                                   {"steps", rows},
                                   {"terms", terms}});
}

} // namespace firn
