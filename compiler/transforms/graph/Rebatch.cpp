#include "compiler/transforms/graph/Constants.h"
#include "compiler/transforms/graph/Passes.h"
#include "compiler/transforms/graph/rebatch/ConstantRewriter.h"
#include "compiler/transforms/graph/rebatch/CountedLoops.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace firn::graph {
#define GEN_PASS_DEF_REBATCHPASS
#include "compiler/transforms/graph/Passes.h.inc"

namespace {

constexpr size_t kMaxListed = 8;

/// Finds what has to change with the inputs, without changing anything.
class BatchAnalysis {
public:
  BatchAnalysis(Block &block, ModuleOp module, const InputDims &dims, const ShapeInference &old)
      : block(block), module(module), dims(dims), old(old) {
    options.useTypes = false;
    options.trackedValues.assign(dims.oldValues().begin(), dims.oldValues().end());
    for (const InputDims::Input &input : dims.inputs())
      options.placeholders[input.placeholder.operation()] = input.after;
  }

  void run() {
    rewriteDefaults();
    // What one constant becomes may tell what others are.
    constexpr unsigned kMaxRounds = 16;
    for (unsigned round = 0; round < kMaxRounds; ++round) {
      shapes.emplace(block, module, options);
      if (!takeConflicts())
        break;
    }
    for (const Conflict &conflict : shapes->conflicts())
      if (isNew(conflict))
        unproved.insert(describe(conflict));
    checkReshapes();
    checkOutputs();
  }

  const Rewrites &rewrites() const { return options.rewrites; }
  const ShapeInference &inference() const { return *shapes; }
  std::set<std::string> unproved;

  /// Nodes whose rows depend on the other rows of the batch.
  std::vector<std::string> mixedRows() const {
    std::vector<std::string> found;
    for (Block *body : shapes->blocks())
      for (Operation &op : body->without_terminator())
        if (reducesBatch(Node(&op)))
          found.push_back(("'" + Node(&op).name() + "' (" + Node(&op).type() + ")").str());
    return found;
  }

private:
  static bool isNew(const Conflict &conflict) {
    return conflict.written.dependsOnTracked() || conflict.other.dependsOnTracked();
  }

  // The default of an input has its shape.
  void rewriteDefaults() {
    for (const InputDims::Input &input : dims.inputs()) {
      Operation *op = input.placeholder.operation();
      if (!input.placeholder.is("PlaceholderWithDefault") || !constantNode(op->getOperand(0)))
        continue;
      for (auto [axis, dim] : llvm::enumerate(input.after.dims))
        if (dim.isTracked())
          options.rewrites[{Origin::Dimension, &op->getOpOperand(0), nullptr,
                            static_cast<unsigned>(axis)}] = dim;
    }
  }

  // True when there was a constant that is known to be another number now.
  bool takeConflicts() {
    bool isAdded = false;
    for (const Conflict &conflict : shapes->conflicts())
      if (conflict.isProved && conflict.written.origin() != 0 && conflict.other.isTracked())
        isAdded |= options.rewrites
                       .try_emplace(shapes->origin(conflict.written.origin()),
                                    conflict.other.withOrigin(0))
                       .second;
    return takeLoops() || isAdded;
  }

  // Of the sizes that a loop keeps equal one that is known tells the others.
  bool takeLoops() {
    bool isAdded = false;
    for (Block *body : shapes->blocks())
      for (const std::vector<LoopSize> &sizes : countedLoops(*body, module, *shapes)) {
        auto known = llvm::find_if(sizes, [&](const LoopSize &size) {
          return size.size.isTracked() || (size.origin && options.rewrites.count(*size.origin));
        });
        if (known == sizes.end())
          continue;
        Dim dim = known->size.isTracked() ? known->size.withOrigin(0)
                                          : options.rewrites.at(*known->origin);
        for (const LoopSize &size : sizes)
          if (size.origin && size.size.isConstant() &&
              shapes->writtenValue(dim) == size.size.coefficient())
            isAdded |= options.rewrites.try_emplace(*size.origin, dim).second;
      }
    return isAdded;
  }

