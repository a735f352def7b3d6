// Which dimensions of the inputs change, and to what.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/transforms/graph/shapes/ShapeInference.h"

namespace firn::graph {

/// What is asked for. Sizes are -1 for any.
struct InputRequest {
  std::optional<int64_t> batch;
  std::map<std::string, std::vector<int64_t>> shapes;
};

/// "-1,224,224,3", with `?` and `None` for -1 as well; nothing when it is no list of sizes.
std::optional<std::vector<int64_t>> parseSizes(llvm::StringRef text);

/// The inputs as they will be, each dimension that changes from one known size a tracked symbol.
/// First dimensions that change alike share one, and so do others of one axis.
class InputDims {
public:
  /// `old` is an inference of the graph as it is. False when the request can't be met; `why` says
  /// which input, and what to do.
  bool choose(mlir::Block &graph, const ShapeInference &old, const InputRequest &request,
              std::string &why);

  struct Input {
    Node placeholder;
    ShapeInfo before;
    /// With symbols for what changes, and numbers for what was not known before.
    ShapeInfo after;
  };
  llvm::ArrayRef<Input> inputs() const { return changed; }
  llvm::ArrayRef<int64_t> oldValues() const { return olds; }

  /// One of its symbols is a first dimension of inputs.
  bool isBatch(Dim dim) const;
  /// For messages: `3*batch`, `axis 1`, and `?` for what is no input's dimension.
  std::string text(Dim dim) const;
  /// The number that a dimension of tracked symbols becomes; nothing when one of them is any.
  std::optional<int64_t> newValue(Dim dim) const;

private:
  bool addBatch(llvm::ArrayRef<Node> placeholders, const ShapeInference &old,
                const InputRequest &request, std::string &why);
  bool addShape(Node placeholder, const ShapeInfo &before, llvm::ArrayRef<int64_t> sizes,
                std::string &why);
  std::optional<Dim> dimFor(unsigned axis, Dim before, int64_t size, std::string &why);

  std::vector<Input> changed;
  llvm::SmallVector<int64_t> olds, news;
  llvm::SmallVector<unsigned> axes;
  std::map<std::tuple<unsigned, int64_t, int64_t>, unsigned> symbols;
};

} // namespace firn::graph
