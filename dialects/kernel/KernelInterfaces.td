#ifndef FIRN_DIALECTS_KERNEL_INTERFACES
#define FIRN_DIALECTS_KERNEL_INTERFACES

include "mlir/IR/OpBase.td"

def Kernel_LibraryOpInterface : OpInterface<"LibraryOpInterface"> {
  let cppNamespace = "::firn::kernel";
  let description = [{
    An op that a kernel of the library computes, with an epilogue: scalar code that is applied to each element before it is stored. The
    epilogue's first argument is the element, the others are elements of `extras`: of a tensor of the result's shape the one at the same
    place, of a vector the one of the same channel (last dimension), of a scalar its value.
  }];
  let methods = [
    InterfaceMethod<"what the result is stored to", "::mlir::Value", "getInit", (ins)>,
    InterfaceMethod<"operands of the epilogue", "::mlir::OperandRange", "getExtras", (ins)>,
    InterfaceMethod<"", "::mlir::MutableOperandRange", "getExtrasMutable", (ins)>,
    InterfaceMethod<"empty: elements are stored as they are", "::mlir::Region &", "getEpilogue", (ins)>,
  ];
  let verify = [{ return ::firn::kernel::verifyLibraryOp($_op); }];
  let extraSharedClassDeclaration = [{
    bool hasEpilogue() { return !$_op.getEpilogue().empty(); }
  }];
}

#endif
