#ifndef FIRN_DIALECTS_GRAPH_ATTRIBUTES
#define FIRN_DIALECTS_GRAPH_ATTRIBUTES

include "dialects/graph/GraphBase.td"

class Graph_Attr<string name, string attrMnemonic> : AttrDef<Graph_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Graph_ShapeAttr : Graph_Attr<"Shape", "shape"> {
  let summary = "a TensorShapeProto";
  let description = [{
    Dimensions with `?` for an unknown one, `*` for an unknown rank, nothing for a scalar.

    ```mlir
    %x, %c = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x784>} : () -> tensor<?x784xf32>
    %y, %d = graph.Placeholder name("y") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
    ```
  }];
  let parameters = (ins "bool":$unknownRank, ArrayRefParameter<"int64_t">:$dims);
  let hasCustomAssemblyFormat = 1;
}

def Graph_Encoding : I32EnumAttr<"TensorEncoding", "how a TensorProto held its elements", [
    I32EnumAttrCase<"Content", 0, "content">,
    I32EnumAttrCase<"Values", 1, "values">,
    I32EnumAttrCase<"Proto", 2, "proto">]> {
  let cppNamespace = "::firn::graph";
  let genSpecializedAttr = 0;
}

def Graph_TensorAttr : Graph_Attr<"Tensor", "tensor"> {
  let summary = "a TensorProto, in the encoding that it had, its bytes here or in a file";
  let description = [{
    - `content`: the elements as raw little-endian bytes, row-major (`tensor_content`).
    - `values`: the typed list (`float_val`, `string_val` …), with as many values as the message had: fewer than the shape needs
      means that the last one repeats, none means zeros.
    - `proto`: the message itself, for what the two above can't hold (resources, variants, malformed values).

    The type is the dtype and the shape of the message; unranked when the message has no shape, which TensorFlow reads as a scalar.
    Large tensors are references into files (path, offset, size, checksum): the attribute stays a line of text and is hashed as
    such, whatever the size of the tensor. Bytes are read through `TensorSource`.

    ```mlir
    %a, %a_ctl = graph.Const name("a") {dtype = i32, value = #graph.tensor<content [1, 2] : tensor<2xi32>>} : () -> tensor<2xi32>
    %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<content file("model.ckpt.data-00000-of-00001", 26, 400, 123) : tensor<10x10xf32>>} : () -> tensor<10x10xf32>
    ```
  }];
  let parameters = (ins "::mlir::ShapedType":$type, "::firn::graph::TensorEncoding":$encoding,
                        StringRefParameter<"bytes as the encoding lays them out; empty with extents">:$data,
                        ArrayRefParameter<"::firn::graph::FileExtent">:$extents);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// True when the elements lie in files.
    bool isReference() const { return !getExtents().empty(); }
    mlir::Type getElementType() const { return getType().getElementType(); }
    /// Dimensions; none for a scalar and for a message without a shape.
    llvm::ArrayRef<int64_t> getShape() const {
      return getType().hasRank() ? getType().getShape() : llvm::ArrayRef<int64_t>();
    }
    /// Elements that the shape needs.
    int64_t getNumElements() const;
    /// Bytes that the data takes here or in its files.
    uint64_t getDataSize() const;
  }];
}

def Graph_FuncAttr : Graph_Attr<"Func", "func"> {
  let summary = "a NameAttrList: a function of the library and the attributes it is called with";
  let description = [{
    ```mlir
    %y, %c = graph.PartitionedCall(%x) name("call") {f = #graph.func<"body", {T = f32}>} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "::mlir::DictionaryAttr":$attrs);
  let assemblyFormat = "`<` $name `,` $attrs `>`";
}

def Graph_PlaceholderAttr : Graph_Attr<"Placeholder", "placeholder"> {
  let summary = "an attribute value that the function's caller gives, by its name";
  let description = [{
    ```mlir
    %y, %c = graph.Relu(%x) name("y") {T = #graph.placeholder<"T">} : (tensor<*x!graph.dtype<opaque>>) -> tensor<*x!graph.dtype<opaque>>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$name);
  let assemblyFormat = "`<` $name `>`";
}

def Graph_ProtoAttr : Graph_Attr<"Proto", "proto"> {
  let summary = "a protobuf message that is carried through as it is";
  let description = [{
    For messages that no other attribute can hold: unknown fields, several kinds of list at once, dimension names.

    ```mlir
    %y, %c = graph.Foo name("y") {odd = #graph.proto<"tensorflow.AttrValue", "\A2\06\01x">} : () -> tensor<*x!graph.dtype<opaque>>
    ```
  }];
  let parameters = (ins "::mlir::StringAttr":$message, "::mlir::StringAttr":$bytes);
  let assemblyFormat = "`<` $message `,` $bytes `>`";
}

#endif
