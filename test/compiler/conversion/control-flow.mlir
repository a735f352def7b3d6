// RUN: firn-opt --graph-to-kernel --canonicalize --cse --split-input-file %s | FileCheck %s

// A loop that counts: the counter is the round, the array is carried in the place of its flow, and an index that stays below the
// array's size needs no check.
// CHECK-LABEL: func.func @main
// CHECK: %[[N:.*]] = tensor.dim %arg0
// CHECK: %[[E:.*]] = tensor.empty(%[[N]]) : tensor<4x?x3xf32>
// CHECK: %[[ZEROS:.*]] = linalg.generic {{.*}} outs(%[[E]]
// CHECK: %[[LOOP:.*]]:2 = scf.for %[[I:.*]] = %c0 to %c4 step %c1 iter_args(%[[T:.*]] = %arg0, %[[A:.*]] = %[[ZEROS]])
// CHECK-NOT: kernel.read
// CHECK: %[[TWICE:.*]] = linalg.generic {{.*}} ins(%[[T]]
// CHECK: %[[STORED:.*]] = tensor.insert_slice %[[T]] into %[[A]][%[[I]], 0, 0] [1, %[[N]], 3] [1, 1, 1]
// CHECK: scf.yield %[[TWICE]], %[[STORED]]
// CHECK: return %[[LOOP]]#1
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x3>} : () -> tensor<?x3xf32>
  %size, %size_ctl = graph.Const name("size") {dtype = i32, value = #graph.tensor<values [4] : tensor<i32>>} : () -> tensor<i32>
  %array, %flow, %array_ctl = graph.TensorArrayV3(%size) name("array") {dtype = f32, dynamic_size = false, element_shape = #graph.shape<*>} : (tensor<i32>) -> (tensor<*x!graph.dtype<resource>>, tensor<*xf32>)
  %zero, %zero_ctl = graph.Const name("zero") {dtype = i32, value = #graph.tensor<values [0] : tensor<i32>>} : () -> tensor<i32>
  %i0, %i0_ctl = graph.Enter(%zero) name("i0") {T = i32, frame_name = "loop", is_constant = false} : (tensor<i32>) -> tensor<*xi32>
  %t0, %t0_ctl = graph.Enter(%x) name("t0") {T = f32, frame_name = "loop", is_constant = false} : (tensor<?x3xf32>) -> tensor<*xf32>
  %f0, %f0_ctl = graph.Enter(%flow) name("f0") {T = f32, frame_name = "loop", is_constant = false} : (tensor<*xf32>) -> tensor<*xf32>
  %h, %h_ctl = graph.Enter(%array) name("h") {T = !graph.dtype<resource>, frame_name = "loop", is_constant = true} : (tensor<*x!graph.dtype<resource>>) -> tensor<*x!graph.dtype<resource>>
  %i:2, %i_ctl = graph.Merge(%i0, %in) name("i") {N = 2 : i64, T = i32} : (tensor<*xi32>, tensor<*xi32>) -> (tensor<*xi32>, tensor<*xi32>)
  %t:2, %t_ctl = graph.Merge(%t0, %tn) name("t") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %f:2, %f_ctl = graph.Merge(%f0, %fn) name("f") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %four, %four_ctl = graph.Const [%i_ctl] name("four") {dtype = i32, value = #graph.tensor<values [4] : tensor<i32>>} : () -> tensor<i32>
  %less, %less_ctl = graph.Less(%i#0, %four) name("less") {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
  %cond, %cond_ctl = graph.LoopCond(%less) name("cond") : (tensor<*xi1>) -> tensor<*xi1>
  %is:2, %is_ctl = graph.Switch(%i#0, %cond) name("is") {T = i32} : (tensor<*xi32>, tensor<*xi1>) -> (tensor<*xi32>, tensor<*xi32>)
  %ts:2, %ts_ctl = graph.Switch(%t#0, %cond) name("ts") {T = f32} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %fs:2, %fs_ctl = graph.Switch(%f#0, %cond) name("fs") {T = f32} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %ib, %ib_ctl = graph.Identity(%is#1) name("ib") {T = i32} : (tensor<*xi32>) -> tensor<*xi32>
  %one, %one_ctl = graph.Const [%ib_ctl] name("one") {dtype = i32, value = #graph.tensor<values [1] : tensor<i32>>} : () -> tensor<i32>
  %next, %next_ctl = graph.AddV2(%ib, %one) name("next") {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
  %write, %write_ctl = graph.TensorArrayWriteV3(%h, %ib, %ts#1, %fs#1) name("write") {T = f32} : (tensor<*x!graph.dtype<resource>>, tensor<*xi32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %twice, %twice_ctl = graph.AddV2(%ts#1, %ts#1) name("twice") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %in, %in_ctl = graph.NextIteration(%next) name("in") {T = i32} : (tensor<*xi32>) -> tensor<*xi32>
  %tn, %tn_ctl = graph.NextIteration(%twice) name("tn") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %fn, %fn_ctl = graph.NextIteration(%write) name("fn") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %exit, %exit_ctl = graph.Exit(%fs#0) name("exit") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %all, %all_ctl = graph.Const name("all") {dtype = i32, value = #graph.tensor<content [0, 1, 2, 3] : tensor<4xi32>>} : () -> tensor<4xi32>
  %stack, %stack_ctl = graph.TensorArrayGatherV3(%array, %all, %exit) name("stack") {dtype = f32, element_shape = #graph.shape<?x3>} : (tensor<*x!graph.dtype<resource>>, tensor<4xi32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%stack) : tensor<*xf32>
}

// -----

// A loop whose condition looks at data; what it hands in is used as it is, and both Exits come from one loop.
// CHECK-LABEL: func.func @main
// CHECK: %[[LOOP:.*]]:2 = scf.while (%[[I:.*]] = %{{.*}}, %[[T:.*]] = %arg0) : (tensor<i32>, tensor<2xf32>)
// CHECK: %[[LESS:.*]] = linalg.generic {{.*}} ins(%[[I]], %arg1
// CHECK: %[[BYTE:.*]] = tensor.extract %[[LESS]][] : tensor<i8>
// CHECK: %[[GO:.*]] = arith.cmpi ne, %[[BYTE]], %c0_i8
// CHECK: scf.condition(%[[GO]]) %[[I]], %[[T]]
// CHECK: linalg.generic {{.*}} ins(%{{.*}}, %arg0
// CHECK: return %[[LOOP]]#0, %[[LOOP]]#1
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %limit, %limit_ctl = graph.Placeholder name("limit") {dtype = i32, shape = #graph.shape<>} : () -> tensor<i32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = i32, value = #graph.tensor<values [0] : tensor<i32>>} : () -> tensor<i32>
  %i0, %i0_ctl = graph.Enter(%zero) name("i0") {T = i32, frame_name = "loop", is_constant = false} : (tensor<i32>) -> tensor<*xi32>
  %t0, %t0_ctl = graph.Enter(%x) name("t0") {T = f32, frame_name = "loop", is_constant = false} : (tensor<2xf32>) -> tensor<*xf32>
  %xc, %xc_ctl = graph.Enter(%x) name("xc") {T = f32, frame_name = "loop", is_constant = true} : (tensor<2xf32>) -> tensor<*xf32>
  %n, %n_ctl = graph.Enter(%limit) name("n") {T = i32, frame_name = "loop", is_constant = true} : (tensor<i32>) -> tensor<*xi32>
  %i:2, %i_ctl = graph.Merge(%i0, %in) name("i") {N = 2 : i64, T = i32} : (tensor<*xi32>, tensor<*xi32>) -> (tensor<*xi32>, tensor<*xi32>)
  %t:2, %t_ctl = graph.Merge(%t0, %tn) name("t") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %less, %less_ctl = graph.Less(%i#0, %n) name("less") {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi1>
  %cond, %cond_ctl = graph.LoopCond(%less) name("cond") : (tensor<*xi1>) -> tensor<*xi1>
  %is:2, %is_ctl = graph.Switch(%i#0, %cond) name("is") {T = i32} : (tensor<*xi32>, tensor<*xi1>) -> (tensor<*xi32>, tensor<*xi32>)
  %ts:2, %ts_ctl = graph.Switch(%t#0, %cond) name("ts") {T = f32} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %next, %next_ctl = graph.Mul(%is#1, %is#1) name("next") {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi32>
  %sum, %sum_ctl = graph.AddV2(%ts#1, %xc) name("sum") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %in, %in_ctl = graph.NextIteration(%next) name("in") {T = i32} : (tensor<*xi32>) -> tensor<*xi32>
  %tn, %tn_ctl = graph.NextIteration(%sum) name("tn") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %iexit, %iexit_ctl = graph.Exit(%is#0) name("iexit") {T = i32} : (tensor<*xi32>) -> tensor<*xi32>
  %texit, %texit_ctl = graph.Exit(%ts#0) name("texit") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%iexit, %texit) : tensor<*xi32>, tensor<*xf32>
}

// -----

// Merges of one cond are results of one scf.if; what is on a branch is code of that branch. Which input a Merge took is a number.
// CHECK-LABEL: func.func @main
// CHECK: %[[BYTE:.*]] = tensor.extract %arg1[] : tensor<i8>
// CHECK: %[[P:.*]] = arith.cmpi ne, %[[BYTE]], %c0_i8
// CHECK: %[[IF:.*]]:2 = scf.if %[[P]]
// CHECK:   math.tanh
// CHECK:   scf.yield
// CHECK: } else {
// CHECK:   arith.mulf
// CHECK:   arith.addf
// CHECK:   scf.yield
// CHECK: %[[INDEX:.*]] = linalg.generic {{.*}} ins(%arg1
// CHECK: arith.extui %{{.*}} : i1 to i32
// CHECK: return %[[IF]]#0, %[[IF]]#1, %[[INDEX]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<?xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %tanh, %tanh_ctl = graph.Tanh(%s#1) name("tanh") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %mul, %mul_ctl = graph.Mul(%s#0, %s#0) name("mul") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %add, %add_ctl = graph.AddV2(%mul, %s#0) name("add") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %a:2, %a_ctl = graph.Merge(%mul, %tanh) name("a") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %b:2, %b_ctl = graph.Merge(%add, %s#1) name("b") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%a#0, %b#0, %b#1) : tensor<*xf32>, tensor<*xf32>, tensor<*xi32>
}

// -----

// What is there anyway is chosen element by element. The second cond on one predicate needs the first: it is an scf.if of its own.
// CHECK-LABEL: func.func @main
// CHECK-NOT: scf.if
// CHECK: %[[A:.*]] = linalg.generic {{.*}} ins(%arg2, %arg0, %arg1
// CHECK: arith.select
// CHECK: scf.if
// CHECK:   linalg.generic {{.*}} ins(%[[A]]
// CHECK-NOT: scf.if
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4xf32>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = f32, shape = #graph.shape<4>} : () -> tensor<4xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<4xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %r:2, %r_ctl = graph.Switch(%y, %p) name("r") {T = f32} : (tensor<4xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %a:2, %a_ctl = graph.Merge(%r#0, %s#1) name("a") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %t:2, %t_ctl = graph.Switch(%a#0, %p) name("t") {T = f32} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %tanh, %tanh_ctl = graph.Tanh(%t#1) name("tanh") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %b:2, %b_ctl = graph.Merge(%t#0, %tanh) name("b") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%b#0) : tensor<*xf32>
}

// -----

// Functions: While counts to a limit that is fed, Case tests index after index.
// CHECK-LABEL: func.func @main
// CHECK: %[[LIMIT:.*]] = linalg.generic {{.*}} ins(%arg1
// CHECK: %[[N:.*]] = kernel.read %[[LIMIT]] bound
// CHECK: %[[LOOP:.*]] = scf.for %{{.*}} = %c0 to %[[N]] step %c1 iter_args(%{{.*}} = %arg0)
// CHECK: scf.if
// CHECK:   math.tanh
// CHECK: } else {
// CHECK:   scf.if
// CHECK:     arith.negf
// CHECK:   } else {
// CHECK:     scf.yield %[[LOOP]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %k, %k_ctl = graph.Placeholder name("k") {dtype = i32, shape = #graph.shape<>} : () -> tensor<i32>
  %zero, %zero_ctl = graph.Const name("zero") {dtype = i32, value = #graph.tensor<values [0] : tensor<i32>>} : () -> tensor<i32>
  %while:3, %while_ctl = graph.StatelessWhile(%zero, %x, %k) name("while") {T = [i32, f32, i32], body = #graph.func<"body", {}>, cond = #graph.func<"cond", {}>} : (tensor<i32>, tensor<?xf32>, tensor<i32>) -> (tensor<*xi32>, tensor<*xf32>, tensor<*xi32>)
  %case, %case_ctl = graph.Case(%k, %while#1) name("case") {Tin = [f32], Tout = [f32], branches = [#graph.func<"tanh", {}>, #graph.func<"neg", {}>, #graph.func<"same", {}>]} : (tensor<i32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%case) : tensor<*xf32>
}
graph.func "cond" (%i: tensor<*xi32>, %t: tensor<*xf32>, %k: tensor<*xi32>) signature {input_arg = [{name = "i", type = 3 : i32}, {name = "t", type = 1 : i32}, {name = "k", type = 3 : i32}], output_arg = [{name = "less", type = 10 : i32}]} {
  %less, %less_ctl = graph.Less(%i, %k) name("less") {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi1>
  graph.fetch (%less) : tensor<*xi1>
}
graph.func "body" (%i: tensor<*xi32>, %t: tensor<*xf32>, %k: tensor<*xi32>) signature {input_arg = [{name = "i", type = 3 : i32}, {name = "t", type = 1 : i32}, {name = "k", type = 3 : i32}], output_arg = [{name = "next", type = 3 : i32}, {name = "twice", type = 1 : i32}, {name = "k_1", type = 3 : i32}]} {
  %one, %one_ctl = graph.Const name("one") {dtype = i32, value = #graph.tensor<values [1] : tensor<i32>>} : () -> tensor<i32>
  %next, %next_ctl = graph.AddV2(%i, %one) name("next") {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
  %twice, %twice_ctl = graph.AddV2(%t, %t) name("twice") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%next, %twice, %k) : tensor<*xi32>, tensor<*xf32>, tensor<*xi32>
}
graph.func "tanh" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.Tanh(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "neg" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.Neg(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "same" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  graph.fetch (%x) : tensor<*xf32>
}

// -----

// One function in two places; a predicate that is a number; one that is a size, which is stored before it is asked.
// CHECK-LABEL: func.func @main
// CHECK: tensor.dim %arg1
// CHECK: arith.cmpf une
// CHECK: scf.if
// CHECK: %[[FLAG:.*]] = linalg.generic {indexing_maps = [#{{.*}}], iterator_types = []} outs
// CHECK: arith.cmpi ne, %{{.*}}, %c0 : index
// CHECK: tensor.extract %[[FLAG]][]
// CHECK: scf.if
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<3>} : () -> tensor<3xf32>
  %y, %y_ctl = graph.Placeholder name("y") {dtype = f32, shape = #graph.shape<?>} : () -> tensor<?xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = f32, shape = #graph.shape<>} : () -> tensor<f32>
  %n, %n_ctl = graph.Size(%y) name("n") {T = f32, out_type = i32} : (tensor<?xf32>) -> tensor<i32>
  %a, %a_ctl = graph.If(%p, %x) name("a") {Tcond = f32, Tin = [f32], Tout = [f32], then_branch = #graph.func<"tanh", {}>, else_branch = #graph.func<"neg", {}>} : (tensor<f32>, tensor<3xf32>) -> tensor<*xf32>
  %b, %b_ctl = graph.If(%n, %y) name("b") {Tcond = i32, Tin = [f32], Tout = [f32], then_branch = #graph.func<"tanh", {}>, else_branch = #graph.func<"neg", {}>} : (tensor<i32>, tensor<?xf32>) -> tensor<*xf32>
  graph.fetch (%a, %b) : tensor<*xf32>, tensor<*xf32>
}
graph.func "tanh" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.Tanh(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}
graph.func "neg" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %y, %y_ctl = graph.Neg(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%y) : tensor<*xf32>
}

// -----

// As tf.case writes conds: the pivot, which only a constant hangs on, is switched by the predicate, values by an Identity of it.
// CHECK-LABEL: func.func @main
// CHECK: %[[CHOSEN:.*]] = scf.if
// CHECK: scf.yield %{{.*}}
// CHECK: scf.yield %arg0
// CHECK: return %[[CHOSEN]]
graph.graph {
  %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2xf32>
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %pivot:2, %pivot_ctl = graph.Switch(%p, %p) name("pivot") {T = i1} : (tensor<i1>, tensor<i1>) -> (tensor<*xi1>, tensor<*xi1>)
  %t, %t_ctl = graph.Identity(%pivot#1) name("t") {T = i1} : (tensor<*xi1>) -> tensor<*xi1>
  %id, %id_ctl = graph.Identity(%p) name("id") {T = i1} : (tensor<i1>) -> tensor<i1>
  %s:2, %s_ctl = graph.Switch(%x, %id) name("s") {T = f32} : (tensor<2xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %two, %two_ctl = graph.Const [%t_ctl] name("two") {dtype = f32, value = #graph.tensor<values [2.0, 3.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %m:2, %m_ctl = graph.Merge(%s#0, %two) name("m") {N = 2 : i64, T = f32} : (tensor<*xf32>, tensor<2xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%m#0) : tensor<*xf32>
}

// -----

// Branches of constants: the predicate is an argument, though only control tokens lead to it.
// CHECK-LABEL: func.func @main
// CHECK-SAME: %arg0: tensor<i8> {{.*}}kernel.name = "p:0"
// CHECK: %[[CHOSEN:.*]] = scf.if
// CHECK: return %[[CHOSEN]]
graph.graph {
  %p, %p_ctl = graph.Placeholder name("p") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
  %pivot:2, %pivot_ctl = graph.Switch(%p, %p) name("pivot") {T = i1} : (tensor<i1>, tensor<i1>) -> (tensor<*xi1>, tensor<*xi1>)
  %t, %t_ctl = graph.Identity(%pivot#1) name("t") {T = i1} : (tensor<*xi1>) -> tensor<*xi1>
  %f, %f_ctl = graph.Identity(%pivot#0) name("f") {T = i1} : (tensor<*xi1>) -> tensor<*xi1>
  %one, %one_ctl = graph.Const [%f_ctl] name("one") {dtype = f32, value = #graph.tensor<values [1.0, 2.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %two, %two_ctl = graph.Const [%t_ctl] name("two") {dtype = f32, value = #graph.tensor<values [2.0, 3.0] : tensor<2xf32>>} : () -> tensor<2xf32>
  %m:2, %m_ctl = graph.Merge(%one, %two) name("m") {N = 2 : i64, T = f32} : (tensor<2xf32>, tensor<2xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  graph.fetch (%m#0) : tensor<*xf32>
}
