// RUN: firn-opt %s "--graph-bind-placeholders=bindings=phase=false,keep:0=0.1,ids=[[1,2]],name=\"a b\",any=nan" | FileCheck %s
// RUN: not firn-opt %s --graph-bind-placeholders=bindings=phase=0.5 2>&1 | FileCheck %s --check-prefix=LOSSY
// RUN: not firn-opt %s --graph-bind-placeholders=bindings=big=16777217 2>&1 | FileCheck %s --check-prefix=LOSSY-FLOAT
// RUN: not firn-opt %s --graph-bind-placeholders=bindings=ids=[1,2,3] 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not firn-opt %s --graph-bind-placeholders=bindings=phas=1 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not firn-opt %s --graph-bind-placeholders=bindings=y=1 2>&1 | FileCheck %s --check-prefix=NOT-A-PLACEHOLDER

// CHECK: graph.Const name("phase") {dtype = i1, value = #graph.tensor<values [false] : tensor<i1>>}
// CHECK: graph.Const name("keep") {dtype = f32, value = #graph.tensor<values [0.1{{.*}}] : tensor<f32>>}
// CHECK: graph.Const name("ids") {dtype = i32, value = #graph.tensor<values [1, 2] : tensor<1x2xi32>>}
// CHECK: graph.Const name("name") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["a b"] : tensor<!graph.dtype<string>>>}
// CHECK: graph.Const name("any") {dtype = f32, value = #graph.tensor<values [0x7fc00000] : tensor<f32>>}

// LOSSY: error: can't bind 'phase': expected a value of type bool, got 0.5: the type can't hold it without loss
// LOSSY-FLOAT: error: can't bind 'big': expected a value of type float, got 16777217: the type can't hold it without loss
// SHAPE: error: can't bind 'ids': expected a value of type tensor<?x2xi32>, got tensor<3xi32>
// UNKNOWN: error: expected a placeholder to bind, got 'phas': there is no such node; nearest: 'phase'
// NOT-A-PLACEHOLDER: error: expected a placeholder to bind, got 'y' (Relu)
graph.graph {
  %phase, %phase_ctl = graph.Placeholder name("phase") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %half, %half_ctl = graph.Const name("half") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<f32>>} : () -> tensor<f32>
  %keep, %keep_ctl = graph.PlaceholderWithDefault(%half) name("keep") {dtype = f32, shape = #graph.shape<>} : (tensor<f32>) -> tensor<f32>
  %ids, %ids_ctl = graph.Placeholder name("ids") {dtype = i32, shape = #graph.shape<?x2>} : () -> tensor<?x2xi32>
  %name, %name_ctl = graph.Placeholder name("name") {dtype = !graph.dtype<string>, shape = #graph.shape<*>} : () -> tensor<*x!graph.dtype<string>>
  %any, %any_ctl = graph.Placeholder name("any") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %big, %big_ctl = graph.Placeholder name("big") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %y, %y_ctl = graph.Relu(%any) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch
}
