// RUN: firn-opt %s --graph-rebatch="batch=7" --split-input-file | FileCheck %s --check-prefix=SEVEN
// RUN: firn-opt %s --graph-rebatch="batch=-1" --split-input-file | FileCheck %s --check-prefix=ANY

// A Reshape that hard-codes the batch.
// SEVEN: graph.Placeholder name("x") {{.*}}shape<7x2x3>
// SEVEN: graph.Const name("s") {{.*}}content [7, 6]
// SEVEN: name("y") {{.*}} -> tensor<7x6xf32>
// ANY: graph.Placeholder name("x") {{.*}}shape<?x2x3>
// ANY: graph.Const name("s") {{.*}}content [-1, 6]
// ANY: name("y") {{.*}} -> tensor<?x6xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<50x2x3>} : () -> tensor<50x2x3xf32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [50, 6] : tensor<2xi32>>} : () -> tensor<2xi32>
  %y, %y_ctl = graph.Reshape(%x, %s) name("y") {T = f32, Tshape = i32} : (tensor<50x2x3xf32>, tensor<2xi32>) -> tensor<50x6xf32>
  graph.fetch (%y) : tensor<50x6xf32>
}

// -----

// A state of zeros: its rows are equal. Indices that count the rows. Nothing else has the number 50
// for the batch: the columns of the weights are 50 as well.
// SEVEN: graph.Const name("w") {{.*}}tensor<4x50xf32>
// SEVEN: graph.Const name("state_1") {{.*}}tensor<7x50xf32>
// SEVEN: name("joined") {{.*}} -> tensor<7x100xf32>
// SEVEN: graph.Const name("rows_1") {{.*}}content [0, 1, 2, 3, 4, 5, 6]
// SEVEN: name("indices") {{.*}} -> tensor<7x2xi32>
// ANY: graph.Const name("w") {{.*}}tensor<4x50xf32>
// ANY: graph.Tile
// ANY: name("joined") {{.*}} -> tensor<?x100xf32>
// ANY: graph.Range
// ANY: name("indices") {{.*}} -> tensor<?x2xi32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<50x4>} : () -> tensor<50x4xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<4x50xf32>>} : () -> tensor<4x50xf32>
  %h, %h_ctl = graph.MatMul(%x, %w) name("h") {T = f32} : (tensor<50x4xf32>, tensor<4x50xf32>) -> tensor<50x50xf32>
  %state, %state_ctl = graph.Const name("state") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<50x50xf32>>} : () -> tensor<50x50xf32>
  %one, %one_ctl = graph.Const name("one") {dtype = i32, value = #graph.tensor<content [1] : tensor<i32>>} : () -> tensor<i32>
  %joined, %joined_ctl = graph.ConcatV2(%h, %state, %one) name("joined") {T = f32, N = 2 : i64, Tidx = i32} : (tensor<50x50xf32>, tensor<50x50xf32>, tensor<i32>) -> tensor<50x100xf32>
  %best, %best_ctl = graph.ArgMax(%joined, %one) name("best") {T = f32, Tidx = i32, output_type = i32} : (tensor<50x100xf32>, tensor<i32>) -> tensor<50xi32>
  %rows, %rows_ctl = graph.Const name("rows") {dtype = i32, value = #graph.tensor<content [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49] : tensor<50xi32>>} : () -> tensor<50xi32>
  %indices, %indices_ctl = graph.Pack(%rows, %best) name("indices") {T = i32, N = 2 : i64, axis = 1 : i64} : (tensor<50xi32>, tensor<50xi32>) -> tensor<50x2xi32>
  %chosen, %chosen_ctl = graph.GatherNd(%joined, %indices) name("chosen") {Tparams = f32, Tindices = i32} : (tensor<50x100xf32>, tensor<50x2xi32>) -> tensor<50xf32>
  graph.fetch (%chosen) : tensor<50xf32>
}
