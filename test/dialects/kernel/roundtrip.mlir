// RUN: firn-opt %s | firn-opt | FileCheck %s

// CHECK-LABEL: @conv
// CHECK: kernel.constant dense
// CHECK: kernel.pack
// CHECK: kernel.conv2d(%{{.*}}, %{{.*}}) into %{{.*}} with(%{{.*}})
// CHECK-NEXT: ^bb0(%{{.*}}: f32, %{{.*}}: f32):
// CHECK: kernel.yield
func.func @conv(%x: tensor<1x8x8x3xf32>, %e: tensor<1x8x8x16xf32>, %b: tensor<16xf32>) -> tensor<1x8x8x16xf32> {
  %f = kernel.constant dense<1.0> : tensor<3x3x3x16xf32> -> tensor<3x3x3x16xf32>
  %w = kernel.pack %f : tensor<3x3x3x16xf32> -> tensor<1x27x32xf32>
  %y = kernel.conv2d(%x, %w) into %e with (%b) {window = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, padding = array<i64: 1, 1, 1, 1>}
    : (tensor<1x8x8x3xf32>, tensor<1x27x32xf32>, tensor<1x8x8x16xf32>, tensor<16xf32>) -> tensor<1x8x8x16xf32> {
  ^bb0(%v: f32, %c: f32):
    %s = arith.addf %v, %c : f32
    kernel.yield %s : f32
  }
  return %y : tensor<1x8x8x16xf32>
}

// CHECK-LABEL: @read
// CHECK: kernel.read %{{.*}} bound %{{.*}} : tensor<i64>
func.func @read(%count: tensor<i64>, %most: index) -> index {
  %n = kernel.read %count bound %most : tensor<i64>
  return %n : index
}
