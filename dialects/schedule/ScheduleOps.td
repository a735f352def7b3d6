#ifndef FIRN_DIALECTS_SCHEDULE_OPS
#define FIRN_DIALECTS_SCHEDULE_OPS

include "dialects/schedule/ScheduleBase.td"

class Schedule_Op<string mnemonic, list<Trait> traits = []> : Op<Schedule_Dialect, mnemonic, traits>;

def Schedule_ProgramOp : Schedule_Op<"program", [IsolatedFromAbove, SingleBlock, NoTerminator, NoRegionArguments, Symbol]> {
  let summary = "what a module computes";
  let description = [{
    Buffers, sizes and steps in their order. Beside it in the module stand modules `@v2`, `@v3` and `@v4` with the functions that
    dispatches run, one for each CPU level.

    ```mlir
    schedule.program @main {
      %x = schedule.input "x:0" 1 : tensor<?x4xf32>
      %n = schedule.dim %x[0]
      %c16 = arith.constant 16 : index
      %size = arith.muli %n, %c16 : index
      %y = schedule.buffer %size
      %one = arith.constant 1 : index
      schedule.dispatch 0 (%x, %y) dims(%n) grid(%one, %one, %one) scratch %one
      schedule.output "y:0" 1 %y dims(%n) : tensor<?x4xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $body";
  let extraClassDeclaration = [{
    mlir::Block &getSteps() { return getBody().front(); }
  }];
}

//===- Buffers and sizes ------------------------------------------------------------------------------------------------------------===//

def Schedule_InputOp : Schedule_Op<"input"> {
  let summary = "what the caller hands in: its name, its tensorflow.DataType, its dimensions";
  let description = [{
    ```mlir
    schedule.program @main {
      %x = schedule.input "x:0" 1 : tensor<?x784xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, I32Attr:$dtype, TypeAttr:$type);
  let results = (outs Schedule_BufferType:$buffer);
  let assemblyFormat = "$name $dtype attr-dict `:` $type";
}

def Schedule_DimOp : Schedule_Op<"dim", [Pure]> {
  let summary = "a dimension of an input";
  let description = [{
    ```mlir
    schedule.program @main {
      %x = schedule.input "x:0" 1 : tensor<?x784xf32>
      %n = schedule.dim %x[0]
    }
    ```
  }];
  let arguments = (ins Schedule_BufferType:$input, I64Attr:$axis);
  let results = (outs Index:$size);
  let assemblyFormat = "$input `[` $axis `]` attr-dict";
}

def Schedule_WeightsOp : Schedule_Op<"weights", [Pure]> {
  let summary = "a constant in the weights of the module";
  let description = [{
    `value` as that of `kernel.constant`, of the tensor type `type`; with `packed` in panels of 32 columns as `kernel.pack` states, of a
    transposed matrix with `transposed`.

    ```mlir
    schedule.program @main {
      %w = schedule.weights dense<1.0> : tensor<4x8xf32> -> tensor<4x8xf32> {packed}
    }
    ```
  }];
  let arguments = (ins AnyAttr:$value, TypeAttr:$type, UnitAttr:$packed, UnitAttr:$transposed);
  let results = (outs Schedule_BufferType:$buffer);
  let assemblyFormat = "$value `->` $type attr-dict";
}

def Schedule_BufferOp : Schedule_Op<"buffer"> {
  let summary = "memory of the arena, or of an output";
  let description = [{
    `size` bytes. `offset` is where it lies in the arena, when all sizes are constants and the arena was planned. A buffer with `output` is
    the memory of an output: the caller's, or the context's own.

    ```mlir
    schedule.program @main {
      %size = arith.constant 64 : index
      %b = schedule.buffer %size
    }
    ```
  }];
  let arguments = (ins Index:$size, OptionalAttr<I64Attr>:$offset, UnitAttr:$output);
  let results = (outs Schedule_BufferType:$buffer);
  let assemblyFormat = "$size (`at` $offset^)? (`output` $output^)? attr-dict";
}

def Schedule_ViewOp : Schedule_Op<"view", [Pure]> {
  let summary = "a buffer from a byte on";
  let description = [{
    ```mlir
    schedule.program @main {
      %size = arith.constant 64 : index
      %b = schedule.buffer %size
      %half = arith.constant 32 : index
      %v = schedule.view %b[%half]
    }
    ```
  }];
  let arguments = (ins Schedule_BufferType:$source, Index:$offset);
  let results = (outs Schedule_BufferType:$buffer);
  let assemblyFormat = "$source `[` $offset `]` attr-dict";
}

//===- Steps ------------------------------------------------------------------------------------------------------------------------===//

def Schedule_DispatchOp : Schedule_Op<"dispatch", [AttrSizedOperandSegments]> {
  let summary = "runs a function over a grid of workgroups";
  let description = [{
    `grid` has three sizes, or nine: three for each of x86-64-v2, -v3 and -v4. `scratch` is what each thread has, in bytes. `flops` and
    `bytes`, where known, are the work that it is: operations on floats, bytes read and written. `kernel` says in words what it is, `nodes` which
    nodes of the graph it computes. Where known, `tensor` says which of the graph's tensors the buffer number `result` holds afterwards.

    ```mlir
    schedule.program @main {
      %size = arith.constant 64 : index
      %b = schedule.buffer %size
      %one = arith.constant 1 : index
      schedule.dispatch 3 (%b, %b) grid(%one, %one, %one) scratch %one {kernel = "fill"}
    }
    ```
  }];
  let arguments = (ins I32Attr:$function, Variadic<Schedule_BufferType>:$buffers, Variadic<Index>:$dims, Variadic<Index>:$grid,
                       Index:$scratch, Optional<Index>:$flops, Optional<Index>:$bytes,
                       OptionalAttr<StrAttr>:$kernel, OptionalAttr<StrArrayAttr>:$nodes);
  let assemblyFormat = [{
    $function `(` $buffers `)` (`dims` `(` $dims^ `)`)? `grid` `(` $grid `)` `scratch` $scratch (`flops` $flops^)? (`bytes` $bytes^)? attr-dict
  }];
  let hasVerifier = 1;
}

def Schedule_CopyOp : Schedule_Op<"copy"> {
  let summary = "copies bytes between buffers that do not overlap";
  let description = [{
    ```mlir
    schedule.program @main {
      %size = arith.constant 64 : index
      %a = schedule.buffer %size
      %b = schedule.buffer %size
      schedule.copy %a to %b size %size
    }
    ```
  }];
  let arguments = (ins Schedule_BufferType:$source, Schedule_BufferType:$target, Index:$size);
  let assemblyFormat = "$source `to` $target `size` $size attr-dict";
}

def Schedule_WhileOp : Schedule_Op<"while", [NoRegionArguments, SingleBlock, NoTerminator]> {
  let summary = "repeats steps while a bool is true";
  let description = [{
    The first region computes `condition`, the second is run when it holds a number other than 0, and then the first one again.

    ```mlir
    schedule.program @main {
      %one = arith.constant 1 : index
      %b = schedule.buffer %one
      schedule.while %b {
        schedule.dispatch 0 (%b) grid(%one, %one, %one) scratch %one
      } do {
        schedule.dispatch 1 (%b) grid(%one, %one, %one) scratch %one
      }
    }
    ```
  }];
  let arguments = (ins Schedule_BufferType:$condition);
  let regions = (region SizedRegion<1>:$before, SizedRegion<1>:$body);
  let assemblyFormat = "$condition $before `do` $body attr-dict";
}

def Schedule_ForOp : Schedule_Op<"for", [SingleBlock, NoTerminator]> {
  let summary = "repeats steps a known number of times";
  let description = [{
    The block's argument counts from 0 to `count - 1`.

    ```mlir
    schedule.program @main {
      %one = arith.constant 1 : index
      %b = schedule.buffer %one
      schedule.for %one {
      ^bb0(%i: index):
        schedule.dispatch 1 (%b) dims(%i) grid(%one, %one, %one) scratch %one
      }
    }
    ```
  }];
  let arguments = (ins Index:$count);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$count $body attr-dict";
}

def Schedule_IfOp : Schedule_Op<"if", [NoRegionArguments, SingleBlock, NoTerminator]> {
  let summary = "runs one of two lists of steps";
  let description = [{
    ```mlir
    schedule.program @main {
      %one = arith.constant 1 : index
      %b = schedule.buffer %one
      schedule.if %b {
        schedule.dispatch 0 (%b) grid(%one, %one, %one) scratch %one
      } else {
      }
    }
    ```
  }];
  let arguments = (ins Schedule_BufferType:$condition);
  let regions = (region SizedRegion<1>:$then, SizedRegion<1>:$otherwise);
  let assemblyFormat = "$condition $then `else` $otherwise attr-dict";
}

def Schedule_ReadOp : Schedule_Op<"read"> {
  let summary = "a size that was computed as data";
  let description = [{
    The integer of `width` bytes that a buffer holds when the step is reached. Memory is planned with `bound`.

    ```mlir
    schedule.program @main {
      %eight = arith.constant 8 : index
      %b = schedule.buffer %eight
      %n = schedule.read %b 8 bound %eight
    }
    ```
  }];
  let arguments = (ins Schedule_BufferType:$source, I32Attr:$width, Index:$bound);
  let results = (outs Index:$size);
  let assemblyFormat = "$source $width `bound` $bound attr-dict";
}

def Schedule_OutputOp : Schedule_Op<"output"> {
  let summary = "what the caller gets: its name, its tensorflow.DataType, its dimensions";
  let description = [{
    `dims` are the sizes that `type` leaves open.

    ```mlir
    schedule.program @main {
      %size = arith.constant 64 : index
      %b = schedule.buffer %size output
      schedule.output "y:0" 1 %b : tensor<16xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, I32Attr:$dtype, Schedule_BufferType:$buffer, Variadic<Index>:$dims, TypeAttr:$type);
  let assemblyFormat = "$name $dtype $buffer (`dims` `(` $dims^ `)`)? attr-dict `:` $type";
}

#endif
