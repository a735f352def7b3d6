// RUN: firn-opt --split-input-file --graph-infer-shapes --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// The kernel writes how many there are; the result is that part of what there could be.
// CHECK-LABEL: func.func @main
// CHECK: %[[Y:.*]]:5 = kernel.call "unique_f32"(%arg0) sizes(%[[N:.*]], %c1) into
// CHECK: %[[COUNT:.*]] = kernel.read %[[Y]]#3 bound %[[N]] : tensor<i64>
// CHECK: tensor.extract_slice %[[Y]]#0[0] [%[[COUNT]]] [1] : tensor<?xf32> to tensor<?xf32>
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %y:2, %y_ctl = graph.Unique(%x) name("y") {T = f32, out_idx = i32} : (tensor<?xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%y#0) : tensor<*xf32>
}

// -----

// Kernels take f32, f64, i32 and i64.
// CHECK-LABEL: func.func @main
// CHECK: arith.extui %{{.*}} : i8 to i32
// CHECK: kernel.call "topk_i32"(%{{.*}}) sizes(%c4, %c9, %c2, %c1) into{{.*}}tensor<4x2xi32>, tensor<4x2xi32>, tensor<3xi32>
// CHECK: arith.trunci %{{.*}} : i32 to i8
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = ui8, shape = #graph.shape<4x9>} : () -> tensor<4x9xui8>
  %k, %k_ctl = graph.Const name("k") {dtype = i32, value = #graph.tensor<values [2] : tensor<i32>>} : () -> tensor<i32>
  %y:2, %y_ctl = graph.TopKV2(%x, %k) name("y") {T = ui8, sorted = true} : (tensor<4x9xui8>, tensor<i32>) -> (tensor<*xui8>, tensor<*xi32>)
  graph.fetch (%y#0, %y#1) : tensor<*xui8>, tensor<*xi32>
}

// -----

// CHECK-LABEL: func.func @main
// CHECK: kernel.call "segment_sum_f32"(%arg0, %{{.*}}) sizes(%c4, %c3, %c5, %c0, %c0) into
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<4x3>} : () -> tensor<4x3xf32>
  %i, %i_ctl = graph.Placeholder name("i") {dtype = i32, shape = #graph.shape<4>} : () -> tensor<4xi32>
  %n, %n_ctl = graph.Const name("n") {dtype = i32, value = #graph.tensor<values [5] : tensor<i32>>} : () -> tensor<i32>
  %y, %y_ctl = graph.UnsortedSegmentSum(%x, %i, %n) name("y") {T = f32, Tindices = i32, Tnumsegments = i32} : (tensor<4x3xf32>, tensor<4xi32>, tensor<i32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
