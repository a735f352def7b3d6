// RUN: firn-opt --graph-to-schedule %s | FileCheck %s

// The passes of `firn compile` in their order: shapes, kernels, one dispatch for the product with its bias and relu, the schedule.
// CHECK: schedule.program @main
// CHECK: %[[X:.*]] = schedule.input "x:0" 1 : tensor<?x2xf32>
// CHECK: %[[W:.*]] = schedule.weights {{.*}} {packed}
// CHECK: %[[Y:.*]] = schedule.buffer %{{.*}} output
// CHECK: schedule.dispatch 0(%[[X]], %[[W]], %[[Y]], %{{.*}}) {{.*}} nodes = ["product", "y"]
// CHECK-NOT: schedule.dispatch
// CHECK: schedule.output "y:0" 1 %[[Y]]
// CHECK: module @code
// CHECK-DAG: func.func @dispatch_0_v2
// CHECK-DAG: func.func @dispatch_0_v4
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x2>} : () -> tensor<?x2xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<content [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] : tensor<2x3xf32>>} : () -> tensor<2x3xf32>
  %b, %b_ctl = graph.Const name("b") {dtype = f32, value = #graph.tensor<content [1.0, 2.0, 3.0] : tensor<3xf32>>} : () -> tensor<3xf32>
  %p, %p_ctl = graph.MatMul(%x, %w) name("product") {T = f32, transpose_a = false, transpose_b = false} : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  %s, %s_ctl = graph.BiasAdd(%p, %b) name("sum") {T = f32, data_format = "NHWC"} : (tensor<*xf32>, tensor<3xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.Relu(%s) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
