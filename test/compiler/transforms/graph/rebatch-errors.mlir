// RUN: not firn-opt %s --graph-rebatch="batch=7" --split-input-file 2>&1 | FileCheck %s
// RUN: not firn-opt %s --graph-rebatch="batch=7 best-effort=true" --split-input-file 2>&1 | FileCheck %s --check-prefix=EFFORT

// The rows of a constant are data.
// CHECK: can't prove what changes with the inputs
// CHECK: 'table', which 'sum' reads: its rows differ along dimension 0
// CHECK: --best-effort
// EFFORT: warning: left as it is: 'table', which 'sum' reads
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2x1>} : () -> tensor<2x1xf32>
  %table, %table_ctl = graph.Const name("table") {dtype = f32, value = #graph.tensor<values [1.0, 2.5] : tensor<2x1xf32>>} : () -> tensor<2x1xf32>
  %sum, %sum_ctl = graph.AddV2(%x, %table) name("sum") {T = f32} : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x1xf32>
  graph.fetch (%sum) : tensor<2x1xf32>
}

// -----

// Both sizes of the Reshape may be the batch.
// CHECK: element 0 of the constant 's', for 'y' (Reshape): 4 or batch
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<4x4>} : () -> tensor<4x4xf32>
  %t, %t_ctl = graph.Const name("t") {dtype = i32, value = #graph.tensor<content [-1] : tensor<1xi32>>} : () -> tensor<1xi32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [4, 4] : tensor<2xi32>>} : () -> tensor<2xi32>
  %f, %f_ctl = graph.Reshape(%x, %t) name("f") {T = f32, Tshape = i32} : (tensor<4x4xf32>, tensor<1xi32>) -> tensor<16xf32>
  %y, %y_ctl = graph.Reshape(%f, %s) name("y") {T = f32, Tshape = i32} : (tensor<16xf32>, tensor<2xi32>) -> tensor<4x4xf32>
  graph.fetch (%y) : tensor<4x4xf32>
}

// -----

// CHECK: the inputs disagree about the batch: 'a' has shape [4,2], 'b' [3,2]
graph.graph {
  %a, %a_ctl = graph.Placeholder name("a") {dtype = f32, shape = #graph.shape<4x2>} : () -> tensor<4x2xf32>
  %b, %b_ctl = graph.Placeholder name("b") {dtype = f32, shape = #graph.shape<3x2>} : () -> tensor<3x2xf32>
  graph.fetch (%a, %b) : tensor<4x2xf32>, tensor<3x2xf32>
}
