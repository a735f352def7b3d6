// What `firn freeze` does between import and export, in its order.
// RUN: firn-opt %s --checkpoint=%data/variables --graph-freeze="outputs=out bindings=phase=false" | FileCheck %s
// RUN: not firn-opt %s --checkpoint=%data/variables --graph-freeze="outputs=bad" 2>&1 | FileCheck %s --check-prefix=BAD

// The Saver's nodes tell the key and are gone; the write behind the branch is dropped; colocations and devices go.
// CHECK: graph.graph versions (producer = 27) {
// CHECK-NEXT: graph.Const name("mean") {dtype = f32, value = #graph.tensor<content [0.5, -0.5] : tensor<2xf32>>}
// CHECK-NEXT: graph.Const name("phase") {dtype = i1, value = #graph.tensor<values [false] : tensor<i1>>}
// CHECK-NEXT: graph.Identity(%mean) name("mean/read") {T = f32}
// CHECK-NEXT: graph.Switch(%mean_read, %phase) name("cond/Switch") {T = f32}
// CHECK-NEXT: graph.Placeholder name("x")
// CHECK-NEXT: graph.Switch(%x, %phase) name("cond/x") {T = f32}
// CHECK-NEXT: graph.Identity(%cond_x_1) name("cond/Identity") {T = f32}
// CHECK-NEXT: graph.Merge(%cond_Switch, %cond_Identity) name("out") {N = 2 : i64, T = f32}
// CHECK-NEXT: graph.fetch(%out) : tensor<*xf32>

// BAD: error: Relu: expected float as input 0, got bool from 'phase'
graph.graph versions(producer = 27) {
  %mean, %mean_ctl = graph.VariableV2 device("/gpu:0") name("mean") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %phase, %phase_ctl = graph.Placeholder name("phase") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %read, %read_ctl = graph.Identity(%mean) name("mean/read") {T = f32, _class = ["loc:@save/Assign"]} : (tensor<2x!graph.ref<f32>>) -> tensor<2xf32>
  %s0, %s1, %s_ctl = graph.Switch(%read, %phase) name("cond/Switch") {T = f32} : (tensor<2xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %r0, %r1, %r_ctl = graph.RefSwitch(%mean, %phase) name("cond/RefSwitch") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<i1>) -> (tensor<2x!graph.ref<f32>>, tensor<2x!graph.ref<f32>>)
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %x0, %x1, %xs_ctl = graph.Switch(%x, %phase) name("cond/x") {T = f32} : (tensor<2xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %w, %w_ctl = graph.AssignSub(%r1, %x1) name("cond/AssignSub") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<*xf32>) -> tensor<2x!graph.ref<f32>>
  %i, %i_ctl = graph.Identity(%x1) [%w_ctl] name("cond/Identity") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %m, %index, %m_ctl = graph.Merge(%s0, %i) name("out") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %prefix, %prefix_ctl = graph.Const name("save/Const") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["model"] : tensor<!graph.dtype<string>>>} : () -> tensor<!graph.dtype<string>>
  %names, %names_ctl = graph.Const name("save/names") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["old/w"] : tensor<1x!graph.dtype<string>>>} : () -> tensor<1x!graph.dtype<string>>
  %slices, %slices_ctl = graph.Const name("save/slices") {dtype = !graph.dtype<string>, value = #graph.tensor<values [""] : tensor<1x!graph.dtype<string>>>} : () -> tensor<1x!graph.dtype<string>>
  %restored, %restored_ctl = graph.RestoreV2(%prefix, %names, %slices) name("save/RestoreV2") {dtypes = [f32]} : (tensor<!graph.dtype<string>>, tensor<1x!graph.dtype<string>>, tensor<1x!graph.dtype<string>>) -> tensor<*xf32>
  %a, %a_ctl = graph.Assign(%mean, %restored) name("save/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<*xf32>) -> tensor<2x!graph.ref<f32>>
  %bad, %bad_ctl = graph.Relu(%phase) name("bad") {T = f32} : (tensor<i1>) -> tensor<*xf32>
  graph.fetch
}
