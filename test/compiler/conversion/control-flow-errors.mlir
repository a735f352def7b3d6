// RUN: firn-opt --graph-to-kernel --split-input-file --verify-diagnostics %s

// expected-error @below {{  y (Neg): 'y' has no value when its branch is not taken}}
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<?xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %y, %y_ctl = graph.Neg(%s#1) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// expected-error @below {{  exit (Exit): the shape of loop variable 't' changes between iterations}}
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %t0, %t0_ctl = graph.Enter(%x) name("t0") {T = f32, frame_name = "loop", is_constant = false} : (tensor<2xf32>) -> tensor<*xf32>
  %pc, %pc_ctl = graph.Enter(%p) name("pc") {T = i1, frame_name = "loop", is_constant = true} : (tensor<i1>) -> tensor<*xi1>
  %t:2, %t_ctl = graph.Merge(%t0, %tn) name("t") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %cond, %cond_ctl = graph.LoopCond(%pc) name("cond") : (tensor<*xi1>) -> tensor<*xi1>
  %ts:2, %ts_ctl = graph.Switch(%t#0, %cond) name("ts") {T = f32} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %axis, %axis_ctl = graph.Const [%ts_ctl] name("axis") {dtype = i32, value = #graph.tensor<values [0] : tensor<i32>>} : () -> tensor<i32>
  %more, %more_ctl = graph.ConcatV2(%ts#1, %ts#1, %axis) name("more") {N = 2 : i64, T = f32, Tidx = i32} : (tensor<*xf32>, tensor<*xf32>, tensor<i32>) -> tensor<*xf32>
  %tn, %tn_ctl = graph.NextIteration(%more) name("tn") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %exit, %exit_ctl = graph.Exit(%ts#0) name("exit") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%exit) : tensor<*xf32>
}

// -----

// expected-error @below {{  a (Merge): the branches give tensors of different shapes}}
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = f32, shape = #graph.shape<3>} : () -> tensor<3xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<2xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %r:2, %r_ctl = graph.Switch(%y, %p) name("r") {T = f32} : (tensor<3xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %neg, %neg_ctl = graph.Neg(%s#1) name("neg") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %a:2, %a_ctl = graph.Merge(%r#0, %neg) name("a") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%a#0) : tensor<*xf32>
}

// -----

// expected-error @below {{  m (Merge): its inputs are not the branches of one cond}}
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %q, %q_ctl = graph.Placeholder name("q") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<2xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %r:2, %r_ctl = graph.Switch(%x, %q) name("r") {T = f32} : (tensor<2xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %m:2, %m_ctl = graph.Merge(%s#0, %r#1) name("m") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%m#0) : tensor<*xf32>
}

// -----

// expected-error @below {{  call (f): 'f' calls itself}}
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %call, %call_ctl = graph.PartitionedCall(%x) name("call") {Tin = [f32], Tout = [f32], f = #graph.func<"f", {}>} : (tensor<2xf32>) -> tensor<*xf32>
  graph.fetch (%call) : tensor<*xf32>
}
graph.func "f" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %call, %call_ctl = graph.f(%x) name("call") : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%call) : tensor<*xf32>
}
