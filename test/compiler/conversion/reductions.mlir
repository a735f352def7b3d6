// RUN: firn-opt --split-input-file --graph-infer-shapes --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// The mean of an image: the innermost loop runs over channels. Sums may be added up in any order.
// CHECK: #[[KEPT:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3)>
// CHECK-LABEL: func.func @main
// CHECK: linalg.generic {{.*}}#[[KEPT]]{{.*}} iterator_types = ["parallel", "reduction", "reduction", "parallel"]
// CHECK: arith.addf %{{.*}}, %{{.*}} fastmath<reassoc> : f32
// CHECK: linalg.generic
// CHECK: arith.divf %{{.*}}, %cst : f32
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x7x7x32>} : () -> tensor<?x7x7x32xf32>
  %a, %a_ctl = graph.Const name("a") {dtype = i32, value = #graph.tensor<values [1, -2] : tensor<2xi32>>} : () -> tensor<2xi32>
  %y, %y_ctl = graph.Mean(%x, %a) name("y") {T = f32, Tidx = i32, keep_dims = false} : (tensor<?x7x7x32xf32>, tensor<2xi32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// NaN stays; 16-bit floats are computed in f32.
// CHECK-LABEL: func.func @main
// CHECK: arith.extf
// CHECK: arith.maximumf %{{.*}}, %{{.*}} fastmath<nsz> : f32
// CHECK: arith.truncf
// CHECK: tensor.expand_shape {{.*}} into tensor<3x1xf16>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f16, shape = #graph.shape<3x8>} : () -> tensor<3x8xf16>
  %a, %a_ctl = graph.Const name("a") {dtype = i32, value = #graph.tensor<values [1] : tensor<i32>>} : () -> tensor<i32>
  %y, %y_ctl = graph.Max(%x, %a) name("y") {T = f16, Tidx = i32, keep_dims = true} : (tensor<3x8xf16>, tensor<i32>) -> tensor<*xf16>
  graph.fetch (%y) : tensor<*xf16>
}

// -----

// The place of the greatest: a loop for each element of the result.
// CHECK-LABEL: func.func @main
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel"]
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %cst, %{{.*}} = %c0) -> (f32, index)
// CHECK: arith.cmpf olt
// CHECK: arith.index_cast %{{.*}} : index to i64
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x10>} : () -> tensor<?x10xf32>
  %a, %a_ctl = graph.Const name("a") {dtype = i32, value = #graph.tensor<values [-1] : tensor<i32>>} : () -> tensor<i32>
  %y, %y_ctl = graph.ArgMax(%x, %a) name("y") {T = f32, Tidx = i32, output_type = i64} : (tensor<?x10xf32>, tensor<i32>) -> tensor<*xi64>
  graph.fetch (%y) : tensor<*xi64>
}

// -----

// Softmax is an op of the library in f32.
// CHECK-LABEL: func.func @main
// CHECK: arith.extf
// CHECK: kernel.softmax
// CHECK-SAME: {log}
// CHECK: arith.truncf
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = bf16, shape = #graph.shape<2x3x4>} : () -> tensor<2x3x4xbf16>
  %y, %y_ctl = graph.LogSoftmax(%x) name("y") {T = bf16} : (tensor<2x3x4xbf16>) -> tensor<*xbf16>
  graph.fetch (%y) : tensor<*xbf16>
}
