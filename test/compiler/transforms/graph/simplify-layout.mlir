// RUN: firn-opt %s --graph-simplify-layout | FileCheck %s
// RUN: firn-opt %s --graph-simplify-layout=keep=swap,q1 | FileCheck %s --check-prefix=KEEP
// KEEP: graph.Transpose(%swap, %{{.*}}) name("back")
// KEEP: graph.Squeeze(%e1) name("q1")

// CHECK: {kind = "rewritten", node = "both", text = "Transpose of what 'turn' takes"}
// CHECK: {kind = "removed", node = "back", text = "Transpose: it undoes 'swap'"}
// The turn by one place, twice. It stays for those that use it themselves.
// CHECK: %[[T:.*]], %{{.*}} = graph.Transpose(%x, %{{.*}}) name("turn")
// CHECK: %[[O:.*]], %{{.*}} = graph.Const name("both/order") {{.*}}[2, 0, 1] : tensor<3xi32>
// CHECK: graph.Transpose(%x, %[[O]]) name("both")
// CHECK: graph.Relu(%x) name("as_before")
// A fetched node keeps its name.
// CHECK: graph.Identity(%x) name("back_fetched")
// CHECK: graph.Reshape(%x, %{{.*}}) name("last")
// CHECK: %[[F:.*]], %{{.*}} = graph.Const name("flat/shape") {{.*}}[-1, 6] : tensor<2xi64>
// CHECK: graph.Reshape(%x, %[[F]]) name("flat") {T = f32, Tshape = i64}
// CHECK: %[[W:.*]], %{{.*}} = graph.Const name("wider/shape") {{.*}}[-1, 1, 6, 1, 1] : tensor<5xi64>
// CHECK: graph.Reshape(%x, %[[W]]) name("wider")
// CHECK: graph.Relu(%x) name("unsqueezed")
// CHECK: graph.Relu(%single) name("unexpanded")
// Other axes, orders that are not known, and a node that waits for another: as they were.
// CHECK: graph.ExpandDims
// CHECK: graph.Squeeze({{.*}}) name("other_axis")
// CHECK: graph.Transpose({{.*}}) name("open_order")
// CHECK: graph.Reshape(%x, %s4) [%turn_ctl] name("waiting")
// CHECK-NEXT: graph.Reshape(%waiting, %s1) name("behind")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x2x3>} : () -> tensor<?x2x3xf32>
  %single, %single_ctl = graph.Placeholder name("single") {dtype = f32, shape = #graph.shape<?x1x3>} : () -> tensor<?x1x3xf32>
  %order, %order_ctl = graph.Placeholder name("order") {dtype = i32, shape = #graph.shape<3>} : () -> tensor<3xi32>
  %next, %next_ctl = graph.Const name("next") {dtype = i32, value = #graph.tensor<content [1, 2, 0] : tensor<3xi32>>} : () -> tensor<3xi32>
  %swapped, %swapped_ctl = graph.Const name("swapped") {dtype = i32, value = #graph.tensor<content [0, 2, 1] : tensor<3xi32>>} : () -> tensor<3xi32>
  %s1, %s1_ctl = graph.Const name("s1") {dtype = i32, value = #graph.tensor<content [-1] : tensor<1xi32>>} : () -> tensor<1xi32>
  %s4, %s4_ctl = graph.Const name("s4") {dtype = i64, value = #graph.tensor<content [-1, 1, 6, 1] : tensor<4xi64>>} : () -> tensor<4xi64>
  %last_axis, %last_axis_ctl = graph.Const name("last_axis") {dtype = i32, value = #graph.tensor<content [-1] : tensor<i32>>} : () -> tensor<i32>
  %axis1, %axis1_ctl = graph.Const name("axis1") {dtype = i32, value = #graph.tensor<content [1] : tensor<i32>>} : () -> tensor<i32>
  %turn, %turn_ctl = graph.Transpose(%x, %next) name("turn") {T = f32} : (tensor<?x2x3xf32>, tensor<3xi32>) -> tensor<2x3x?xf32>
  %both, %both_ctl = graph.Transpose(%turn, %next) name("both") {T = f32} : (tensor<2x3x?xf32>, tensor<3xi32>) -> tensor<3x?x2xf32>
  %swap, %swap_ctl = graph.Transpose(%x, %swapped) name("swap") {T = f32} : (tensor<?x2x3xf32>, tensor<3xi32>) -> tensor<?x3x2xf32>
  %back, %back_ctl = graph.Transpose(%swap, %swapped) name("back") {T = f32} : (tensor<?x3x2xf32>, tensor<3xi32>) -> tensor<?x2x3xf32>
  %as_before, %as_before_ctl = graph.Relu(%back) name("as_before") {T = f32} : (tensor<?x2x3xf32>) -> tensor<?x2x3xf32>
  %fetched, %fetched_ctl = graph.Transpose(%swap, %swapped) name("back_fetched") {T = f32} : (tensor<?x3x2xf32>, tensor<3xi32>) -> tensor<?x2x3xf32>
  %r1, %r1_ctl = graph.Reshape(%x, %s4) name("r1") {T = f32, Tshape = i64} : (tensor<?x2x3xf32>, tensor<4xi64>) -> tensor<?x1x6x1xf32>
  %r2, %r2_ctl = graph.ExpandDims(%r1, %last_axis) name("r2") {T = f32} : (tensor<?x1x6x1xf32>, tensor<i32>) -> tensor<?x1x6x1x1xf32>
  %last, %last_ctl = graph.Reshape(%r2, %s1) name("last") {T = f32} : (tensor<?x1x6x1x1xf32>, tensor<1xi32>) -> tensor<?xf32>
  %flat, %flat_ctl = graph.Squeeze(%r1) name("flat") {T = f32, squeeze_dims = array<i64: 1, -1>} : (tensor<?x1x6x1xf32>) -> tensor<?x6xf32>
  %wider, %wider_ctl = graph.ExpandDims(%r1, %last_axis) name("wider") {T = f32} : (tensor<?x1x6x1xf32>, tensor<i32>) -> tensor<?x1x6x1x1xf32>
  %e1, %e1_ctl = graph.ExpandDims(%x, %axis1) name("e1") {T = f32} : (tensor<?x2x3xf32>, tensor<i32>) -> tensor<?x1x2x3xf32>
  %q1, %q1_ctl = graph.Squeeze(%e1) name("q1") {T = f32, squeeze_dims = array<i64: 1>} : (tensor<?x1x2x3xf32>) -> tensor<?x2x3xf32>
  %u1, %u1_ctl = graph.Relu(%q1) name("unsqueezed") {T = f32} : (tensor<?x2x3xf32>) -> tensor<?x2x3xf32>
  %q2, %q2_ctl = graph.Squeeze(%single) name("q2") {T = f32, squeeze_dims = array<i64: 1>} : (tensor<?x1x3xf32>) -> tensor<?x3xf32>
  %e2, %e2_ctl = graph.ExpandDims(%q2, %axis1) name("e2") {T = f32} : (tensor<?x3xf32>, tensor<i32>) -> tensor<?x1x3xf32>
  %u2, %u2_ctl = graph.Relu(%e2) name("unexpanded") {T = f32} : (tensor<?x1x3xf32>) -> tensor<?x1x3xf32>
  %e3, %e3_ctl = graph.ExpandDims(%single, %last_axis) name("e3") {T = f32} : (tensor<?x1x3xf32>, tensor<i32>) -> tensor<?x1x3x1xf32>
  %q3, %q3_ctl = graph.Squeeze(%e3) name("other_axis") {T = f32, squeeze_dims = array<i64: 1>} : (tensor<?x1x3x1xf32>) -> tensor<?x3x1xf32>
  %open, %open_ctl = graph.Transpose(%turn, %order) name("open_order") {T = f32} : (tensor<2x3x?xf32>, tensor<3xi32>) -> tensor<*xf32>
  %waiting, %waiting_ctl = graph.Reshape(%x, %s4) [%turn_ctl] name("waiting") {T = f32, Tshape = i64} : (tensor<?x2x3xf32>, tensor<4xi64>) -> tensor<?x1x6x1xf32>
  %behind, %behind_ctl = graph.Reshape(%waiting, %s1) name("behind") {T = f32} : (tensor<?x1x6x1xf32>, tensor<1xi32>) -> tensor<?xf32>
  graph.fetch (%both, %as_before, %fetched, %last, %flat, %wider, %u1, %u2, %q3, %open, %behind) : tensor<3x?x2xf32>, tensor<?x2x3xf32>, tensor<?x2x3xf32>, tensor<?xf32>, tensor<?x6xf32>, tensor<?x1x6x1x1xf32>, tensor<?x2x3xf32>, tensor<?x1x3xf32>, tensor<?x3x1xf32>, tensor<*xf32>, tensor<?xf32>
}
