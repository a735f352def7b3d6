// RUN: firn-opt --graph-to-kernel --canonicalize --cse --split-input-file %s | FileCheck %s

// CHECK-LABEL: func.func @main
// CHECK: %[[Z:.*]] = linalg.generic
// CHECK: tensor.insert_slice %arg0 into %[[Z]][0, 1] [%{{.*}}, 4] [1, 1] : tensor<?x4xf32> into tensor<?x7xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %p, %p_ctl = graph.Const name("p") {dtype = i32, value = #graph.tensor<content [0, 0, 1, 2] : tensor<2x2xi32>>} : () -> tensor<2x2xi32>
  %y, %y_ctl = graph.Pad(%x, %p) name("y") {T = f32, Tpaddings = i32} : (tensor<?x4xf32>, tensor<2x2xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// Space to depth is a permutation between reshapes.
// CHECK-LABEL: func.func @main
// CHECK: tensor.expand_shape {{.*}} into tensor<?x3x2x2x2x5xf32>
// CHECK: linalg.generic
// CHECK-SAME: outs(%{{.*}} : tensor<?x3x2x2x2x5xf32>)
// CHECK: return {{.*}} : tensor<?x3x2x20xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x6x4x5>} : () -> tensor<?x6x4x5xf32>
  %y, %y_ctl = graph.SpaceToDepth(%x) name("y") {T = f32, block_size = 2 : i64, data_format = "NHWC"} : (tensor<?x6x4x5xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
