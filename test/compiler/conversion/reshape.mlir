// RUN: firn-opt --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// Of two unknown dimensions in each shape nothing says which belong together: the vector between is told apart from the reshape.
// CHECK-LABEL: func.func @main
// CHECK: %[[C:.*]] = tensor.collapse_shape %arg0 {{\[\[}}0, 1]] : tensor<?x?xf32> into tensor<?xf32>
// CHECK: %[[S:.*]] = tensor.extract_slice %[[C]][0]
// CHECK: tensor.expand_shape %[[S]] {{\[\[}}0, 1]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x?>} : () -> tensor<?x?xf32>
  %w, %w_ctl = graph.Placeholder name("w") {dtype = f32, shape = #graph.shape<?x?>} : () -> tensor<?x?xf32>
  %s, %s_ctl = graph.Shape(%w) name("s") {T = f32, out_type = i32} : (tensor<?x?xf32>) -> tensor<*xi32>
  %y, %y_ctl = graph.Reshape(%x, %s) name("y") {T = f32, Tshape = i32} : (tensor<?x?xf32>, tensor<*xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
