// Upstream's clean-up knows nothing of TensorFlow's ops: it must leave a graph as it is, dead nodes, duplicates and cycles included.
// RUN: firn-opt %s > %t.before
// RUN: firn-opt %s --canonicalize --cse > %t.after
// RUN: diff %t.before %t.after
// RUN: firn-translate --graphdef-to-mlir %S/../../compiler/import/Inputs/loop.pbtxt -o %t.loop.mlir
// RUN: firn-opt %t.loop.mlir > %t.before
// RUN: firn-opt %t.loop.mlir --canonicalize --cse > %t.after
// RUN: diff %t.before %t.after

graph.graph {
  %x, %x_ctl = graph.Const name("x") {dtype = f32, value = #graph.tensor<values [1] : tensor<f32>>} : () -> tensor<f32>
  %y, %y_ctl = graph.Const name("y") {dtype = f32, value = #graph.tensor<values [1] : tensor<f32>>} : () -> tensor<f32>
  %dead, %dead_ctl = graph.Add(%x, %y) name("dead") {T = f32} : (tensor<f32>, tensor<f32>) -> tensor<*xf32>
  %again, %again_ctl = graph.Add(%x, %y) name("again") {T = f32} : (tensor<f32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch
}
graph.func "unused" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}]} {
  graph.fetch
}
