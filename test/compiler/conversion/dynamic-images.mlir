// RUN: firn-opt --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// Images of any size: the library's kernels know none, so each row of the result is a product with the filter's columns.
// CHECK-LABEL: func.func @main
// CHECK-NOT: kernel.conv2d
// CHECK: scf.for
// CHECK: %[[PANELS:.*]] = kernel.pack
// CHECK: kernel.matmul({{.*}}, %[[PANELS]])
// CHECK: tensor.insert_slice
// CHECK: scf.yield
// CHECK-NOT: kernel.pool
// CHECK-NOT: kernel.depthwise_conv2d
// CHECK: return
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x?x?x3>} : () -> tensor<?x?x?x3xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<3x3x3x8xf32>>} : () -> tensor<3x3x3x8xf32>
  %conv, %conv_ctl = graph.Conv2D(%x, %w) name("conv") {T = f32, strides = array<i64: 1, 2, 2, 1>, padding = "SAME"} : (tensor<?x?x?x3xf32>, tensor<3x3x3x8xf32>) -> tensor<?x?x?x8xf32>
  %pool, %pool_ctl = graph.MaxPool(%conv) name("pool") {T = f32, ksize = array<i64: 1, 2, 2, 1>, strides = array<i64: 1, 2, 2, 1>, padding = "VALID"} : (tensor<?x?x?x8xf32>) -> tensor<?x?x?x8xf32>
  %d, %d_ctl = graph.Const name("d") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<3x3x8x1xf32>>} : () -> tensor<3x3x8x1xf32>
  %depthwise, %depthwise_ctl = graph.DepthwiseConv2dNative(%pool, %d) name("depthwise") {T = f32, strides = array<i64: 1, 1, 1, 1>, padding = "SAME"} : (tensor<?x?x?x8xf32>, tensor<3x3x8x1xf32>) -> tensor<?x?x?x8xf32>
  graph.fetch (%depthwise) : tensor<?x?x?x8xf32>
}
