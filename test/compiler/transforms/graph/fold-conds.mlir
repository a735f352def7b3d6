// RUN: firn-opt %s --graph-fold-conds --split-input-file | FileCheck %s

// The branch that is taken stays; what ran on the other goes, and Merges hand on what is left.
// CHECK-LABEL: graph.graph
// CHECK-NOT: Switch
// CHECK-NOT: name("train")
// CHECK-NOT: graph.Merge
// CHECK: %[[T:.*]], %{{.*}} = graph.Tanh(%x) name("test")
// CHECK-NOT: graph.Merge
// CHECK: %[[INDEX:.*]], %{{.*}} = graph.Const {{.*}}name("merge/value_index") {dtype = i32, value = #graph.tensor<content [0] : tensor<i32>>}
// CHECK: %[[KEPT:.*]], %{{.*}} = graph.Identity(%[[T]]) name("fetched")
// CHECK: graph.Cast(%[[INDEX]]) name("index")
// CHECK: graph.fetch(%[[KEPT]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %p, %p_ctl = graph.Const name("p") {dtype = i1, value = #graph.tensor<values [true] : tensor<i1>>} : () -> tensor<i1>
  %not, %not_ctl = graph.LogicalNot(%p) name("not") : (tensor<i1>) -> tensor<i1>
  %id, %id_ctl = graph.Identity(%not) name("pred_id") {T = i1} : (tensor<i1>) -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %id) name("switch") {T = f32} : (tensor<?xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %train, %train_ctl = graph.Relu(%s#1) name("train") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %test, %test_ctl = graph.Tanh(%s#0) name("test") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %merge:2, %merge_ctl = graph.Merge(%test, %train) name("merge") {T = f32, N = 2 : i64} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %fetched:2, %fetched_ctl = graph.Merge(%test, %train) name("fetched") {T = f32, N = 2 : i64} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %y, %y_ctl = graph.Neg(%merge#0) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %index, %index_ctl = graph.Cast(%merge#1) name("index") {SrcT = i32, DstT = f32} : (tensor<i32>) -> tensor<f32>
  graph.fetch (%fetched#0, %y, %index) : tensor<*xf32>, tensor<*xf32>, tensor<f32>
}

// -----

// A predicate that is not known stays.
// CHECK-LABEL: graph.graph
// CHECK: graph.Switch
// CHECK: graph.Merge
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("switch") {T = f32} : (tensor<?xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %a, %a_ctl = graph.Relu(%s#1) name("a") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %m:2, %m_ctl = graph.Merge(%s#0, %a) name("m") {T = f32, N = 2 : i64} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  graph.fetch (%m#0) : tensor<*xf32>
}

// -----

// If becomes the nodes of its branch, and what that holds is folded too.
// CHECK-LABEL: graph.graph
// CHECK-NOT: graph.If
// CHECK: graph.Tanh(%x) name("if/t")
// CHECK-NOT: graph.If
// CHECK: graph.fetch
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %p, %p_ctl = graph.Const name("p") {dtype = i1, value = #graph.tensor<values [false] : tensor<i1>>} : () -> tensor<i1>
  %i, %i_ctl = graph.If(%p, %x, %p) name("if") {Tcond = i1, Tin = [f32, i1], Tout = [f32], then_branch = #graph.func<"train", {}>, else_branch = #graph.func<"test", {}>} : (tensor<i1>, tensor<?xf32>, tensor<i1>) -> tensor<*xf32>
  %y, %y_ctl = graph.Neg(%i) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "train" (%a: tensor<*xf32>, %b: tensor<i1>) signature {input_arg = [{name = "a", type = 1 : i32}, {name = "b", type = 10 : i32}], output_arg = [{name = "r", type = 1 : i32}]} {
  %n, %n_ctl = graph.Relu(%a) name("n") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%n) : tensor<*xf32>
}
graph.func "test" (%a: tensor<*xf32>, %b: tensor<i1>) signature {input_arg = [{name = "a", type = 1 : i32}, {name = "b", type = 10 : i32}], output_arg = [{name = "r", type = 1 : i32}]} {
  %t, %t_ctl = graph.Tanh(%a) name("t") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %i, %i_ctl = graph.StatelessIf(%b, %a, %b) name("inner") {Tcond = i1, Tin = [f32, i1], Tout = [f32], then_branch = #graph.func<"train", {}>, else_branch = #graph.func<"train", {}>} : (tensor<i1>, tensor<*xf32>, tensor<i1>) -> tensor<*xf32>
  %s, %s_ctl = graph.Add(%t, %i) name("s") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%s) : tensor<*xf32>
}
