// RUN: firn-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{'graph.graph' op expected 'graph.fetch' at the end of its block}}
"graph.graph"() ({
  %x_ctl = graph.NoOp name("x") : () -> ()
}) : () -> ()

// -----

graph.graph {
  // expected-error @+1 {{expected a node of the graph dialect inside 'graph.graph'}}
  graph.graph {
    graph.fetch
  }
  graph.fetch
}

// -----

// expected-error @+1 {{expected one argument for each of the signature's 2 inputs, got 1}}
graph.func "f" (%x: tensor<*xf32>) signature {input_arg = [{name = "x"}, {name = "y"}]} {
  graph.fetch
}

// -----

// expected-error @+1 {{expected a name for input 0 of the signature}}
graph.func "f" (%x: tensor<*xf32>) signature {input_arg = [{}]} {
  graph.fetch
}

// -----

graph.graph {
  // expected-error @+1 {{expected content, values or proto, got 'splat'}}
  %x, %x_ctl = graph.Const name("x") {value = #graph.tensor<splat [1] : tensor<2xi32>>} : () -> tensor<2xi32>
  graph.fetch
}

// -----

graph.graph {
  // expected-error @+1 {{expected an element of uint8, got 300}}
  %x, %x_ctl = graph.Const name("x") {value = #graph.tensor<values [300] : tensor<1xui8>>} : () -> tensor<1xui8>
  graph.fetch
}

// -----

graph.graph {
  // expected-error @+1 {{expected bytes as "0x" and an even number of hexadecimal digits}}
  %x, %x_ctl = graph.Const name("x") {value = #graph.tensor<content "0x0" : tensor<1xui8>>} : () -> tensor<1xui8>
  graph.fetch
}

// -----

graph.graph {
  // expected-error @+1 {{unknown element type 'strnig'}}
  %x, %x_ctl = graph.Const name("x") {dtype = !graph.dtype<strnig>} : () -> tensor<1xui8>
  graph.fetch
}
