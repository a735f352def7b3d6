#include "compiler/reference/Inputs.h"

using llvm::Twine;

namespace firn::reference {

bool expect(Evaluation &e, bool holds, const Twine &message) {
  if (!holds)
    e.fail(message);
  return holds;
}

std::optional<int64_t> integerInput(Evaluation &e, unsigned index) {
  llvm::SmallVector<int64_t> values = integersOf(e.input(index));
  if (!expect(e, values.size() == 1,
              "expected one integer as input " + Twine(index) + ", got " + e.input(index).text()))
    return std::nullopt;
  return values.front();
}

std::optional<llvm::SmallVector<int64_t>> integersInput(Evaluation &e, unsigned index) {
  if (!expectRank(e, index, 1))
    return std::nullopt;
  return someIntegersInput(e, index);
}

std::optional<llvm::SmallVector<int64_t>> someIntegersInput(Evaluation &e, unsigned index) {
  const Tensor &tensor = e.input(index);
  llvm::SmallVector<int64_t> values = integersOf(tensor);
  bool fits = tensor.rank() <= 1 && static_cast<int64_t>(values.size()) == tensor.size();
  if (!expect(e, fits,
              "expected integers as input " + Twine(index) + ", got " + e.input(index).text()))
    return std::nullopt;
  return values;
}

std::optional<int64_t> normalAxis(Evaluation &e, int64_t axis, int64_t rank) {
  if (!expect(e, axis >= -rank && axis < rank,
              "expected an axis of rank " + Twine(rank) + ", got " + Twine(axis)))
    return std::nullopt;
  return axis < 0 ? axis + rank : axis;
}

bool expectRank(Evaluation &e, unsigned index, int64_t rank) {
  return expect(e, e.input(index).rank() == rank,
                "expected rank " + Twine(rank) + " of input " + Twine(index) + ", got " +
                    e.input(index).text());
}

} // namespace firn::reference
