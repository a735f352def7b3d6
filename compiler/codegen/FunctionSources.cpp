#include "compiler/codegen/FunctionSources.h"

#include "absl/strings/str_cat.h"
#include "compiler/codegen/DispatchFunction.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;

namespace firn::codegen {
namespace {

// The symbols of the module that `op` refers to, and those that they refer to.
void collectSymbols(Operation *op, const SymbolTable &symbols,
                    llvm::SetVector<Operation *> &found) {
  op->walk([&](Operation *nested) {
    nested->getAttrDictionary().walk([&](SymbolRefAttr name) {
      Operation *symbol = symbols.lookup(name.getRootReference());
      if (symbol && found.insert(symbol))
        collectSymbols(symbol, symbols, found);
    });
  });
}

absl::StatusOr<std::string> bytecodeOf(func::FuncOp function, const SymbolTable &symbols) {
  llvm::SetVector<Operation *> parts;
  parts.insert(function);
  collectSymbols(function, symbols, parts);
  OwningOpRef<ModuleOp> module = ModuleOp::create(function.getLoc());
  for (Operation *part : parts)
    module->push_back(part->clone());
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(writeBytecodeToFile(*module, stream)))
    return absl::InternalError(
        absl::StrCat("cannot write function '", function.getName().str(), "'"));
  return stream.str();
}

} // namespace

absl::StatusOr<std::vector<FunctionSource>> splitFunctions(ModuleOp dispatches, CpuLevel level) {
  SymbolTable symbols(dispatches);
  std::vector<FunctionSource> sources;
  for (auto function : dispatches.getOps<func::FuncOp>()) {
    auto number = function->getAttrOfType<IntegerAttr>(functionAttr);
    auto only = function->getAttrOfType<IntegerAttr>(levelAttr);
    if (!number || (only && only.getInt() != level))
      continue;
    absl::StatusOr<std::string> bytecode = bytecodeOf(function, symbols);
    if (!bytecode.ok())
      return bytecode.status();
    sources.push_back({uint32_t(number.getInt()), *std::move(bytecode)});
  }
  llvm::sort(sources, [](auto &a, auto &b) { return a.function < b.function; });
  for (size_t i = 1; i < sources.size(); ++i)
    if (sources[i].function == sources[i - 1].function)
      return absl::InternalError(absl::StrCat("two functions of level ", int(level),
                                              " have number ", sources[i].function));
  return sources;
}

} // namespace firn::codegen
