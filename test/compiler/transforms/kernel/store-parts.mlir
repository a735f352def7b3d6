// RUN: firn-opt --kernel-store-parts %s | FileCheck %s

// Both parts are computed where they belong, one by loops and one by a kernel.
// CHECK-LABEL: @concat
// CHECK: %[[W:.*]] = tensor.empty(%arg2) : tensor<?x7xf32>
// CHECK-NEXT: %[[A:.*]] = kernel.dispatch(%arg0) sizes(%arg2) into(%[[W]])
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<?x4xf32>, %[[N:.*]]: index, %[[O:.*]]: tensor<?x7xf32>):
// CHECK-NEXT: %[[SLOT:.*]] = tensor.extract_slice %[[O]][0, 0] [%[[N]], 4] [1, 1]
// CHECK-NEXT: %[[S:.*]] = linalg.exp ins(%[[X]] : tensor<?x4xf32>) outs(%[[SLOT]] : tensor<?x4xf32>)
// CHECK-NEXT: %[[T:.*]] = tensor.insert_slice %[[S]] into %[[O]][0, 0] [%[[N]], 4] [1, 1]
// CHECK-NEXT: kernel.yield %[[T]]
// CHECK: kernel.dispatch(%arg0, %arg1) sizes(%arg2) into(%[[A]])
// CHECK: %[[SLOT:.*]] = tensor.extract_slice %{{.*}}[0, 4] [%{{.*}}, 3] [1, 1]
// CHECK-NEXT: kernel.matmul(%{{.*}}, %{{.*}}) into %[[SLOT]]
// CHECK: return
func.func @concat(%x: tensor<?x4xf32>, %w: tensor<1x4x32xf32>, %n: index) -> tensor<?x7xf32> {
  %e4 = tensor.empty(%n) : tensor<?x4xf32>
  %e3 = tensor.empty(%n) : tensor<?x3xf32>
  %1 = kernel.dispatch (%x) into (%e4) : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> {
  ^bb0(%a: tensor<?x4xf32>, %o: tensor<?x4xf32>):
    %s = linalg.exp ins(%a : tensor<?x4xf32>) outs(%o : tensor<?x4xf32>) -> tensor<?x4xf32>
    kernel.yield %s : tensor<?x4xf32>
  }
  %2 = kernel.dispatch (%x, %w) into (%e3) : (tensor<?x4xf32>, tensor<1x4x32xf32>, tensor<?x3xf32>) -> tensor<?x3xf32> {
  ^bb0(%a: tensor<?x4xf32>, %b: tensor<1x4x32xf32>, %o: tensor<?x3xf32>):
    %s = kernel.matmul(%a, %b) into %o {packed} : (tensor<?x4xf32>, tensor<1x4x32xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    kernel.yield %s : tensor<?x3xf32>
  }
  %whole = tensor.empty(%n) : tensor<?x7xf32>
  %3 = kernel.dispatch (%1) sizes(%n) into (%whole) : (tensor<?x4xf32>, index, tensor<?x7xf32>) -> tensor<?x7xf32> {
  ^bb0(%a: tensor<?x4xf32>, %m: index, %o: tensor<?x7xf32>):
    %s = tensor.insert_slice %a into %o[0, 0] [%m, 4] [1, 1] : tensor<?x4xf32> into tensor<?x7xf32>
    kernel.yield %s : tensor<?x7xf32>
  }
  %4 = kernel.dispatch (%2) sizes(%n) into (%3) : (tensor<?x3xf32>, index, tensor<?x7xf32>) -> tensor<?x7xf32> {
  ^bb0(%a: tensor<?x3xf32>, %m: index, %o: tensor<?x7xf32>):
    %s = tensor.insert_slice %a into %o[0, 4] [%m, 3] [1, 1] : tensor<?x3xf32> into tensor<?x7xf32>
    kernel.yield %s : tensor<?x7xf32>
  }
  return %4 : tensor<?x7xf32>
}

// What is stored into has been filled by another, which may be what the part is computed from.
// CHECK-LABEL: @not_fresh
// CHECK: linalg.exp
// CHECK: kernel.dispatch
// CHECK: tensor.insert_slice
func.func @not_fresh(%whole: tensor<2x7xf32>, %x: tensor<2x4xf32>) -> tensor<2x7xf32> {
  %e = tensor.empty() : tensor<2x4xf32>
  %1 = kernel.dispatch (%x) into (%e) : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4xf32> {
  ^bb0(%a: tensor<2x4xf32>, %o: tensor<2x4xf32>):
    %s = linalg.exp ins(%a : tensor<2x4xf32>) outs(%o : tensor<2x4xf32>) -> tensor<2x4xf32>
    kernel.yield %s : tensor<2x4xf32>
  }
  %2 = kernel.dispatch (%1) into (%whole) : (tensor<2x4xf32>, tensor<2x7xf32>) -> tensor<2x7xf32> {
  ^bb0(%a: tensor<2x4xf32>, %o: tensor<2x7xf32>):
    %s = tensor.insert_slice %a into %o[0, 3] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<2x7xf32>
    kernel.yield %s : tensor<2x7xf32>
  }
  return %2 : tensor<2x7xf32>
}

// A kernel's rows stand apart evenly: not those of a part that is cut from the middle axis.
// CHECK-LABEL: @uneven
// CHECK: kernel.softmax
// CHECK: kernel.matmul
// CHECK-NEXT: kernel.yield
// CHECK: tensor.insert_slice
func.func @uneven(%x: tensor<2x3x4xf32>, %w: tensor<1x4x32xf32>) -> tensor<2x5x8xf32> {
  %e = tensor.empty() : tensor<2x3x8xf32>
  %f = tensor.empty() : tensor<2x3x4xf32>
  %whole = tensor.empty() : tensor<2x5x8xf32>
  %0 = kernel.dispatch (%x) into (%f) : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  ^bb0(%a: tensor<2x3x4xf32>, %o: tensor<2x3x4xf32>):
    %s = kernel.softmax(%a) into %o : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
    kernel.yield %s : tensor<2x3x4xf32>
  }
  %1 = kernel.dispatch (%0, %w) into (%e) : (tensor<2x3x4xf32>, tensor<1x4x32xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  ^bb0(%a: tensor<2x3x4xf32>, %b: tensor<1x4x32xf32>, %o: tensor<2x3x8xf32>):
    %s = kernel.matmul(%a, %b) into %o {packed} : (tensor<2x3x4xf32>, tensor<1x4x32xf32>, tensor<2x3x8xf32>) -> tensor<2x3x8xf32>
    kernel.yield %s : tensor<2x3x8xf32>
  }
  %2 = kernel.dispatch (%1) into (%whole) : (tensor<2x3x8xf32>, tensor<2x5x8xf32>) -> tensor<2x5x8xf32> {
  ^bb0(%a: tensor<2x3x8xf32>, %o: tensor<2x5x8xf32>):
    %s = tensor.insert_slice %a into %o[0, 2, 0] [2, 3, 8] [1, 1, 1] : tensor<2x3x8xf32> into tensor<2x5x8xf32>
    kernel.yield %s : tensor<2x5x8xf32>
  }
  return %2 : tensor<2x5x8xf32>
}

