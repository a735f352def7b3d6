#ifndef FIRN_DIALECTS_GRAPH_OPS
#define FIRN_DIALECTS_GRAPH_OPS

include "dialects/graph/GraphTypes.td"
include "dialects/graph/GraphAttributes.td"

class Graph_Op<string mnemonic, list<Trait> traits = []> : Op<Graph_Dialect, mnemonic, traits>;

def Graph_GraphOp : Graph_Op<"graph", [
    IsolatedFromAbove, NoRegionArguments, SingleBlock, DeclareOpInterfaceMethods<RegionKindInterface>]> {
  let summary = "the nodes of a GraphDef, in their order";
  let description = [{
    Holds the top level of a GraphDef; its functions are `graph.func` beside it. The block ends in `graph.fetch`, which names what
    the graph is wanted for. `versions` is the VersionDef; `extra` holds the other top-level fields, if there are any.

    ```mlir
    graph.graph versions(producer = 27, min_consumer = 12) {
      %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x784>} : () -> tensor<?x784xf32>
      graph.fetch (%x) : tensor<?x784xf32>
    }
    ```
  }];
  let arguments = (ins OptionalAttr<DictionaryAttr>:$versions, OptionalAttr<DictionaryAttr>:$extra);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`versions` custom<Fields>($versions)^)? attr-dict-with-keyword $body";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    mlir::Block &getNodes() { return getBody().front(); }
    FetchOp getFetch();
  }];
}

def Graph_FuncOp : Graph_Op<"func", [
    IsolatedFromAbove, SingleBlock, DeclareOpInterfaceMethods<RegionKindInterface>]> {
  let summary = "a function of the GraphDef's library";
  let description = [{
    The block's arguments are the function's, one tensor each; an argument that a node names as a control input (`^arg`) has a
    control token behind them, in the order of `control_args`. The operands of `graph.fetch` are the values returned, in the
    order of the signature's outputs; `control_ret` names its control operands. `signature` is the OpDef, `extra` the remaining
    fields of the FunctionDef.

    ```mlir
    graph.func "double" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32} ], output_arg = [{name = "y", type = 1 : i32} ]} {
      %y, %y_ctl = graph.AddV2(%x, %x) name("y_0") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
      graph.fetch (%y) : tensor<*xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$func_name, DictionaryAttr:$signature, OptionalAttr<DictionaryAttr>:$extra,
                       OptionalAttr<DenseI64ArrayAttr>:$control_args, OptionalAttr<ArrayAttr>:$control_ret,
                       OptionalAttr<DictionaryAttr>:$ret_spelling);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    mlir::Block &getNodes() { return getBody().front(); }
    FetchOp getFetch();
    /// Number of arguments that carry tensors; control tokens follow them.
    unsigned getNumDataArgs() { return getBody().getNumArguments() - getControlArgs().value_or(llvm::ArrayRef<int64_t>()).size(); }
    /// Name of argument `index` from the signature.
    llvm::StringRef getArgName(unsigned index);
  }];
}

def Graph_FetchOp : Graph_Op<"fetch", [Terminator, AttrSizedOperandSegments]> {
  let summary = "what a graph is wanted for, or what a function returns";
  let description = [{
    Tensors in parentheses, control tokens of nodes that have to run in brackets. Being operands, fetches are kept by every
    rewrite.

    ```mlir
    graph.fetch (%logits) [%init_ctl] : tensor<?x10xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$tensors, Variadic<Graph_ControlType>:$controls);
  let assemblyFormat = "(`(` $tensors^ `)`)? (`[` $controls^ `]`)? attr-dict (`:` type($tensors)^)?";
  let hasVerifier = 1;
}

#endif
