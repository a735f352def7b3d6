// RUN: firn-opt %s --verify-roundtrip | FileCheck %s
// RUN: firn-opt %s --emit-bytecode | firn-opt | FileCheck %s
// RUN: firn-opt %s --mlir-print-op-generic | firn-opt | FileCheck %s

// CHECK: graph.graph versions (min_consumer = 12, producer = 27) {
graph.graph versions(producer = 27, min_consumer = 12) {
  // Forward references and cycles.
  // CHECK: graph.Relu(%x) [%z_ctl, %x_ctl] name("y/z")
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x784>} : () -> tensor<?x784xf32>
  %y, %y_ctl = graph.Relu(%x) [%z_ctl, %x_ctl] name("y/z") {T = f32} : (tensor<?x784xf32>) -> tensor<*xf32>
  // Elements read back to the same bits, whatever they are.
  // CHECK: graph.Const device("/cpu:0") name("z") {dtype = f32, value = #graph.tensor<content [1, -2.5, 1.0E+10, 0, -0, 0x7fc00001, 0x7f800000, 0xff800000, 0x7f800001] : tensor<9xf32>>}
  %z, %z_ctl = graph.Const device("/cpu:0") name("z") {dtype = f32, value = #graph.tensor<content [1.0, -2.5, 1.0e+10, 0.0, -0.0, 0x7FC00001, 0x7F800000, 0xFF800000, 0x7F800001] : tensor<9xf32>>} : () -> tensor<9xf32>
  // CHECK: #graph.tensor<values ["a\00b", "\FF", ""] : tensor<3x!graph.dtype<string>>>
  %s, %s_ctl = graph.Const name("s") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["a\00b", "\FF", ""] : tensor<3x!graph.dtype<string>>>} : () -> tensor<3x!graph.dtype<string>>
  // CHECK: #graph.tensor<values [-9223372036854775808, 9223372036854775807] : tensor<2xi64>>
  %l, %l_ctl = graph.Const name("l") {dtype = i64, value = #graph.tensor<values [-9223372036854775808, 9223372036854775807] : tensor<2xi64>>} : () -> tensor<2xi64>
  // CHECK: #graph.tensor<content "0x0102" : tensor<2xi1>>
  %b, %b_ctl = graph.Const name("b") {dtype = i1, value = #graph.tensor<content "0x0102" : tensor<2xi1>>} : () -> tensor<2xi1>
  // Large tensors are a line that names their place.
  // CHECK: #graph.tensor<content file("a b", 3, 4, 5) file("c", 0, 396) : tensor<10x10xf32>>
  %r, %r_ctl = graph.Const name("r") {dtype = f32, value = #graph.tensor<content file("a b", 3, 4, 5) file("c", 0, 396) : tensor<10x10xf32>>} : () -> tensor<10x10xf32>
  // Every kind of attribute.
  // CHECK: {b = true, e = [], f = 0x7FC00001 : f32, fn = #graph.func<"body", {T = f32}>, i = 3 : i64, is = array<i64: 1, 2>, n, p = #graph.placeholder<"T">, q = !graph.dtype<qint8>, raw = #graph.proto<"tensorflow.AttrValue", "\A2\06\01x">, s = "\FF\00", sh = [#graph.shape<>, #graph.shape<*>, #graph.shape<?x0>], ts = [f32, !graph.dtype<resource>, !graph.ref<f32>], u = #graph.tensor<proto "0x00FF" : tensor<*x!graph.dtype<77>>>}
  %o, %o_ctl = graph.MyOp name("o") {b = true, e = [], f = 0x7FC00001 : f32, fn = #graph.func<"body", {T = f32}>, i = 3 : i64, is = array<i64: 1, 2>, n, p = #graph.placeholder<"T">, q = !graph.dtype<qint8>, raw = #graph.proto<"tensorflow.AttrValue", "\A2\06\01x">, s = "\FF\00", sh = [#graph.shape<>, #graph.shape<*>, #graph.shape<?x0>], ts = [f32, !graph.dtype<resource>, !graph.ref<f32>], u = #graph.tensor<proto "0x00FF" : tensor<*x!graph.dtype<77>>>} : () -> tensor<*x!graph.dtype<opaque>>
  // Names that are no MLIR identifiers stand in the generic form; a function may be called like an operation of the dialect.
  // CHECK: "graph.Addons>Foo"(%x, %x_ctl) {graph.name = "foo"}
  %a, %a_ctl = "graph.Addons>Foo"(%x, %x_ctl) {"graph.name" = "foo"} : (tensor<?x784xf32>, !graph.control) -> (tensor<*x!graph.dtype<opaque>>, !graph.control)
  // CHECK: graph.$fetch(%x) name("call")
  %c, %c_ctl = graph.$fetch(%x) name("call") : (tensor<?x784xf32>) -> tensor<*xf32>
  // CHECK: graph.fetch(%x) [%y_z_ctl] : tensor<?x784xf32>
  graph.fetch (%x) [%y_ctl] : tensor<?x784xf32>
}

// CHECK: graph.func "double" (%arg0: tensor<*xf32>, %arg1: !graph.control) signature {{{.*}}} attributes {control_args = array<i64: 0>, control_ret = ["done"]} {
graph.func "double" (%x: tensor<*xf32>, %x_ctl: !graph.control) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} attributes {control_args = array<i64: 0>, control_ret = ["done"]} {
  %y, %y_ctl = graph.AddV2(%x, %x) [%x_ctl] name("y_0") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) [%y_ctl] : tensor<*xf32>
}
