// RUN: firn-opt %s --graph-select-outputs=outputs=y,split:1,init,^x | FileCheck %s
// RUN: not firn-opt %s --graph-select-outputs=outputs=Y,split:2,y 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// CHECK: graph.fetch(%y, %split_1) [%init_ctl, %x_ctl] : tensor<*xf32>, tensor<*xf32>

// UNKNOWN: error: expected outputs that are in the graph
// UNKNOWN: note: 'Y': there is no node 'Y'; nearest: 'y'
// UNKNOWN: note: 'split:2': node 'split' (Split) has 2 outputs
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  %axis, %axis_ctl = graph.Const name("axis") {dtype = i32, value = #graph.tensor<values [1] : tensor<i32>>} : () -> tensor<i32>
  %s0, %s1, %split_ctl = graph.Split(%axis, %y) name("split") {T = f32, num_split = 2 : i64} : (tensor<i32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  %init_ctl = graph.NoOp name("init") : () -> ()
  graph.fetch
}
