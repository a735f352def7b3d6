// RUN: firn-opt --split-input-file --graph-infer-shapes --graph-to-kernel --canonicalize --cse %s | FileCheck %s

// A constant that every element meets is a constant of the body.
// CHECK-LABEL: func.func @main
// CHECK: linalg.generic
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK: %[[C:.*]] = arith.mulf %[[X]], %cst
// CHECK: linalg.yield %[[C]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %c, %c_ctl = graph.Const name("c") {dtype = f32, value = #graph.tensor<values [2.0] : tensor<f32>>} : () -> tensor<f32>
  %y, %y_ctl = graph.Mul(%x, %c) name("y") {T = f32} : (tensor<?x4xf32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// A dimension that may be 1 is read at its place or at 0; of two that are not known, 0 and 1 make 0.
// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[N:.*]] = tensor.dim %arg1
// CHECK: %[[ONE:.*]] = arith.cmpi eq, %[[N]], %c1
// CHECK: %[[PLACE:.*]] = arith.select %[[ONE]], %c0, %{{.*}} : index
// CHECK: tensor.extract %arg1[%[[PLACE]]
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: arith.muli
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3xf32>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = f32, shape = #graph.shape<?x3>} : () -> tensor<?x3xf32>
  %z, %z_ctl = graph.Placeholder name("z") {dtype = f32, shape = #graph.shape<?x3>} : () -> tensor<?x3xf32>
  %a, %a_ctl = graph.Mul(%x, %y) name("a") {T = f32} : (tensor<2x3xf32>, tensor<?x3xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.Mul(%y, %z) name("b") {T = f32} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<*xf32>
  graph.fetch (%a, %b) : tensor<*xf32>, tensor<*xf32>
}

// -----

// One instruction, and NaN stays.
// CHECK-LABEL: func.func @main
// CHECK: %[[ZERO:.*]] = arith.constant 0.0
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: f32):
// CHECK: %[[C:.*]] = arith.cmpf olt, %[[X]], %[[ZERO]]
// CHECK: arith.select %[[C]], %[[ZERO]], %[[X]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// 16-bit floats: computed in f32, rounded after each operation where TensorFlow does so.
// CHECK-LABEL: func.func @main
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK: arith.subf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
// CHECK: arith.mulf %{{.*}} : f32
// CHECK: arith.truncf %{{.*}} : f32 to f16
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f16, shape = #graph.shape<3x4>} : () -> tensor<3x4xf16>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = f16, shape = #graph.shape<4>} : () -> tensor<4xf16>
  %z, %z_ctl = graph.SquaredDifference(%x, %y) name("z") {T = f16} : (tensor<3x4xf16>, tensor<4xf16>) -> tensor<*xf16>
  graph.fetch (%z) : tensor<*xf16>
}

// -----

// A quotient by zero is 0 and traps nowhere.
// CHECK-LABEL: func.func @main
// CHECK: ^bb0(%[[X:.*]]: i32, %[[Y:.*]]: i32, %{{.*}}: i32):
// CHECK-DAG: %[[ZERO:.*]] = arith.cmpi eq, %[[Y]], %c0_i32
// CHECK-DAG: %[[MINUS:.*]] = arith.cmpi eq, %[[Y]], %c-1_i32
// CHECK: %[[UNSAFE:.*]] = arith.ori %[[ZERO]], %[[MINUS]]
// CHECK: %[[SAFE:.*]] = arith.select %[[UNSAFE]], %c1_i32, %[[Y]]
// CHECK: arith.divsi %[[X]], %[[SAFE]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = i32, shape = #graph.shape<3x4>} : () -> tensor<3x4xi32>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = i32, shape = #graph.shape<4>} : () -> tensor<4xi32>
  %z, %z_ctl = graph.FloorDiv(%x, %y) name("z") {T = i32} : (tensor<3x4xi32>, tensor<4xi32>) -> tensor<*xi32>
  graph.fetch (%z) : tensor<*xi32>
}

// -----

// Bools are bytes; out of the range of an integer comes what x86-64 makes of it.
// CHECK-LABEL: func.func @main
// CHECK-SAME: tensor<4xi8> {kernel.dtype = 10 : i32
// CHECK: arith.cmpf olt
// CHECK: arith.extui %{{.*}} : i1 to i8
// CHECK: %[[IN:.*]] = arith.select %[[FITS:.*]], %{{.*}}, %cst
// CHECK: arith.fptosi %[[IN]] : f32 to i32
// CHECK: arith.select %[[FITS]], %{{.*}}, %c-2147483648_i32
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4xf32>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4xf32>
  %a, %a_ctl = graph.Less(%x, %y) name("a") {T = f32} : (tensor<4xf32>, tensor<4xf32>) -> tensor<*xi1>
  %b, %b_ctl = graph.Cast(%x) name("b") {SrcT = f32, DstT = i32} : (tensor<4xf32>) -> tensor<*xi32>
  graph.fetch (%a, %b) : tensor<*xi1>, tensor<*xi32>
}

// -----

// Functions that the math dialect lacks are called by name.
// CHECK-DAG: func.func private @firn_lgamma_f32(f32) -> f32
// CHECK-DAG: func.func private @firn_igamma_f64(f64, f64) -> f64
// CHECK: call @firn_lgamma_f32
// CHECK: call @firn_igamma_f64
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4xf32>
  %a, %a_ctl = graph.Placeholder name("a") {dtype = f64, shape = #graph.shape<4>} : () -> tensor<4xf64>
  %y, %y_ctl = graph.Lgamma(%x) name("y") {T = f32} : (tensor<4xf32>) -> tensor<*xf32>
  %z, %z_ctl = graph.Igamma(%a, %a) name("z") {T = f64} : (tensor<4xf64>, tensor<4xf64>) -> tensor<*xf64>
  graph.fetch (%y, %z) : tensor<*xf32>, tensor<*xf64>
}
