#include "compiler/module/BuildProgram.h"

#include "compiler/module/Buffers.h"
#include "runtime/module/dtype.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace firn {
namespace {

using runtime::sizeOfType;
using Binding = ProgramParts::Binding;
using Step = ProgramParts::Step;

void setKeys(std::vector<ProgramParts::Port> &ports,
             const std::map<std::string, std::string> &keys) {
  for (ProgramParts::Port &port : ports)
    if (auto found = keys.find(port.name); found != keys.end())
      port.key = found->second;
}

class ProgramBuilder {
public:
  explicit ProgramBuilder(const WeightLayout &weights) : buffers(sizes, weights) {}

  LogicalResult build(schedule::ProgramOp program) {
    if (failed(addBlock(program.getSteps())))
      return failure();
    FailureOr<bool> planned = buffers.plan(program, parts);
    if (failed(planned))
      return failure();
    result.isPlanned = *planned;
    return success();
  }

  BuiltProgram finish(const PortKeys &keys) {
    setKeys(parts.inputs, keys.inputs);
    setKeys(parts.outputs, keys.outputs);
    parts.slots = sizes.table.slots().data();
    parts.slotCount = sizes.table.slots().size();
    parts.buffers = buffers.all;
    result.program = encodeProgram(parts);
    result.debug = encodeDebug(parts);
    result.functions = parts.functions;
    result.steps = parts.steps.size();
    result.slots = parts.slotCount;
    result.buffers = parts.buffers.size();
    result.arenaSize = parts.arenaSize;
    result.arenaBound = parts.arenaBound;
    return std::move(result);
  }

private:
  LogicalResult addBlock(Block &block);
  LogicalResult add(Operation *op);
  LogicalResult addInput(schedule::InputOp op);
  LogicalResult addDim(schedule::DimOp op);
  LogicalResult addOutput(schedule::OutputOp op);
  LogicalResult addDispatch(schedule::DispatchOp op);
  LogicalResult nameDispatch(schedule::DispatchOp op, uint32_t step);
  void nameTensor(schedule::DispatchOp op, uint32_t step);
  LogicalResult addCopy(schedule::CopyOp op);
  LogicalResult addRead(schedule::ReadOp op);
  LogicalResult addWhile(schedule::WhileOp op);
  LogicalResult addFor(schedule::ForOp op);
  LogicalResult addIf(schedule::IfOp op);

  /// Adds a step that begins a block; the others follow.
  FailureOr<uint32_t> begin(StepKind kind, Value condition);
  /// Adds the steps of a block; how many.
  FailureOr<uint32_t> countSteps(Block &block);
  FailureOr<std::vector<Binding>> bind(ValueRange values);
  uint32_t nextStep() const { return uint32_t(parts.steps.size()); }
  LogicalResult portType(Operation *op, StringRef name, int32_t dtype);
  FailureOr<uint32_t> bytesOf(Operation *op, ArrayRef<uint32_t> dims, int32_t dtype);

  ProgramParts parts;
  Sizes sizes;
  Buffers buffers;
  BuiltProgram result;
};

LogicalResult ProgramBuilder::addBlock(Block &block) {
  for (Operation &op : block)
    if (failed(add(&op)))
      return failure();
  return success();
}

// What is neither a step nor a port is looked at when a step uses it.
LogicalResult ProgramBuilder::add(Operation *op) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](schedule::InputOp input) { return addInput(input); })
      .Case([&](schedule::DimOp dim) { return addDim(dim); })
      .Case([&](schedule::OutputOp output) { return addOutput(output); })
      .Case([&](schedule::DispatchOp dispatch) { return addDispatch(dispatch); })
      .Case([&](schedule::CopyOp copy) { return addCopy(copy); })
      .Case([&](schedule::ReadOp read) { return addRead(read); })
      .Case([&](schedule::WhileOp loop) { return addWhile(loop); })
      .Case([&](schedule::ForOp loop) { return addFor(loop); })
      .Case([&](schedule::IfOp choice) { return addIf(choice); })
      .Default([](Operation *) { return success(); });
}

// ---- Ports

LogicalResult ProgramBuilder::portType(Operation *op, StringRef name, int32_t dtype) {
  if (sizeOfType(dtype) > 0)
    return success();
  return op->emitError("'") << name << "' has a dtype that no compiled model takes or gives: "
                            << (dtype == 7 ? "string" : std::to_string(dtype));
}

FailureOr<uint32_t> ProgramBuilder::bytesOf(Operation *op, ArrayRef<uint32_t> dims, int32_t dtype) {
  uint32_t bytes = sizes.table.constant(sizeOfType(dtype));
  for (uint32_t dim : dims) {
    std::optional<uint32_t> product = sizes.table.binary(SlotTable::Op::Mul, bytes, dim);
    if (!product)
      return op->emitError("expected a tensor that fits into memory");
    bytes = *product;
  }
  return bytes;
}

