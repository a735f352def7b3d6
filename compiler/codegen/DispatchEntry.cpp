#include "compiler/codegen/DispatchEntry.h"

#include "runtime/abi/dispatch.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

#include <cstddef>

using namespace llvm;

namespace firn::codegen {
namespace {

// Takes the arguments of bodies from a workgroup (runtime/abi/dispatch.h).
class WorkgroupReader {
public:
  WorkgroupReader(IRBuilder<> &builder, Value *group) : builder(builder), group(group) {}

  Value *read(const ArgumentSource &source) {
    switch (source.kind) {
    case ArgumentSource::Group:
      return group;
    case ArgumentSource::Buffer:
      return pointer(element(offsetof(firn_workgroup, buffers), source.index), source.alignment);
    case ArgumentSource::Dim:
      return invariant(builder.CreateLoad(builder.getInt64Ty(),
                                          element(offsetof(firn_workgroup, dims), source.index)));
    case ArgumentSource::Scratch:
      return pointer(field(offsetof(firn_workgroup, scratch)), source.alignment);
    case ArgumentSource::X:
      return coordinate(offsetof(firn_workgroup, x));
    case ArgumentSource::Y:
      return coordinate(offsetof(firn_workgroup, y));
    case ArgumentSource::Z:
      return coordinate(offsetof(firn_workgroup, z));
    default:
      llvm_unreachable("an argument that the kernel passes");
    }
  }

private:
  Value *field(uint64_t offset) {
    return builder.CreateConstInBoundsGEP1_64(builder.getInt8Ty(), group, offset);
  }

  // Address of the i-th of the 8-byte elements that the field points to.
  Value *element(uint64_t offset, unsigned i) {
    Value *array = invariant(builder.CreateLoad(builder.getPtrTy(), field(offset)));
    return builder.CreateConstInBoundsGEP1_64(builder.getInt64Ty(), array, i);
  }

  // Nobody writes a workgroup while it runs; loads may move over stores.
  LoadInst *invariant(LoadInst *load) {
    MDNode *none = MDNode::get(load->getContext(), {});
    load->setMetadata(LLVMContext::MD_invariant_load, none);
    load->setMetadata(LLVMContext::MD_noundef, none);
    return load;
  }

  Value *pointer(Value *place, unsigned alignment) {
    LoadInst *load = invariant(builder.CreateLoad(builder.getPtrTy(), place));
    auto *bytes = ConstantAsMetadata::get(builder.getInt64(alignment));
    if (alignment > 1)
      load->setMetadata(LLVMContext::MD_align, MDNode::get(load->getContext(), bytes));
    return load;
  }

  Value *coordinate(uint64_t offset) {
    Value *value = invariant(builder.CreateLoad(builder.getInt32Ty(), field(offset)));
    return builder.CreateZExt(value, builder.getInt64Ty());
  }

