// RUN: firn-opt --graph-to-kernel --canonicalize --cse --split-input-file %s | FileCheck %s

// Forward steps are a slice, dropped and new axes a reshape of it.
// CHECK-LABEL: func.func @main
// CHECK: %[[S:.*]] = tensor.extract_slice %arg0[1, 0, 2] [1, 4, 2] [1, 1, 2] : tensor<3x4x6xf32> to tensor<1x4x2xf32>
// CHECK: tensor.collapse_shape %[[S]]
// CHECK: return {{.*}} : tensor<4x1x2xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<3x4x6>} : () -> tensor<3x4x6xf32>
  %b, %b_ctl = graph.Const name("b") {dtype = i32, value = #graph.tensor<content [1, 0, 0, 2] : tensor<4xi32>>} : () -> tensor<4xi32>
  %e, %e_ctl = graph.Const name("e") {dtype = i32, value = #graph.tensor<content [2, 0, 0, 6] : tensor<4xi32>>} : () -> tensor<4xi32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [1, 1, 1, 2] : tensor<4xi32>>} : () -> tensor<4xi32>
  %y, %y_ctl = graph.StridedSlice(%x, %b, %e, %s) name("y") {Index = i32, T = f32, begin_mask = 0 : i64, ellipsis_mask = 2 : i64, end_mask = 0 : i64, new_axis_mask = 4 : i64, shrink_axis_mask = 1 : i64} : (tensor<3x4x6xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// A backward step reads from the end.
// CHECK-LABEL: func.func @main
// CHECK: linalg.generic
// CHECK: %[[I:.*]] = linalg.index 0
// CHECK: tensor.extract %arg0
// CHECK: return {{.*}} : tensor<?x4xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %b, %b_ctl = graph.Const name("b") {dtype = i32, value = #graph.tensor<content [0] : tensor<1xi32>>} : () -> tensor<1xi32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [-1] : tensor<1xi32>>} : () -> tensor<1xi32>
  %y, %y_ctl = graph.StridedSlice(%x, %b, %b, %s) name("y") {Index = i32, T = f32, begin_mask = 1 : i64, ellipsis_mask = 0 : i64, end_mask = 1 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 0 : i64} : (tensor<?x4xf32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// An index that is data is read by the code; how many elements there are then, at run time.
// CHECK-LABEL: func.func @main
// CHECK: linalg.generic
// CHECK: %[[N:.*]] = kernel.read %{{.*}} bound %c8 : tensor<i64>
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?xf32>
// CHECK: tensor.extract %arg1
// CHECK: tensor.extract %arg0
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<8>} : () -> tensor<8xf32>
  %b, %b_ctl = graph.Placeholder name("b") {dtype = i32, shape = #graph.shape<1>} : () -> tensor<1xi32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [1] : tensor<1xi32>>} : () -> tensor<1xi32>
  %y, %y_ctl = graph.StridedSlice(%x, %b, %s, %s) name("y") {Index = i32, T = f32, begin_mask = 0 : i64, ellipsis_mask = 0 : i64, end_mask = 1 : i64, new_axis_mask = 0 : i64, shrink_axis_mask = 0 : i64} : (tensor<8xf32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
