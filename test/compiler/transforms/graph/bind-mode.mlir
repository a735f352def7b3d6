// RUN: firn-opt %s --graph-bind-mode --split-input-file --verify-diagnostics | FileCheck %s

// A rate is 0, an inverted flag is true, a placeholder that chooses between two heads stays what it is.
// CHECK-LABEL: graph.graph
// CHECK: graph.Const name("rate") {dtype = f32, value = #graph.tensor<values [0] : tensor<f32>>}
// CHECK: graph.Const name("is_test") {dtype = i1, value = #graph.tensor<values [true] : tensor<i1>>}
// CHECK: graph.Placeholder name("head")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %rate, %rate_ctl = graph.Placeholder name("rate") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %test, %test_ctl = graph.Placeholder name("is_test") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %head, %head_ctl = graph.Placeholder name("head") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %u, %u_ctl = graph.RandomUniform(%n) name("u") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %ge, %ge_ctl = graph.GreaterEqual(%u, %rate) name("ge") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xi1>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<f32>>} : () -> tensor<f32>
  %drop, %drop_ctl = graph.SelectV2(%ge, %x, %zero) name("drop") {T = f32} : (tensor<*xi1>, tensor<?x4xf32>, tensor<f32>) -> tensor<*xf32>
  %noise, %noise_ctl = graph.RandomStandardNormal(%n) name("noise") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %noisy, %noisy_ctl = graph.Add(%drop, %noise) name("noisy") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %s:2, %s_ctl = graph.Switch(%noisy, %test) name("s") {T = f32} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %c:2, %c_ctl = graph.Switch(%drop, %test) name("c") {T = f32} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %m:2, %m_ctl = graph.Merge(%s#0, %c#1) name("m") {T = f32, N = 2 : i64} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %a, %a_ctl = graph.Relu(%m#0) name("a") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.Tanh(%m#0) name("b") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.SelectV2(%head, %a, %b) name("y") {T = f32} : (tensor<i1>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// Uses that disagree: true leaves one part of training, false another.
graph.graph {
  // expected-error @below {{expected flags whose uses agree on what inference is; --bind decides}}
  // expected-note @below {{--bind flag=false leaves 'n1' (RandomStandardNormal) in the graph}}
  // expected-note @below {{--bind flag=true leaves 'n2' (RandomStandardNormal) in the graph}}
  %f, %f_ctl = graph.Placeholder name("flag") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %n, %n_ctl = graph.Shape(%x) name("n") {T = f32, out_type = i32} : (tensor<?x4xf32>) -> tensor<2xi32>
  %n1, %n1_ctl = graph.RandomStandardNormal(%n) name("n1") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %n2, %n2_ctl = graph.RandomStandardNormal(%n) name("n2") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
  %a, %a_ctl = graph.SelectV2(%f, %x, %n1) name("a") {T = f32} : (tensor<i1>, tensor<?x4xf32>, tensor<*xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.SelectV2(%f, %n2, %x) name("b") {T = f32} : (tensor<i1>, tensor<*xf32>, tensor<?x4xf32>) -> tensor<*xf32>
  graph.fetch (%a, %b) : tensor<*xf32>, tensor<*xf32>
}
