#include "compiler/transforms/graph/mode/Changes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;

namespace firn::graph {

void recordChanges(ModuleOp module, ArrayRef<Change> changes) {
  if (changes.empty())
    return;
  Builder builder(module.getContext());
  SmallVector<Attribute> list;
  if (auto old = module->getAttrOfType<ArrayAttr>(kChangesAttr))
    llvm::append_range(list, old);
  for (const Change &change : changes)
    list.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr("kind", builder.getStringAttr(change.kind)),
         builder.getNamedAttr("node", builder.getStringAttr(change.node)),
         builder.getNamedAttr("text", builder.getStringAttr(change.text))}));
  module->setAttr(kChangesAttr, builder.getArrayAttr(list));
}

std::vector<Change> takeChanges(ModuleOp module) {
  std::vector<Change> changes;
  auto list = module->getAttrOfType<ArrayAttr>(kChangesAttr);
  if (!list)
    return changes;
  for (Attribute attr : list) {
    auto entry = dyn_cast<DictionaryAttr>(attr);
    auto field = [&](StringRef name) {
      auto text = entry ? entry.getAs<StringAttr>(name) : StringAttr();
      return text ? text.str() : std::string();
    };
    changes.push_back({field("kind"), field("node"), field("text")});
  }
  module->removeAttr(kChangesAttr);
  return changes;
}

} // namespace firn::graph
