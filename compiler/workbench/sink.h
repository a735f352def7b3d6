// The formats that a plan can be written in.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/formats/tensor_writer.h"
#include "compiler/workbench/plan.h"

namespace firn {

enum class OutputFormat { V2, V1, Npz, Safetensors };

/// "v1", "v2", "npz", "safetensors"; nothing for another word.
std::optional<OutputFormat> outputFormatFromName(absl::string_view name);
const char *outputFormatName(OutputFormat format);

/// A tensor of a plan, or a slice of it.
struct PlannedPiece {
  const std::string *key;
  const PlannedTensor *tensor;
  std::optional<TensorSlice> slice; // nothing: all of it
  uint64_t bytes() const;
};

/// Somewhere that a plan is written to, by one or more lanes, each of which a thread may fill.
struct Sink {
  std::unique_ptr<TensorWriter> writer;
  std::vector<TensorSink *> lanes;
  /// What goes into each lane, in order: the same for the same plan.
  std::vector<std::vector<PlannedPiece>> work;
};

struct SinkOptions {
  OutputFormat format = OutputFormat::V2;
  int shards = 1; // of V2
};

/// Changes of `plan` that a format asks for: npz and safetensors hold whole tensors, V1 has an
/// order of slices.
void adaptPlan(Plan &plan, OutputFormat format);

/// Opens `path` for `plan`, which `adaptPlan` has seen and which must stay as it is.
/// InvalidArgument names the tensors that the format can't hold.
absl::StatusOr<Sink> openSink(const std::string &path, const Plan &plan,
                              const SinkOptions &options);

} // namespace firn
