#include "compiler/module/Buffers.h"

#include "runtime/plan/arena.h"

using namespace mlir;

namespace firn {

uint32_t Buffers::append(Value value, ProgramParts::Buffer buffer) {
  known[value] = uint32_t(all.size());
  all.push_back(buffer);
  makers.push_back(value.getDefiningOp());
  return known[value];
}

uint32_t Buffers::addInput(Value input, uint32_t size) {
  return append(input, {Space::Input, size});
}

FailureOr<uint32_t> Buffers::indexOf(Value buffer) {
  if (auto it = known.find(buffer); it != known.end())
    return it->second;
  return create(buffer);
}

FailureOr<uint32_t> Buffers::create(Value buffer) {
  if (auto op = buffer.getDefiningOp<schedule::WeightsOp>()) {
    auto [it, isNew] = weightBuffers.try_emplace(weights.indexOf(op), uint32_t(all.size()));
    if (!isNew)
      return known[buffer] = it->second;
    const WeightEntry &entry = weights.entryOf(op);
    return append(buffer, {Space::Weights, sizes.table.constant(entry.bytes), entry.offset});
  }
  auto op = cast<schedule::BufferOp>(buffer.getDefiningOp());
  FailureOr<uint32_t> size = sizes.of(op.getSize());
  if (failed(size))
    return failure();
  // Nothing has used it: it begins with the step that does.
  return append(buffer, {op.getOutput() ? Space::Output : Space::Arena, *size, 0, UINT32_MAX, 0});
}

FailureOr<uint32_t> Buffers::ofOutput(schedule::OutputOp output) {
  auto buffer = output.getBuffer().getDefiningOp<schedule::BufferOp>();
  if (!buffer || !buffer.getOutput())
    return output.emitOpError("expected a buffer that is an output's memory");
  return indexOf(output.getBuffer());
}

FailureOr<ProgramParts::Binding> Buffers::bind(Value buffer, uint32_t step) {
  uint32_t offset = 0;
  while (auto view = buffer.getDefiningOp<schedule::ViewOp>()) {
    FailureOr<uint32_t> more = sizes.of(view.getOffset());
    if (failed(more))
      return failure();
    std::optional<uint32_t> sum = sizes.table.binary(SlotTable::Op::Add, offset, *more);
    if (!sum)
      return view.emitOpError("has an offset that overflows");
    offset = *sum;
    buffer = view.getSource();
  }
  FailureOr<uint32_t> index = indexOf(buffer);
  if (failed(index))
    return failure();
  ProgramParts::Buffer &used = all[*index];
  used.first = std::min(used.first, step);
  used.last = std::max(used.last, step);
  return ProgramParts::Binding{*index, offset};
}

void Buffers::spanLoop(Operation *loop, uint32_t first, uint32_t last) {
  for (size_t i = 0; i < all.size(); ++i) {
    ProgramParts::Buffer &buffer = all[i];
    if (buffer.space != Space::Arena || buffer.last < first || loop->isProperAncestor(makers[i]))
      continue;
    buffer.first = std::min(buffer.first, first);
    buffer.last = std::max(buffer.last, last);
  }
}

FailureOr<bool> Buffers::plan(Operation *program, ProgramParts &parts) {
  std::vector<plan::Interval> intervals;
  std::vector<size_t> owners;
  bool constant = true;
  for (size_t i = 0; i < all.size(); ++i) {
    ProgramParts::Buffer &buffer = all[i];
    if (buffer.space != Space::Arena) {
      buffer.first = buffer.last = 0;
      continue;
    }
    constant = constant && sizes.table.isConstant(buffer.size);
    intervals.push_back({uint64_t(sizes.table.value(buffer.size)), buffer.first, buffer.last, 0});
    owners.push_back(i);
  }
  if (!constant)
    return false;
  plan::Plan plan;
  if (!plan::planArena(intervals.data(), intervals.size(), &plan))
    return program->emitError("out of memory while the arena is planned");
  for (size_t i = 0; i < intervals.size(); ++i)
    all[owners[i]].offset = intervals[i].offset;
  parts.arenaSize = intervals.empty() ? 0 : plan.size;
  parts.arenaBound = intervals.empty() ? 0 : plan.bound;
  return true;
}

} // namespace firn
