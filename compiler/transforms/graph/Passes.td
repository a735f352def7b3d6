#ifndef FIRN_COMPILER_TRANSFORMS_GRAPH_PASSES
#define FIRN_COMPILER_TRANSFORMS_GRAPH_PASSES

include "mlir/Pass/PassBase.td"

def SelectOutputsPass : Pass<"graph-select-outputs", "::mlir::ModuleOp"> {
  let summary = "Make named tensors and nodes what the graph is wanted for";
  let description = [{
    Replaces the operands of `graph.fetch`. A name is `node` (its first output, or the node itself when it has none),
    `node:1`, or `^node`. An unknown name is an error that lists the nearest ones, all unknown names at once.

    ```mlir
    // outputs=y
    graph.graph {
      %y, %y_ctl = graph.Const name("y") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
      graph.fetch
    }
    // becomes
    graph.graph {
      %y, %y_ctl = graph.Const name("y") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
      graph.fetch (%y) : tensor<f32>
    }
    ```
  }];
  let options = [ListOption<"outputs", "outputs", "std::string", "tensors and nodes to fetch">];
}

def CutInputsPass : Pass<"graph-cut-inputs", "::mlir::ModuleOp"> {
  let summary = "Make a list of tensors the only inputs of the graph";
  let description = [{
    Needs the outputs selected. Each listed tensor that is no placeholder becomes one: `n:0` of a node whose other outputs are not
    needed turns the node `n` into a Placeholder, any other output `n:k` gets a new Placeholder `n_k`. An unlisted
    PlaceholderWithDefault that is needed takes its default; an unlisted Placeholder that is needed is an error. With or without
    a list, a PlaceholderWithDefault whose default comes from a queue, an iterator or a random op becomes a plain Placeholder.
    With `inferShapes` the shape of a tensor of unknown rank is inferred before what makes it goes.

    ```mlir
    // inputs=batch
    %q, %q_ctl = graph.QueueDequeueManyV2(%queue, %n) name("batch") {component_types = [f32]} : (tensor<*x!graph.dtype<resource>>, tensor<i32>) -> tensor<4x6xf32>
    // becomes
    %q, %q_ctl = graph.Placeholder name("batch") {dtype = f32, shape = #graph.shape<4x6>} : () -> tensor<4x6xf32>
    ```
  }];
  let options = [ListOption<"inputs", "inputs", "std::string", "tensors that are fed">,
                 Option<"queues", "queues", "bool", "false", "without inputs: cut at what queues, readers and iterators yield">,
                 Option<"inferShapes", "infer-shapes", "bool", "false", "placeholders have the shapes of what they replace">];
}

def BindPlaceholdersPass : Pass<"graph-bind-placeholders", "::mlir::ModuleOp"> {
  let summary = "Replace placeholders by constants";
  let description = [{
    Each binding is `name=value` with a value as `true`, `0.5`, `"text"` or `[1,2]`. The constant takes the placeholder's dtype; a
    value that the dtype can't hold without loss is refused. A placeholder of unknown rank binds a scalar.

    ```mlir
    // bindings=phase=false
    %p, %p_ctl = graph.Placeholder name("phase") {dtype = i1, shape = #graph.shape<>} : () -> tensor<i1>
    // becomes
    %p, %p_ctl = graph.Const name("phase") {dtype = i1, value = #graph.tensor<values [false] : tensor<i1>>} : () -> tensor<i1>
    ```
  }];
  let options = [ListOption<"bindings", "bindings", "std::string", "name=value">];
}

def AssignKeysPass : Pass<"graph-assign-keys", "::mlir::ModuleOp"> {
  let summary = "Say for each variable which key of the checkpoint feeds it";
  let description = [{
    Runs on the whole graph, before anything is pruned: the graph's own Saver is the authority. The restore ops that read the
    Saver's file name and that its restore op reaches, in the function that it calls as well, tell key and slice of the variable
    that they are assigned to. Without a
    SaverDef (`saver-filename`, `saver-restore`) the restores whose prefix is the constant "model" count; several such groups that
    disagree are told apart by the keys that the checkpoint has. A variable that no restore names has its own name as its key,
    else what an object-based checkpoint calls it, else `name:0`; parts `x/part_0`, `x/part_1` … of a tensor that the checkpoint
    keeps whole get slices that tile it. What a user's rule calls by a variable's name wins over the Saver.
    With `averages` a variable gets what is kept under its key or name and `/averages`, its slice the same; an optimizer may have
    repeated its own scope before.

    ```mlir
    %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
    // becomes
    %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, graph.key = {key = "old/w"}, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
    ```
  }];
  let options = [Option<"saverFilename", "saver-filename", "std::string", "", "SaverDef.filename_tensor_name">,
                 Option<"saverRestore", "saver-restore", "std::string", "", "SaverDef.restore_op_name">,
                 Option<"averages", "averages", "std::string", "", "name of the moving averages that variables get">];
}