// A part behind one of unknown length: the place is a size of the merged dispatch.
// CHECK-LABEL: func.func @behind
// CHECK: kernel.dispatch(%{{.*}}) sizes(%{{.*}}, %{{.*}}) into(%{{.*}})
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<?xf32>, %[[AT:.*]]: index, %[[SIZE:.*]]: index, %[[ALL:.*]]: tensor<?xf32>):
// CHECK-NEXT: %[[SLOT:.*]] = tensor.extract_slice %[[ALL]][%[[AT]]] [%[[SIZE]]] [1]
// CHECK-NEXT: linalg.generic {{.*}} ins(%[[X]] : tensor<?xf32>) outs(%[[SLOT]] : tensor<?xf32>)
// CHECK: tensor.insert_slice %{{.*}} into %[[ALL]][%[[AT]]] [%[[SIZE]]] [1]
#same = affine_map<(d0) -> (d0)>
func.func @behind(%x: tensor<?xf32>, %n: index, %at: index, %all: index) -> tensor<?xf32> {
  %e = tensor.empty(%n) : tensor<?xf32>
  %made = kernel.dispatch (%x) into (%e) : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%a: tensor<?xf32>, %o: tensor<?xf32>):
    %g = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel"]} ins(%a : tensor<?xf32>) outs(%o : tensor<?xf32>) {
    ^bb0(%in: f32, %out: f32):
      %y = arith.negf %in : f32
      linalg.yield %y : f32
    } -> tensor<?xf32>
    kernel.yield %g : tensor<?xf32>
  }
  %whole = tensor.empty(%all) : tensor<?xf32>
  %stored = kernel.dispatch (%made) sizes(%at, %n) into (%whole) : (tensor<?xf32>, index, index, tensor<?xf32>) -> tensor<?xf32> {
  ^bb0(%p: tensor<?xf32>, %from: index, %size: index, %o: tensor<?xf32>):
    %s = tensor.insert_slice %p into %o[%from] [%size] [1] : tensor<?xf32> into tensor<?xf32>
    kernel.yield %s : tensor<?xf32>
  }
  return %stored : tensor<?xf32>
}
