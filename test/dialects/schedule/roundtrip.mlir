// RUN: firn-opt %s | firn-opt | FileCheck %s

// CHECK-LABEL: schedule.program @main
// CHECK: schedule.input "x:0" 1 : tensor<?x4xf32>
// CHECK: schedule.dim %{{.*}}[0]
// CHECK: schedule.weights dense<1.000000e+00> : tensor<4x8xf32> -> tensor<4x8xf32> {packed}
// CHECK: schedule.buffer %{{.*}} at 64
// CHECK: schedule.view %{{.*}}[%{{.*}}]
// CHECK: schedule.while %{{.*}} {
// CHECK: } do {
// CHECK: schedule.for %{{.*}} {
// CHECK: schedule.if %{{.*}} {
// CHECK: } else {
// CHECK: schedule.read %{{.*}} 8 bound
// CHECK: schedule.output "y:0" 1
schedule.program @main {
  %x = schedule.input "x:0" 1 : tensor<?x4xf32>
  %n = schedule.dim %x[0]
  %w = schedule.weights dense<1.0> : tensor<4x8xf32> -> tensor<4x8xf32> {packed}
  %size = arith.constant 128 : index
  %one = arith.constant 1 : index
  %b = schedule.buffer %size at 64
  %v = schedule.view %b[%one]
  %flag = schedule.buffer %one
  schedule.while %flag {
    schedule.dispatch 0 (%v, %flag) grid(%one, %one, %one) scratch %one
  } do {
    schedule.dispatch 1 (%v) dims(%n) grid(%one, %one, %one) scratch %one flops %size {kernel = "fill"}
  }
  schedule.for %one {
  ^bb0(%i: index):
    schedule.dispatch 1 (%v) dims(%i) grid(%one, %one, %one) scratch %one
  }
  schedule.if %flag {
    schedule.copy %b to %v size %one
  } else {
  }
  %r = schedule.read %b 8 bound %size
  schedule.output "y:0" 1 %b dims(%r) : tensor<?xf32>
}