  std::string describe(const Conflict &conflict) const {
    std::string reader = ("'" + conflict.node.name() + "' (" + conflict.node.type() + ")").str();
    std::string old = dims.text(conflict.written), now = dims.text(conflict.other);
    if (Node node = conflict.node; conflict.written.origin() == 0 && node.is("Reshape")) {
      Node sizes = Node::of(node.input(1));
      return reader + " of " + now + " elements asks for " + old + ", by " +
             (sizes && sizes.is("Const") ? "the constant" : "the sizes") + " '" +
             edgeText(node.input(1)) + "'";
    }
    if (conflict.written.origin() == 0)
      return reader + ": " + old + " does not fit " + now;
    const Origin &origin = shapes->origin(conflict.written.origin());
    std::string index = std::to_string(origin.index);
    if (origin.kind == Origin::Attribute)
      return "dimension " + index + " of the shape of '" + Node(origin.node).name().str() +
             "', for " + reader + ": " + old + " or " + now;
    std::string part = origin.kind == Origin::Element ? "element " : "dimension ";
    return part + index + " of the constant '" + Node::of(origin.use->get()).name().str() +
           "', for " + reader + ": " + old + " or " + now;
  }

  // Of a tensor whose shape is not known nothing can be proved.
  void checkReshapes() {
    for (Block *body : shapes->blocks())
      for (Operation &op : body->without_terminator()) {
        Node node(&op);
        if (!node.is("Reshape") || shapes->of(node.input(0)).ranked)
          continue;
        const ShapeInfo &sizes = shapes->of(node.input(1));
        Node source = Node::of(node.input(1));
        for (int64_t value : options.trackedValues)
          if (value > 1 && source && source.is("Const") && sizes.hasElements &&
              !sizes.elements.empty() && sizes.elements[0].isConstant(value))
            unproved.insert("element 0 of the constant '" + source.name().str() + "', for '" +
                            node.name().str() + "' (Reshape): the shape of what is reshaped is " +
                            "not known");
      }
  }

  // What had a row for each of the batch has to have one still.
  void checkOutputs() {
    for (Value output : block.getTerminator()->getOperands()) {
      if (isControl(output) || !Node::of(output))
        continue;
      const ShapeInfo &before = old.of(output), &after = shapes->of(output);
      for (auto [id, value] : llvm::enumerate(options.trackedValues))
        if (value > 1 && dims.isBatch(Dim::tracked(id)) && before.ranked && before.rank() > 0 &&
            before.dims[0].isConstant(value) && after.ranked && after.dims[0].isConstant(value))
          unproved.insert("the output '" + edgeText(output) + "' has " + std::to_string(value) +
                          " rows whatever the batch is");
    }
  }

  bool reducesBatch(Node node) const {
    if (node.type().starts_with("FusedBatchNorm")) {
      auto training = attrOrDefault<BoolAttr>(node, "is_training");
      const ShapeInfo &info = shapes->of(node.input(0));
      return training && training.getValue() && info.rank() > 0 && dims.isBatch(info.dims[0]);
    }
    if (!node.isOneOf("Sum", "Mean", "Max", "Min", "Prod", "All", "Any", "ArgMax", "ArgMin"))
      return false;
    const ShapeInfo &info = shapes->of(node.input(0)), &axes = shapes->of(node.input(1));
    return info.ranked && axes.hasElements && llvm::any_of(axes.elements, [&](Dim axis) {
             int64_t index = axis.constant().value_or(0);
             index += index < 0 ? info.rank() : 0;
             return index >= 0 && index < static_cast<int64_t>(info.rank()) &&
                    dims.isBatch(info.dims[index]);
           });
  }

  Block &block;
  ModuleOp module;
  const InputDims &dims;
  const ShapeInference &old;
  ShapeOptions options;
  std::optional<ShapeInference> shapes;
};

struct RebatchPass : impl::RebatchPassBase<RebatchPass> {
  using RebatchPassBase::RebatchPassBase;

