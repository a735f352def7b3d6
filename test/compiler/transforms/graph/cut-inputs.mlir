// RUN: firn-opt %s --graph-cut-inputs=inputs=batch,split:1 --graph-prune | FileCheck %s
// RUN: not firn-opt %s --graph-cut-inputs=inputs=split:1 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not firn-opt %s --graph-cut-inputs=inputs=btch,^batch 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// The queue is behind the cut: the node becomes the placeholder, whatever it was.
// CHECK-NOT: FIFOQueueV2
// CHECK: %batch, %batch_ctl = graph.Placeholder name("batch") {dtype = f32, shape = #graph.shape<4x6>}
// An output other than the first gets a placeholder of its own.
// CHECK: %split_1, %split_1_ctl = graph.Placeholder name("split_1") {dtype = f32, graph.cut = "split:1", shape = #graph.shape<*>}
// A default that is not listed is taken.
// CHECK: graph.Identity(%half) name("keep") {T = f32}

// MISSING: error: expected a value for each placeholder that the outputs need; add it to --inputs or give it a value with --bind
// MISSING: note: 'seed' (int32)

// UNKNOWN: note: 'btch': there is no node 'btch'; nearest: 'batch'
// UNKNOWN: note: '^batch': a control token can't be fed
graph.graph {
  %queue, %queue_ctl = graph.FIFOQueueV2 name("queue") {component_types = [f32]} : () -> tensor<!graph.dtype<resource>>
  %seed, %seed_ctl = graph.Placeholder name("seed") {dtype = i32, shape = #graph.shape<>} : () -> tensor<i32>
  %batch, %batch_ctl = graph.QueueDequeueManyV2(%queue, %seed) name("batch") {component_types = [f32], timeout_ms = -1 : i64} : (tensor<!graph.dtype<resource>>, tensor<i32>) -> tensor<4x6xf32>
  %axis, %axis_ctl = graph.Const name("axis") {dtype = i32, value = #graph.tensor<values [1] : tensor<i32>>} : () -> tensor<i32>
  %s0, %s1, %split_ctl = graph.Split(%axis, %batch) name("split") {T = f32, num_split = 2 : i64} : (tensor<i32>, tensor<4x6xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  %half, %half_ctl = graph.Const name("half") {dtype = f32, value = #graph.tensor<values [0.5] : tensor<f32>>} : () -> tensor<f32>
  %keep, %keep_ctl = graph.PlaceholderWithDefault(%half) name("keep") {dtype = f32, shape = #graph.shape<>} : (tensor<f32>) -> tensor<f32>
  %sum, %sum_ctl = graph.AddN(%s0, %s1, %keep) name("sum") {N = 3 : i64, T = f32} : (tensor<*xf32>, tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  graph.fetch (%sum) : tensor<*xf32>
}
