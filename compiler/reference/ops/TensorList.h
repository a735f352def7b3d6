// Lists of tensors: what loops of TensorFlow 2 carry. A list is a value: an op that changes one
// yields another.
#pragma once

#include "compiler/reference/PartialShape.h"

namespace firn::reference {

struct TensorList : Object {
  static constexpr llvm::StringRef kKind = "TensorList";
  llvm::StringRef kind() const override { return kKind; }

  int dtype = 0;
  PartialShape elementShape;
  int64_t maxElements = -1; // -1: no bound
  Tensors elements;         // absent where nothing was written
};

using List = std::shared_ptr<TensorList>;

// Elements beyond which a list is not grown: a number that large is a mistake.
constexpr int64_t kMaxElements = 1 << 26;

void giveList(Evaluation &e, List list);

// Each of these fails the evaluation where the input is not of the kind.
List listInput(Evaluation &e, unsigned index = 0);
/// A copy to be changed.
List copyOfList(Evaluation &e);
/// A list of no elements, of the node's `element_dtype` and the shape that an input says.
List newList(Evaluation &e, unsigned shapeInput);
bool expectCount(Evaluation &e, int64_t count);
bool expectInside(Evaluation &e, const TensorList &list, int64_t index);
bool expectElement(Evaluation &e, const TensorList &list, const Tensor &value);
bool expectDtype(Evaluation &e, const TensorList &list);

/// The shape that elements have by what is known: the list's, `wanted`, and that of what was
/// written.
std::optional<PartialShape> commonShape(Evaluation &e, const TensorList &list,
                                        const PartialShape &wanted, llvm::ArrayRef<Tensor> written);

/// Rows `first` to `first + count` of a tensor; without the first axis where `count` is -1.
Tensor rowsOf(const Tensor &tensor, int64_t first, int64_t count);

} // namespace firn::reference
