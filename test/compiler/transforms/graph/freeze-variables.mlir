// RUN: firn-opt %s --checkpoint=%data/variables --graph-freeze-variables --graph-prune --graph-verify --split-input-file | FileCheck %s

// Small values stand in the graph, large ones stay in the checkpoint. Refs become values through loops and conds.
// CHECK-LABEL: graph.graph
// CHECK: %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<content [0, 1, 2, 3, 4, 5] : tensor<2x3xf32>>}
// CHECK: graph.Identity(%w) name("w/read") {T = f32} : (tensor<2x3xf32>)
// CHECK: graph.Const name("large") {dtype = f32, value = #graph.tensor<content file("{{.*}}model.ckpt.data-00000-of-00001", {{[0-9]+}}, 800, {{[0-9]+}}) : tensor<20x10xf32>>}
// CHECK: graph.Switch(%w, %{{.*}}) name("sw") {T = f32} : (tensor<2x3xf32>, tensor<i1>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
// CHECK: graph.Enter(%sw) name("enter")
// CHECK-NOT: graph.ref
graph.graph {
  %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3x!graph.ref<f32>>
  %r, %r_ctl = graph.Identity(%w) name("w/read") {T = f32} : (tensor<2x3x!graph.ref<f32>>) -> tensor<2x3xf32>
  %l, %l_ctl = graph.VariableV2 name("large") {dtype = f32, shape = #graph.shape<20x10>} : () -> tensor<20x10x!graph.ref<f32>>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s0, %s1, %s_ctl = graph.RefSwitch(%w, %p) name("sw") {T = f32} : (tensor<2x3x!graph.ref<f32>>, tensor<i1>) -> (tensor<2x3x!graph.ref<f32>>, tensor<2x3x!graph.ref<f32>>)
  %e, %e_ctl = graph.RefEnter(%s0) name("enter") {T = f32, frame_name = "loop"} : (tensor<2x3x!graph.ref<f32>>) -> tensor<2x3x!graph.ref<f32>>
  %x, %x_ctl = graph.RefExit(%e) name("exit") {T = f32} : (tensor<2x3x!graph.ref<f32>>) -> tensor<2x3x!graph.ref<f32>>
  graph.fetch (%r, %l, %x) : tensor<2x3xf32>, tensor<20x10x!graph.ref<f32>>, tensor<2x3x!graph.ref<f32>>
}

// -----

// Readers of handles become readers of values.
// CHECK-LABEL: graph.graph
// CHECK: graph.Identity(%w) name("read") {T = f32}
// CHECK: graph.Const name("gather/axis") {dtype = i32, value = #graph.tensor<content [0] : tensor<i32>>}
// CHECK: graph.GatherV2(%w, %ids, %gather_axis) name("gather") {Taxis = i32, Tindices = i32, Tparams = f32}
// CHECK: graph.Shape(%w) name("shape") {T = f32, out_type = i32}
// CHECK: graph.Const name("there") {dtype = i1, value = #graph.tensor<content [true] : tensor<i1>>}
graph.graph {
  %w, %w_ctl = graph.VarHandleOp name("w") {dtype = f32, shape = #graph.shape<2x3>, shared_name = "w"} : () -> tensor<!graph.dtype<resource>>
  %r, %r_ctl = graph.ReadVariableOp(%w) name("read") {dtype = f32} : (tensor<!graph.dtype<resource>>) -> tensor<2x3xf32>
  %ids, %ids_ctl = graph.Placeholder name("ids") {dtype = i32, shape = #graph.shape<?>} : () -> tensor<?xi32>
  %g, %g_ctl = graph.ResourceGather(%w, %ids) name("gather") {Tindices = i32, batch_dims = 0 : i64, dtype = f32, validate_indices = true} : (tensor<!graph.dtype<resource>>, tensor<?xi32>) -> tensor<*xf32>
  %n, %n_ctl = graph.VariableShape(%w) name("shape") {out_type = i32} : (tensor<!graph.dtype<resource>>) -> tensor<2xi32>
  %t, %t_ctl = graph.VarIsInitializedOp(%w) name("there") : (tensor<!graph.dtype<resource>>) -> tensor<i1>
  graph.fetch (%r, %g, %n, %t) : tensor<2x3xf32>, tensor<*xf32>, tensor<2xi32>, tensor<i1>
}

// -----

// A write that only orders is dropped, with the group that held nothing else.
// CHECK-LABEL: graph.graph
// CHECK-NOT: AssignAdd
// CHECK-NOT: NoOp
// CHECK: graph.Identity(%w) name("out") {T = f32}
graph.graph {
  %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3x!graph.ref<f32>>
  %step, %step_ctl = graph.VariableV2 name("step") {dtype = i64, shape = #graph.shape<>} : () -> tensor<!graph.ref<i64>>
  %one, %one_ctl = graph.Const name("one") {dtype = i64, value = #graph.tensor<values [1] : tensor<i64>>} : () -> tensor<i64>
  %add, %add_ctl = graph.AssignAdd(%step, %one) name("add") {T = i64} : (tensor<!graph.ref<i64>>, tensor<i64>) -> tensor<!graph.ref<i64>>
  %group_ctl = graph.NoOp [%add_ctl] name("group") : () -> ()
  %out, %out_ctl = graph.Identity(%w) [%group_ctl] name("out") {T = f32} : (tensor<2x3x!graph.ref<f32>>) -> tensor<2x3xf32>
  graph.fetch (%out) : tensor<2x3xf32>
}

// -----

// A function that takes a handle is called as a copy that takes the value.
// CHECK-LABEL: graph.graph
// CHECK: graph.PartitionedCall(%w) name("call") {Tin = [f32], Tout = [f32], f = #graph.func<"body_frozen", {}>} : (tensor<2x3xf32>)
// CHECK: graph.func "body_frozen" (%arg0: tensor<*xf32>) signature {input_arg = [{name = "v", type = 1 : i32}]
// CHECK: graph.Identity(%arg0) name("read") {T = f32}
// CHECK-NOT: graph.func "body"
graph.graph {
  %w, %w_ctl = graph.VarHandleOp name("w") {dtype = f32, shape = #graph.shape<2x3>, shared_name = "w"} : () -> tensor<!graph.dtype<resource>>
  %y, %y_ctl = graph.PartitionedCall(%w) name("call") {Tin = [!graph.dtype<resource>], Tout = [f32], f = #graph.func<"body", {}>} : (tensor<!graph.dtype<resource>>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "body" (%v: tensor<*x!graph.dtype<resource>>) signature {input_arg = [{name = "v", type = 20 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %r, %r_ctl = graph.ReadVariableOp(%v) name("read") {dtype = f32} : (tensor<*x!graph.dtype<resource>>) -> tensor<*xf32>
  graph.fetch (%r) : tensor<*xf32>
}
