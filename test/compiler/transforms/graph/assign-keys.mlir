// RUN: firn-opt %s --checkpoint=%data/variables --graph-assign-keys="saver-filename=save/Const:0 saver-restore=save/restore_all" --split-input-file | FileCheck %s
// RUN: firn-opt %s --checkpoint=%data/variables --graph-assign-keys --split-input-file | FileCheck %s
// RUN: firn-opt %s --graph-assign-keys --split-input-file | FileCheck %s --check-prefix=NONE

// The graph's own Saver is the authority: a renamed variable, a slice of a whole, a restore through Identity into a handle.
// CHECK: name("renamed") {dtype = f32, graph.key = {key = "old/w"}
// CHECK: name("part") {dtype = f32, graph.key = {key = "emb", slice = "10 4 5,5:0,4"}
// CHECK: name("handle") {dtype = f32, graph.key = {key = "w"}, graph.reshape
graph.graph {
  %v, %v_ctl = graph.VariableV2 name("renamed") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %p, %p_ctl = graph.VariableV2 name("part") {dtype = f32, shape = #graph.shape<5x4>} : () -> tensor<5x4x!graph.ref<f32>>
  %h, %h_ctl = graph.VarHandleOp name("handle") {dtype = f32, shape = #graph.shape<3x2>, shared_name = "handle"} : () -> tensor<!graph.dtype<resource>>
  %prefix, %prefix_ctl = graph.Const name("save/Const") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["model"] : tensor<!graph.dtype<string>>>} : () -> tensor<!graph.dtype<string>>
  %names, %names_ctl = graph.Const name("save/names") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["old/w", "emb", "w"] : tensor<3x!graph.dtype<string>>>} : () -> tensor<3x!graph.dtype<string>>
  %slices, %slices_ctl = graph.Const name("save/slices") {dtype = !graph.dtype<string>, value = #graph.tensor<values ["", "10 4 5,5:0,4", ""] : tensor<3x!graph.dtype<string>>>} : () -> tensor<3x!graph.dtype<string>>
  %r0, %r1, %r2, %r_ctl = graph.RestoreV2(%prefix, %names, %slices) name("save/RestoreV2") {dtypes = [f32, f32, f32]} : (tensor<!graph.dtype<string>>, tensor<3x!graph.dtype<string>>, tensor<3x!graph.dtype<string>>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %a0, %a0_ctl = graph.Assign(%v, %r0) name("save/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<*xf32>) -> tensor<2x!graph.ref<f32>>
  %a1, %a1_ctl = graph.Assign(%p, %r1) name("save/Assign_1") {T = f32} : (tensor<5x4x!graph.ref<f32>>, tensor<*xf32>) -> tensor<5x4x!graph.ref<f32>>
  %dims, %dims_ctl = graph.Const name("save/dims") {dtype = i32, value = #graph.tensor<values [3, 2] : tensor<2xi32>>} : () -> tensor<2xi32>
  %reshaped, %reshaped_ctl = graph.Reshape(%r2, %dims) name("save/Reshape") {T = f32, Tshape = i32} : (tensor<*xf32>, tensor<2xi32>) -> tensor<*xf32>
  %a2_ctl = graph.AssignVariableOp(%h, %reshaped) name("save/Assign_2") {dtype = f32} : (tensor<!graph.dtype<resource>>, tensor<*xf32>) -> ()
  %all_ctl = graph.NoOp [%a0_ctl, %a1_ctl, %a2_ctl] name("save/restore_all") : () -> ()
  graph.fetch
}

// -----

// Without a Saver a variable's name is its key, and parts tile the whole that the checkpoint has.
// CHECK: name("w") {dtype = f32, graph.key = {key = "w"}
// CHECK: name("whole/part_0") {dtype = f32, graph.key = {key = "whole", slice = "6 2 0,4:0,2"}
// CHECK: name("whole/part_1") {dtype = f32, graph.key = {key = "whole", slice = "6 2 4,2:0,2"}
// CHECK: name("other_name") {dtype = f32, graph.key = {key = "large"}
// CHECK: name("missing") {dtype = f32, graph.key = {key = "missing"}
// NONE: name("whole/part_1") {dtype = f32, graph.key = {key = "whole/part_1"}
graph.graph {
  %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3x!graph.ref<f32>>
  %p0, %p0_ctl = graph.VariableV2 name("whole/part_0") {dtype = f32, shape = #graph.shape<4x2>} : () -> tensor<4x2x!graph.ref<f32>>
  %p1, %p1_ctl = graph.VariableV2 name("whole/part_1") {dtype = f32, shape = #graph.shape<2x2>} : () -> tensor<2x2x!graph.ref<f32>>
  %h, %h_ctl = graph.VarHandleOp name("other_name") {dtype = f32, shape = #graph.shape<20x10>, shared_name = "large"} : () -> tensor<!graph.dtype<resource>>
  %m, %m_ctl = graph.VariableV2 name("missing") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  graph.fetch
}
