// RUN: firn-opt %s --graph-inline-calls | FileCheck %s

// Bodies, nested ones too, take the place of calls; names say where they come from.
// CHECK-LABEL: graph.graph
// CHECK: %[[X:.*]], %{{.*}} = graph.Placeholder name("x")
// What has no input runs where the argument does, in a loop too.
// CHECK-DAG: %[[TWO:.*]], %{{.*}} = graph.Const [%x_ctl] name("outer/inner/two")
// CHECK-DAG: %[[M:.*]], %{{.*}} = graph.Mul(%[[X]], %[[TWO]]) name("outer/inner/m") {T = f32}
// CHECK-DAG: graph.Neg(%[[M]]) name("outer/n")
// A token of the call is that of what its control outputs name.
// CHECK-DAG: %[[DONE:.*]] = graph.NoOp [%{{.*}}] name("outer/done")
// CHECK-DAG: graph.Relu(%{{.*}}) [%[[DONE]]] name("y")
// A fetched call keeps its name.
// CHECK-DAG: %[[F:.*]], %{{.*}} = graph.Identity(%{{.*}}) name("fetched") {T = f32}
// A function that calls itself stays called.
// CHECK: "forever"
// CHECK: graph.fetch
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %wait_ctl = graph.NoOp name("wait") : () -> ()
  %o, %o_ctl = graph.PartitionedCall(%x) [%wait_ctl] name("outer") {f = #graph.func<"outer", {}>, Tin = [f32], Tout = [f32]} : (tensor<?xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.Relu(%o) [%o_ctl] name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %fetched, %fetched_ctl = graph.StatefulPartitionedCall(%x) name("fetched") {f = #graph.func<"inner", {T = f32}>, Tin = [f32], Tout = [f32]} : (tensor<?xf32>) -> tensor<*xf32>
  %z, %z_ctl = graph.PartitionedCall(%x) name("z") {f = #graph.func<"forever", {}>, Tin = [f32], Tout = [f32]} : (tensor<?xf32>) -> tensor<*xf32>
  graph.fetch (%y, %fetched, %z) : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}
graph.func "outer" (%a: tensor<*xf32>) signature {input_arg = [{name = "a", type = 1 : i32}], output_arg = [{name = "r", type = 1 : i32}]} {
  %i, %i_ctl = graph.PartitionedCall(%a) name("inner") {f = #graph.func<"inner", {T = f32}>, Tin = [f32], Tout = [f32]} : (tensor<*xf32>) -> tensor<*xf32>
  %n, %n_ctl = graph.Neg(%i) name("n") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%n) : tensor<*xf32>
}
graph.func "inner" (%b: tensor<*xf32>) signature {input_arg = [{name = "b", type = 1 : i32}], output_arg = [{name = "r", type = 1 : i32}]} {
  %two, %two_ctl = graph.Const name("two") {dtype = f32, value = #graph.tensor<values [2.0] : tensor<f32>>} : () -> tensor<f32>
  %m, %m_ctl = graph.Mul(%b, %two) name("m") {T = #graph.placeholder<"T">} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch (%m) : tensor<*xf32>
}
graph.func "forever" (%c: tensor<*xf32>) signature {input_arg = [{name = "c", type = 1 : i32}], output_arg = [{name = "r", type = 1 : i32}]} {
  %again, %again_ctl = graph.PartitionedCall(%c) name("again") {f = #graph.func<"forever", {}>, Tin = [f32], Tout = [f32]} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%again) : tensor<*xf32>
}