LogicalResult ProgramBuilder::addInput(schedule::InputOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  ProgramParts::Port port{op.getName().str(), int32_t(op.getDtype()), {}, 0};
  if (failed(portType(op, op.getName(), port.dtype)))
    return failure();
  const uint32_t index = uint32_t(parts.inputs.size());
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    port.dims.push_back(ShapedType::isDynamic(size) ? sizes.table.dimension(index, axis)
                                                    : sizes.table.constant(size));
  FailureOr<uint32_t> bytes = bytesOf(op, port.dims, port.dtype);
  if (failed(bytes))
    return failure();
  port.buffer = buffers.addInput(op.getBuffer(), *bytes);
  parts.inputs.push_back(std::move(port));
  return success();
}

LogicalResult ProgramBuilder::addDim(schedule::DimOp op) {
  FailureOr<Binding> input = buffers.bind(op.getInput(), 0);
  if (failed(input))
    return failure();
  for (const ProgramParts::Port &port : parts.inputs)
    if (port.buffer == input->buffer && op.getAxis() < port.dims.size()) {
      sizes.define(op.getSize(), port.dims[op.getAxis()]);
      return success();
    }
  return op.emitOpError("expected a dimension of an input");
}

LogicalResult ProgramBuilder::addOutput(schedule::OutputOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  FailureOr<std::vector<uint32_t>> dynamic = sizes.of(op.getDims());
  FailureOr<uint32_t> buffer = buffers.ofOutput(op);
  if (failed(dynamic) || failed(buffer) || failed(portType(op, op.getName(), op.getDtype())))
    return failure();
  if (int64_t(dynamic->size()) != type.getNumDynamicDims())
    return op.emitOpError("expected ")
           << type.getNumDynamicDims() << " sizes, got " << dynamic->size();
  ProgramParts::Port port{op.getName().str(), int32_t(op.getDtype()), {}, *buffer};
  size_t next = 0;
  for (int64_t size : type.getShape())
    port.dims.push_back(ShapedType::isDynamic(size) ? (*dynamic)[next++]
                                                    : sizes.table.constant(size));
  parts.outputs.push_back(std::move(port));
  return success();
}

// ---- Steps

FailureOr<std::vector<Binding>> ProgramBuilder::bind(ValueRange values) {
  std::vector<Binding> bindings;
  for (Value value : values) {
    FailureOr<Binding> binding = buffers.bind(value, nextStep());
    if (failed(binding))
      return failure();
    bindings.push_back(*binding);
  }
  return bindings;
}

// Grids of three levels that are the same are one.
static void mergeGrids(std::vector<uint32_t> &grid) {
  if (grid.size() == 9 && std::equal(grid.begin(), grid.begin() + 3, grid.begin() + 3) &&
      std::equal(grid.begin(), grid.begin() + 3, grid.begin() + 6))
    grid.resize(3);
}

LogicalResult ProgramBuilder::addDispatch(schedule::DispatchOp op) {
  FailureOr<std::vector<Binding>> bindings = bind(op.getBuffers());
  FailureOr<std::vector<uint32_t>> dims = sizes.of(op.getDims()), grid = sizes.of(op.getGrid());
  FailureOr<uint32_t> scratch = sizes.of(op.getScratch());
  if (failed(bindings) || failed(dims) || failed(grid) || failed(scratch))
    return failure();
  mergeGrids(*grid);
  if (failed(nameDispatch(op, nextStep())))
    return failure();
  nameTensor(op, nextStep());
  parts.functions = std::max<uint32_t>(parts.functions, op.getFunction() + 1);
  ++result.dispatches;
  parts.steps.push_back({StepKind::Dispatch, op.getFunction(), *bindings, *dims, *grid, *scratch});
  return success();
}

LogicalResult ProgramBuilder::nameDispatch(schedule::DispatchOp op, uint32_t step) {
  ProgramParts::DispatchName name{step, op.getKernel().value_or("").str(), {}};
  if (ArrayAttr nodes = op.getNodesAttr())
    for (auto node : nodes.getAsRange<StringAttr>())
      name.nodes.push_back(node.str());
  for (auto [value, slot] : {std::pair(op.getFlops(), &name.flops), {op.getBytes(), &name.bytes}}) {
    if (!value)
      continue;
    FailureOr<uint32_t> known = sizes.of(value);
    if (failed(known))
      return failure();
    *slot = *known;
  }
  parts.dispatchNames.push_back(std::move(name));
  return success();
}