def InitVariablesPass : Pass<"graph-init-variables", "::mlir::ModuleOp"> {
  let summary = "Compute initial values of variables that the checkpoint lacks";
  let description = [{
    Needs graph-assign-keys and graph-select-outputs, and the initializers, so it comes before graph-prune. Each variable of the
    graph that the fetches need and whose key the checkpoint lacks, or that `only` and `skip` leave, gets what its initializer
    assigns: `NAME/Assign`, else the only assignment that restores nothing. A value that something random, a placeholder or another
    variable is in is not computed: the attribute then says why, and graph-freeze-variables with it.

    ```mlir
    %v, %v_ctl = graph.VariableV2 name("v") {dtype = f32, graph.key = {key = "v"}, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
    // becomes
    %v, %v_ctl = graph.VariableV2 name("v") {dtype = f32, graph.initial = #graph.tensor<values [1.0, 2.0] : tensor<2xf32>>, graph.key = {key = "v"}, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
    ```
  }];
  let options = [ListOption<"only", "only", "std::string", "variables that are frozen, by name or pattern">,
                 ListOption<"skip", "skip", "std::string", "variables that are left, by name or pattern">];
}

def PrunePass : Pass<"graph-prune", "::mlir::ModuleOp"> {
  let summary = "Keep what the fetches need";
  let description = [{
    Erases nodes that no fetch reaches through data or control inputs, and functions that no node that is left calls, directly
    or through others.

    ```mlir
    graph.graph {
      %a, %a_ctl = graph.Const name("a") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
      %b, %b_ctl = graph.Const name("b") {dtype = f32, value = #graph.tensor<values [2.0] : tensor<f32>>} : () -> tensor<f32>
      graph.fetch (%a) : tensor<f32>
    }
    // becomes
    graph.graph {
      %a, %a_ctl = graph.Const name("a") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
      graph.fetch (%a) : tensor<f32>
    }
    ```
  }];
}

def FreezeVariablesPass : Pass<"graph-freeze-variables", "::mlir::ModuleOp"> {
  let summary = "Replace variables by the values that the checkpoint holds";
  let description = [{
    Needs graph-assign-keys and graph-prune; guarantees that no variable, no ref type and no write of a variable is left (with
    `only` and `skip`: of the variables chosen, and of those that have initial values). Works in steps:

    1. Every variable that is needed is looked up; a missing one has what graph-init-variables computed. All that are missing, with the nearest keys, and all whose shape or dtype
       disagrees are one error.
    2. Writes that only order other nodes are dropped with their control edges. A write whose effect or value reaches a fetch is
       an error, unless it stands in a branch that a constant predicate never takes.
    3. Each variable becomes a Const of the same name; ref types become value types and resource readers value readers
       everywhere downstream, through Switch, Merge, Enter, Exit, loops, conds and function bodies.

    ```mlir
    %w, %w_ctl = graph.VariableV2 name("w") {dtype = f32, graph.key = {key = "w"}, shape = #graph.shape<2>} : () -> tensor<2x!graph.ref<f32>>
    %r, %r_ctl = graph.Identity(%w) name("w/read") {T = f32} : (tensor<2x!graph.ref<f32>>) -> tensor<2xf32>
    // becomes
    %w, %w_ctl = graph.Const name("w") {dtype = f32, value = #graph.tensor<content file("model.data", 0, 8, 77) : tensor<2xf32>>} : () -> tensor<2xf32>
    %r, %r_ctl = graph.Identity(%w) name("w/read") {T = f32} : (tensor<2xf32>) -> tensor<2xf32>
    ```
  }];
  let options = [ListOption<"only", "only", "std::string", "freeze these variables only, by name or pattern">,
                 ListOption<"skip", "skip", "std::string", "leave these variables as they are, by name or pattern">];
}

