#ifndef FIRN_DIALECTS_SCHEDULE_BASE
#define FIRN_DIALECTS_SCHEDULE_BASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Schedule_Dialect : Dialect {
  let name = "schedule";
  let cppNamespace = "::firn::schedule";
  let summary = "where and when a model is computed";
  let description = [{
    A program is a list of steps on buffers, in their order: what the runtime executes. Sizes are index values: dimensions of inputs,
    constants, and arith on them (addi, subi, muli, floordivsi, ceildivsi, remsi, maxsi, minsi). Of each buffer the program says how large it is and, when
    the arena was planned, where it lies.

    ```mlir
    schedule.program @main {
      %x = schedule.input "x:0" 1 : tensor<4xf32>
      %size = arith.constant 16 : index
      %y = schedule.buffer %size output
      schedule.copy %x to %y size %size
      schedule.output "y:0" 1 %y : tensor<4xf32>
    }
    ```
  }];
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    void registerTypes();
  }];
}

def Schedule_BufferType : TypeDef<Schedule_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "a run of bytes in the arena, the weights, or the caller's memory";
  let description = [{
    ```mlir
    schedule.program @main {
      %size = arith.constant 64 : index
      %b = schedule.buffer %size
    }
    ```
  }];
}

#endif
