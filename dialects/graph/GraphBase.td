#ifndef FIRN_DIALECTS_GRAPH_BASE
#define FIRN_DIALECTS_GRAPH_BASE

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

def Graph_Dialect : Dialect {
  let name = "graph";
  let cppNamespace = "::firn::graph";
  let summary = "a TensorFlow GraphDef, as it is";
  let description = [{
    A TensorFlow op is an operation of this dialect under its own name, `graph.Conv2D`, without being declared: any op of any
    library can stand in a graph. A node yields its tensors and, last, one control token. The region of a `graph.graph` allows any
    order and cycles, as a GraphDef does. Import and export are inverse: a GraphDef comes back as an equal message.

    ```mlir
    graph.graph versions(producer = 27) {
      %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
      %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
      graph.fetch (%y) : tensor<*xf32>
    }
    ```
  }];
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = [{
    std::optional<ParseOpHook> getParseOperationHook(llvm::StringRef opName) const override;
    llvm::unique_function<void(mlir::Operation *, mlir::OpAsmPrinter &)>
    getOperationPrinter(mlir::Operation *op) const override;
    void *getRegisteredInterfaceForOp(mlir::TypeID interfaceID, mlir::OperationName opName) override;
    /// The checkpoint that graph-assign-keys and graph-freeze-variables read; null: there is none.
    void setTensorSource(std::shared_ptr<::firn::graph::TensorSource> source) { tensorSource = std::move(source); }
    ::firn::graph::TensorSource *getTensorSource() const { return tensorSource.get(); }
    /// How passes read the bytes that a `#graph.tensor` refers to; null: they can't.
    void setExtentReader(::firn::graph::ExtentReader reader) { extentReader = std::move(reader); }
    const ::firn::graph::ExtentReader &getExtentReader() const { return extentReader; }

  private:
    std::shared_ptr<::firn::graph::TensorSource> tensorSource;
    ::firn::graph::ExtentReader extentReader;
    void registerTypes();
    void registerAttributes();
  }];
}

#endif
