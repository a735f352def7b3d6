// RUN: firn-opt --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// CHECK-LABEL: func.func @main(%arg0: tensor<?x4xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"})
// CHECK-SAME: -> (tensor<?x4xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"})
// CHECK: %[[N:.*]] = tensor.dim %arg0
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<?x4xf32>
// CHECK: %[[Y:.*]] = kernel.softmax(%arg0) into %[[E]]
// CHECK: return %[[Y]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %y, %y_ctl = graph.Softmax(%x) name("y") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
