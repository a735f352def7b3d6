// RUN: firn-opt %s --graph-stored-statistics --split-input-file --verify-diagnostics | FileCheck %s
// RUN: firn-opt %s --graph-stored-statistics=keep=bn --split-input-file | FileCheck %s --check-prefix=KEEP

// The variable that `v -= (v - statistic) * 0.1` averages into, whatever it is called.
// CHECK-LABEL: graph.graph
// CHECK: %[[A:.*]], %{{.*}} = graph.Identity(%a) name("a/stored") {T = f32}
// CHECK: %[[B:.*]], %{{.*}} = graph.Identity(%b) name("b/stored") {T = f32}
// CHECK: graph.FusedBatchNormV3(%x, %g, %g, %[[A]], %[[B]]) name("bn") {T = f32, U = f32, is_training = false}
// KEEP: is_training = true
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x2x2x4>} : () -> tensor<?x2x2x4xf32>
  %g, %g_ctl = graph.Const name("g") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<4xf32>>} : () -> tensor<4xf32>
  %none, %none_ctl = graph.Const name("none") {dtype = f32, value = #graph.tensor<values [] : tensor<0xf32>>} : () -> tensor<0xf32>
  %c, %c_ctl = graph.Const name("c") {dtype = f32, value = #graph.tensor<values [0.1] : tensor<f32>>} : () -> tensor<f32>
  %a, %a_ctl = graph.VariableV2 name("a") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4x!graph.ref<f32>>
  %b, %b_ctl = graph.VariableV2 name("b") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4x!graph.ref<f32>>
  %ra, %ra_ctl = graph.Identity(%a) name("ra") {T = f32} : (tensor<4x!graph.ref<f32>>) -> tensor<4xf32>
  %rb, %rb_ctl = graph.Identity(%b) name("rb") {T = f32} : (tensor<4x!graph.ref<f32>>) -> tensor<4xf32>
  %bn:6, %bn_ctl = graph.FusedBatchNormV3(%x, %g, %g, %none, %none) name("bn") {T = f32, U = f32, is_training = true} : (tensor<?x2x2x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<0xf32>, tensor<0xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %da, %da_ctl = graph.Sub(%ra, %bn#1) name("da") {T = f32} : (tensor<4xf32>, tensor<*xf32>) -> tensor<*xf32>
  %ma, %ma_ctl = graph.Mul(%da, %c) name("ma") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %ua, %ua_ctl = graph.AssignSub(%a, %ma) name("ua") {T = f32} : (tensor<4x!graph.ref<f32>>, tensor<*xf32>) -> tensor<4x!graph.ref<f32>>
  %db, %db_ctl = graph.Sub(%rb, %bn#2) name("db") {T = f32} : (tensor<4xf32>, tensor<*xf32>) -> tensor<*xf32>
  %mb, %mb_ctl = graph.Mul(%db, %c) name("mb") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %ub, %ub_ctl = graph.AssignSub(%b, %mb) name("ub") {T = f32} : (tensor<4x!graph.ref<f32>>, tensor<*xf32>) -> tensor<4x!graph.ref<f32>>
  %y, %y_ctl = graph.Relu(%bn#0) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// A mean without a variance is no batch norm's pair.
// expected-error @below {{expected batch norms whose moving averages can be told}}
// expected-note @below {{'bn': a moving average of its mean was found, none of its variance}}
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x2x2x4>} : () -> tensor<?x2x2x4xf32>
  %g, %g_ctl = graph.Const name("g") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<4xf32>>} : () -> tensor<4xf32>
  %none, %none_ctl = graph.Const name("none") {dtype = f32, value = #graph.tensor<values [] : tensor<0xf32>>} : () -> tensor<0xf32>
  %c, %c_ctl = graph.Const name("c") {dtype = f32, value = #graph.tensor<values [0.1] : tensor<f32>>} : () -> tensor<f32>
  %a, %a_ctl = graph.VariableV2 name("a") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4x!graph.ref<f32>>
  %ra, %ra_ctl = graph.Identity(%a) name("ra") {T = f32} : (tensor<4x!graph.ref<f32>>) -> tensor<4xf32>
  %bn:6, %bn_ctl = graph.FusedBatchNormV3(%x, %g, %g, %none, %none) name("bn") {T = f32, U = f32, is_training = true} : (tensor<?x2x2x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<0xf32>, tensor<0xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %da, %da_ctl = graph.Sub(%ra, %bn#1) name("da") {T = f32} : (tensor<4xf32>, tensor<*xf32>) -> tensor<*xf32>
  %ma, %ma_ctl = graph.Mul(%da, %c) name("ma") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %ua, %ua_ctl = graph.AssignSub(%a, %ma) name("ua") {T = f32} : (tensor<4x!graph.ref<f32>>, tensor<*xf32>) -> tensor<4x!graph.ref<f32>>
  graph.fetch (%bn#0) : tensor<*xf32>
}

// -----

// Nothing averages these statistics: they are what the layer is about.
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x2x2x4>} : () -> tensor<?x2x2x4xf32>
  %g, %g_ctl = graph.Const name("g") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<4xf32>>} : () -> tensor<4xf32>
  %none, %none_ctl = graph.Const name("none") {dtype = f32, value = #graph.tensor<values [] : tensor<0xf32>>} : () -> tensor<0xf32>
  // expected-warning @below {{no moving average of them was found: they stay}}
  %bn:6, %bn_ctl = graph.FusedBatchNormV3(%x, %g, %g, %none, %none) name("bn") {T = f32, U = f32, is_training = true} : (tensor<?x2x2x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<0xf32>, tensor<0xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  graph.fetch (%bn#0) : tensor<*xf32>
}
