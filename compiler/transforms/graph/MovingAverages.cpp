#include "compiler/transforms/graph/MovingAverages.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {

MovingAverages::MovingAverages(const TensorSource &source, StringRef suffix)
    : source(source), ending(("/" + suffix).str()) {
  for (const std::string &key : source.keys()) {
    StringRef name = key;
    // Where the name itself is a variable's there is no doubt whose average it is.
    if (!name.consume_back(ending) || source.find(name))
      continue;
    for (size_t slash = name.find('/'); slash != StringRef::npos; slash = name.find('/')) {
      name = name.drop_front(slash + 1);
      auto [it, isNew] = scoped.emplace(name.str(), key);
      if (!isNew)
        it->second.clear();
    }
  }
}

std::string MovingAverages::find(StringRef name) const {
  std::string key = name.str() + ending;
  if (source.find(key))
    return key;
  auto it = scoped.find(name.str());
  return it == scoped.end() ? "" : it->second;
}

void MovingAverages::use(Node variable) const {
  auto place = variable.operation()->getAttrOfType<DictionaryAttr>(kKeyAttr);
  auto key = place ? place.getAs<StringAttr>("key") : StringAttr();
  if (!key)
    return;
  std::string average = find(key.getValue());
  if (average.empty())
    average = find(variable.name());
  if (average.empty())
    return;
  NamedAttrList fields(place);
  fields.set("key", StringAttr::get(place.getContext(), average));
  variable.operation()->setAttr(kKeyAttr, fields.getDictionary(place.getContext()));
}

} // namespace firn::graph
