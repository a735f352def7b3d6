#include "compiler/conversion/graph_to_kernel/SeparateCalls.h"

#include "dialects/graph/Node.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

// Functions that call each other in a circle are copied so many times; that they can't be compiled
// is found later.
constexpr size_t kMaxBodies = 4096;

class CallSeparator {
public:
  explicit CallSeparator(ModuleOp module) : module(module) {
    for (FuncOp function : module.getOps<FuncOp>())
      functions[function.getFuncName()] = function;
  }

  void run(Block &top) {
    bodies.push_back(&top);
    for (size_t i = 0; i < bodies.size() && bodies.size() < kMaxBodies; ++i)
      for (Operation &op : bodies[i]->without_terminator())
        for (NamedAttribute attr : llvm::to_vector(op.getAttrs()))
          if (Attribute other = separated(attr.getValue()); other != attr.getValue())
            op.setAttr(attr.getName(), other);
  }

private:
  Attribute separated(Attribute attr) {
    if (auto list = dyn_cast<ArrayAttr>(attr);
        list && llvm::any_of(list, llvm::IsaPred<FuncAttr>)) {
      SmallVector<Attribute> all;
      for (Attribute each : list)
        all.push_back(separated(each));
      return ArrayAttr::get(module.getContext(), all);
    }
    auto name = dyn_cast<FuncAttr>(attr);
    FuncOp function = name ? functions.lookup(name.getName().getValue()) : FuncOp();
    if (!function)
      return attr;
    if (!called.insert(function.getFuncName()).second)
      function = copyOf(function);
    bodies.push_back(&function.getNodes());
    return FuncAttr::get(module.getContext(), function.getFuncNameAttr(), name.getAttrs());
  }

  FuncOp copyOf(FuncOp function) {
    FuncOp copy = function.clone();
    std::string name;
    for (unsigned i = 0; name.empty() || functions.count(name); ++i)
      name = (function.getFuncName() + "_copy" + Twine(i)).str();
    copy.setFuncName(name);
    module.push_back(copy);
    called.insert(name);
    return functions[name] = copy;
  }

  ModuleOp module;
  llvm::StringMap<FuncOp> functions;
  llvm::StringSet<> called;
  std::vector<Block *> bodies;
};

} // namespace

void separateCalls(ModuleOp module, GraphOp graph) { CallSeparator(module).run(graph.getNodes()); }

} // namespace firn::kernel