def InlineCallsPass : Pass<"graph-inline-calls", "::mlir::ModuleOp"> {
  let summary = "Put the bodies of called functions in the place of their calls";
  let description = [{
    PartitionedCall, StatefulPartitionedCall and nodes whose op is a function become the function's nodes, named `CALL/NODE`.
    Loops and conds as functions stay. What waited for a call waits for what the function's control outputs name; outputs that are
    fetched keep their names.

    ```mlir
    %y, %y_ctl = graph.PartitionedCall(%x) name("call") {f = #graph.func<"double", {}>} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %y, %y_ctl = graph.AddV2(%x, %x) name("call/y_0") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
}

def BindModePass : Pass<"graph-bind-mode", "::mlir::ModuleOp"> {
  let summary = "Find the flags of training and give them their value of inference";
  let description = [{
    A flag is a scalar placeholder on whose value it depends which parts of training the fetches need: masks of dropout that drop
    something, statistics of the batch, random ops, writes, queues. No name decides. The value chosen is the one that leaves the
    fewest: its parts are among those that the other value leaves. Flags are settled one after another, the one that settles most
    first; a flag whose values leave different parts each is an error that names them. `inputs` are never bound.

    ```mlir
    %keep, %keep_ctl = graph.Placeholder name("Placeholder_2") {dtype = f32, shape = #graph.shape<*>} : () -> tensor<*xf32>
    // becomes
    %keep, %keep_ctl = graph.Const name("Placeholder_2") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
    ```
  }];
  let options = [ListOption<"inputs", "inputs", "std::string", "tensors that are fed">,
                 ListOption<"keepRandom", "keep-random", "std::string", "random nodes that stay, by name or pattern">];
}

def SpecialiseFunctionsPass : Pass<"graph-specialise-functions", "::mlir::ModuleOp"> {
  let summary = "Give loops and conds as functions the constants that they are called with";
  let description = [{
    An If whose arguments are small constants, and a While that hands such an argument from iteration to iteration as it is, call
    copies of their functions (`f_with0`) in which the argument is a Const. The signature stays.

    ```mlir
    %k, %k_ctl = graph.Const name("k") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
    %w, %w_1, %w_ctl = graph.While(%x, %k) name("w") {T = [f32, f32], cond = #graph.func<"c", {}>, body = #graph.func<"b", {}>} : (tensor<*xf32>, tensor<f32>) -> (tensor<*xf32>, tensor<f32>)
    // becomes
    %w, %w_1, %w_ctl = graph.While(%x, %k) name("w") {T = [f32, f32], cond = #graph.func<"c_with0", {}>, body = #graph.func<"b_with0", {}>} : (tensor<*xf32>, tensor<f32>) -> (tensor<*xf32>, tensor<f32>)
    ```
  }];
}

def FoldCondsPass : Pass<"graph-fold-conds", "::mlir::ModuleOp"> {
  let summary = "Keep the branch that a known predicate takes";
  let description = [{
    Switch, Merge and RefSwitch with a known predicate hand their inputs on; nodes of the branch that is not taken go. If and Case
    become the nodes of their branch. Loops, and conds whose predicate is not known, stay.

    ```mlir
    %p, %p_ctl = graph.Const name("p") {dtype = i1, value = #graph.tensor<values [false] : tensor<i1>>} : () -> tensor<i1>
    %s, %s_1, %s_ctl = graph.Switch(%x, %p) name("s") {T = f32} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
    %t, %t_ctl = graph.Relu(%s_1) name("t") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %m, %m_1, %m_ctl = graph.Merge(%s, %t) name("m") {T = f32, N = 2 : i64} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
    %y, %y_ctl = graph.Tanh(%m#0) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %p, %p_ctl = graph.Const name("p") {dtype = i1, value = #graph.tensor<values [false] : tensor<i1>>} : () -> tensor<i1>
    %y, %y_ctl = graph.Tanh(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
}

def StoredStatisticsPass : Pass<"graph-stored-statistics", "::mlir::ModuleOp"> {
  let summary = "Turn batch norms that were saved in training mode to their moving averages";
  let description = [{
    Needs the whole training graph. A batch norm (FusedBatchNorm with is_training=true, or moments over dimension 0) whose mean
    and variance are averaged into variables by writes anywhere in the graph uses those variables instead. A write averages a
    statistic when it leaves a variable as it is that equals the statistic, and changes any other; names decide nothing. A layer
    whose statistics no write averages stays, with a warning; averages of some layers only, of one statistic in several variables,
    or of the mean alone are an error.

    ```mlir
    %y:6, %y_ctl = graph.FusedBatchNormV3(%x, %gamma, %beta, %none, %none) name("bn") {T = f32, U = f32, is_training = true} : (tensor<*xf32>, tensor<4xf32>, tensor<4xf32>, tensor<0xf32>, tensor<0xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
    // becomes
    %y:6, %y_ctl = graph.FusedBatchNormV3(%x, %gamma, %beta, %mean, %var) name("bn") {T = f32, U = f32, is_training = false} : (tensor<*xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
    ```
  }];
  let options = [ListOption<"keep", "keep", "std::string", "layers that keep statistics of the batch, by name or pattern">,
                 Option<"bestEffort", "best-effort", "bool", "false", "warn of a layer that can't be told, and leave it">];
}

def RemoveDropoutPass : Pass<"graph-remove-dropout", "::mlir::ModuleOp"> {
  let summary = "Replace random masks by what they are in the mean";
  let description = [{
    A mask is a uniform random number compared with a probability: `floor(keep + u)`, `u >= rate`. `x / keep * mask`, in any of
    the forms that TensorFlow and others have written, becomes `x`; `x * mask` without the division becomes `x * keep`; of a sparse
    dropout all values stay. Random numbers that are no mask stay.

    ```mlir
    %u, %u_ctl = graph.RandomUniform(%shape) name("u") {T = i32, dtype = f32} : (tensor<2xi32>) -> tensor<*xf32>
    %s, %s_ctl = graph.AddV2(%keep, %u) name("s") {T = f32} : (tensor<f32>, tensor<*xf32>) -> tensor<*xf32>
    %m, %m_ctl = graph.Floor(%s) name("m") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %d, %d_ctl = graph.RealDiv(%x, %keep) name("d") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
    %y, %y_ctl = graph.Mul(%d, %m) name("y") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    %z, %z_ctl = graph.Relu(%y) name("z") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %z, %z_ctl = graph.Relu(%x) name("z") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let options = [ListOption<"keep", "keep", "std::string", "random nodes that stay, by name or pattern">];
}

def StripTrainingPass : Pass<"graph-strip-training", "::mlir::ModuleOp"> {
  let summary = "Take out checks, prints, gradient stops and needless Identities";
  let description = [{
    Assert, Print, CheckNumerics and summaries go: what took their value takes their input. StopGradient and Identity hand their
    input on; nodes that are fetched keep their names. Control edges stay where they order something that lasts (a queue, a table,
    an op that is not known), and where they alone say in which loop or branch a node runs.

    ```mlir
    %c, %c_ctl = graph.CheckNumerics(%x) name("c") {T = f32, message = "bad"} : (tensor<*xf32>) -> tensor<*xf32>
    %y, %y_ctl = graph.Relu(%c) [%assert_ctl] name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let options = [ListOption<"keep", "keep", "std::string", "nodes that stay, by name or pattern">];
}

def FoldConstantsPass : Pass<"graph-fold-constants", "::mlir::ModuleOp"> {
  let summary = "Compute what does not depend on the inputs";
  let description = [{
    Nodes without effects whose inputs are constants become constants of the same name, computed by the reference interpreter.
    Without `everything` only what IEEE 754 fixes is computed: data movement, shapes, integers, comparisons, casts, + - * /,
    square roots, minima and maxima. A result that is larger than its inputs and than 64 KiB is left.

    ```mlir
    %a, %a_ctl = graph.Const name("a") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
    %b, %b_ctl = graph.AddV2(%a, %a) name("b") {T = f32} : (tensor<f32>, tensor<f32>) -> tensor<f32>
    // becomes
    %b, %b_ctl = graph.Const name("b") {dtype = f32, value = #graph.tensor<content [2.0] : tensor<f32>>} : () -> tensor<f32>
    ```
  }];
  let options = [Option<"everything", "everything", "bool", "false", "also what may differ in the last bit between machines">,
                 Option<"maxBytes", "max-bytes", "uint64_t", "16777216", "largest input and result">];
}

def InferShapesPass : Pass<"graph-infer-shapes", "::mlir::ModuleOp"> {
  let summary = "Give tensors the shapes that follow from the inputs";
  let description = [{
    Types of results become what the shapes of the inputs, the constants and the ops tell; what a type says already is taken
    where nothing else is known. Bodies of functions that are called in one place get the shapes of that call.

    ```mlir
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<*xf32>
    %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
    %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
    ```
  }];
}

def InferInputShapesPass : Pass<"graph-infer-input-shapes", "::mlir::ModuleOp"> {
  let summary = "Give inputs of unknown rank the shapes that their uses ask for";
  let description = [{
    A Placeholder of unknown rank gets a shape where a use, behind ops that hand shapes on, takes one rank only: a convolution's
    image, a factor of a MatMul, what a loop or a cond decides by. Where uses leave it open and the graph names no producer, an
    empty shape is that of a scalar. `given` lists placeholders that get their shapes in another way.

    ```mlir
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32} : () -> tensor<*xf32>
    %y, %y_ctl = graph.MatMul(%x, %w) name("y") {T = f32} : (tensor<*xf32>, tensor<4x2xf32>) -> tensor<*xf32>
    // becomes
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<?x4>} : () -> tensor<?x4xf32>
    %y, %y_ctl = graph.MatMul(%x, %w) name("y") {T = f32} : (tensor<?x4xf32>, tensor<4x2xf32>) -> tensor<*xf32>
    ```
  }];
  let options = [ListOption<"given", "given", "std::string", "placeholders to leave alone">];
}

def FoldShapesPass : Pass<"graph-fold-shapes", "::mlir::ModuleOp"> {
  let summary = "Compute shapes that do not depend on what is fed";
  let description = [{
    Integers that are dimensions, or were computed from some, become constants where they are known. A Reshape whose sizes are
    known but for one gets -1 for that one. Nodes of loops and branches stay.

    ```mlir
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<2x3>} : () -> tensor<2x3xf32>
    %s, %s_ctl = graph.Shape(%x) name("s") {T = f32, out_type = i32} : (tensor<2x3xf32>) -> tensor<2xi32>
    // becomes
    %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [2, 3] : tensor<2xi32>>} : () -> tensor<2xi32>
    ```
  }];
}

def RebatchPass : Pass<"graph-rebatch", "::mlir::ModuleOp"> {
  let summary = "Change the batch, or other dimensions, of the inputs and all that was written for the old ones";
  let description = [{
    `batch` is the new first dimension of every input that has a fixed one, -1 for any. `inputShapes` says the shapes of single
    inputs, `name=dims` with semicolons between. Shapes are inferred with symbols for the dimensions that change; a constant that
    disagrees with one is rewritten: an element of a shape, or the constant's own shape where its rows are equal or count up.
    With -1 what can't be written as a number is computed from the input. A constant of which this can't be proved is an error that
    names it; with `bestEffort` it stays as it is, with a warning.

    ```mlir
    // batch=7
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<50x2x3>} : () -> tensor<50x2x3xf32>
    %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [50, 6] : tensor<2xi32>>} : () -> tensor<2xi32>
    %y, %y_ctl = graph.Reshape(%x, %s) name("y") {T = f32, Tshape = i32} : (tensor<50x2x3xf32>, tensor<2xi32>) -> tensor<50x6xf32>
    // becomes
    %x, %x_ctl = graph.Placeholder name("x") {dtype = f32, shape = #graph.shape<7x2x3>} : () -> tensor<7x2x3xf32>
    %s, %s_ctl = graph.Const name("s") {dtype = i32, value = #graph.tensor<content [7, 6] : tensor<2xi32>>} : () -> tensor<2xi32>
    %y, %y_ctl = graph.Reshape(%x, %s) name("y") {T = f32, Tshape = i32} : (tensor<7x2x3xf32>, tensor<2xi32>) -> tensor<7x6xf32>
    ```
  }];
  let options = [Option<"batch", "batch", "std::string", "\"\"", "new first dimension of the inputs, -1: any">,
                 Option<"inputShapes", "input-shapes", "std::string", "\"\"", "name=dims;name=dims">,
                 Option<"bestEffort", "best-effort", "bool", "false", "leave what can't be proved, and warn">];
}

def SimplifyPass : Pass<"graph-simplify", "::mlir::ModuleOp"> {
  let summary = "Drop arithmetic and movement that change nothing, bit for bit";
  let description = [{
    `x * 1`, `x / 1`, `x - 0` (not `x + 0`, which turns -0 to 0), a Transpose that keeps the order, a Pad by nothing, a Tile by
    ones, a Reshape to the shape that is there, a Cast to the same type, a Select whose condition is known, `not not x`. With
    `everything` a BatchMatMul of two matrices becomes the MatMul that it is, which may round differently.

    ```mlir
    %one, %one_ctl = graph.Const name("one") {dtype = f32, value = #graph.tensor<values [1.0] : tensor<f32>>} : () -> tensor<f32>
    %m, %m_ctl = graph.Mul(%x, %one) name("m") {T = f32} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
    %y, %y_ctl = graph.Relu(%m) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let options = [Option<"everything", "everything", "bool", "false", "also what may differ in the last bit">];
}

def FoldBatchNormPass : Pass<"graph-fold-batch-norm", "::mlir::ModuleOp"> {
  let summary = "Put batch norms into the weights before them";
  let description = [{
    Needs variables frozen and constants folded. What a Conv2D, DepthwiseConv2dNative, Conv2DBackpropInput, Conv3D or MatMul of
    constant weights yields, and what then multiplies and adds constants of each channel (a batch norm of any version in inference
    mode, Mul, RealDiv, Add, Sub, BiasAdd), becomes the node with other weights and one BiasAdd under the last one's name. A dilated
    convolution's BatchToSpaceND, Reshape, Squeeze, ExpandDims and Identity may stand between, nothing else, and each node must be
    the only user of the one before. Weights that others use as well are copied. A batch norm that stands elsewhere becomes a
    product and a sum. Arithmetic is done in double and rounded once; what would not be finite is left.

    ```mlir
    %c, %c_ctl = graph.MatMul(%x, %w) name("c") {T = f32, transpose_a = false, transpose_b = false} : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
    %m, %m_ctl = graph.Mul(%c, %scale) name("m") {T = f32} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    %y, %y_ctl = graph.AddV2(%m, %offset) name("y") {T = f32} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    // becomes
    %c, %c_ctl = graph.MatMul(%x, %w_folded) name("c") {T = f32, transpose_a = false, transpose_b = false} : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
    %y, %y_ctl = graph.BiasAdd(%c, %y_bias) name("y") {T = f32, data_format = "NHWC"} : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    ```
  }];
  let options = [ListOption<"keep", "keep", "std::string", "nodes that stay, by name or pattern">];
}

def FoldPadPass : Pass<"graph-fold-pad", "::mlir::ModuleOp"> {
  let summary = "Let convolutions pad their images themselves";
  let description = [{
    A Pad or PadV2 by zeros of constant amounts, of height and width alone, in front of a Conv2D or DepthwiseConv2dNative without
    padding of its own. Where `SAME` pads just as much, in every run, the convolution gets it: with a stride that takes a known
    height and width. Otherwise, with `explicit`, a Conv2D gets `EXPLICIT`, which readers before TensorFlow 1.15 lack.

    ```mlir
    %p, %p_ctl = graph.Const name("p") {dtype = i32, value = #graph.tensor<content [0, 0, 1, 1, 1, 1, 0, 0] : tensor<4x2xi32>>} : () -> tensor<4x2xi32>
    %padded, %padded_ctl = graph.Pad(%x, %p) name("padded") {T = f32, Tpaddings = i32} : (tensor<?x?x?x2xf32>, tensor<4x2xi32>) -> tensor<?x?x?x2xf32>
    %y, %y_ctl = graph.Conv2D(%padded, %w) name("y") {T = f32, padding = "VALID", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x?x?x2xf32>, tensor<3x3x2x4xf32>) -> tensor<?x?x?x4xf32>
    // becomes
    %y, %y_ctl = graph.Conv2D(%x, %w) name("y") {T = f32, padding = "SAME", strides = array<i64: 1, 1, 1, 1>} : (tensor<?x?x?x2xf32>, tensor<3x3x2x4xf32>) -> tensor<?x?x?x4xf32>
    ```
  }];
  let options = [Option<"explicitPaddings", "explicit", "bool", "false", "the reader knows padding EXPLICIT">,
                 ListOption<"keep", "keep", "std::string", "nodes that stay, by name or pattern">];
}

def SimplifyLayoutPass : Pass<"graph-simplify-layout", "::mlir::ModuleOp"> {
  let summary = "Shorten chains of Reshape, Squeeze, ExpandDims and Transpose";
  let description = [{
    Two Transposes of constant orders become one, or none where they undo each other; of a Reshape, Squeeze or ExpandDims and a
    Reshape only the last one stays; a Squeeze or ExpandDims of known axes behind a Reshape to a constant shape becomes a Reshape;
    Squeeze and ExpandDims of the same axis go. Nodes with control inputs stay; what others use stays for them.

    ```mlir
    %o, %o_ctl = graph.Const name("o") {dtype = i32, value = #graph.tensor<content [1, 0] : tensor<2xi32>>} : () -> tensor<2xi32>
    %t, %t_ctl = graph.Transpose(%x, %o) name("t") {T = f32, Tperm = i32} : (tensor<?x3xf32>, tensor<2xi32>) -> tensor<3x?xf32>
    %u, %u_ctl = graph.Transpose(%t, %o) name("u") {T = f32, Tperm = i32} : (tensor<3x?xf32>, tensor<2xi32>) -> tensor<?x3xf32>
    %y, %y_ctl = graph.Relu(%u) name("y") {T = f32} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    // becomes
    %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<?x3xf32>) -> tensor<?x3xf32>
    ```
  }];
  let options = [ListOption<"keep", "keep", "std::string", "nodes that stay, by name or pattern">];
}

def CleanAttributesPass : Pass<"graph-clean-attributes", "::mlir::ModuleOp"> {
  let summary = "Drop attributes that a frozen graph has no use for";
  let description = [{
    Drops `_output_shapes` and `_gradient_op_type`, colocations (`_class` entries `loc:@n`) with nodes that are not in the graph,
    and, unless `keep-devices`, devices.

    ```mlir
    %y, %y_ctl = graph.Relu(%x) device("/gpu:0") name("y") {T = f32, _class = ["loc:@gone"]} : (tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %y, %y_ctl = graph.Relu(%x) name("y") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let options = [Option<"keepDevices", "keep-devices", "bool", "false", "leave devices as they are">];
}

def TargetVersionPass : Pass<"graph-target-version", "::mlir::ModuleOp"> {
  let summary = "Write the graph in ops and attributes that an older TensorFlow knows";
  let description = [{
    After it the graph, its functions too, has no op, attribute and dtype that TensorFlow 1.4, 1.15 or 2.x (2.15) lacks, and no later
    `versions` than its own. An attribute that is too new goes where it has its default or is a hint; an op that is too new becomes
    older ones with the same results, bit for bit, the last of them under its name. What can't be written is one error: each node, its
    op, and which TensorFlow knows it first.

    ```mlir
    // version=1.4
    %y, %y_ctl = graph.AddV2(%x, %x) name("y") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %y, %y_ctl = graph.Add(%x, %x) name("y") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
  let options = [Option<"version", "version", "std::string", "", "1.4, 1.15 or 2.x">];
}

def CsePass : Pass<"graph-cse", "::mlir::ModuleOp"> {
  let summary = "Merge nodes that compute the same";
  let description = [{
    Two nodes without effects that have the same op, inputs, control inputs, device and attributes are one, whatever their names
    are. Nodes that are fetched keep their names and stay, and so do constants of floats that have a shape: weights. Upstream's CSE leaves operations alone that are not registered.

    ```mlir
    %a, %a_ctl = graph.Relu(%x) name("a") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %b, %b_ctl = graph.Relu(%x) name("b") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %c, %c_ctl = graph.Add(%a, %b) name("c") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    // becomes
    %a, %a_ctl = graph.Relu(%x) name("a") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %c, %c_ctl = graph.Add(%a, %a) name("c") {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
}

def VerifyGraphPass : Pass<"graph-verify", "::mlir::ModuleOp"> {
  let summary = "Check that TensorFlow would accept the graph";
  let description = [{
    Changes nothing. Errors at each node that TensorFlow would refuse: a number of inputs that the op does not take, an element
    type that does not fit (a value where a ref is needed, another dtype), a colocation with a node that is not there, a cycle
    that does not pass a NextIteration, inputs from different loop frames, an output type that the op can't yield. Ops that are
    not in the op table are taken as they are.

    ```mlir
    // error: expected 2 inputs, got 1
    %m, %m_ctl = graph.Mul(%x) name("m") {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    ```
  }];
}

#endif
