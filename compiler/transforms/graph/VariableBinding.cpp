#include "compiler/transforms/graph/VariableBinding.h"

#include "compiler/transforms/graph/Effects.h"
#include "compiler/transforms/graph/PartitionSlices.h"
#include "compiler/transforms/graph/VariableChoice.h"
#include "dialects/graph/DataTypes.h"

using namespace mlir;

namespace firn::graph {
namespace {

using State = VariableBinding::State;

std::string shapeText(ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (auto [i, dim] : llvm::enumerate(shape))
    text += (i ? "," : "") + (ShapedType::isDynamic(dim) ? std::string("?") : std::to_string(dim));
  return text + "]";
}

int64_t countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  return count;
}

bool fits(ArrayRef<int64_t> declared, ArrayRef<int64_t> shape) {
  return declared.size() == shape.size() && llvm::all_of(llvm::zip(declared, shape), [](auto dims) {
           return ShapedType::isDynamic(std::get<0>(dims)) ||
                  std::get<0>(dims) == std::get<1>(dims);
         });
}

class Binder {
public:
  Binder(Node variable, const TensorSource *source) : source(source) {
    binding.variable = variable;
    binding.key = keyOfVariable(variable);
  }

  VariableBinding run() {
    if (takeInitial() || !findStored() || !takeSlice())
      return std::move(binding);
    binding.shape = binding.slice ? binding.slice->length : binding.stored->shape;
    compare();
    return std::move(binding);
  }

private:
  void fail(State state, std::string problem) {
    binding.state = state;
    binding.problem = std::move(problem);
  }

  bool takeInitial() {
    Attribute initial = binding.variable.operation()->getAttr(kInitialAttr);
    binding.initial = dyn_cast_or_null<TensorAttr>(initial);
    if (binding.initial)
      binding.shape.assign(binding.initial.getShape().begin(), binding.initial.getShape().end());
    else if (auto why = dyn_cast_or_null<StringAttr>(initial))
      remark = "; " + why.str();
    return binding.initial != nullptr;
  }

  bool findStored() {
    if (!source) {
      fail(State::Missing, "no checkpoint is given" + remark);
      return false;
    }
    binding.stored = source->find(binding.key);
    if (!binding.stored)
      fail(State::Missing, "no key '" + binding.key + "' in the checkpoint" + remark);
    else if (!remark.empty())
      fail(State::NotChosen, "it is not to have the checkpoint's value" + remark);
    return binding.state == State::Bound;
  }

  bool takeSlice() {
    auto place = binding.variable.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
    auto spec = place ? place.getAs<StringAttr>("slice") : StringAttr();
    SmallVector<int64_t> whole;
    if (spec && !parseSliceSpec(spec.getValue(), whole, binding.slice))
      fail(State::WrongSlice, "the Saver's slice '" + spec.str() + "' is no slice");
    else if (binding.slice && ArrayRef<int64_t>(whole) != ArrayRef(binding.stored->shape))
      fail(State::WrongSlice, "it is a part of " + shapeText(whole) + ", the checkpoint has " +
                                  shapeText(binding.stored->shape));
    return binding.state == State::Bound;
  }

  void compare() {
    Type stored = typeFromNumber(binding.variable.operation()->getContext(), binding.stored->dtype);
    const std::string have = "the checkpoint has " + dataTypeText(stored) + " " +
                             shapeText(binding.shape) + " under '" + binding.key + "'";
    if (stored != variableElementType(binding.variable))
      return fail(State::WrongDtype, have);
    ShapeAttr declared = variableShape(binding.variable);
    if (!declared || declared.getUnknownRank() || fits(declared.getDims(), binding.shape))
      return;
    // Saver(reshape=True) restores any shape of as many elements.
    ArrayRef<int64_t> dims = declared.getDims();
    if (!binding.variable.operation()->hasAttr(kReshapeAttr) ||
        llvm::any_of(dims, ShapedType::isDynamic) ||
        countElements(dims) != countElements(binding.shape))
      return fail(State::WrongShape, have);
    binding.shape.assign(dims.begin(), dims.end());
  }

  const TensorSource *source;
  VariableBinding binding;
  std::string remark; // why there is no initial value
};

} // namespace

VariableBinding bindVariable(Node variable, const TensorSource *source) {
  return Binder(variable, source).run();
}

std::string declaredText(Node variable) {
  ShapeAttr shape = variableShape(variable);
  return dataTypeText(variableElementType(variable)) + " " +
         (!shape || shape.getUnknownRank() ? "of unknown shape" : shapeText(shape.getDims()));
}

} // namespace firn::graph
