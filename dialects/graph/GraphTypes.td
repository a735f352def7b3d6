#ifndef FIRN_DIALECTS_GRAPH_TYPES
#define FIRN_DIALECTS_GRAPH_TYPES

include "dialects/graph/GraphBase.td"

class Graph_Type<string name, string typeMnemonic> : TypeDef<Graph_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def Graph_ControlType : Graph_Type<"Control", "control"> {
  let summary = "the token that orders one node after another";
  let description = [{
    The last result of every node. A GraphDef writes its use as `^node`.

    Example: `%x_ctl` in

    ```mlir
    %x_ctl = graph.NoOp name("x") : () -> ()
    %y_ctl = graph.NoOp [%x_ctl] name("y") : () -> ()
    ```
  }];
}

def Graph_RefType : Graph_Type<"Ref", "ref"> {
  let summary = "element type of a tensor that is a reference to a variable's buffer";
  let description = [{
    TensorFlow 1's `DT_FLOAT_REF` and its like: what `VariableV2` yields and `Assign` takes. A ref is accepted where a value of
    the same element type is expected.

    ```mlir
    %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, shape = #graph.shape<3>} : () -> tensor<3x!graph.ref<f32>>
    ```
  }];
  let parameters = (ins "::mlir::Type":$elementType);
  let assemblyFormat = "`<` $elementType `>`";
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::Type":$elementType), [{
    return $_get(elementType.getContext(), elementType);
  }]>];
}

def Graph_DataTypeType : Graph_Type<"DataType", "dtype"> {
  let summary = "an element type that MLIR has no type for, by its tensorflow.DataType number";
  let description = [{
    Numbers with a name of their own print it: `!graph.dtype<string>`, `resource`, `variant`, `qint8`, `quint8`, `qint16`,
    `quint16`, `qint32`; `opaque` stands for an element type that is not known because the op is not. Any other number prints as
    it is, also 0, which a malformed file may hold.

    ```mlir
    %n, %n_ctl = graph.Const name("n") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["a"] : tensor<1x!graph.dtype<string>>>} : () -> tensor<1x!graph.dtype<string>>
    ```
  }];
  let parameters = (ins "int":$number);
  let hasCustomAssemblyFormat = 1;
}

#endif
