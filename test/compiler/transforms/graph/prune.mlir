// RUN: firn-opt %s --graph-prune | FileCheck %s

// CHECK: name("x")
// CHECK-NOT: name("dead")
// A control input is an input.
// CHECK: name("check")
// A cycle that nothing needs goes as a whole.
// CHECK-NOT: name("cycle_a")
// CHECK: name("call")
// CHECK: graph.fetch
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %dead, %dead_ctl = graph.Relu(%x) name("dead") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  %check, %check_ctl = graph.CheckNumerics(%x) name("check") {T = f32, message = "x"} : (tensor<?x4xf32>) -> tensor<*xf32>
  %a, %a_ctl = graph.NextIteration(%b) name("cycle_a") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.Identity(%a) name("cycle_b") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %call, %call_ctl = graph.PartitionedCall(%x) [%check_ctl] name("call") {Tin = [f32], Tout = [f32], f = #graph.func<"outer", {}>} : (tensor<?x4xf32>) -> tensor<*xf32>
  graph.fetch (%call) : tensor<*xf32>
}

// Functions are kept that a kept one calls, by attribute or by the op's type.
// CHECK: graph.func "outer"
// CHECK: graph.func "inner"
// CHECK-NOT: graph.func "unused"
graph.func "outer" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.inner(%x) name("y") : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "inner" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "unused" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.inner(%x) name("y") : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
