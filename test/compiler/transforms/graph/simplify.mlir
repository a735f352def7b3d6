// RUN: firn-opt %s --graph-simplify="everything=true" --split-input-file | FileCheck %s

// x * 1 and x - 0 are x; x + 0 is not, and a factor that widens stays.
// CHECK: %[[X:.*]], %{{.*}} = graph.Placeholder name("x")
// CHECK-NOT: name("mul")
// CHECK-NOT: name("sub")
// CHECK-NOT: name("transpose")
// CHECK: %[[ADD:.*]], %{{.*}} = graph.Add(%[[X]], %{{.*}}) name("add")
// CHECK: %[[WIDE:.*]], %{{.*}} = graph.Mul(%[[ADD]], %{{.*}}) name("wide")
// CHECK: graph.Relu(%[[WIDE]]) name("y")
// CHECK: graph.Neg(%[[X]]) name("select_user")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<1x4>} : () -> tensor<1x4xf32>
  %one, %one_ctl = graph.Const name("one") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  %ones, %ones_ctl = graph.Const name("ones") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<3x4xf32>>} : () -> tensor<3x4xf32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<f32>>} : () -> tensor<f32>
  %perm, %perm_ctl = graph.Const name("perm") {dtype = i32, value = #graph.tensor<content [0, 1] : tensor<2xi32>>} : () -> tensor<2xi32>
  %yes, %yes_ctl = graph.Const name("yes") {dtype = i1, value = #graph.tensor<values [true] : tensor<i1>>} : () -> tensor<i1>
  %mul, %mul_ctl = graph.Mul(%one, %x) name("mul") {T = f32} : (tensor<f32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %sub, %sub_ctl = graph.Sub(%mul, %zero) name("sub") {T = f32} : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %transpose, %transpose_ctl = graph.Transpose(%sub, %perm) name("transpose") {T = f32, Tperm = i32} : (tensor<1x4xf32>, tensor<2xi32>) -> tensor<1x4xf32>
  %add, %add_ctl = graph.Add(%transpose, %zero) name("add") {T = f32} : (tensor<1x4xf32>, tensor<f32>) -> tensor<1x4xf32>
  %wide, %wide_ctl = graph.Mul(%add, %ones) name("wide") {T = f32} : (tensor<1x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %y, %y_ctl = graph.Relu(%wide) name("y") {T = f32} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  %select, %select_ctl = graph.Select(%yes, %x, %add) name("select") {T = f32} : (tensor<i1>, tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %z, %z_ctl = graph.Neg(%select) name("select_user") {T = f32} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  graph.fetch (%y, %z) : tensor<3x4xf32>, tensor<1x4xf32>
}

// -----

// A batch of one pair of matrices; a pair of unknown ranks may be more.
// CHECK: graph.MatMul(%{{.*}}, %{{.*}}) name("pair") {T = f32, transpose_a = false, transpose_b = true}
// CHECK: graph.BatchMatMulV2(%{{.*}}, %{{.*}}) name("batch")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %u, %u_ctl = graph.Placeholder name("u") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %pair, %pair_ctl = graph.BatchMatMulV2(%x, %x) name("pair") {T = f32, adj_x = false, adj_y = true} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x?xf32>
  %batch, %batch_ctl = graph.BatchMatMulV2(%u, %pair) name("batch") {T = f32, adj_x = false, adj_y = false} : (tensor<*xf32>, tensor<?x?xf32>) -> tensor<*xf32>
  graph.fetch (%batch) : tensor<*xf32>
}
