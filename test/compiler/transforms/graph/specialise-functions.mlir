// RUN: firn-opt %s --graph-specialise-functions | FileCheck %s

// The second argument is handed through and constant: the body's copy has it as a Const. The third changes.
// CHECK: graph.While(%x, %k, %k) {{.*}}body = #graph.func<"b_with0", {}>
// CHECK: graph.func "b"
// CHECK: graph.func "b_with0" (%[[X:.*]]: tensor<*xf32>, %[[A:.*]]: tensor<*xf32>, %[[C:.*]]: tensor<*xf32>)
// CHECK: %[[K:.*]], %{{.*}} = graph.Const name("k/value") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<f32>>}
// CHECK: %[[M:.*]], %{{.*}} = graph.Mul(%[[X]], %[[K]]) name("m")
// CHECK: %[[N:.*]], %{{.*}} = graph.Mul(%[[C]], %[[K]]) name("next")
// CHECK: graph.fetch(%[[M]], %[[A]], %[[N]])
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %k, %k_ctl = graph.Const name("k") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<f32>>} : () -> tensor<f32>
  %w, %w_1, %w_2, %w_ctl = graph.While(%x, %k, %k) name("w") {T = [f32, f32, f32], cond = #graph.func<"c", {}>, body = #graph.func<"b", {}>} : (tensor<?xf32>, tensor<f32>, tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  graph.fetch (%w) : tensor<*xf32>
}
graph.func "c" (%x: tensor<*xf32>, %k: tensor<*xf32>, %n: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}, {name = "k", type = 1 : i32}, {name = "n", type = 1 : i32}], output_arg = [{name = "r", type = 10 : i32}]} {
  %l, %l_ctl = graph.Less(%k, %n) name("l") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xi1>
  graph.fetch (%l) : tensor<*xi1>
}
graph.func "b" (%x: tensor<*xf32>, %k: tensor<*xf32>, %n: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}, {name = "k", type = 1 : i32}, {name = "n", type = 1 : i32}], output_arg = [{name = "r", type = 1 : i32}, {name = "s", type = 1 : i32}, {name = "t", type = 1 : i32}]} {
  %m, %m_ctl = graph.Mul(%x, %k) name("m") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %next, %next_ctl = graph.Mul(%n, %k) name("next") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%m, %k, %next) : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}
