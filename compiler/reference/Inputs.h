// Inputs that say how rather than what: axes, shapes, sizes. Each fails the evaluation where it
// does not fit.
#pragma once

#include "compiler/reference/Evaluation.h"

namespace firn::reference {

/// `holds`, or the failure of the evaluation with `message`.
bool expect(Evaluation &e, bool holds, const llvm::Twine &message);

/// The integer of an input of one element.
std::optional<int64_t> integerInput(Evaluation &e, unsigned index);

/// The integers of a vector.
std::optional<llvm::SmallVector<int64_t>> integersInput(Evaluation &e, unsigned index);

/// The integers of a scalar or vector.
std::optional<llvm::SmallVector<int64_t>> someIntegersInput(Evaluation &e, unsigned index);

/// An axis of `rank`, counted from the front.
std::optional<int64_t> normalAxis(Evaluation &e, int64_t axis, int64_t rank);

/// True when input `index` has this rank.
bool expectRank(Evaluation &e, unsigned index, int64_t rank);

/// The object that an input of one element refers to; null, and a failure, for one that is no `T`.
/// `T::kKind` is what `kind()` says of one.
template <typename T> std::shared_ptr<T> objectInput(Evaluation &e, unsigned index) {
  const Tensor &tensor = e.input(index);
  bool isObject = tensor.dtype() == graph::DT_RESOURCE || tensor.dtype() == graph::DT_VARIANT;
  std::shared_ptr<Object> object;
  if (isObject && tensor.size() == 1)
    object = tensor.objects().front();
  if (!expect(e, object && object->kind() == T::kKind,
              "expected a " + llvm::Twine(T::kKind) + " as input " + llvm::Twine(index) + ", got " +
                  (object ? object->kind().str() : tensor.text())))
    return nullptr;
  return std::static_pointer_cast<T>(object);
}

} // namespace firn::reference
