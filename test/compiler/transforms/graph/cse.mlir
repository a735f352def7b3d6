// RUN: firn-opt %s --graph-cse | FileCheck %s

// Equal nodes are one, and then their users are.
// CHECK: %[[A:.*]], %{{.*}} = graph.Relu(%x) name("a")
// CHECK-NOT: name("b")
// CHECK: %[[C:.*]], %{{.*}} = graph.Neg(%[[A]]) name("c")
// CHECK-NOT: name("d")
// Another device is another node; random ops and fetched ones stay.
// CHECK: device("/gpu:0") name("e")
// CHECK: name("r1")
// CHECK: name("r2")
// CHECK: name("f1")
// CHECK: name("f2")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %a, %a_ctl = graph.Relu(%x) name("a") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.Relu(%x) name("b") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  %c, %c_ctl = graph.Neg(%a) name("c") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %d, %d_ctl = graph.Neg(%b) name("d") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %e, %e_ctl = graph.Relu(%x) device("/gpu:0") name("e") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %r1, %r1_ctl = graph.RandomUniform(%n) name("r1") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %r2, %r2_ctl = graph.RandomUniform(%n) name("r2") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %s, %s_ctl = graph.AddN(%c, %d, %e, %r1, %r2) name("s") {N = 5 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %f1, %f1_ctl = graph.Abs(%s) name("f1") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %f2, %f2_ctl = graph.Abs(%s) name("f2") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%f1, %f2) : tensor<*xf32>, tensor<*xf32>
}
