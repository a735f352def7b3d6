// RUN: firn-opt --graph-to-kernel --canonicalize --cse --split-input-file %s | FileCheck %s

// Entries are put in order by number, then picked.
// CHECK-LABEL: func.func @main
// CHECK: kernel.call "sparse_order"(%arg0)
// CHECK: linalg.generic
// CHECK: tensor.extract %arg0
// CHECK: tensor.extract %arg1
graph.graph {
  %i, %i_ctl = graph.Placeholder name("i") {dtype = i64, shape = #graph.shape<?x2>} : () -> tensor<?x2xi64>
  %v, %v_ctl = graph.Placeholder name("v") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %s, %s_ctl = graph.Const name("s") {dtype = i64, value = #graph.tensor<content [3, 4] : tensor<2xi64>>} : () -> tensor<2xi64>
  %o:2, %o_ctl = graph.SparseReorder(%i, %v, %s) name("o") {T = f32} : (tensor<?x2xi64>, tensor<?xf32>, tensor<2xi64>) -> (tensor<*xi64>, tensor<*xf32>)
  graph.fetch (%o#0, %o#1) : tensor<*xi64>, tensor<*xf32>
}

// -----

// Made dense, entries are scattered.
// CHECK-LABEL: func.func @main
// CHECK: kernel.call "scatter_update_f32"
// CHECK: return {{.*}} : tensor<3x4xf32>
graph.graph {
  %i, %i_ctl = graph.Placeholder name("i") {dtype = i64, shape = #graph.shape<?x2>} : () -> tensor<?x2xi64>
  %v, %v_ctl = graph.Placeholder name("v") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %s, %s_ctl = graph.Const name("s") {dtype = i64, value = #graph.tensor<content [3, 4] : tensor<2xi64>>} : () -> tensor<2xi64>
  %d, %d_ctl = graph.Const name("d") {dtype = f32, value = #graph.tensor<content [0.0] : tensor<f32>>} : () -> tensor<f32>
  %o, %o_ctl = graph.SparseToDense(%i, %s, %v, %d) name("o") {T = f32, Tindices = i64} : (tensor<?x2xi64>, tensor<2xi64>, tensor<?xf32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch (%o) : tensor<*xf32>
}
