// RUN: firn-opt %s --graph-clean-attributes | FileCheck %s
// RUN: firn-opt %s --graph-clean-attributes=keep-devices | FileCheck %s --check-prefix=KEEP

// CHECK: graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>}
// CHECK: graph.Relu(%x) name("y") {T = f32, _class = ["loc:@x", "other"]}
// CHECK: graph.Relu(%y) name("z") {T = f32}
// KEEP: device("/gpu:0") name("y")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {_output_shapes = [#graph.shape<?x4>], dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %y, %y_ctl = graph.Relu(%x) device("/gpu:0") name("y") {T = f32, _class = ["loc:@x", "loc:@gone", "other"], _gradient_op_type = "g"} : (tensor<?x4xf32>) -> tensor<*xf32>
  %z, %z_ctl = graph.Relu(%y) name("z") {T = f32, _class = ["loc:@gone"]} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%z) : tensor<*xf32>
}
