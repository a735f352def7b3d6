// RUN: firn-opt --verify-diagnostics --split-input-file %s

func.func @columns(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %e: tensor<2x5xf32>) -> tensor<2x5xf32> {
  // expected-error @+1 {{expected columns 4, got 5}}
  %y = kernel.matmul(%x, %w) into %e : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2x5xf32>) -> tensor<2x5xf32>
  return %y : tensor<2x5xf32>
}

// -----

func.func @panels(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>, %e: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // expected-error @+1 {{expected packed weights of [panels, k, 32]}}
  %y = kernel.matmul(%x, %w) into %e {packed} : (tensor<2x3xf32>, tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @height(%x: tensor<1x8x8x3xf32>, %e: tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32> {
  // expected-error @+1 {{expected height 7, got 8}}
  %y = kernel.pool max(%x) into %e {window = array<i64: 2, 2>, strides = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 0>}
    : (tensor<1x8x8x3xf32>, tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32>
  return %y : tensor<1x8x8x3xf32>
}

// -----

func.func @extra(%x: tensor<2x10xf32>, %e: tensor<2x10xf32>, %b: tensor<3xf32>) -> tensor<2x10xf32> {
  // expected-error @+1 {{expected a scalar, a vector of the channels or}}
  %y = kernel.softmax(%x) into %e with (%b) : (tensor<2x10xf32>, tensor<2x10xf32>, tensor<3xf32>) -> tensor<2x10xf32> {
  ^bb0(%v: f32, %c: f32):
    kernel.yield %v : f32
  }
  return %y : tensor<2x10xf32>
}

// -----

func.func @dispatch(%x: tensor<2xf32>, %e: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error @+1 {{expected the block's arguments to be of the operands' types}}
  %y = kernel.dispatch (%x) into (%e) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: tensor<2xf32>):
    kernel.yield %a : tensor<2xf32>
  }
  return %y : tensor<2xf32>
}
