// RUN: firn-opt %s --checkpoint=%data/variables --graph-assign-keys --graph-init-variables --split-input-file | FileCheck %s
// RUN: firn-opt %s --graph-init-variables=skip=held --split-input-file | FileCheck %s --check-prefix=ALL

// A variable that the checkpoint has keeps its value; of the others what the initializer assigns, whatever else assigns to them.
// CHECK: name("w") {dtype = f32, graph.key
// CHECK: name("filled") {dtype = f32, graph.initial = #graph.tensor<content [5, 5] : tensor<2xf32>>
// CHECK: name("handle") {dtype = i64, graph.initial = #graph.tensor<content [7] : tensor<i64>>
// CHECK: name("alone") {dtype = f32, graph.initial = "the graph has no initializer for it"
// CHECK: name("unneeded") {dtype = f32, graph.key = {{{[^}]*}}}, shape
// ALL: name("w") {dtype = f32, graph.initial = "the graph has no initializer for it"
graph.graph {
  %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3x!graph.ref<f32>>
  %f, %f_ctl = graph.VariableV2 name("filled") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %h, %h_ctl = graph.VarHandleOp name("handle") {dtype = i64, shape = #graph.shape<>, shared_name = "handle"} : () -> tensor<!graph.dtype<resource>>
  %a, %a_ctl = graph.VariableV2 name("alone") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %u, %u_ctl = graph.VariableV2 name("unneeded") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %two, %two_ctl = graph.Const name("two") {dtype = i32, value = #graph.tensor<values [2] : tensor<1xi32>>} : () -> tensor<1xi32>
  %five, %five_ctl = graph.Const name("five") {dtype = f32, value = #graph.tensor<values [5.0] : tensor<f32>>} : () -> tensor<f32>
  %fill, %fill_ctl = graph.Fill(%two, %five) name("filled/Initializer") {T = f32, index_type = i32} : (tensor<1xi32>, tensor<f32>) -> tensor<2xf32>
  %init, %init_ctl = graph.Assign(%f, %fill) name("filled/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<2xf32>) -> tensor<2x!graph.ref<f32>>
  %later, %later_ctl = graph.Assign(%f, %fill) name("update") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<2xf32>) -> tensor<2x!graph.ref<f32>>
  %seven, %seven_ctl = graph.Const name("seven") {dtype = i64, value = #graph.tensor<values [7] : tensor<i64>>} : () -> tensor<i64>
  %set_ctl = graph.AssignVariableOp(%h, %seven) name("set") {dtype = i64} : (tensor<!graph.dtype<resource>>, tensor<i64>) -> ()
  %r, %r_ctl = graph.ReadVariableOp(%h) name("r") {dtype = i64} : (tensor<!graph.dtype<resource>>) -> tensor<i64>
  graph.fetch (%w, %f, %r, %a) : tensor<2x3x!graph.ref<f32>>, tensor<2x!graph.ref<f32>>, tensor<i64>, tensor<2x!graph.ref<f32>>
}

// -----

// What is not the same in each run is not computed; a variable that is left counts as one that is missing.
// CHECK: name("random") {dtype = f32, graph.initial = "its initial value is random: 'normal' (TruncatedNormal)"
// CHECK: name("fed") {dtype = f32, graph.initial = "its initial value needs 'x' (Placeholder)"
// CHECK: name("second") {dtype = f32, graph.initial = "its initial value depends on the variable 'random'"
// ALL: name("held") {dtype = f32, graph.initial = #graph.tensor<
graph.graph {
  %dims, %dims_ctl = graph.Const name("dims") {dtype = i32, value = #graph.tensor<values [2] : tensor<1xi32>>} : () -> tensor<1xi32>
  %normal, %normal_ctl = graph.TruncatedNormal(%dims) name("normal") {T = i32, dtype = f32, seed = 0 : i64, seed2 = 0 : i64} : (tensor<1xi32>) -> tensor<2xf32>
  %v, %v_ctl = graph.VariableV2 name("random") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %v_init, %v_init_ctl = graph.Assign(%v, %normal) name("random/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<2xf32>) -> tensor<2x!graph.ref<f32>>
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %p, %p_ctl = graph.VariableV2 name("fed") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %p_init, %p_init_ctl = graph.Assign(%p, %x) name("fed/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<2xf32>) -> tensor<2x!graph.ref<f32>>
  %read, %read_ctl = graph.Identity(%v) name("random/read") {T = f32} : (tensor<2x!graph.ref<f32>>) -> tensor<2xf32>
  %s, %s_ctl = graph.VariableV2 name("second") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %s_init, %s_init_ctl = graph.Assign(%s, %read) name("second/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<2xf32>) -> tensor<2x!graph.ref<f32>>
  %k, %k_ctl = graph.Const name("k") {dtype = f32, value = #graph.tensor<values [1.0, 2.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %l, %l_ctl = graph.VariableV2 name("held") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
  %l_init, %l_init_ctl = graph.Assign(%l, %k) name("held/Assign") {T = f32} : (tensor<2x!graph.ref<f32>>, tensor<2xf32>) -> tensor<2x!graph.ref<f32>>
  graph.fetch (%v, %p, %s, %l) : tensor<2x!graph.ref<f32>>, tensor<2x!graph.ref<f32>>, tensor<2x!graph.ref<f32>>, tensor<2x!graph.ref<f32>>
}
