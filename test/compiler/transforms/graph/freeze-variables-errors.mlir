// RUN: not firn-opt %s --checkpoint=%data/variables --graph-freeze-variables --split-input-file 2>&1 | FileCheck %s
// RUN: not firn-opt %s --graph-freeze-variables --split-input-file 2>&1 | FileCheck %s --check-prefix=NONE

// All that is wrong is one error.
// CHECK: error: 4 variables do not agree with the checkpoint '{{.*}}model.ckpt'
// CHECK: note: 'W' (float [2,3]): no key 'W' in the checkpoint{{$}}
// CHECK: note: 'scope/large' (float [20,10]): no key 'scope/large' in the checkpoint; nearest: 'large'
// CHECK: note: 'w' (float [3,2]): the checkpoint has float [2,3] under 'w'
// CHECK: note: 'half' (float [3]): the checkpoint has half [3] under 'half'
// NONE: error: expected a checkpoint: the outputs need 4 variables; name it with --checkpoint
graph.graph {
  %a, %a_ctl = graph.VariableV2 name("W") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3x!graph.ref<f32>>
  %b, %b_ctl = graph.VariableV2 name("scope/large") {dtype = f32, shape = #graph.shape<20x10>} : () -> tensor<20x10x!graph.ref<f32>>
  %c, %c_ctl = graph.VarHandleOp name("w") {dtype = f32, shape = #graph.shape<3x2>, shared_name = "w"} : () -> tensor<!graph.dtype<resource>>
  %d, %d_ctl = graph.VariableV2 name("half") {dtype = f32, shape = #graph.shape<3>} : () -> tensor<3x!graph.ref<f32>>
  graph.fetch
}

// -----

// CHECK: error: expected outputs that no write of a variable changes
// CHECK: note: the value of 'add' (AssignAdd of 'step') reaches an output
graph.graph {
  %step, %step_ctl = graph.VariableV2 name("step") {dtype = i64, shape = #graph.shape<>} : () -> tensor<!graph.ref<i64>>
  %one, %one_ctl = graph.Const name("one") {dtype = i64, value = #graph.tensor<values [1] : tensor<i64>>} : () -> tensor<i64>
  %add, %add_ctl = graph.AssignAdd(%step, %one) name("add") {T = i64} : (tensor<!graph.ref<i64>>, tensor<i64>) -> tensor<!graph.ref<i64>>
  graph.fetch (%add) : tensor<!graph.ref<i64>>
}

// -----

// CHECK: note: 'late' reads 'step' after 'add' has written it
graph.graph {
  %step, %step_ctl = graph.VarHandleOp name("step") {dtype = i64, shape = #graph.shape<>, shared_name = "step"} : () -> tensor<!graph.dtype<resource>>
  %one, %one_ctl = graph.Const name("one") {dtype = i64, value = #graph.tensor<values [1] : tensor<i64>>} : () -> tensor<i64>
  %add_ctl = graph.AssignAddVariableOp(%step, %one) name("add") {dtype = i64} : (tensor<!graph.dtype<resource>>, tensor<i64>) -> ()
  %late, %late_ctl = graph.ReadVariableOp(%step) [%add_ctl] name("late") {dtype = i64} : (tensor<!graph.dtype<resource>>) -> tensor<i64>
  graph.fetch (%late) : tensor<i64>
}

// -----

// CHECK: error: expected readers of variables, got nodes that take a variable in another way
// CHECK: note: 'odd' (MyReader) takes the variable 'step' by its handle
graph.graph {
  %step, %step_ctl = graph.VarHandleOp name("step") {dtype = i64, shape = #graph.shape<>, shared_name = "step"} : () -> tensor<!graph.dtype<resource>>
  %odd, %odd_ctl = graph.MyReader(%step) name("odd") {dtype = i64} : (tensor<!graph.dtype<resource>>) -> tensor<*x!graph.dtype<opaque>>
  graph.fetch (%odd) : tensor<*x!graph.dtype<opaque>>
}