  void runOnOperation() override {
    InputRequest request;
    if (!parse(request))
      return signalPassFailure();
    for (GraphOp graph : getOperation().getOps<GraphOp>())
      if (failed(rebatch(graph, request)))
        return signalPassFailure();
  }

  bool parse(InputRequest &request) {
    int64_t number = -1;
    if (StringRef text(batch); !text.empty()) {
      bool isAny = text == "?" || text == "None" || text == "-1";
      if (!isAny && (text.getAsInteger(10, number) || number < 1))
        return refuse("expected a batch of at least 1, or -1 for any, got '" + text + "'");
      request.batch = number;
    }
    SmallVector<StringRef> list;
    StringRef(inputShapes).split(list, ';', -1, /*KeepEmpty=*/false);
    for (StringRef text : list) {
      auto [name, sizes] = text.split('=');
      std::optional<std::vector<int64_t>> shape = parseSizes(sizes);
      if (!shape || !text.contains('='))
        return refuse("expected a shape as 'name=-1,224,224,3', got '" + text + "'");
      name.consume_back(":0");
      request.shapes[name.str()] = *shape;
    }
    return true;
  }

  bool refuse(const llvm::Twine &why) {
    emitError(getOperation().getLoc(), why);
    return false;
  }

  LogicalResult rebatch(GraphOp graph, const InputRequest &request) {
    ShapeOptions plain;
    plain.useTypes = false;
    ShapeInference old(graph.getNodes(), getOperation(), plain);
    InputDims dims;
    std::string why;
    if (!dims.choose(graph.getNodes(), old, request, why))
      return emitError(graph.getLoc(), why);
    if (dims.inputs().empty())
      return emitError(graph.getLoc(), "no input has a first dimension that could be the batch");
    BatchAnalysis analysis(graph.getNodes(), getOperation(), dims, old);
    analysis.run();
    if (failed(settleUnproved(graph, analysis.unproved)))
      return failure();
    for (const std::string &node : analysis.mixedRows())
      emitWarning(graph.getLoc(),
                  node + " computes over the whole batch: its rows depend on each other");
    ConstantRewriter rewriter(dims, analysis.inference());
    rewriter.rewrite(analysis.rewrites());
    std::set<std::string> failures(rewriter.failures.begin(), rewriter.failures.end());
    if (failed(settleUnproved(graph, failures)))
      return failure();
    changeInputs(dims, rewriter.changes);
    recordChanges(getOperation(), rewriter.changes);
    setShapes(getOperation(), /*useTypes=*/false);
    return success();
  }

  LogicalResult settleUnproved(GraphOp graph, const std::set<std::string> &unproved) {
    if (unproved.empty())
      return success();
    std::vector<std::string> lines(unproved.begin(), unproved.end());
    if (bestEffort) {
      for (const std::string &line : lines)
        emitWarning(graph.getLoc(), "left as it is: " + line);
      return success();
    }
    size_t count = lines.size();
    lines.resize(std::min(count, kMaxListed));
    if (count > kMaxListed)
      lines.push_back("and " + std::to_string(count - kMaxListed) + " more");
    return emitError(graph.getLoc(),
                     "can't prove what changes with the inputs:\n  " + llvm::join(lines, "\n  ") +
                         "\n--best-effort writes the graph with these left as they are");
  }

  void changeInputs(const InputDims &dims, std::vector<Change> &changes) {
    for (const InputDims::Input &input : dims.inputs()) {
      Node node = input.placeholder;
      SmallVector<int64_t> sizes;
      std::string text;
      for (Dim dim : input.after.dims) {
        int64_t size = dims.newValue(dim).value_or(-1);
        sizes.push_back(size < 0 ? ShapedType::kDynamic : size);
        text += (text.empty() ? "" : ",") + std::to_string(size);
      }
      node.setAttr("shape", ShapeAttr::get(&getContext(), false, sizes));
      changes.push_back({"rewritten", node.name().str(), "an input of shape [" + text + "]"});
    }
  }
};

} // namespace
} // namespace firn::graph
