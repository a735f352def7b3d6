// RUN: not firn-opt --graph-to-kernel %s 2>&1 | FileCheck %s

// All nodes in one message: those of one cause side by side, those behind what could not be lowered, those of bodies of loops.
// CHECK: error: these nodes can't be compiled:
// CHECK-NEXT: names (Placeholder): inputs of dtype string
// CHECK-NEXT: more (Placeholder): an input of unknown rank (--input-shape gives it one)
// CHECK-DAG: {{a, b|b, a}} (StringToHashBucketFast): strings are not compiled
// CHECK-DAG: body/parse (StringToNumber): strings are not compiled
// CHECK: --inputs begins the model behind some of them, --outputs ends it before others; --input-shape and --batch fix sizes; 'firn run' interprets the model as it is
// CHECK-NOT: error:
graph.graph {
  %names, %names_ctl = graph.Placeholder name("names") {dtype = !graph.dtype<string>, shape = #graph.shape<2>} : () -> tensor<2x!graph.dtype<string>>
  %more, %more_ctl = graph.Placeholder name("more") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
  %a, %a_ctl = graph.StringToHashBucketFast(%names) name("a") {num_buckets = 5 : i64} : (tensor<2x!graph.dtype<string>>) -> tensor<2xi64>
  %b, %b_ctl = graph.StringToHashBucketFast(%names) name("b") {num_buckets = 7 : i64} : (tensor<2x!graph.dtype<string>>) -> tensor<2xi64>
  %sum, %sum_ctl = graph.AddV2(%a, %b) name("sum") {T = i64} : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  %w, %w_ctl = graph.StatelessWhile(%more) name("w") {T = [f32], cond = #graph.func<"cond", {}>, body = #graph.func<"body", {}>} : (tensor<*xf32>) -> tensor<*xf32>
  graph.fetch (%sum, %w) : tensor<2xi64>, tensor<*xf32>
}
graph.func "cond" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 10 : i32}]} {
  %y, %y_ctl = graph.Const name("y") {dtype = i1, value = #graph.tensor<values [true] : tensor<i1>>} : () -> tensor<i1>
  graph.fetch (%y) : tensor<i1>
}
graph.func "body" (%x: tensor<*xf32>) signature {input_arg = [{name = "x", type = 1 : i32}], output_arg = [{name = "y", type = 1 : i32}]} {
  %text, %text_ctl = graph.AsString(%x) name("body/text") {T = f32} : (tensor<*xf32>) -> tensor<*x!graph.dtype<string>>
  %parse, %parse_ctl = graph.StringToNumber(%text) name("body/parse") {out_type = f32} : (tensor<*x!graph.dtype<string>>) -> tensor<*xf32>
  graph.fetch (%parse) : tensor<*xf32>
}
