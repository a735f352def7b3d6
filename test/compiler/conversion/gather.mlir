// RUN: firn-opt --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// An index is kept inside of its axis.
// CHECK-LABEL: func.func @main
// CHECK: linalg.generic
// CHECK: %[[I:.*]] = tensor.extract %arg1
// CHECK: %[[P:.*]] = arith.index_cast %[[I]] : i32 to index
// CHECK: %[[M:.*]] = arith.minsi %[[P]], %c9 : index
// CHECK: %[[C:.*]] = arith.maxsi %[[M]], %c0 : index
// CHECK: tensor.extract %arg0[%[[C]], %{{.*}}] : tensor<10x4xf32>
// CHECK: return {{.*}} : tensor<?x3x4xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<10x4>} : () -> tensor<10x4xf32>
  %i, %i_ctl = graph.Placeholder name("i") {dtype = i32, shape = #graph.shape<?x3>} : () -> tensor<?x3xi32>
  %a, %a_ctl = graph.Const name("a") {dtype = i32, value = #graph.tensor<content [0] : tensor<i32>>} : () -> tensor<i32>
  %y, %y_ctl = graph.GatherV2(%x, %i, %a) name("y") {Taxis = i32, Tindices = i32, Tparams = f32, batch_dims = 0 : i64} : (tensor<10x4xf32>, tensor<?x3xi32>, tensor<i32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
