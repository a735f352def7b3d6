// RUN: firn-opt %s --graph-fold-shapes | FileCheck %s

// A fixed shape is a constant; of a shape whose batch is not known the Reshape that reads it needs
// only one -1.
// CHECK-DAG: graph.Const name("fixed") {{.*}}content [2, 3] : tensor<2xi32>
// CHECK-DAG: %[[SHAPE:.*]], %{{.*}} = graph.Const name("flat/shape") {{.*}}content [-1, 12] : tensor<2xi32>
// CHECK: graph.Reshape(%{{.*}}, %[[SHAPE]]) name("flat")
// CHECK-NOT: graph.StridedSlice
// CHECK-NOT: graph.Pack
graph.graph {
  %k, %k_ctl = graph.Placeholder name("k") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3xf32>
  %fixed, %fixed_ctl = graph.Shape(%k) name("fixed") {T = f32, out_type = i32} : (tensor<2x3xf32>) -> tensor<2xi32>
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x3x4>} : () -> tensor<?x3x4xf32>
  %s, %s_ctl = graph.Shape(%x) name("s") {T = f32, out_type = i32} : (tensor<?x3x4xf32>) -> tensor<3xi32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = i32, value = #graph.tensor<content [0] : tensor<1xi32>>} : () -> tensor<1xi32>
  %one, %one_ctl = graph.Const name("one") {dtype = i32, value = #graph.tensor<content [1] : tensor<1xi32>>} : () -> tensor<1xi32>
  %n, %n_ctl = graph.StridedSlice(%s, %zero, %one, %one) name("n") {T = i32, Index = i32, begin_mask = 0 : i64, end_mask = 0 : i64, ellipsis_mask = 0 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 1 : i64} : (tensor<3xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<i32>
  %twelve, %twelve_ctl = graph.Const name("twelve") {dtype = i32, value = #graph.tensor<content [12] : tensor<i32>>} : () -> tensor<i32>
  %sizes, %sizes_ctl = graph.Pack(%n, %twelve) name("sizes") {T = i32, N = 2 : i64, axis = 0 : i64} : (tensor<i32>, tensor<i32>) -> tensor<2xi32>
  %flat, %flat_ctl = graph.Reshape(%x, %sizes) name("flat") {T = f32, Tshape = i32} : (tensor<?x3x4xf32>, tensor<2xi32>) -> tensor<?x12xf32>
  graph.fetch (%fixed, %flat) : tensor<2xi32>, tensor<?x12xf32>
}
