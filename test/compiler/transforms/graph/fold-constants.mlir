// RUN: firn-opt %s --graph-fold-constants --graph-prune | FileCheck %s

// What constants make is a constant of the same name; what a control edge placed stays placed.
// CHECK: graph.Const [%x_ctl] name("b") {dtype = f32, value = #graph.tensor<content [3] : tensor<f32>>}
// CHECK: graph.Const {{.*}}name("n") {dtype = i32, value = #graph.tensor<content [2] : tensor<1xi32>>}
// Placeholders, random ops and what has no kernel stay.
// CHECK: graph.RandomUniform(%n) name("r")
// CHECK: graph.Foo
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %a, %a_ctl = graph.Const [%x_ctl] name("a") {dtype = f32, value = #graph.tensor<values [1.5] : tensor<f32>>} : () -> tensor<f32>
  %b, %b_ctl = graph.AddV2(%a, %a) name("b") {T = f32} : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %v, %v_ctl = graph.Const name("v") {dtype = f32, value = #graph.tensor<values [1.5] : tensor<2xf32>>} : () -> tensor<2xf32>
  %n, %n_ctl = graph.Shape(%v) name("n") {T = f32, out_type = i32} : (tensor<2xf32>) -> tensor<1xi32>
  %r, %r_ctl = graph.RandomUniform(%n) name("r") {T = i32, dtype = f32} : (tensor<1xi32>) -> tensor<*xf32>
  %f, %f_ctl = graph.Foo(%a) name("f") : (tensor<f32>) -> tensor<*xf32>
  graph.fetch (%b, %r, %f) : tensor<f32>, tensor<*xf32>, tensor<*xf32>
}
