// RUN: firn-opt %s --graph-fold-pad | FileCheck %s --check-prefixes=CHECK,SAME
// RUN: firn-opt %s --graph-fold-pad=explicit=true | FileCheck %s --check-prefixes=CHECK,EXPLICIT
// RUN: firn-opt %s --graph-fold-pad=keep=p1,p2 | FileCheck %s --check-prefix=KEEP
// KEEP: graph.Conv2D(%p1, %w) name("stride1")
// KEEP: graph.Conv2D(%odd, %w) name("odd_conv")

// CHECK: {kind = "folded", node = "p1", text = "into the padding of 'stride1'"}
// Without strides SAME pads by the kernel's reach, whatever the size: (3 - 1) * 2 along the width, which is dilated.
// CHECK: graph.Conv2D(%x, %w) name("stride1") {T = f32, dilations = array<i64: 1, 1, 2, 1>, padding = "SAME",
// CHECK: graph.DepthwiseConv2dNative(%x, %w) name("depthwise") {T = f32, padding = "SAME",
// With a stride of 2 an even size gets 0 and 1, an odd one 1 and 1.
// CHECK: graph.Conv2D(%odd, %w) name("odd_conv") {T = f32, padding = "SAME",
// SAME: graph.Pad(%x, %{{.*}}) name("p3")
// SAME: graph.Conv2D(%{{.*}}) name("unknown") {T = f32, padding = "VALID",
// EXPLICIT: graph.Conv2D(%x, %w) name("unknown") {T = f32, explicit_paddings = array<i64: 0, 0, 1, 1, 1, 1, 0, 0>, padding = "EXPLICIT",
// Channels first have their edges behind. What the Pad waited for the convolution waits for.
// CHECK: graph.Conv2D(%first, %w) [%x_ctl] name("first_conv") {T = f32, data_format = "NCHW", padding = "SAME",
// Nothing is done for a batch that is padded, another value, a mirror, amounts that are not known, and padding of its own.
// CHECK-COUNT-5: (%p{{[5-9]}}, %w)
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x?x?x1>} : () -> tensor<?x?x?x1xf32>
  %odd, %odd_ctl = graph.Placeholder name("odd") {dtype = f32, shape = #graph.shape<?x5x7x1>} : () -> tensor<?x5x7x1xf32>
  %first, %first_ctl = graph.Placeholder name("first") {dtype = f32, shape = #graph.shape<?x1x?x?>} : () -> tensor<?x1x?x?xf32>
  %amounts, %amounts_ctl = graph.Placeholder name("amounts") {dtype = i32, shape = #graph.shape<4x2>} : () -> tensor<4x2xi32>
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [2.0] : tensor<3x3x1x1xf32>>} : () -> tensor<3x3x1x1xf32>
  %wide, %wide_ctl = graph.Const name("wide") {dtype = i32, value = #graph.tensor<content [0, 0, 1, 1, 2, 2, 0, 0] : tensor<4x2xi32>>} : () -> tensor<4x2xi32>
  %ones, %ones_ctl = graph.Const name("ones") {dtype = i32, value = #graph.tensor<content [0, 0, 1, 1, 1, 1, 0, 0] : tensor<4x2xi32>>} : () -> tensor<4x2xi32>
  %behind, %behind_ctl = graph.Const name("behind") {dtype = i32, value = #graph.tensor<content [0, 0, 0, 0, 1, 1, 1, 1] : tensor<4x2xi32>>} : () -> tensor<4x2xi32>
  %batch, %batch_ctl = graph.Const name("batch") {dtype = i32, value = #graph.tensor<content [1, 0, 1, 1, 1, 1, 0, 0] : tensor<4x2xi32>>} : () -> tensor<4x2xi32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = f32, value = #graph.tensor<values [0.0] : tensor<f32>>} : () -> tensor<f32>
  %one, %one_ctl = graph.Const name("one") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  %p1, %p1_ctl = graph.Pad(%x, %wide) name("p1") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c1, %c1_ctl = graph.Conv2D(%p1, %w) name("stride1") {T = f32, dilations = array<i64: 1, 1, 2, 1>, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p2, %p2_ctl = graph.PadV2(%x, %ones, %zero) name("p2") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>, tensor<f32>) -> tensor<*xf32>
  %c2, %c2_ctl = graph.DepthwiseConv2dNative(%p2, %w) name("depthwise") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %po, %po_ctl = graph.Pad(%odd, %ones) name("po") {T = f32} : (tensor<?x5x7x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %co, %co_ctl = graph.Conv2D(%po, %w) name("odd_conv") {T = f32, padding = "VALID", strides = array<i64: 1, 2, 2, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p3, %p3_ctl = graph.Pad(%x, %ones) name("p3") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c3, %c3_ctl = graph.Conv2D(%p3, %w) name("unknown") {T = f32, padding = "VALID", strides = array<i64: 1, 2, 2, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p4, %p4_ctl = graph.Pad(%first, %behind) [%x_ctl] name("p4") {T = f32} : (tensor<?x1x?x?xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c4, %c4_ctl = graph.Conv2D(%p4, %w) name("first_conv") {T = f32, data_format = "NCHW", padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p5, %p5_ctl = graph.Pad(%x, %batch) name("p5") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c5, %c5_ctl = graph.Conv2D(%p5, %w) name("c5") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p6, %p6_ctl = graph.PadV2(%x, %ones, %one) name("p6") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>, tensor<f32>) -> tensor<*xf32>
  %c6, %c6_ctl = graph.Conv2D(%p6, %w) name("c6") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p7, %p7_ctl = graph.MirrorPad(%x, %ones) name("p7") {T = f32, mode = "REFLECT"} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c7, %c7_ctl = graph.Conv2D(%p7, %w) name("c7") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p8, %p8_ctl = graph.Pad(%x, %amounts) name("p8") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c8, %c8_ctl = graph.Conv2D(%p8, %w) name("c8") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  %p9, %p9_ctl = graph.Pad(%x, %ones) name("p9") {T = f32} : (tensor<?x?x?x1xf32>, tensor<4x2xi32>) -> tensor<*xf32>
  %c9, %c9_ctl = graph.Conv2D(%p9, %w) name("c9") {T = f32, padding = "SAME", strides = array<i64: 1, 1, 1, 1>} : (tensor<*xf32>, tensor<3x3x1x1xf32>) -> tensor<*xf32>
  graph.fetch (%c1, %c2, %co, %c3, %c4, %c5, %c6, %c7, %c8, %c9) : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}
