// RUN: firn-opt --kernel-form-dispatches %s | FileCheck %s

// CHECK-LABEL: @library
// CHECK: %[[Y:.*]] = kernel.dispatch(%arg0) into(%{{.*}})
// CHECK-NEXT: ^bb0(%[[A:.*]]: tensor<2x10xf32>, %[[O:.*]]: tensor<2x10xf32>):
// CHECK-NEXT: %[[S:.*]] = kernel.softmax(%[[A]]) into %[[O]]
// CHECK-NEXT: kernel.yield %[[S]]
// CHECK: return %[[Y]]
func.func @library(%x: tensor<2x10xf32>) -> tensor<2x10xf32> {
  %e = tensor.empty() : tensor<2x10xf32>
  %y = kernel.softmax(%x) into %e : (tensor<2x10xf32>, tensor<2x10xf32>) -> tensor<2x10xf32>
  return %y : tensor<2x10xf32>
}

// What a reduction begins with is stored inside; reshapes are views.
// CHECK-LABEL: @reduction
// CHECK: tensor.collapse_shape
// CHECK: kernel.dispatch
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK: kernel.yield
func.func @reduction(%x: tensor<2x5x2xf32>) -> tensor<2xf32> {
  %zero = arith.constant 0.0 : f32
  %c = tensor.collapse_shape %x [[0], [1, 2]] : tensor<2x5x2xf32> into tensor<2x10xf32>
  %e = tensor.empty() : tensor<2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]} ins(%c : tensor<2x10xf32>) outs(%f : tensor<2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %s = arith.addf %o, %a fastmath<reassoc> : f32
    linalg.yield %s : f32
  } -> tensor<2xf32>
  return %y : tensor<2xf32>
}

// Parts of a concatenation are stored one by one into the whole.
// CHECK-LABEL: @concat
// CHECK: %[[E:.*]] = tensor.empty() : tensor<2x7xf32>
// CHECK: %[[A:.*]] = kernel.dispatch(%arg0) into(%[[E]])
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [2, 3] [1, 1]
// CHECK: kernel.dispatch(%arg1) into(%[[A]])
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 3] [2, 4] [1, 1]
func.func @concat(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) -> tensor<2x7xf32> {
  %z = tensor.concat dim(1) %x, %y : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<2x7xf32>
  return %z : tensor<2x7xf32>
}

// Loops read a slice with gaps where it lies; a kernel gets a copy.
// CHECK-LABEL: @slices
// CHECK: %[[C:.*]] = kernel.dispatch(%arg0)
// CHECK: linalg.copy
// CHECK: kernel.dispatch(%arg0)
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<2x8xf32>, %[[O:.*]]: tensor<2x4xf32>):
// CHECK-NEXT: %[[S:.*]] = tensor.extract_slice %[[X]][0, 4] [2, 4] [1, 1]
// CHECK-NEXT: linalg.exp ins(%[[S]] : tensor<2x4xf32>)
// CHECK: kernel.dispatch(%[[C]])
// CHECK: kernel.softmax
func.func @slices(%x: tensor<2x8xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %a = tensor.extract_slice %x[0, 4] [2, 4] [1, 1] : tensor<2x8xf32> to tensor<2x4xf32>
  %b = tensor.extract_slice %x[0, 0] [2, 4] [1, 1] : tensor<2x8xf32> to tensor<2x4xf32>
  %e = tensor.empty() : tensor<2x4xf32>
  %y = linalg.exp ins(%a : tensor<2x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %z = kernel.softmax(%b) into %e : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y, %z : tensor<2x4xf32>, tensor<2x4xf32>
}
