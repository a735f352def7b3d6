// Which tensors a graph is likely wanted for.
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "compiler/formats/proto/meta_graph.pb.h"

namespace firn {

/// A tensor that may be an output.
struct OutputCandidate {
  std::string tensor; // "node" or "node:1"
  std::string op, dtype;
  std::vector<int64_t> shape; // -1: unknown dimension
  bool knownRank = false;
  /// "prob  Softmax float [?, 10]"
  std::string str() const;
};

struct OutputCandidates {
  /// What a signature or a collection names; empty when nothing does.
  std::vector<std::string> chosen;
  /// Where `chosen` comes from, "signature 'serving_default'"; without it, why there is none.
  std::string reason;
  /// Likeliest first; losses, metrics, summaries and what training needs are left out.
  std::vector<OutputCandidate> plausible;
  /// Of a graph without variables: what is computed from its inputs and nothing takes.
  std::vector<std::string> ends;
};

/// Signatures first (`signature`, or "serving_default", or the only one; also the collection
/// "serving_signatures" of session bundles), then collections called like outputs, then what no
/// inference node consumes, ranked by what it is computed from.
OutputCandidates findOutputs(const tensorflow::MetaGraphDef &meta, absl::string_view signature);

} // namespace firn
