#include "compiler/codegen/Signature.h"

#include "compiler/codegen/DispatchFunction.h"
#include "mlir/Dialect/LLVMIR/LLVMTypes.h"

using namespace mlir;

namespace firn::codegen {
namespace {

unsigned alignmentOf(func::FuncOp function, unsigned argument) {
  auto align = function.getArgAttrOfType<IntegerAttr>(argument, "llvm.align");
  return align ? unsigned(align.getInt()) : 1;
}

// Buffers and dims among the arguments [begin, end).
LogicalResult bindOperands(func::FuncOp function, unsigned begin, unsigned end,
                           std::vector<ArgumentSource> &sources) {
  unsigned buffers = 0, dims = 0;
  for (unsigned i = begin; i < end; ++i) {
    Type type = function.getArgumentTypes()[i];
    auto memref = dyn_cast<MemRefType>(type);
    if (type.isIndex())
      sources.push_back({ArgumentSource::Dim, dims++});
    else if (memref && function.getArgAttr(i, scratchAttr))
      sources.push_back({ArgumentSource::Scratch, 0, alignmentOf(function, i)});
    else if (memref && memref.getRank() == 0 && memref.getLayout().isIdentity())
      sources.push_back({ArgumentSource::Buffer, buffers++, alignmentOf(function, i)});
    else
      return function.emitError("expected buffers as memref<T> and sizes as index, got argument ")
             << i << " of type " << type;
  }
  return success();
}

LogicalResult bindDispatch(func::FuncOp function, std::vector<ArgumentSource> &sources) {
  auto results = function.getResultTypes();
  if (results.size() > 1 || (results.size() == 1 && !results[0].isInteger(32)))
    return function.emitError("expected no result or a code (i32)");
  unsigned count = function.getNumArguments();
  if (count < 3 ||
      !llvm::all_of(
          function.getArgumentTypes().take_back(3), [](Type type) { return type.isIndex(); }))
    return function.emitError("expected x, y, z (index) as the last arguments");
  if (failed(bindOperands(function, 0, count - 3, sources)))
    return failure();
  for (auto kind : {ArgumentSource::X, ArgumentSource::Y, ArgumentSource::Z})
    sources.push_back({kind});
  return success();
}

LogicalResult bindEpilogue(func::FuncOp function, std::vector<ArgumentSource> &sources) {
  auto types = function.getArgumentTypes();
  if (types.size() < 3 || !types[0].isF32() || !types[1].isIndex() || !types[2].isIndex() ||
      function.getNumResults() != 1 || !function.getResultTypes()[0].isF32())
    return function.emitError("expected an epilogue (f32, index, index, …) -> f32");
  sources = {{ArgumentSource::Value}, {ArgumentSource::Row}, {ArgumentSource::Column}};
  return bindOperands(function, 3, types.size(), sources);
}

void addGroup(func::FuncOp function, std::vector<ArgumentSource> &sources) {
  MLIRContext *context = function.getContext();
  function.insertArgument(0, LLVM::LLVMPointerType::get(context), DictionaryAttr::get(context),
                          function.getLoc());
  sources.insert(sources.begin(), {ArgumentSource::Group});
}

} // namespace

FailureOr<DispatchSignature> bindSignature(ModuleOp module) {
  DispatchSignature signature;
  func::FuncOp dispatch;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr(functionAttr))
      dispatch = function;
  if (!dispatch)
    return module.emitError("expected a function with the attribute '") << functionAttr << "'";
  signature.function = uint32_t(dispatch->getAttrOfType<IntegerAttr>(functionAttr).getInt());
  signature.body = dispatch.getName().str();
  if (failed(bindDispatch(dispatch, signature.bodyArguments)))
    return failure();
  if (auto name = dispatch->getAttrOfType<FlatSymbolRefAttr>(epilogueAttr)) {
    auto epilogue = module.lookupSymbol<func::FuncOp>(name.getValue());
    if (!epilogue)
      return dispatch.emitError("expected an epilogue '") << name.getValue() << "'";
    signature.epilogue = epilogue.getName().str();
    if (failed(bindEpilogue(epilogue, signature.epilogueArguments)))
      return failure();
    addGroup(epilogue, signature.epilogueArguments);
  }
  addGroup(dispatch, signature.bodyArguments);
  return signature;
}

} // namespace firn::codegen
