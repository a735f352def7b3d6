// RUN: firn-opt %s --graph-fold-batch-norm | FileCheck %s
// RUN: firn-opt %s --graph-fold-batch-norm=keep=d1,c3 | FileCheck %s --check-prefix=KEEP
// What is kept keeps its values as well: nothing is folded across it.
// KEEP: graph.Conv2D(%x, %w) name("c1")
// KEEP: graph.BiasAdd(%{{.*}}) name("d1")
// KEEP: graph.Mul(%{{.*}}) name("bn1/mul")
// KEEP: graph.Conv2D(%x, %w) name("c3")
// KEEP: graph.Mul(%{{.*}}) name("bn3/mul")

// A batch norm (gamma 4, variance 3 + epsilon 1, so a scale of 2; mean 1, beta 3) goes into the weights, and with it the bias.
// CHECK: %[[W1:.*]], %{{.*}} = graph.Const name("w/folded") {{.*}}content [4, 8] : tensor<1x1x1x2xf32>
// CHECK: %[[C1:.*]], %{{.*}} = graph.Conv2D(%{{.*}}, %[[W1]]) name("c1")
// CHECK: %[[B1:.*]], %{{.*}} = graph.Const name("bn1/bias") {{.*}}content [3, 5] : tensor<2xf32>
// CHECK: graph.BiasAdd(%[[C1]], %[[B1]]) name("bn1") {T = f32, data_format = "NHWC"}
// The other user of the same weights keeps them: its output is used twice.
// CHECK: %[[C2:.*]], %{{.*}} = graph.Conv2D(%{{.*}}, %w) name("c2")
// CHECK: %[[M2:.*]], %{{.*}} = graph.Mul(%[[C2]], %{{.*}}) name("bn2/mul")
// CHECK: graph.Add(%[[M2]], %{{.*}}) name("bn2")
// A BatchToSpaceND stays where it is, in front of the bias.
// CHECK: %[[C3:.*]], %{{.*}} = graph.Conv2D(%{{.*}}) name("c3")
// CHECK: %[[S3:.*]], %{{.*}} = graph.BatchToSpaceND(%[[C3]], %{{.*}}) name("s3")
// CHECK: graph.BiasAdd(%[[S3]], %{{.*}}) name("bn3")
// Nothing is done across a Relu, in training mode, and to a bias alone.
// CHECK: graph.FusedBatchNormV3({{.*}}) name("bn4") {{.*}}is_training = true
// CHECK: graph.MatMul(%{{.*}}, %m) name("c5")
// CHECK: graph.Add({{.*}}) name("y5")
// CHECK: graph.Relu
// CHECK: graph.Mul({{.*}}) name("y6")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4x4x1>} : () -> tensor<?x4x4x1xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<content [2.0, 4.0] : tensor<1x1x1x2xf32>>} : () -> tensor<1x1x1x2xf32>
  %gamma, %gamma_ctl = graph.Const name("gamma") {dtype = f32, value = #graph.tensor<values [4.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %beta, %beta_ctl = graph.Const name("beta") {dtype = f32, value = #graph.tensor<values [3.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %mean, %mean_ctl = graph.Const name("mean") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %var, %var_ctl = graph.Const name("var") {dtype = f32, value = #graph.tensor<values [3.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %b1, %b1_ctl = graph.Const name("b1") {dtype = f32, value = #graph.tensor<content [1.0, 2.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %c1, %c1_ctl = graph.Conv2D(%x, %w) name("c1") {T = f32, padding = "SAME", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32>) -> tensor<*xf32>
  %d1, %d1_ctl = graph.BiasAdd(%c1, %b1) name("d1") {T = f32} : (tensor<*xf32>, tensor<2xf32>) -> tensor<*xf32>
  %bn1:5, %bn1_ctl = graph.FusedBatchNorm(%d1, %gamma, %beta, %mean, %var) name("bn1") {T = f32, epsilon = 1.000000e+00 : f32, is_training = false} : (tensor<*xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %c2, %c2_ctl = graph.Conv2D(%x, %w) name("c2") {T = f32, padding = "SAME", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32>) -> tensor<*xf32>
  %bn2:5, %bn2_ctl = graph.FusedBatchNorm(%c2, %gamma, %beta, %mean, %var) name("bn2") {T = f32, epsilon = 1.000000e+00 : f32, is_training = false} : (tensor<*xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %y2, %y2_ctl = graph.AddN(%c2, %bn2#0) name("y2") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %block, %block_ctl = graph.Const name("block") {dtype = i32, value = #graph.tensor<values [2] : tensor<2xi32>>} : () -> tensor<2xi32>
  %crops, %crops_ctl = graph.Const name("crops") {dtype = i32, value = #graph.tensor<values [0] : tensor<2x2xi32>>} : () -> tensor<2x2xi32>
  %c3, %c3_ctl = graph.Conv2D(%x, %w) name("c3") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32>) -> tensor<*xf32>
  %s3, %s3_ctl = graph.BatchToSpaceND(%c3, %block, %crops) name("s3") {T = f32, Tblock_shape = i32, Tcrops = i32} : (tensor<*xf32>, tensor<2xi32>, tensor<2x2xi32>) -> tensor<*xf32>
  %bn3:5, %bn3_ctl = graph.FusedBatchNorm(%s3, %gamma, %beta, %mean, %var) name("bn3") {T = f32, epsilon = 1.000000e+00 : f32, is_training = false} : (tensor<*xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %c4, %c4_ctl = graph.Conv2D(%x, %w) name("c4") {T = f32, padding = "SAME", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32>) -> tensor<*xf32>
  %bn4:6, %bn4_ctl = graph.FusedBatchNormV3(%c4, %gamma, %beta, %mean, %var) name("bn4") {T = f32, U = f32, epsilon = 1.000000e+00 : f32, is_training = true} : (tensor<*xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %z, %z_ctl = graph.Placeholder name("z") {dtype = f32, shape = #graph.shape<?x1>} : () -> tensor<?x1xf32>
  %m, %m_ctl = graph.Const name("m") {dtype = f32, value = #graph.tensor<content [2.0, 4.0] : tensor<1x2xf32>>} : () -> tensor<1x2xf32>
  %c5, %c5_ctl = graph.MatMul(%z, %m) name("c5") {T = f32} : (tensor<?x1xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  %y5, %y5_ctl = graph.Add(%beta, %c5) name("y5") {T = f32} : (tensor<2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %r6, %r6_ctl = graph.Relu(%y5) name("r6") {T = f32} : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %y6, %y6_ctl = graph.Mul(%r6, %gamma) name("y6") {T = f32} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  graph.fetch (%bn1#0, %y2, %bn3#0, %bn4#0, %y6) : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<?x2xf32>
}
