// RUN: firn-opt --kernel-fuse-epilogues %s | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: @bias
// CHECK: kernel.matmul(%arg0, %arg1) into %{{.*}} with(%arg2)
// CHECK-NEXT: ^bb0(%[[V:.*]]: f32, %[[B:.*]]: f32):
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[V]], %[[B]]
// CHECK-NEXT: kernel.yield %[[S]]
// CHECK-NOT: linalg.generic
func.func @bias(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<4xf32>) -> tensor<2x4xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %y = kernel.matmul(%x, %w) into %e : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %z = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]} ins(%y, %b : tensor<2x4xf32>, tensor<4xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%v: f32, %c: f32, %o: f32):
    %s = arith.addf %v, %c : f32
    linalg.yield %s : f32
  } -> tensor<2x4xf32>
  return %z : tensor<2x4xf32>
}

// Behind a reshape; the other operand is of the result's shape.
// CHECK-LABEL: @reshaped
// CHECK: %[[R:.*]] = tensor.expand_shape
// CHECK: kernel.matmul(%arg0, %arg1) into %{{.*}} with(%[[R]])
func.func @reshaped(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %r: tensor<2x1x4xf32>) -> tensor<2x1x4xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %f = tensor.empty() : tensor<2x1x4xf32>
  %y = kernel.matmul(%x, %w) into %e : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = tensor.expand_shape %y [[0, 1], [2]] output_shape [2, 1, 4] : tensor<2x4xf32> into tensor<2x1x4xf32>
  %z = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d1, d2)>], iterator_types = ["parallel", "parallel", "parallel"]} ins(%s, %r : tensor<2x1x4xf32>, tensor<2x1x4xf32>) outs(%f : tensor<2x1x4xf32>) {
  ^bb0(%v: f32, %c: f32, %o: f32):
    %t = arith.addf %v, %c : f32
    linalg.yield %t : f32
  } -> tensor<2x1x4xf32>
  return %z : tensor<2x1x4xf32>
}

// A number for each row is no operand that epilogues know.
// CHECK-LABEL: @rows
// CHECK: kernel.matmul
// CHECK: linalg.generic
func.func @rows(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %b: tensor<2xf32>) -> tensor<2x4xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %y = kernel.matmul(%x, %w) into %e : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %z = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]} ins(%y, %b : tensor<2x4xf32>, tensor<2xf32>) outs(%e : tensor<2x4xf32>) {
  ^bb0(%v: f32, %c: f32, %o: f32):
    %s = arith.addf %v, %c : f32
    linalg.yield %s : f32
  } -> tensor<2x4xf32>
  return %z : tensor<2x4xf32>
}
