// RUN: firn-opt %s --graph-strip-training=keep=kept --split-input-file | FileCheck %s

// Checks on the data path hand it on, checks that only run before others go, Identities go but for those that are fetched or kept.
// CHECK-LABEL: graph.graph
// CHECK: %[[X:.*]], %{{.*}} = graph.Placeholder name("x")
// CHECK-NOT: Assert
// CHECK-NOT: CheckNumerics
// CHECK-NOT: StopGradient
// CHECK: %[[K:.*]], %{{.*}} = graph.Identity(%[[X]]) name("kept")
// CHECK: %[[Y:.*]], %{{.*}} = graph.Relu(%[[K]]) name("y")
// CHECK: %[[O:.*]], %{{.*}} = graph.Identity(%[[Y]]) name("out")
// What fills a table is waited for.
// CHECK: graph.Foo(%[[O]]) [%{{.*}}] name("z")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  %ok, %ok_ctl = graph.Const name("ok") {dtype = i1, value = #graph.tensor<values [true] : tensor<i1>>} : () -> tensor<i1>
  %assert_ctl = graph.Assert(%ok, %x) name("assert") {T = [f32], summarize = 3 : i64} : (tensor<i1>, tensor<?x4xf32>) -> ()
  %group_ctl = graph.NoOp [%assert_ctl] name("group") : () -> ()
  %c, %c_ctl = graph.CheckNumerics(%x) [%group_ctl] name("c") {T = f32, message = "bad"} : (tensor<?x4xf32>) -> tensor<*xf32>
  %stop, %stop_ctl = graph.StopGradient(%c) name("stop") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %k, %k_ctl = graph.Identity(%stop) name("kept") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %y_ctl = graph.Relu(%k) [%x_ctl, %assert_ctl] name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %i, %i_ctl = graph.Identity(%y) name("i") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %o, %o_ctl = graph.Identity(%i) name("out") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %init_ctl = graph.InitializeCustom name("init") : () -> ()
  %z, %z_ctl = graph.Foo(%o) [%init_ctl] name("z") : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%o, %z) : tensor<*xf32>, tensor<*xf32>
}

// -----

// Where a control edge alone says on which branch a constant runs, it stays.
// CHECK-LABEL: graph.graph
// CHECK: %[[T:.*]], %[[TC:.*]] = graph.Identity(%{{.*}}) name("switch_t")
// CHECK: graph.Const [%[[TC]]] name("c")
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<>} : () -> tensor<f32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %pivot:2, %pivot_ctl = graph.Switch(%p, %p) name("pivot") {T = i1} : (tensor<i1>, tensor<i1>) -> (tensor<i1>, tensor<i1>)
  %t, %t_ctl = graph.Identity(%pivot#1) name("switch_t") {T = i1} : (tensor<i1>) -> tensor<i1>
  %c, %c_ctl = graph.Const [%t_ctl] name("c") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<f32>, tensor<i1>) -> (tensor<f32>, tensor<f32>)
  %m:2, %m_ctl = graph.Merge(%s#0, %c) name("m") {T = f32, N = 2 : i64} : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<i32>)
  graph.fetch (%m#0) : tensor<f32>
}
