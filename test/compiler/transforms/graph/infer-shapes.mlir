// RUN: firn-opt %s --graph-infer-shapes | FileCheck %s

// A batch that is not known goes through; SAME and VALID windows, broadcasting, a Reshape with -1.
// CHECK-LABEL: graph.graph
// CHECK: name("x") {{.*}} -> tensor<?x28x28x3xf32>
// CHECK: name("conv") {{.*}} -> tensor<?x14x14x8xf32>
// CHECK: name("pool") {{.*}} -> tensor<?x6x6x8xf32>
// CHECK: name("flat") {{.*}} -> tensor<?x288xf32>
// CHECK: name("dense") {{.*}} -> tensor<?x10xf32>
// CHECK: name("biased") {{.*}} -> tensor<?x10xf32>
// CHECK: name("dims") {{.*}} -> tensor<2xi32>
// CHECK: name("call") {{.*}} -> tensor<?x10xf32>
// CHECK-LABEL: graph.func "half"
// CHECK: name("halved") {{.*}} -> tensor<?x10xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x28x28x3>} : () -> tensor<*xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<3x3x3x8xf32>>} : () -> tensor<3x3x3x8xf32>
  %conv, %conv_ctl = graph.Conv2D(%x, %w) name("conv") {T = f32, strides = array<i64: 1, 2, 2, 1>, padding = "SAME"} : (tensor<*xf32>, tensor<3x3x3x8xf32>) -> tensor<*xf32>
  %pool, %pool_ctl = graph.MaxPool(%conv) name("pool") {T = f32, ksize = array<i64: 1, 3, 3, 1>, strides = array<i64: 1, 2, 2, 1>, padding = "VALID"} : (tensor<*xf32>) -> tensor<*xf32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [-1, 288] : tensor<2xi32>>} : () -> tensor<2xi32>
  %flat, %flat_ctl = graph.Reshape(%pool, %s) name("flat") {T = f32, Tshape = i32} : (tensor<*xf32>, tensor<2xi32>) -> tensor<*xf32>
  %v, %v_ctl = graph.Const name("v") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<288x10xf32>>} : () -> tensor<288x10xf32>
  %dense, %dense_ctl = graph.MatMul(%flat, %v) name("dense") {T = f32} : (tensor<*xf32>, tensor<288x10xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.Const name("b") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<10xf32>>} : () -> tensor<10xf32>
  %biased, %biased_ctl = graph.AddV2(%dense, %b) name("biased") {T = f32} : (tensor<*xf32>, tensor<10xf32>) -> tensor<*xf32>
  %dims, %dims_ctl = graph.Shape(%biased) name("dims") {T = f32, out_type = i32} : (tensor<*xf32>) -> tensor<*xi32>
  %call, %call_ctl = graph.PartitionedCall(%biased) name("call") {Tin = [f32], Tout = [f32], f = #graph.func<"half", {}>} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%dims, %call) : tensor<*xi32>, tensor<*xf32>
}

graph.func "half" (%a: tensor<*xf32>) signature {input_arg = [{name = "a", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %two, %two_ctl = graph.Const name("two") {dtype = f32, value = #graph.tensor<values [2.0] : tensor<f32>>} : () -> tensor<f32>
  %halved, %halved_ctl = graph.RealDiv(%a, %two) name("halved") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch (%halved) : tensor<*xf32>
}