  IRBuilder<> &builder;
  Value *group;
};

void addEntry(Module &module, const DispatchSignature &signature) {
  LLVMContext &context = module.getContext();
  auto *type =
      FunctionType::get(Type::getInt32Ty(context), {PointerType::getUnqual(context)}, false);
  auto *entry =
      Function::Create(type, GlobalValue::ExternalLinkage, entrySymbol(signature.function), module);
  entry->setVisibility(GlobalValue::HiddenVisibility);
  IRBuilder<> builder(BasicBlock::Create(context, "", entry));
  WorkgroupReader reader(builder, entry->getArg(0));
  SmallVector<Value *> arguments;
  for (const ArgumentSource &source : signature.bodyArguments)
    arguments.push_back(reader.read(source));
  Function *body = module.getFunction(signature.body);
  Value *code = builder.CreateCall(body, arguments);
  builder.CreateRet(code->getType()->isVoidTy() ? builder.getInt32(FIRN_DISPATCH_OK) : code);
}

void addEpilogue(Module &module, const DispatchSignature &signature, unsigned lanes) {
  LLVMContext &context = module.getContext();
  Type *vector = FixedVectorType::get(Type::getFloatTy(context), lanes);
  Type *i64 = Type::getInt64Ty(context);
  auto *type =
      FunctionType::get(vector, {vector, i64, i64, PointerType::getUnqual(context)}, false);
  auto *epilogue = Function::Create(type, GlobalValue::ExternalLinkage, "firn_epilogue", module);
  IRBuilder<> builder(BasicBlock::Create(context, "", epilogue));
  if (signature.epilogue.empty()) {
    builder.CreateRet(epilogue->getArg(0));
    return;
  }
  WorkgroupReader reader(builder, epilogue->getArg(3));
  SmallVector<Value *> arguments;
  for (const ArgumentSource &source : signature.epilogueArguments) {
    bool passed = source.kind >= ArgumentSource::Value;
    arguments.push_back(passed ? epilogue->getArg(source.kind - ArgumentSource::Value)
                               : reader.read(source));
  }
  Function *body = module.getFunction(signature.epilogue);
  builder.CreateRet(builder.CreateCall(body, arguments));
}

// LLVM's vectoriser leaves loads and stores of i1 alone.
void widenBool(Instruction *access) {
  IRBuilder<> builder(access);
  if (auto *load = dyn_cast<LoadInst>(access); load && load->getType()->isIntegerTy(1)) {
    auto *byte = builder.CreateLoad(builder.getInt8Ty(), load->getPointerOperand());
    load->replaceAllUsesWith(builder.CreateICmpNE(byte, builder.getInt8(0)));
    load->eraseFromParent();
  } else if (auto *store = dyn_cast<StoreInst>(access);
             store && store->getValueOperand()->getType()->isIntegerTy(1)) {
    Value *byte = builder.CreateZExt(store->getValueOperand(), builder.getInt8Ty());
    builder.CreateStore(byte, store->getPointerOperand());
    store->eraseFromParent();
  }
}

} // namespace

std::string entrySymbol(uint32_t function) { return "firn_function_" + std::to_string(function); }

void addEntries(Module &module, const DispatchSignature &signature, unsigned lanes) {
  addEntry(module, signature);
  addEpilogue(module, signature, lanes);
}

void refineMemoryAccess(Module &module) {
  for (Function &function : module) {
    for (Instruction &instruction : make_early_inc_range(instructions(function))) {
      if (auto *address = dyn_cast<GetElementPtrInst>(&instruction))
        address->setIsInBounds(true);
      widenBool(&instruction);
    }
  }
}

std::unique_ptr<Module> createSwitch(LLVMContext &context, ArrayRef<uint32_t> functions) {
  auto module = std::make_unique<Module>("switch", context);
  Type *i32 = Type::getInt32Ty(context), *ptr = PointerType::getUnqual(context);
  auto *dispatch = Function::Create(FunctionType::get(i32, {i32, ptr}, false),
                                    GlobalValue::ExternalLinkage, "firn_dispatch", *module);
  dispatch->setVisibility(GlobalValue::HiddenVisibility);
  IRBuilder<> builder(BasicBlock::Create(context, "", dispatch));
  auto *unknown = BasicBlock::Create(context, "", dispatch);
  auto *choice = builder.CreateSwitch(dispatch->getArg(0), unknown, functions.size());
  for (uint32_t number : functions) {
    auto *function = Function::Create(FunctionType::get(i32, {ptr}, false),
                                      GlobalValue::ExternalLinkage, entrySymbol(number), *module);
    function->setVisibility(GlobalValue::HiddenVisibility);
    auto *block = BasicBlock::Create(context, "", dispatch);
    choice->addCase(builder.getInt32(number), block);
    builder.SetInsertPoint(block);
    auto *call = builder.CreateCall(function, {dispatch->getArg(1)});
    call->setTailCall();
    builder.CreateRet(call);
  }
  builder.SetInsertPoint(unknown);
  builder.CreateRet(builder.getInt32(FIRN_DISPATCH_INDEX_RANGE));
  return module;
}

} // namespace firn::codegen
