#include "compiler/codegen/DispatchFunction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace firn::codegen {
namespace {

bool isEpilogue(func::FuncOp function) {
  return function.getNumArguments() != 0 && function.getArgument(0).getType().isF32();
}

// Strides of a row-major tensor whose `?` are `sizes`; constants where they are known.
SmallVector<OpFoldResult> rowMajorStrides(OpBuilder &builder, Location loc,
                                          ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  for (int64_t i = int64_t(sizes.size()) - 2; i >= 0; --i) {
    auto size = getConstantIntValue(sizes[i + 1]), stride = getConstantIntValue(strides[i + 1]);
    if (size && stride) {
      strides[i] = builder.getIndexAttr(*size * *stride);
      continue;
    }
    strides[i] =
        builder
            .create<arith::MulIOp>(loc, getValueOrCreateConstantIndexOp(builder, loc, sizes[i + 1]),
                                   getValueOrCreateConstantIndexOp(builder, loc, strides[i + 1]))
            .getResult();
  }
  return strides;
}

} // namespace

func::FuncOp createDispatch(OpBuilder &builder, Location loc, StringRef name, uint32_t function,
                            ArrayRef<BufferArgument> buffers, unsigned dims, bool scratch) {
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attributes;
  for (const BufferArgument &buffer : buffers) {
    NamedAttrList list;
    if (buffer.noalias)
      list.set("llvm.noalias", builder.getUnitAttr());
    if (buffer.aligned)
      list.set("llvm.align", builder.getI64IntegerAttr(64));
    types.push_back(MemRefType::get({}, buffer.elementType));
    attributes.push_back(list.getDictionary(builder.getContext()));
  }
  if (scratch) {
    NamedAttrList list;
    list.set("llvm.noalias", builder.getUnitAttr());
    list.set("llvm.align", builder.getI64IntegerAttr(64));
    list.set(scratchAttr, builder.getUnitAttr());
    types.push_back(MemRefType::get({}, builder.getI8Type()));
    attributes.push_back(list.getDictionary(builder.getContext()));
  }
  types.append(dims + 3, builder.getIndexType());
  attributes.resize(types.size(), builder.getDictionaryAttr({}));
  auto type = builder.getFunctionType(types, builder.getI32Type());
  auto number = builder.getNamedAttr(functionAttr, builder.getI32IntegerAttr(function));
  auto op = builder.create<func::FuncOp>(loc, name, type, ArrayRef<NamedAttribute>(number),
                                         ArrayRef<DictionaryAttr>(attributes));
  op.addEntryBlock();
  return op;
}

func::FuncOp createEpilogue(OpBuilder &builder, Location loc, func::FuncOp dispatch,
                            StringRef name) {
  SmallVector<Type> types = {builder.getF32Type(), builder.getIndexType(), builder.getIndexType()};
  SmallVector<DictionaryAttr> attributes(3, builder.getDictionaryAttr({}));
  unsigned kept = dispatch.getNumArguments() - 3;
  for (unsigned i = 0; i < kept; ++i) {
    if (dispatch.getArgAttr(i, scratchAttr))
      continue;
    types.push_back(dispatch.getArgumentTypes()[i]);
    // The kernel writes the output while the epilogue reads: only the alignment stays a promise.
    NamedAttrList list(dispatch.getArgAttrDict(i));
    list.erase("llvm.noalias");
    attributes.push_back(list.getDictionary(builder.getContext()));
  }
  auto type = builder.getFunctionType(types, builder.getF32Type());
  auto op = builder.create<func::FuncOp>(loc, name, type, ArrayRef<NamedAttribute>(),
                                         ArrayRef<DictionaryAttr>(attributes));
  op.setPrivate();
  op.addEntryBlock();
  dispatch->setAttr(epilogueAttr, FlatSymbolRefAttr::get(builder.getContext(), name));
  return op;
}

DispatchArguments dispatchArguments(func::FuncOp function) {
  DispatchArguments found;
  bool epilogue = isEpilogue(function);
  unsigned count = function.getNumArguments();
  for (unsigned i = epilogue ? 3 : 0; i < (epilogue ? count : count - 3); ++i) {
    Value argument = function.getArgument(i);
    if (function.getArgAttr(i, scratchAttr))
      found.scratch = argument;
    else if (isa<MemRefType>(argument.getType()))
      found.buffers.push_back(argument);
    else
      found.dims.push_back(argument);
  }
  auto last = function.getArguments().take_back(3), first = function.getArguments().take_front(3);
  if (epilogue)
    found.value = first[0], found.row = first[1], found.column = first[2];
  else
    found.x = last[0], found.y = last[1], found.z = last[2];
  return found;
}

Value viewBuffer(OpBuilder &builder, Location loc, Value buffer, MemRefType type,
                 ValueRange sizes) {
  SmallVector<OpFoldResult> all;
  for (int64_t size : type.getShape()) {
    if (!ShapedType::isDynamic(size)) {
      all.push_back(builder.getIndexAttr(size));
      continue;
    }
    all.push_back(sizes.front());
    sizes = sizes.drop_front();
  }
  return builder.create<memref::ReinterpretCastOp>(loc, type, buffer, builder.getIndexAttr(0), all,
                                                   rowMajorStrides(builder, loc, all));
}

Value callKernel(OpBuilder &builder, Location loc, StringRef name, ValueRange values) {
  SmallVector<Value> fields;
  for (Value value : values)
    fields.push_back(value.getType().isIndex()
                         ? builder.create<arith::IndexCastOp>(loc, builder.getI64Type(), value)
                         : value);
  std::string symbol = (kernelPrefix + name).str();
  auto module = builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  auto type = builder.getFunctionType(ValueRange(fields).getTypes(), builder.getI32Type());
  if (!module.lookupSymbol(symbol)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    builder.create<func::FuncOp>(loc, symbol, type).setPrivate();
  }
  return builder.create<func::CallOp>(loc, symbol, type.getResults(), fields).getResult(0);
}

} // namespace firn::codegen
