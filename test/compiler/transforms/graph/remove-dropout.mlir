// RUN: firn-opt %s --graph-remove-dropout --graph-prune --split-input-file | FileCheck %s
// RUN: firn-opt %s --graph-remove-dropout=keep=mc --graph-prune --split-input-file | FileCheck %s --check-prefix=KEEP

// x / keep * floor(keep + u) with keep 0.8 is x.
// CHECK-LABEL: graph.graph
// CHECK-NOT: Random
// CHECK: graph.Relu(%x) name("y")
// KEEP: name("mc/u")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %keep, %keep_ctl = graph.Const name("keep") {dtype = f32, value = #graph.tensor<values [0.8] : tensor<f32>>} : () -> tensor<f32>
  %u, %u_ctl = graph.RandomUniform(%n) name("mc/u") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %one, %one_ctl = graph.Const name("one") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<f32>>} : () -> tensor<f32>
  %um, %um_ctl = graph.Mul(%u, %one) name("um") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %ua, %ua_ctl = graph.Add(%um, %zero) name("ua") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %s, %s_ctl = graph.Add(%keep, %ua) name("s") {T = f32} : (tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  %m, %m_ctl = graph.Floor(%s) name("m") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %d, %d_ctl = graph.RealDiv(%x, %keep) name("d") {T = f32} : (tensor<?x4xf32>, tensor<f32>) -> tensor<*xf32>
  %p, %p_ctl = graph.Mul(%d, %m) name("p") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.Relu(%p) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// A select by u >= rate; the scale comes before. The fetched output keeps its name.
// CHECK-LABEL: graph.graph
// CHECK-NOT: Random
// CHECK: graph.Identity(%x) name("out")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %rate, %rate_ctl = graph.Const name("rate") {dtype = f32, value = #graph.tensor<values [0.2] : tensor<f32>>} : () -> tensor<f32>
  %inv, %inv_ctl = graph.Const name("inv") {dtype = f32, value = #graph.tensor<values [1.25] : tensor<f32>>} : () -> tensor<f32>
  %u, %u_ctl = graph.RandomUniform(%n) name("u") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %ge, %ge_ctl = graph.GreaterEqual(%u, %rate) name("ge") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xi1>
  %d, %d_ctl = graph.Mul(%x, %inv) name("d") {T = f32} : (tensor<?x4xf32>, tensor<f32>) -> tensor<*xf32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<f32>>} : () -> tensor<f32>
  %y, %y_ctl = graph.SelectV2(%ge, %d, %zero) name("out") {T = f32} : (tensor<*xi1>, tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// A probability that nobody knows cancels all the same.
// CHECK-LABEL: graph.graph
// CHECK-NOT: Random
// CHECK: graph.Relu(%x) name("y")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %keep, %keep_ctl = graph.VariableV2 name("keep") {dtype = f32, shape = #graph.shape<>} : () -> tensor<!graph.ref<f32>>
  %k, %k_ctl = graph.Identity(%keep) name("k") {T = f32} : (tensor<!graph.ref<f32>>) -> tensor<f32>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %u, %u_ctl = graph.RandomUniform(%n) name("u") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %s, %s_ctl = graph.Add(%k, %u) name("s") {T = f32} : (tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  %m, %m_ctl = graph.Floor(%s) name("m") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %d, %d_ctl = graph.RealDiv(%x, %k) name("d") {T = f32} : (tensor<?x4xf32>, tensor<f32>) -> tensor<*xf32>
  %p, %p_ctl = graph.Mul(%d, %m) name("p") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.Relu(%p) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// A mask that nothing divides becomes its mean; numbers that are no mask stay.
// CHECK-LABEL: graph.graph
// CHECK: graph.RandomStandardNormal
// CHECK: %[[P:.*]], %{{.*}} = graph.Const [%x_ctl] name("p/keep_prob") {dtype = f32, value = #graph.tensor<content [0.75] : tensor<f32>>}
// CHECK: %[[M:.*]], %{{.*}} = graph.Mul(%x, %[[P]]) name("p/mean")
// CHECK: graph.Add(%[[M]], %noise) name("y")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %keep, %keep_ctl = graph.Const name("keep") {dtype = f32, value = #graph.tensor<values [0.75] : tensor<f32>>} : () -> tensor<f32>
  %noise, %noise_ctl = graph.RandomStandardNormal(%n) name("noise") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %u, %u_ctl = graph.RandomUniform(%n) name("u") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %lt, %lt_ctl = graph.Less(%u, %keep) name("lt") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xi1>
  %m, %m_ctl = graph.Cast(%lt) name("m") {SrcT = i1, DstT = f32} : (tensor<*xi1>) -> tensor<*xf32>
  %p, %p_ctl = graph.Mul(%m, %x) name("p") {T = f32} : (tensor<*xf32>, tensor<?x4xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.Add(%p, %noise) name("y") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
