#include "compiler/pipeline/ModuleProgram.h"

#include "absl/strings/str_cat.h"
#include "runtime/schema/debug_generated.h"
#include "runtime/schema/program_generated.h"

#include <set>

namespace firn {
namespace {

using Kind = ModuleProgram::Kind;
using Space = ModuleProgram::Space;
using Step = ModuleProgram::Step;

static_assert(int(schema::Space::Output) == int(Space::Output), "spaces in the schema's order");

class Reader {
public:
  explicit Reader(const firn_module *module)
      : bytes(static_cast<const char *>(firn_module_bytes(module, nullptr))) {
    uint32_t count;
    const firn_section *sections = firn_module_sections(module, &count);
    for (uint32_t i = 0; i < count; ++i)
      readSection(sections[i]);
  }

  ModuleProgram read() {
    readBuffers();
    for (const schema::Dim *dim : *program->dims())
      result.constants.push_back(dim->op() == schema::DimOp::Constant
                                     ? std::optional<int64_t>(dim->value())
                                     : std::nullopt);
    readSteps(0, sizeOf(program->steps()), 0);
    readNames();
    result.functions = program->functions();
    result.arenaSize = program->arena_size();
    result.arenaBound = program->arena_bound();
    return std::move(result);
  }

private:
  template <typename Vector> static uint32_t sizeOf(const Vector *vector) {
    return vector ? vector->size() : 0;
  }

  void readSection(const firn_section &section);
  void readBuffers();
  void namePorts(const flatbuffers::Vector<flatbuffers::Offset<schema::Port>> *ports);
  void readSteps(uint32_t begin, uint32_t end, uint32_t depth);
  void readNames();

  const char *bytes;
  const schema::Program *program = nullptr;
  const schema::Debug *names = nullptr;
  ModuleProgram result;
};

std::string nameOf(const firn_section &section) {
  switch (section.kind) {
  case FIRN_SECTION_PROGRAM:
    return "program";
  case FIRN_SECTION_WEIGHTS:
    return "weights";
  case FIRN_SECTION_CODE:
    return absl::StrCat("code v", section.variant);
  case FIRN_SECTION_DEBUG:
    return "names";
  case FIRN_SECTION_BUILD:
    return "build";
  default:
    return absl::StrCat("kind ", section.kind);
  }
}

void Reader::readSection(const firn_section &section) {
  result.sections.push_back({nameOf(section), section.kind, section.variant, section.major,
                             section.minor, section.offset, section.size});
  const char *contents = bytes + section.offset;
  // The runtime leaves out what is of a newer format: so does this.
  if (section.major != 1)
    return;
  if (section.kind == FIRN_SECTION_PROGRAM)
    program = schema::GetProgram(contents);
  else if (section.kind == FIRN_SECTION_DEBUG && section.alignment >= 8)
    names = schema::GetDebug(contents);
  else if (section.kind == FIRN_SECTION_BUILD)
    result.build.assign(contents, section.size);
}

void Reader::readBuffers() {
  for (uint32_t i = 0; i < sizeOf(program->buffers()); ++i) {
    const schema::Buffer &buffer = *program->buffers()->Get(i);
    result.buffers.push_back(
        {Space(buffer.space()), buffer.size(), buffer.offset(), buffer.first(), buffer.last(), ""});
  }
  namePorts(program->inputs());
  namePorts(program->outputs());
}

void Reader::namePorts(const flatbuffers::Vector<flatbuffers::Offset<schema::Port>> *ports) {
  for (uint32_t i = 0; i < sizeOf(ports); ++i)
    result.buffers[ports->Get(i)->buffer()].port = ports->Get(i)->name()->str();
}

Kind kindOf(schema::StepKind kind) {
  switch (kind) {
  case schema::StepKind::Dispatch:
    return Kind::Dispatch;
  case schema::StepKind::Copy:
    return Kind::Copy;
  case schema::StepKind::While:
    return Kind::While;
  case schema::StepKind::If:
    return Kind::If;
  case schema::StepKind::For:
    return Kind::For;
  case schema::StepKind::ReadDim:
    return Kind::Read;
  }
  return Kind::Dispatch;
}

void Reader::readSteps(uint32_t begin, uint32_t end, uint32_t depth) {
  for (uint32_t i = begin; i < end; ++i) {
    const schema::Step &from = *program->steps()->Get(i);
    Step step;
    step.kind = kindOf(from.kind());
    step.index = i;
    step.depth = depth;
    step.function = from.function();
    step.inner = from.inner();
    step.body = from.body();
    step.size = from.size();
    for (uint32_t k = 0; k < sizeOf(from.bindings()); ++k)
      step.bindings.push_back(
          {from.bindings()->Get(k)->buffer(), from.bindings()->Get(k)->offset()});
    result.steps.push_back(std::move(step));
    const uint32_t inside = from.inner() + from.body();
    readSteps(i + 1, i + 1 + inside, depth + 1);
    i += inside;
  }
}

void Reader::readNames() {
  if (!names)
    return;
  for (uint32_t i = 0; i < sizeOf(names->dispatches()); ++i) {
    const schema::DispatchName &name = *names->dispatches()->Get(i);
    Step &step = result.steps[name.step()];
    step.kernel = name.kernel() ? name.kernel()->str() : "";
    for (uint32_t k = 0; k < sizeOf(name.nodes()); ++k)
      step.nodes.push_back(name.nodes()->Get(k)->str());
    step.flops = name.flops();
    step.bytes = name.bytes();
  }
  for (uint32_t i = 0; i < sizeOf(names->tensors()); ++i) {
    const schema::TensorName &name = *names->tensors()->Get(i);
    result.steps[name.step()].tensor = name.tensor()->str();
    result.steps[name.step()].result = name.binding();
  }
}

} // namespace

ModuleProgram readModuleProgram(const firn_module *module) { return Reader(module).read(); }

const char *kindName(Kind kind) {
  constexpr const char *kNames[] = {"dispatch", "copy", "while", "if", "for", "read"};
  return kNames[int(kind)];
}

StepWork workOf(const ModuleProgram &program, const Step &step, const int64_t *slots) {
  StepWork work{step.flops ? double(slots[step.flops]) : 0,
                step.bytes ? double(slots[step.bytes]) : 0};
  if (step.bytes)
    return work;
  std::set<uint32_t> seen;
  for (const ModuleProgram::Binding &binding : step.bindings)
    if (seen.insert(binding.buffer).second)
      work.bytes += double(slots[program.buffers[binding.buffer].size] - slots[binding.offset]);
  return work;
}

} // namespace firn
