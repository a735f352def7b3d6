// Graphs for older readers: renamed and rewritten ops, attributes that go, versions, and what can't be written.
// RUN: split-file %s %t
// RUN: firn-opt %t/new.mlir --graph-target-version=version=1.4 | FileCheck %s --check-prefix=OLD
// RUN: firn-opt %t/new.mlir --graph-target-version=version=1.15 | FileCheck %s --check-prefix=MIDDLE
// RUN: firn-opt %t/new.mlir --graph-target-version=version=2.x | FileCheck %s --check-prefix=NEW
// RUN: not firn-opt %t/bad.mlir --graph-target-version=version=1.4 2>&1 | FileCheck %s --check-prefix=BAD
// RUN: not firn-opt %t/bad.mlir --graph-target-version=version=1.5 2>&1 | FileCheck %s --check-prefix=VERSION

// What was done is listed, the producer is lowered, names stay.
// OLD: {kind = "rewritten", node = "norm", text = "FusedBatchNormV3 as FusedBatchNormV2"}
// OLD: graph.graph versions (min_consumer = 12, producer = 24)
// OLD: graph.Add(%x, %x) name("sum") {T = f32}
// OLD: graph.Conv2D({{.*}}) name("conv") {T = f32, padding = "SAME", strides = array<i64: 1, 1, 1, 1>}
// OLD: %[[N:[a-z]+]], %{{.*}} = graph.FusedBatchNormV2({{.*}}) name("norm") {T = f32, U = f32, epsilon = 1.000000e+00 : f32, is_training = false}
// A scalar fills the shape of the other; a leak of less than 1 is the larger of two.
// OLD: %[[S:.*]], %{{.*}} = graph.Shape(%{{.*}}) name("chosen/Shape")
// OLD: %[[F:.*]], %{{.*}} = graph.Fill(%[[S]], %zero) name("chosen/Fill")
// OLD: graph.Select(%{{.*}}, %[[N]], %[[F]]) name("chosen")
// OLD: %[[A:.*]], %{{.*}} = graph.Const name("leaky/Const") {{.*}}[0.25]
// OLD: %[[M:.*]], %{{.*}} = graph.Mul(%{{.*}}, %[[A]]) name("leaky/Mul")
// OLD: graph.Maximum(%{{.*}}, %[[M]]) name("leaky") {T = f32}
// Explicit padding becomes a Pad.
// OLD: %[[P:.*]], %{{.*}} = graph.Const name("padded/Const") {{.*}}[0, 0, 1, 2, 3, 4, 0, 0] : tensor<4x2xi32>
// OLD: %[[PAD:.*]], %{{.*}} = graph.Pad(%{{.*}}, %[[P]]) name("padded/Pad")
// OLD: graph.Conv2D(%[[PAD]], %w) name("padded") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>}
// In functions as well.
// OLD: graph.func
// OLD: graph.Add({{.*}}) name("two")
// MIDDLE: graph.graph versions (min_consumer = 12, producer = 134)
// MIDDLE: graph.AddV2({{.*}}) name("sum")
// MIDDLE: graph.FusedBatchNormV3({{.*}}) name("norm") {T = f32, U = f32, epsilon = 1.000000e+00 : f32, is_training = false}
// MIDDLE: graph.LeakyRelu
// MIDDLE: padding = "EXPLICIT"
// NEW: graph.graph versions (min_consumer = 12, producer = 1645)
// NEW: graph.FusedBatchNormV3({{.*}}) name("norm") {{.*}}exponential_avg_factor

// BAD: error: TensorFlow 1.4 can't read this graph
// BAD-NEXT: note: 'read' (TensorListLength) in the function 'length': an op known from target version 1.15 on
// BAD-NEXT: note: 'list' (TensorListReserve): an op known from target version 1.15 on
// BAD-NEXT: note: 'resized' (ResizeBilinear): its attribute half_pixel_centers is known from target version 1.15 on
// BAD-NEXT: note: 'soft' (Softmax): bfloat16 as T is known from target version 1.15 on
// VERSION: error: expected a version of TensorFlow (1.4, 1.15, 2.x), got '1.5'

