// Constants as passes compute with them: read as numbers, made anew.
#pragma once

#include <optional>
#include <vector>

#include "compiler/reference/Tensor.h"
#include "dialects/graph/Node.h"

namespace firn::graph {

/// The Const that `value` is, also behind Identity; null when it is none.
Node constantNode(mlir::Value value);

/// The tensor of a constant, its bytes read where they lie in a file. Nothing when `value` is no
/// constant, and when it can't be read.
std::optional<reference::Tensor> constantTensor(mlir::Value value);

/// Elements of a float tensor; nothing for other dtypes.
std::optional<std::vector<double>> numbersOf(const reference::Tensor &tensor);
/// Elements of a constant of floats, or of integers.
std::optional<std::vector<double>> constantNumbers(mlir::Value value);
std::optional<llvm::SmallVector<int64_t>> constantIntegers(mlir::Value value);

/// Numbers as a float tensor of `dtype`, each rounded once.
reference::Tensor tensorOfNumbers(int dtype, llvm::ArrayRef<int64_t> shape,
                                  llvm::ArrayRef<double> numbers);

/// A new Const before `place`, on its device, that runs after `controls`.
Node createConstant(Node place, llvm::StringRef name, TensorAttr value,
                    llvm::ArrayRef<mlir::Value> controls = {});

/// A new Const before `place`, on its device, that runs where `sources` run: it has their control
/// inputs.
mlir::Value makeConstant(Node place, llvm::StringRef name, const reference::Tensor &tensor,
                         llvm::ArrayRef<mlir::Value> sources);

/// An attribute of the node, else its op's default; null where there is neither.
mlir::Attribute attrOrDefault(Node node, llvm::StringRef name);
template <typename T> T attrOrDefault(Node node, llvm::StringRef name) {
  return llvm::dyn_cast_or_null<T>(attrOrDefault(node, name));
}
/// A list of integers, in either form that the dialect keeps it in.
llvm::SmallVector<int64_t> integerList(Node node, llvm::StringRef name);

} // namespace firn::graph
