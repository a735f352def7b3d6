// RUN: firn-opt %s --split-input-file --graph-infer-input-shapes | FileCheck %s
// RUN: firn-opt %s --split-input-file --graph-infer-input-shapes=given=x | FileCheck %s --check-prefix=GIVEN

// A factor of a MatMul, behind what hands shapes on; a bias of lower rank leaves the rank to the other operand.
// CHECK-LABEL: graph.graph
// CHECK: name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
// CHECK: name("added") {{.*}} -> tensor<*xf32>
// GIVEN-LABEL: graph.graph
// GIVEN: name("x") {dtype = f32} : () -> tensor<*xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32} : () -> tensor<*xf32>
  %same, %same_ctl = graph.Identity(%x) name("same") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %relu, %relu_ctl = graph.Relu(%same) name("relu") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<4x2xf32>>} : () -> tensor<4x2xf32>
  %y, %y_ctl = graph.MatMul(%relu, %w) name("y") {T = f32} : (tensor<*xf32>, tensor<4x2xf32>) -> tensor<*xf32>
  %added, %added_ctl = graph.AddV2(%y, %y) name("added") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%added) : tensor<*xf32>
}

// -----

// CHECK-LABEL: graph.graph
// CHECK: name("image") {{.*}} -> tensor<?x?x?x3xf32>
// CHECK: name("planes") {{.*}} -> tensor<?x3x?x?xf32>
graph.graph {
  %image, %image_ctl = graph.Placeholder name("image") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %planes, %planes_ctl = graph.Placeholder name("planes") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %half, %half_ctl = graph.Const name("half") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<3xf32>>} : () -> tensor<3xf32>
  %less, %less_ctl = graph.Sub(%image, %half) name("less") {T = f32} : (tensor<*xf32>, tensor<3xf32>) -> tensor<*xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<1x1x3x8xf32>>} : () -> tensor<1x1x3x8xf32>
  %conv, %conv_ctl = graph.Conv2D(%less, %w) name("conv") {T = f32, strides = array<i64: 1, 1, 1, 1>, padding = "SAME"} : (tensor<*xf32>, tensor<1x1x3x8xf32>) -> tensor<*xf32>
  %other, %other_ctl = graph.Conv2D(%planes, %w) name("other") {T = f32, strides = array<i64: 1, 1, 1, 1>, padding = "SAME", data_format = "NCHW"} : (tensor<*xf32>, tensor<1x1x3x8xf32>) -> tensor<*xf32>
  graph.fetch (%conv, %other) : tensor<*xf32>, tensor<*xf32>
}

// -----

// What decides is a scalar, and so is what it is computed from; a part of what Tile takes is one.
// CHECK-LABEL: graph.graph
// CHECK: name("limit") {{.*}} -> tensor<f32>
// CHECK: name("times") {{.*}} -> tensor<i32>
graph.graph versions(producer = 15) {
  %limit, %limit_ctl = graph.Placeholder name("limit") {dtype = f32, shape = #graph.shape<>} : () -> tensor<*xf32>
  %times, %times_ctl = graph.Placeholder name("times") {dtype = i32, shape = #graph.shape<>} : () -> tensor<*xi32>
  %v, %v_ctl = graph.Const name("v") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<4xf32>>} : () -> tensor<4xf32>
  %one, %one_ctl = graph.Const name("one") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  %more, %more_ctl = graph.Less(%one, %limit) name("more") {T = f32} : (tensor<f32>, tensor<*xf32>) -> tensor<*xi1>
  %no, %yes, %switch_ctl = graph.Switch(%v, %more) name("switch") {T = f32} : (tensor<4xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %neg, %neg_ctl = graph.Neg(%yes) name("neg") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %merge, %index, %merge_ctl = graph.Merge(%no, %neg) name("merge") {N = 2, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %all, %all_ctl = graph.Pack(%times) name("all") {N = 1, T = i32} : (tensor<*xi32>) -> tensor<*xi32>
  %tile, %tile_ctl = graph.Tile(%merge, %all) name("tile") {T = f32} : (tensor<*xf32>, tensor<*xi32>) -> tensor<*xf32>
  graph.fetch (%tile) : tensor<*xf32>
}

// -----

// Nothing tells: an empty shape counts where no producer is named.
// CHECK-LABEL: graph.graph
// CHECK: name("a") {{.*}} -> tensor<f32>
// CHECK: name("b") {{.*}} -> tensor<*xf32>
// CHECK-LABEL: graph.graph
// CHECK: name("c") {{.*}} -> tensor<*xf32>
graph.graph {
  %a, %a_ctl = graph.Placeholder name("a") {dtype = f32, shape = #graph.shape<>} : () -> tensor<*xf32>
  %b, %b_ctl = graph.Placeholder name("b") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  graph.fetch (%a, %b) : tensor<*xf32>, tensor<*xf32>
}

// -----

graph.graph versions(producer = 15) {
  %c, %c_ctl = graph.Placeholder name("c") {dtype = f32, shape = #graph.shape<>} : () -> tensor<*xf32>
  graph.fetch (%c) : tensor<*xf32>
}