//--- new.mlir
graph.graph versions(producer = 1700, min_consumer = 12) {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4x4x1>} : () -> tensor<?x4x4x1xf32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<content [2.0, 4.0] : tensor<1x1x1x2xf32>>} : () -> tensor<1x1x1x2xf32>
  %v, %v_ctl = graph.Const name("v") {dtype = f32, value = #graph.tensor<values [2.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<f32>>} : () -> tensor<f32>
  %sum, %sum_ctl = graph.AddV2(%x, %x) name("sum") {T = f32} : (tensor<?x4x4x1xf32>, tensor<?x4x4x1xf32>) -> tensor<?x4x4x1xf32>
  %conv, %conv_ctl = graph.Conv2D(%sum, %w) name("conv") {T = f32, dilations = array<i64: 1, 1, 1, 1>, explicit_paddings = array<i64>, padding = "SAME", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32>) -> tensor<?x4x4x2xf32>
  %norm:6, %norm_ctl = graph.FusedBatchNormV3(%conv, %v, %v, %v, %v) name("norm") {T = f32, U = f32, epsilon = 1.000000e+00 : f32, exponential_avg_factor = 5.000000e-01 : f32, is_training = false} : (tensor<?x4x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<?x4x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<*xf32>)
  %more, %more_ctl = graph.Greater(%norm#0, %zero) name("more") {T = f32} : (tensor<?x4x4x2xf32>, tensor<f32>) -> tensor<?x4x4x2xi1>
  %chosen, %chosen_ctl = graph.SelectV2(%more, %norm#0, %zero) name("chosen") {T = f32} : (tensor<?x4x4x2xi1>, tensor<?x4x4x2xf32>, tensor<f32>) -> tensor<?x4x4x2xf32>
  %leaky, %leaky_ctl = graph.LeakyRelu(%chosen) name("leaky") {T = f32, alpha = 2.500000e-01 : f32} : (tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32>
  %padded, %padded_ctl = graph.Conv2D(%x, %w) name("padded") {T = f32, dilations = array<i64: 1, 1, 1, 1>, explicit_paddings = array<i64: 0, 0, 1, 2, 3, 4, 0, 0>, padding = "EXPLICIT", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x1xf32>, tensor<1x1x1x2xf32>) -> tensor<*xf32>
  %called, %called_ctl = graph.twice(%leaky) name("called") : (tensor<?x4x4x2xf32>) -> tensor<*xf32>
  graph.fetch (%called, %padded) : tensor<*xf32>, tensor<*xf32>
}
graph.func "twice" (%a: tensor<*xf32>) signature {input_arg = [{name = "a", type = 1 : i32}], name = "twice", output_arg = [{name = "b", type = 1 : i32}]} {
  %two, %two_ctl = graph.AddV2(%a, %a) name("two") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%two) : tensor<*xf32>
}
//--- bad.mlir
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = bf16, shape = #graph.shape<2x2>} : () -> tensor<2x2xbf16>
  %n, %n_ctl = graph.Const name("n") {dtype = i32, value = #graph.tensor<values [2] : tensor<i32>>} : () -> tensor<i32>
  %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<values [2] : tensor<2xi32>>} : () -> tensor<2xi32>
  %image, %image_ctl = graph.Placeholder name("image") {dtype = f32, shape = #graph.shape<1x4x4x1>} : () -> tensor<1x4x4x1xf32>
  %list, %list_ctl = graph.TensorListReserve(%n, %n) name("list") {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<*x!graph.dtype<variant>>
  %resized, %resized_ctl = graph.ResizeBilinear(%image, %s) name("resized") {T = f32, half_pixel_centers = true} : (tensor<1x4x4x1xf32>, tensor<2xi32>) -> tensor<1x2x2x1xf32>
  %soft, %soft_ctl = graph.Softmax(%x) name("soft") {T = bf16} : (tensor<2x2xbf16>) -> tensor<2x2xbf16>
  graph.fetch (%list, %resized, %soft) : tensor<*x!graph.dtype<variant>>, tensor<1x2x2x1xf32>, tensor<2x2xbf16>
}
graph.func "length" (%a: tensor<*x!graph.dtype<variant>>) signature {input_arg = [{name = "a", type = 21 : i32}], name = "length", output_arg = [{name = "b", type = 3 : i32}]} {
  %read, %read_ctl = graph.TensorListLength(%a) name("read") : (tensor<*x!graph.dtype<variant>>) -> tensor<i32>
  graph.fetch (%read) : tensor<i32>
}
