// One wrong program for each check of runtime/module/program.cpp.
#include "support.h"

namespace firn::runtime {
namespace {

using ::testing::HasSubstr;

void expectRefused(const TestProgram &program, const std::string &message) {
  const AlignedBytes memory(moduleBytes(sectionsOf(program, ramp(kAddWeights))));
  const Opened opened = openMemory(memory, FIRN_OPEN_INSPECT);
  EXPECT_EQ(opened.status.code, FIRN_DAMAGED);
  EXPECT_THAT(opened.status.message, HasSubstr(message));
}

/// The sample with one thing changed.
template <class Change> void expectRefusedWith(Change change, const std::string &message) {
  TestProgram program = addProgram(100);
  change(program);
  expectRefused(program, message);
}

TEST(ProgramCheck, Slots) {
  expectRefusedWith([](TestProgram &p) { p.dim(DimOp::Add, 1, 999); }, "comes after it");
  expectRefusedWith([](TestProgram &p) { p.dim(DimOp::Read, 999); }, "comes after it");
  expectRefusedWith([](TestProgram &p) { p.dim(DimOp(99), 0); }, "unknown operation");
  expectRefusedWith([](TestProgram &p) { p.inputDim(0, 1); }, "a dimension that no input has");
  expectRefusedWith([](TestProgram &p) { p.inputDim(1, 0); }, "a dimension that no input has");
  expectRefusedWith([](TestProgram &p) { p.dim(DimOp::FloorMod, 1, 0); }, "divides by zero");
  expectRefusedWith(
      [](TestProgram &p) {
        const uint32_t large = p.constant(INT64_MAX);
        p.dim(DimOp::Mul, large, large);
      },
      "overflows");
}

TEST(ProgramCheck, Buffers) {
  expectRefusedWith([](TestProgram &p) { p.buffers[0].size = 999; }, "buffer 0 has no size");
  expectRefusedWith([](TestProgram &p) { p.buffers[0].size = p.constant(-4); }, "has no size");
  expectRefusedWith([](TestProgram &p) { p.buffers[3].size = p.constant(INT64_MAX); },
                    "has no size");
  expectRefusedWith([](TestProgram &p) { p.buffers[3].space = Space(9); }, "lies nowhere");
  expectRefusedWith([](TestProgram &p) { p.buffers[2].offset = 64; }, "beyond the weights");
  expectRefusedWith([](TestProgram &p) { p.buffers[2].offset = ~uint64_t(63); },
                    "beyond the weights");
  expectRefusedWith([](TestProgram &p) { p.buffers[2].offset = 8; }, "beyond the weights");
  expectRefusedWith([](TestProgram &p) { p.buffers[2].size = p.inputDim(0, 0); },
                    "a dynamic size in the weights");
  expectRefusedWith([](TestProgram &p) { p.buffers[3].offset = 64; }, "beyond the arena");
  expectRefusedWith([](TestProgram &p) { p.buffers[3].size = p.inputDim(0, 0); },
                    "a dynamic size in a planned arena");
  expectRefusedWith([](TestProgram &p) { p.buffers[3].last = 2; }, "steps that do not exist");
  expectRefusedWith([](TestProgram &p) { p.buffers[3] = {Space::Arena, 0, 0, 1, 0}; },
                    "steps that do not exist");
  expectRefusedWith([](TestProgram &p) { p.arenaSize = uint64_t(1) << 60; }, "arena is too large");
}

TEST(ProgramCheck, Ports) {
  expectRefusedWith([](TestProgram &p) { p.inputs[0].dtype = 7; }, "no name or no type");
  expectRefusedWith([](TestProgram &p) { p.inputs[0].dtype = -1; }, "no name or no type");
  expectRefusedWith([](TestProgram &p) { p.inputs[0].dims[0] = 999; }, "is no size");
  expectRefusedWith([](TestProgram &p) { p.inputs[0].dims[0] = p.constant(-1); }, "is no size");
  expectRefusedWith([](TestProgram &p) { p.inputs[0].dims[0] = p.dim(DimOp::Read, 1); },
                    "comes from data");
  expectRefusedWith([](TestProgram &p) { p.inputs[0].buffer = 999; }, "no buffer of its own");
  expectRefusedWith([](TestProgram &p) { p.outputs[0].buffer = 0; }, "no buffer of its own");
  expectRefusedWith([](TestProgram &p) { p.outputs[0].buffer = 3; }, "a buffer of another kind");
  expectRefusedWith([](TestProgram &p) { p.input("x", FIRN_FLOAT, {0}, 0); },
                    "the name of another");
  expectRefusedWith([](TestProgram &p) { p.buffer(Space::Output, 0); },
                    "belongs to no input or output");
}

TEST(ProgramCheck, Dispatches) {
  expectRefusedWith([](TestProgram &p) { p.steps[0].function = kFunctions; },
                    "a function that does not exist");
  expectRefusedWith([](TestProgram &p) { p.steps[0].grid = {1, 1}; }, "step 0 has no grid");
  expectRefusedWith([](TestProgram &p) { p.steps[0].grid = {1, 1, 1, 1, 1, 1}; }, "has no grid");
  expectRefusedWith([](TestProgram &p) { p.steps[0].grid = {1, 1, 1, 1, 1, 1, 1, 1, 999}; },
                    "has no grid");
  expectRefusedWith([](TestProgram &p) { p.steps[0].grid[2] = 999; }, "has no grid");
  expectRefusedWith([](TestProgram &p) { p.steps[0].grid[2] = p.constant(-1); }, "has no grid");
  expectRefusedWith([](TestProgram &p) { p.steps[0].scratch = 999; }, "no size of its scratch");
  expectRefusedWith([](TestProgram &p) { p.steps[0].dims = {999}; }, "a slot that does not exist");
  expectRefusedWith([](TestProgram &p) { p.steps[1].buffers[0] = 999; },
                    "step 1 has a binding without a buffer");
  expectRefusedWith([](TestProgram &p) { p.steps[1].offsets = {999}; }, "without a buffer");
  expectRefusedWith([](TestProgram &p) { p.steps[1].offsets = {p.constant(401)}; },
                    "outside of its buffer");
  expectRefusedWith([](TestProgram &p) { p.steps[1].kind = StepKind(17); }, "of no known kind");
}

TEST(ProgramCheck, CopiesAndReads) {
  expectRefusedWith([](TestProgram &p) { p.copy(0, 2, 0); }, "copies to what is read-only");
  expectRefusedWith([](TestProgram &p) { p.copy(2, 0, 0); }, "copies to what is read-only");
  expectRefusedWith([](TestProgram &p) { p.copy(2, 3, 999); }, "copies nothing");
  expectRefusedWith([](TestProgram &p) { p.readDim(0, 1, 8); }, "no slot that is for reading");
  expectRefusedWith([](TestProgram &p) { p.readDim(0, p.dim(DimOp::Read, 1), 3); },
                    "no int32 or int64");
}

TEST(ProgramCheck, Blocks) {
  expectRefusedWith([](TestProgram &p) { p.block(StepKind::While, 0, 0, 1); },
                    "more steps than there are");
  expectRefusedWith([](TestProgram &p) { p.block(StepKind::If, 0, UINT32_MAX, 2); },
                    "more steps than there are");
  expectRefusedWith(
      [](TestProgram &p) {
        p.block(StepKind::While, 0, 0, 2); // its body ends before the If's
        p.block(StepKind::If, 0, 1, 1);
        p.copy(0, 3, 0);
        p.copy(0, 3, 0);
      },
      "more steps than there are");
  expectRefusedWith(
      [](TestProgram &p) {
        for (uint32_t depth = 0; depth < 100; ++depth)
          p.block(StepKind::If, 0, 99 - depth, 0);
      },
      "nested too deep");
  expectRefusedWith(
      [](TestProgram &p) {
        for (uint32_t depth = 0; depth < 100; ++depth)
          p.loop(1, 99 - depth);
      },
      "nested too deep");
  expectRefusedWith([](TestProgram &p) { p.loop(1, 1); }, "more steps than there are");
  expectRefusedWith(
      [](TestProgram &p) {
        p.loop(1, 0);
        p.steps.back().inner = 1;
      },
      "more steps than there are");
  expectRefusedWith(
      [](TestProgram &p) {
        p.loop(1, 0);
        p.steps.back().size = 999;
      },
      "has no count");
  expectRefusedWith(
      [](TestProgram &p) {
        p.loop(1, 0);
        p.steps.back().dim = 1;
      },
      "counts in no slot that is for reading");
  expectRefusedWith([](TestProgram &p) { p.steps.emplace_back().kind = StepKind::While; },
                    "has no condition");
}

TEST(ProgramCheck, WithoutWeightsNothingLiesThere) {
  const AlignedBytes memory(moduleBytes(sectionsOf(addProgram(100))));
  EXPECT_THAT(openMemory(memory).status.message, HasSubstr("buffer 2 reaches beyond the weights"));
}

} // namespace
} // namespace firn::runtime
