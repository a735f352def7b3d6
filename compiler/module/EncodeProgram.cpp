#include "compiler/module/ProgramParts.h"

namespace firn {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

// Each part by `encode(part)`, in order.
template <typename Table, typename Parts, typename Encode>
std::vector<Offset<Table>> encodeAll(const Parts &parts, Encode encode) {
  std::vector<Offset<Table>> offsets;
  for (const auto &part : parts)
    offsets.push_back(encode(part));
  return offsets;
}

std::vector<Offset<schema::Dim>> encodeSlots(FlatBufferBuilder &builder,
                                             const ProgramParts &parts) {
  std::vector<Offset<schema::Dim>> offsets;
  for (size_t i = 0; i < parts.slotCount; ++i) {
    const SlotTable::Slot &slot = parts.slots[i];
    offsets.push_back(schema::CreateDim(builder, slot.op, slot.a, slot.b, slot.value));
  }
  return offsets;
}

std::vector<Offset<schema::Port>> encodePorts(FlatBufferBuilder &builder,
                                              const std::vector<ProgramParts::Port> &ports) {
  return encodeAll<schema::Port>(ports, [&](const ProgramParts::Port &port) {
    return schema::CreatePortDirect(builder, port.name.c_str(), port.dtype, &port.dims,
                                    port.buffer);
  });
}

Offset<schema::Step> encodeStep(FlatBufferBuilder &builder, const ProgramParts::Step &step) {
  auto bindings =
      encodeAll<schema::Binding>(step.bindings, [&](const ProgramParts::Binding &binding) {
        return schema::CreateBinding(builder, binding.buffer, binding.offset);
      });
  return schema::CreateStepDirect(builder, step.kind, step.function, &bindings, &step.dims,
                                  &step.grid, step.scratch, step.size, step.inner, step.body,
                                  step.dim, step.width);
}

std::vector<Offset<schema::PortKey>> encodeKeys(FlatBufferBuilder &builder,
                                                const std::vector<ProgramParts::Port> &ports) {
  std::vector<Offset<schema::PortKey>> offsets;
  for (size_t i = 0; i < ports.size(); ++i)
    if (!ports[i].key.empty())
      offsets.push_back(schema::CreatePortKeyDirect(builder, uint32_t(i), ports[i].key.c_str()));
  return offsets;
}

std::string bytesOf(const FlatBufferBuilder &builder) {
  return {reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize()};
}

} // namespace

std::string encodeProgram(const ProgramParts &parts) {
  FlatBufferBuilder builder;
  auto dims = encodeSlots(builder, parts);
  auto inputs = encodePorts(builder, parts.inputs);
  auto outputs = encodePorts(builder, parts.outputs);
  auto buffers = encodeAll<schema::Buffer>(parts.buffers, [&](const ProgramParts::Buffer &buffer) {
    return schema::CreateBuffer(builder, buffer.space, buffer.size, buffer.offset, buffer.first,
                                buffer.last);
  });
  auto steps = encodeAll<schema::Step>(
      parts.steps, [&](const ProgramParts::Step &step) { return encodeStep(builder, step); });
  schema::FinishProgramBuffer(
      builder, schema::CreateProgramDirect(builder, &dims, &inputs, &outputs, &buffers, &steps,
                                           parts.functions, parts.arenaSize, parts.arenaBound));
  return bytesOf(builder);
}

std::string encodeDebug(const ProgramParts &parts) {
  FlatBufferBuilder builder;
  auto dispatches = encodeAll<schema::DispatchName>(parts.dispatchNames, [&](const auto &name) {
    auto nodes = encodeAll<flatbuffers::String>(
        name.nodes, [&](const std::string &node) { return builder.CreateString(node); });
    return schema::CreateDispatchNameDirect(builder, name.step, name.kernel.c_str(), &nodes,
                                            name.flops, name.bytes);
  });
  auto tensors = encodeAll<schema::TensorName>(parts.tensorNames, [&](const auto &name) {
    return schema::CreateTensorNameDirect(builder, name.step, name.binding, name.tensor.c_str(),
                                          name.dtype, &name.dims);
  });
  auto inputs = encodeKeys(builder, parts.inputs), outputs = encodeKeys(builder, parts.outputs);
  schema::FinishDebugBuffer(
      builder, schema::CreateDebugDirect(builder, &dispatches, &tensors, &inputs, &outputs));
  return bytesOf(builder);
}

} // namespace firn