// A node that several dispatches compute is complete after the last of them.
void ProgramBuilder::nameTensor(schedule::DispatchOp op, uint32_t step) {
  auto tensor = op->getAttrOfType<StringAttr>("tensor");
  auto result = op->getAttrOfType<IntegerAttr>("result");
  if (!tensor || !result || !result.getValue().ult(op.getBuffers().size()))
    return;
  llvm::erase_if(parts.tensorNames,
                 [&](const auto &name) { return name.tensor == tensor.getValue(); });
  parts.tensorNames.push_back({step, uint32_t(result.getInt()), tensor.str(), 0, {}});
}

LogicalResult ProgramBuilder::addCopy(schedule::CopyOp op) {
  FailureOr<std::vector<Binding>> bindings = bind({op.getSource(), op.getTarget()});
  FailureOr<uint32_t> size = sizes.of(op.getSize());
  if (failed(bindings) || failed(size))
    return failure();
  Step step{StepKind::Copy};
  step.bindings = std::move(*bindings);
  step.size = *size;
  parts.steps.push_back(std::move(step));
  return success();
}

LogicalResult ProgramBuilder::addRead(schedule::ReadOp op) {
  if (op.getWidth() != 4 && op.getWidth() != 8)
    return op.emitOpError("expected an integer of 4 or 8 bytes, got ") << op.getWidth();
  FailureOr<std::vector<Binding>> bindings = bind(op.getSource());
  FailureOr<uint32_t> bound = sizes.of(op.getBound());
  if (failed(bindings) || failed(bound))
    return failure();
  Step step{StepKind::ReadDim};
  step.bindings = std::move(*bindings);
  step.dim = sizes.table.set(*bound);
  step.width = uint8_t(op.getWidth());
  sizes.define(op.getResult(), step.dim);
  parts.steps.push_back(std::move(step));
  return success();
}

// ---- Blocks

FailureOr<uint32_t> ProgramBuilder::begin(StepKind kind, Value condition) {
  Step step{kind};
  if (condition) {
    FailureOr<std::vector<Binding>> bindings = bind(condition);
    if (failed(bindings))
      return failure();
    step.bindings = std::move(*bindings);
  }
  parts.steps.push_back(std::move(step));
  return nextStep() - 1;
}

FailureOr<uint32_t> ProgramBuilder::countSteps(Block &block) {
  const uint32_t first = nextStep();
  if (failed(addBlock(block)))
    return failure();
  return nextStep() - first;
}

LogicalResult ProgramBuilder::addWhile(schedule::WhileOp op) {
  FailureOr<uint32_t> at = begin(StepKind::While, op.getCondition());
  if (failed(at))
    return failure();
  FailureOr<uint32_t> inner = countSteps(op.getBefore().front());
  if (failed(inner))
    return failure();
  FailureOr<uint32_t> body = countSteps(op.getBody().front());
  if (failed(body))
    return failure();
  parts.steps[*at].inner = *inner;
  parts.steps[*at].body = *body;
  buffers.spanLoop(op, *at, nextStep() - 1);
  return success();
}

LogicalResult ProgramBuilder::addFor(schedule::ForOp op) {
  FailureOr<uint32_t> count = sizes.of(op.getCount()), at = begin(StepKind::For, Value());
  if (failed(count) || failed(at))
    return failure();
  const uint32_t counter = sizes.table.set(*count);
  sizes.define(op.getBody().getArgument(0), counter);
  FailureOr<uint32_t> body = countSteps(op.getBody().front());
  if (failed(body))
    return failure();
  Step &step = parts.steps[*at];
  step.size = *count;
  step.dim = counter;
  step.body = *body;
  buffers.spanLoop(op, *at, nextStep() - 1);
  return success();
}

// Only one of the blocks runs: memory of the one may be that of the other.
LogicalResult ProgramBuilder::addIf(schedule::IfOp op) {
  FailureOr<uint32_t> at = begin(StepKind::If, op.getCondition());
  if (failed(at))
    return failure();
  FailureOr<uint32_t> inner = countSteps(op.getThen().front());
  if (failed(inner))
    return failure();
  FailureOr<uint32_t> body = countSteps(op.getOtherwise().front());
  if (failed(body))
    return failure();
  parts.steps[*at].inner = *inner;
  parts.steps[*at].body = *body;
  return success();
}

} // namespace

FailureOr<BuiltProgram> buildProgram(schedule::ProgramOp program, const WeightLayout &weights,
                                     const PortKeys &keys) {
  ProgramBuilder builder(weights);
  if (failed(builder.build(program)))
    return failure();
  return builder.finish(keys);
}

} // namespace firn
