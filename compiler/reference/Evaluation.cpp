#include "compiler/reference/Evaluation.h"

#include "dialects/graph/OpTable.h"
#include "dialects/graph/Signature.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::reference {

Attribute Evaluation::attr(StringRef name) const {
  if (Attribute attr = graphNode.attr(name))
    return attr;
  StringRef type = graphNode.type();
  const OpSignature *op = lookupOp({type.data(), type.size()});
  return op ? defaultAttr(graphNode.operation()->getContext(), *op, name) : Attribute();
}

int64_t Evaluation::integer(StringRef name) const {
  auto value = dyn_cast_or_null<IntegerAttr>(attr(name));
  return value ? value.getInt() : 0;
}
double Evaluation::real(StringRef name) const {
  auto value = dyn_cast_or_null<FloatAttr>(attr(name));
  return value ? value.getValueAsDouble() : 0;
}
bool Evaluation::flag(StringRef name) const {
  auto value = dyn_cast_or_null<BoolAttr>(attr(name));
  return value && value.getValue();
}
StringRef Evaluation::text(StringRef name) const {
  auto value = dyn_cast_or_null<StringAttr>(attr(name));
  return value ? value.getValue() : StringRef();
}
int Evaluation::type(StringRef name) const {
  auto value = dyn_cast_or_null<TypeAttr>(attr(name));
  return value ? numberFromType(value.getValue()) : DT_INVALID;
}
FuncAttr Evaluation::function(StringRef name) const {
  return dyn_cast_or_null<FuncAttr>(attr(name));
}

// The elements of a list attribute, in whatever form lists of this kind take.
template <typename Element, typename Get>
static SmallVector<Element> listOf(Attribute attr, Get get) {
  SmallVector<Element> list;
  if (auto array = dyn_cast_or_null<ArrayAttr>(attr))
    for (Attribute element : array)
      get(element, list);
  return list;
}

SmallVector<int64_t> Evaluation::integers(StringRef name) const {
  Attribute list = attr(name);
  if (auto dense = dyn_cast_or_null<DenseI64ArrayAttr>(list))
    return SmallVector<int64_t>(dense.asArrayRef());
  return listOf<int64_t>(list, [](Attribute element, auto &out) {
    if (auto integer = dyn_cast<IntegerAttr>(element))
      out.push_back(integer.getInt());
  });
}
SmallVector<float> Evaluation::reals(StringRef name) const {
  Attribute list = attr(name);
  if (auto dense = dyn_cast_or_null<DenseF32ArrayAttr>(list))
    return SmallVector<float>(dense.asArrayRef());
  return listOf<float>(list, [](Attribute element, auto &out) {
    if (auto real = dyn_cast<FloatAttr>(element))
      out.push_back(real.getValueAsDouble());
  });
}
SmallVector<int> Evaluation::types(StringRef name) const {
  return listOf<int>(attr(name), [](Attribute element, auto &out) {
    if (auto type = dyn_cast<TypeAttr>(element))
      out.push_back(numberFromType(type.getValue()));
  });
}
SmallVector<std::string> Evaluation::texts(StringRef name) const {
  return listOf<std::string>(attr(name), [](Attribute element, auto &out) {
    if (auto text = dyn_cast<StringAttr>(element))
      out.push_back(text.getValue().str());
  });
}

// Elements that a tensor may have: 16 Gi, beyond what the machines at hand can hold.
static constexpr int64_t kMaxElements = int64_t(1) << 34;

Tensor Evaluation::make(unsigned index, int dtype, ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t dim : shape) {
    if (dim < 0 || (dim && count > kMaxElements / dim)) {
      fail("expected a shape that fits in memory, got " + shapeText(shape));
      return {};
    }
    count *= dim;
  }
  results[index] = Tensor(dtype, shape);
  return results[index];
}

void Evaluation::failDtype(int dtype) {
  fail("the reference interpreter lacks this op for " + dataTypeMnemonic(dtype));
}

std::optional<Tensors> Evaluation::call(FuncAttr function, Tensors arguments) {
  if (!callFunction || !function) {
    fail("expected a function to call");
    return std::nullopt;
  }
  std::string why;
  std::optional<Tensors> values = (*callFunction)(function, std::move(arguments), why);
  if (!values)
    fail(why);
  return values;
}

} // namespace firn::reference
