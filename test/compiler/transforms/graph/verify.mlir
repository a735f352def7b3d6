// RUN: firn-opt %s --graph-verify --split-input-file --verify-diagnostics

graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
  // expected-error @+1 {{Mul: expected 2 inputs, got 1}}
  %m, %m_ctl = graph.Mul(%x) name("m") {T = f32} : (tensor<?x4xf32>) -> tensor<*xf32>
  graph.fetch (%m) : tensor<*xf32>
}

// -----

graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = i32, shape = #graph.shape<?x4>} : () -> tensor<?x4xi32>
  // expected-error @+1 {{Relu: expected float as input 0, got int32 from 'x'}}
  %m, %m_ctl = graph.Relu(%x) name("m") {T = f32} : (tensor<?x4xi32>) -> tensor<*xf32>
  graph.fetch (%m) : tensor<*xf32>
}

// -----

graph.graph {
  %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  // expected-error @+1 {{AssignSub: expected float_ref as input 0, got float from 'w'}}
  %a, %a_ctl = graph.AssignSub(%w, %w) name("a") {T = f32} : (tensor<f32>, tensor<f32>) -> tensor<*x!graph.ref<f32>>
  graph.fetch (%a) : tensor<*x!graph.ref<f32>>
}

// -----

graph.graph {
  // expected-error @+1 {{expected a colocation with a node of the graph, got 'gone'}}
  %w, %w_ctl = graph.Const name("w") {_class = ["loc:@gone"], dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
  graph.fetch (%w) : tensor<f32>
}

// -----

graph.graph {
  // expected-error @+1 {{expected no cycle but through a NextIteration; 'a' waits for itself}}
  %a, %a_ctl = graph.Relu(%b) name("a") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.Relu(%a) name("b") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%b) : tensor<*xf32>
}

// -----

graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<>} : () -> tensor<f32>
  %e, %e_ctl = graph.Enter(%x) name("e") {T = f32, frame_name = "loop"} : (tensor<f32>) -> tensor<*xf32>
  // expected-error @+1 {{expected inputs from one loop frame, got '' and '|loop'}}
  %m, %m_ctl = graph.Mul(%x, %e) name("m") {T = f32} : (tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%m) : tensor<*xf32>
}

// -----

graph.graph {
  // expected-error @+1 {{Cast: expected the attribute 'DstT' as a type}}
  %m, %m_ctl = graph.Cast(%x) name("c") {SrcT = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<>} : () -> tensor<*xf32>
  graph.fetch (%m) : tensor<*xf32>
}

// -----

// A ref is taken as a value, an unknown op is taken as it is, a loop is no cycle.
graph.graph {
  %v, %v_ctl = graph.VariableV2 name("v") {dtype = f32, shape = #graph.shape<>} : () -> tensor<*x!graph.ref<f32>>
  %x, %x_ctl = graph.Enter(%v) name("x") {T = f32, frame_name = "loop"} : (tensor<*x!graph.ref<f32>>) -> tensor<*xf32>
  %m, %index, %m_ctl = graph.Merge(%x, %n) name("m") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %u, %u_ctl = graph.MyOp(%m) name("u") : (tensor<*xf32>) -> tensor<*x!graph.dtype<opaque>>
  %n, %n_ctl = graph.NextIteration(%u) name("n") {T = f32} : (tensor<*x!graph.dtype<opaque>>) -> tensor<*xf32>
  %e, %e_ctl = graph.Exit(%m) name("e") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%e) : tensor<*xf32>
}
