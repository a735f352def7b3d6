// RUN: firn-opt --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// Shape, StridedSlice, Mul and Pack never become tensors: the Reshape costs nothing.
// CHECK-LABEL: func.func @main
// CHECK: %[[N:.*]] = tensor.dim %arg0
// CHECK-NOT: linalg
// CHECK: tensor.collapse_shape %arg0
// CHECK: tensor.expand_shape {{.*}} : tensor<?xf32> into tensor<?x2xf32>
// CHECK-NEXT: return
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x3x4>} : () -> tensor<?x3x4xf32>
  %shape, %shape_ctl = graph.Shape(%x) name("shape") {T = f32, out_type = i32} : (tensor<?x3x4xf32>) -> tensor<3xi32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = i32, value = #graph.tensor<content [0] : tensor<1xi32>>} : () -> tensor<1xi32>
  %one, %one_ctl = graph.Const name("one") {dtype = i32, value = #graph.tensor<content [1] : tensor<1xi32>>} : () -> tensor<1xi32>
  %two, %two_ctl = graph.Const name("two") {dtype = i32, value = #graph.tensor<content [2] : tensor<i32>>} : () -> tensor<i32>
  %six, %six_ctl = graph.Const name("six") {dtype = i32, value = #graph.tensor<content [6] : tensor<i32>>} : () -> tensor<i32>
  %n, %n_ctl = graph.StridedSlice(%shape, %zero, %one, %one) name("n") {Index = i32, T = i32, begin_mask = 0 : i64, ellipsis_mask = 0 : i64, end_mask = 0 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 1 : i64} : (tensor<3xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<i32>
  %m, %m_ctl = graph.Mul(%n, %six) name("m") {T = i32} : (tensor<i32>, tensor<i32>) -> tensor<i32>
  %wanted, %wanted_ctl = graph.Pack(%m, %two) name("wanted") {N = 2 : i64, T = i32, axis = 0 : i64} : (tensor<i32>, tensor<i32>) -> tensor<2xi32>
  %y, %y_ctl = graph.Reshape(%x, %wanted) name("y") {T = f32, Tshape = i32} : (tensor<?x3x4xf32>, tensor<2xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
