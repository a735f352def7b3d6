// The whole of `firn freeze`: a training graph and its checkpoint in, one frozen GraphDef out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace firn {

/// What the graph that is written is for.
enum class Mode {
  AsIs,      ///< the graph's own semantics: what a session would compute
  Inference, ///< flags bound, dropout and batch statistics gone, training parts stripped
};

struct FreezeOptions {
  /// A .meta, .pb, .pbtxt, SavedModel directory, checkpoint prefix, directory with a `checkpoint`
  /// file, or "-".
  std::string model;
  /// Checkpoints by any of their names, the later laid over the earlier; empty: the sibling of a
  /// .meta, the SavedModel's own, or none (an already frozen graph).
  std::vector<std::string> checkpoints;
  /// Rules (`NameMap`), or names of files with rules, by which tensors of the checkpoints get the
  /// names of variables.
  std::vector<std::string> rename;
  /// Variables get their moving averages, kept under "VARIABLE/movingAverages", where the
  /// checkpoint has them. Empty: they get what is kept under their own names.
  std::string movingAverages;
  /// A variable that the checkpoint lacks, or that is not chosen to be frozen, gets the value that
  /// its initializer computes, where nothing random is in it.
  bool initMissing = false;
  /// Node names, "name:index" tensors, "^name" for a node without outputs, or signature output
  /// keys. Empty: see `selectOutputs`.
  std::vector<std::string> outputs;
  /// Without `outputs`, a signature and a collection: take what nothing takes of a graph without
  /// variables.
  bool endsAreOutputs = false;
  /// Exhaustive list of inputs, tensors or signature input keys; an intermediate tensor is a cut.
  /// Empty: every placeholder that is needed stays an input.
  std::vector<std::string> inputs;
  /// Placeholder (with or without ":0") → "true", "0.5", "[1,2]", or "@file.npy".
  std::vector<std::pair<std::string, std::string>> binds;
  /// SavedModel tags; empty: "serve" or the only one.
  std::vector<std::string> tags;
  /// Signature whose outputs are wanted when `outputs` is empty.
  std::string signature;
  /// Names or patterns of variables to freeze, and of variables to leave. Empty: all.
  std::vector<std::string> onlyVariables, skipVariables;
  /// New first dimension of the inputs: a number, "-1" for any, "" for as it is.
  std::string batch;
  /// Input → "-1,224,224,3".
  std::vector<std::pair<std::string, std::string>> inputShapes;
  /// Leave what a change of shape can't be proved for, with a warning, instead of an error.
  bool bestEffort = false;
  Mode mode = Mode::Inference;
  /// 0: freeze and apply the mode; 1: fold what IEEE 754 fixes, drop what has no effect; 2: fold
  /// everything, reassociate (batch norm into convolutions).
  int optimize = 1;
  /// Names or patterns: random nodes that stay, batch norms that keep statistics of the batch,
  /// nodes that are not bypassed.
  std::vector<std::string> keepRandom, keepBatchStatistics, keepNames;
  bool keepDevices = false;
  /// "1.4", "1.15" or "2.x": use only what this TensorFlow knows. Empty: whatever the graph uses.
  std::string targetVersion;
  /// The graph goes on to the compiler: inputs get ranks where their uses tell them, and without
  /// `targetVersion` convolutions may have paddings of their own, which older readers do not know.
  bool forCompiling = false;
  /// Write text format instead of binary.
  bool text = false;
  /// Compare checksums of what is read from the checkpoint.
  bool verifyChecksums = true;
  /// Whose options these are, for messages that show a command line.
  std::string command = "freeze";
  /// Destination file, replaced by rename when complete; "-" for standard output.
  std::string output;
  /// Print the IR after each pass to stderr.
  bool printIr = false;
  /// Called now and then while tensor bytes are written: done, total.
  std::function<void(uint64_t, uint64_t)> progress;
};

/// What was done, for the summary and for --report.
struct FreezeReport {
  struct Tensor {
    std::string name, op, dtype;
    std::vector<int64_t> shape; // -1: unknown dimension
    bool knownRank = true;
  };
  struct Variable {
    std::string name, key, dtype;
    std::vector<int64_t> shape;
    uint64_t bytes = 0;
    /// Its initializer gave the value, not a checkpoint: `key` is empty.
    bool isInitial = false;
  };
  /// A placeholder that became a constant; `asked`: by --bind, else by the mode.
  struct Bound {
    std::string name, value;
    bool asked = false;
  };
  /// A part of training that is still there; `asked`: by --keep-random or --keep-batch-statistics.
  struct Kept {
    std::string name, why;
    bool asked = false;
  };
  using Entries = std::vector<std::pair<std::string, std::string>>;
  std::string graphPath, checkpointPath;
  std::vector<Tensor> inputs, outputs;
  std::vector<Variable> variables;
  std::vector<Bound> bound;
  Entries removed;   // write, check, dropout or control dependency that was dropped, why
  Entries rewritten; // node, what it became
  Entries folded;    // node, what was made of it
  std::vector<Kept> kept;
  Entries renamed;                   // cut tensor, new placeholder name
  Entries keys;                      // input that was given as a signature's key, the tensor
  std::vector<std::string> warnings; // training-only parts still there, notes on the checkpoint
  uint64_t nodesBefore = 0, nodesAfter = 0;
  /// Of the graph's and the checkpoint's files; of the frozen graph.
  uint64_t bytesRead = 0, bytesWritten = 0;
};

/// InvalidArgument, NotFound, DataLoss, ResourceExhausted: the input's fault, the message says
/// what, where and what to do. Internal: a defect in firn. On any error nothing is left under
/// `output`.
absl::StatusOr<FreezeReport> freeze(const FreezeOptions &options);

} // namespace firn
