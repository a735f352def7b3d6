// RUN: firn-opt --kernel-to-schedule --canonicalize --cse --split-input-file %s | FileCheck %s

// A library call has a function per CPU level.
// CHECK-LABEL: schedule.program @main
// CHECK: %[[X:.*]] = schedule.input "x:0" 1 : tensor<?x10xf32>
// CHECK: %[[N:.*]] = schedule.dim %[[X]][0]
// CHECK: %[[SIZE:.*]] = arith.muli %[[N]], %c40
// CHECK: %[[Y:.*]] = schedule.buffer %[[SIZE]] output
// CHECK: schedule.dispatch 0(%[[X]], %[[Y]]) dims(%[[N]])
// CHECK-SAME: kernel = "softmax ?x10"
// CHECK: schedule.output "y:0" 1 %[[Y]] dims(%[[N]]) : tensor<?x10xf32>
// CHECK: module @code
// CHECK-DAG: func.func @dispatch_0_v2
// CHECK-DAG: func.func @dispatch_0_v3
// CHECK-DAG: func.func @dispatch_0_v4
func.func @main(%x: tensor<?x10xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"}) -> (tensor<?x10xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x10xf32>
  %e = tensor.empty(%n) : tensor<?x10xf32>
  %y = kernel.dispatch (%x) into (%e) : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32> {
  ^bb0(%a: tensor<?x10xf32>, %o: tensor<?x10xf32>):
    %s = kernel.softmax(%a) into %o : (tensor<?x10xf32>, tensor<?x10xf32>) -> tensor<?x10xf32>
    kernel.yield %s : tensor<?x10xf32>
  }
  return %y : tensor<?x10xf32>
}

// -----

// The input is not the runtime's to change: it is copied first. Loops are generated once.
// CHECK-LABEL: schedule.program @main
// CHECK: %[[X:.*]] = schedule.input
// CHECK: %[[Y:.*]] = schedule.buffer %{{.*}} output
// CHECK: schedule.copy %[[X]] to %[[Y]]
// CHECK: schedule.dispatch 0(%[[Y]])
// CHECK: module @code
// CHECK: func.func @dispatch_0(
// CHECK: memref.store
// CHECK-NOT: func.func
func.func @main(%x: tensor<4xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"}) -> (tensor<4xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"}) {
  %y = kernel.dispatch () into (%x) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%o: tensor<4xf32>):
    %c1 = arith.constant 1 : index
    %f = arith.constant 2.0 : f32
    %s = tensor.insert %f into %o[%c1] : tensor<4xf32>
    kernel.yield %s : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// -----

// Two variables of a loop that begin as one tensor have memory of their own, and so has one that the loop reads besides.
// CHECK-LABEL: schedule.program @main
// CHECK: %[[ZERO:.*]] = schedule.buffer
// CHECK: schedule.dispatch 0(%[[ZERO]])
// CHECK: schedule.copy %[[ZERO]] to %[[A:.*]] size
// CHECK: schedule.copy %[[ZERO]] to %[[B:.*]] size
// CHECK: schedule.for
// CHECK: schedule.dispatch 1(%[[ZERO]], %[[A]])
// CHECK: schedule.dispatch 1(%[[ZERO]], %[[B]])
func.func @main(%x: tensor<4xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"}) -> (tensor<4xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"}, tensor<4xf32> {kernel.dtype = 1 : i32, kernel.name = "z:0"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %e = tensor.empty() : tensor<4xf32>
  %zero = kernel.dispatch () into (%e) : (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%o: tensor<4xf32>):
    %f = arith.constant 0.0 : f32
    %s = linalg.fill ins(%f : f32) outs(%o : tensor<4xf32>) -> tensor<4xf32>
    kernel.yield %s : tensor<4xf32>
  }
  %y:2 = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %zero, %b = %zero) -> (tensor<4xf32>, tensor<4xf32>) {
    %p = kernel.dispatch (%zero) into (%a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%v: tensor<4xf32>, %o: tensor<4xf32>):
      %s = linalg.exp ins(%v : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
      kernel.yield %s : tensor<4xf32>
    }
    %q = kernel.dispatch (%zero) into (%b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%v: tensor<4xf32>, %o: tensor<4xf32>):
      %s = linalg.exp ins(%v : tensor<4xf32>) outs(%o : tensor<4xf32>) -> tensor<4xf32>
      kernel.yield %s : tensor<4xf32>
    }
    scf.yield %p, %q : tensor<4xf32>, tensor<4xf32>
  }
  return %y#0, %y#1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Sizes that folding wrote as a map.
// CHECK-LABEL: schedule.program @main
// CHECK: %[[N:.*]] = schedule.dim %{{.*}}[0]
// CHECK: %[[THIRD:.*]] = arith.floordivsi %[[N]], %c3
// CHECK: schedule.output "y:0" 1 %{{.*}} dims(%[[THIRD]]) : tensor<?x3xf32>
func.func @main(%x: tensor<?xf32> {kernel.dtype = 1 : i32, kernel.name = "x:0"}) -> (tensor<?x3xf32> {kernel.dtype = 1 : i32, kernel.name = "y:0"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %third = affine.apply affine_map<()[s0] -> (s0 floordiv 3)>()[%n]
  %y = tensor.expand_shape %x [[0, 1]] output_shape [%third, 3] : tensor<?xf32> into tensor<?x3xf32>
  return %y : tensor<?x3xf32>
}
