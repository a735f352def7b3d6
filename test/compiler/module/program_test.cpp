// From schedules to programs: steps, sizes, how long buffers live, where they lie.
#include "schedule_text.h"

#include "runtime/schema/debug_generated.h"
#include "runtime/schema/program_generated.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firn {
namespace {

using schema::DimOp;
using schema::Space;
using schema::StepKind;
using testing::ElementsAre;
using testing::HasSubstr;

const schema::Program &read(const BuiltProgram &built) {
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t *>(built.program.data()),
                                 built.program.size());
  EXPECT_TRUE(schema::VerifyProgramBuffer(verifier));
  return *schema::GetProgram(built.program.data());
}

BuiltProgram build(const std::string &steps) {
  ScheduleText text(programOf(steps));
  mlir::FailureOr<BuiltProgram> built = text.build();
  EXPECT_TRUE(mlir::succeeded(built)) << text.message();
  return mlir::succeeded(built) ? *built : BuiltProgram();
}

std::string messageOf(const std::string &steps) {
  ScheduleText text(programOf(steps));
  EXPECT_TRUE(mlir::failed(text.build()));
  return text.message();
}

/// first and last of each buffer of the arena.
std::vector<std::pair<uint32_t, uint32_t>> lifetimes(const schema::Program &program) {
  std::vector<std::pair<uint32_t, uint32_t>> result;
  for (const schema::Buffer *buffer : *program.buffers())
    if (buffer->space() == Space::Arena)
      result.emplace_back(buffer->first(), buffer->last());
  return result;
}

std::vector<StepKind> kinds(const schema::Program &program) {
  std::vector<StepKind> result;
  for (const schema::Step *step : *program.steps())
    result.push_back(step->kind());
  return result;
}

const std::string kRun = " grid(%c1, %c1, %c1) scratch %c0\n";

TEST(BuildProgram, PortsBuffersAndSizes) {
  const BuiltProgram built = build(R"(
    %x = schedule.input "x:0" 1 : tensor<?x4xf32>
    %n = schedule.dim %x[0]
    %c16 = arith.constant 16 : index
    %size = arith.muli %n, %c16 : index
    %again = arith.muli %c16, %n : index
    %t = schedule.buffer %again
    %y = schedule.buffer %size output
    schedule.dispatch 4 (%x, %t) dims(%n) grid(%c1, %n, %c1) scratch %size flops %n
      {kernel = "first", nodes = ["a", "b"]}
    schedule.dispatch 2 (%t, %y) dims(%n) grid(%c1, %c1, %c1) scratch %c0
    schedule.output "y:0" 1 %y dims(%n) : tensor<?x4xf32>
  )");
  const schema::Program &program = read(built);
  ASSERT_EQ(program.inputs()->size(), 1u);
  EXPECT_EQ(program.inputs()->Get(0)->name()->str(), "x:0");
  ASSERT_EQ(program.buffers()->size(), 3u);
  const schema::Buffer &x = *program.buffers()->Get(0), &t = *program.buffers()->Get(1);
  const schema::Buffer &y = *program.buffers()->Get(2);
  EXPECT_EQ(x.space(), Space::Input);
  EXPECT_EQ(t.space(), Space::Arena);
  EXPECT_EQ(y.space(), Space::Output);
  EXPECT_EQ(t.size(), y.size());
  EXPECT_EQ(x.size(), t.size()) << "n * 4 * 4 bytes";
  EXPECT_EQ(program.functions(), 5u);
  EXPECT_EQ(program.outputs()->Get(0)->dims()->Get(0), program.inputs()->Get(0)->dims()->Get(0));
  EXPECT_FALSE(built.isPlanned);
  EXPECT_EQ(program.arena_size(), 0u);
  const schema::Debug &names = *schema::GetDebug(built.debug.data());
  EXPECT_EQ(names.dispatches()->Get(0)->kernel()->str(), "first");
  EXPECT_EQ(names.dispatches()->Get(0)->nodes()->Get(1)->str(), "b");
  EXPECT_EQ(names.dispatches()->Get(0)->flops(), program.inputs()->Get(0)->dims()->Get(0));
  EXPECT_EQ(names.dispatches()->Get(1)->flops(), 0u);
}

TEST(BuildProgram, TensorsAreWhereTheirLastDispatchLeavesThem) {
  const BuiltProgram built = build(R"(
    %a = schedule.buffer %c1
    schedule.dispatch 0 (%a, %a) grid(%c1, %c1, %c1) scratch %c0 {tensor = "sum:0", result = 0 : i64}
    schedule.dispatch 1 (%a, %a) grid(%c1, %c1, %c1) scratch %c0 {tensor = "sum:0", result = 1 : i64}
    schedule.dispatch 1 (%a, %a) grid(%c1, %c1, %c1) scratch %c0 {tensor = "no:0", result = 2 : i64}
  )");
  const schema::Debug &names = *schema::GetDebug(built.debug.data());
  ASSERT_EQ(names.tensors()->size(), 1u);
  EXPECT_EQ(names.tensors()->Get(0)->tensor()->str(), "sum:0");
  EXPECT_EQ(names.tensors()->Get(0)->step(), 1u);
  EXPECT_EQ(names.tensors()->Get(0)->binding(), 1u);
}

TEST(BuildProgram, SameTextSameBytes) {
  const std::string steps = R"(
    %c64 = arith.constant 64 : index
    %w = schedule.weights dense<1.0> : tensor<4xf32> -> tensor<4xf32>
    %a = schedule.buffer %c64
    %b = schedule.buffer %c64
    schedule.dispatch 0 (%w, %a, %b))" +
                            kRun;
  const BuiltProgram a = build(steps), b = build(steps);
  EXPECT_EQ(a.program, b.program);
  EXPECT_EQ(a.debug, b.debug);
}

TEST(BuildProgram, ArenaIsPlannedWhereSizesAreConstant) {
  const BuiltProgram built = build(R"(
    %c64 = arith.constant 64 : index
    %c100 = arith.constant 100 : index
    %a = schedule.buffer %c64
    %b = schedule.buffer %c100
    %c = schedule.buffer %c64
    %unused = schedule.buffer %c64
    schedule.copy %a to %b size %c64
    schedule.copy %b to %c size %c64
  )");
  const schema::Program &program = read(built);
  EXPECT_TRUE(built.isPlanned);
  EXPECT_EQ(program.buffers()->size(), 3u) << "what no step uses has no memory";
  EXPECT_THAT(lifetimes(program), ElementsAre(std::pair(0, 0), std::pair(0, 1), std::pair(1, 1)));
  EXPECT_EQ(program.arena_size(), 192u);
  EXPECT_EQ(program.arena_bound(), 192u);
  EXPECT_EQ(program.buffers()->Get(0)->offset(), program.buffers()->Get(2)->offset());
}

TEST(BuildProgram, ViewsBecomeOffsets) {
  const BuiltProgram built = build(R"(
    %c32 = arith.constant 32 : index
    %c64 = arith.constant 64 : index
    %a = schedule.buffer %c64
    %v = schedule.view %a[%c32]
    %w = schedule.view %v[%c1]
    schedule.dispatch 0 (%a, %v, %w))" +
                                   kRun);
  const schema::Program &program = read(built);
  ASSERT_EQ(program.buffers()->size(), 1u);
  std::vector<int64_t> offsets;
  for (const schema::Binding *binding : *program.steps()->Get(0)->bindings())
    offsets.push_back(program.dims()->Get(binding->offset())->value());
  EXPECT_THAT(offsets, ElementsAre(0, 32, 33));
}

// What is made outside of a loop and used in it has to be there in every iteration.
TEST(BuildProgram, LoopsKeepWhatTheyUse) {
  const BuiltProgram built = build(R"(
    %c64 = arith.constant 64 : index
    %before = schedule.buffer %c64
    %outside = schedule.buffer %c64
    %flag = schedule.buffer %c1
    schedule.dispatch 0 (%before, %outside) grid(%c1, %c1, %c1) scratch %c0
    schedule.while %flag {
      schedule.dispatch 1 (%outside, %flag) grid(%c1, %c1, %c1) scratch %c0
    } do {
      %inside = schedule.buffer %c64
      schedule.dispatch 2 (%inside) grid(%c1, %c1, %c1) scratch %c0
      schedule.dispatch 2 (%inside) grid(%c1, %c1, %c1) scratch %c0
      schedule.dispatch 2 (%flag) grid(%c1, %c1, %c1) scratch %c0
    }
    schedule.dispatch 0 (%before) grid(%c1, %c1, %c1) scratch %c0
  )");
  const schema::Program &program = read(built);
  const schema::Step &loop = *program.steps()->Get(1);
  EXPECT_EQ(loop.kind(), StepKind::While);
  EXPECT_EQ(loop.inner(), 1u);
  EXPECT_EQ(loop.body(), 3u);
  EXPECT_EQ(program.steps()->size(), 7u);
  EXPECT_THAT(lifetimes(program),
              ElementsAre(std::pair(0, 6), std::pair(0, 5), std::pair(1, 5), std::pair(3, 4)));
}

TEST(BuildProgram, LoopsInLoops) {
  const BuiltProgram built = build(R"(
    %c64 = arith.constant 64 : index
    %a = schedule.buffer %c64
    schedule.for %c64 {
    ^bb0(%i: index):
      %b = schedule.buffer %c64
      schedule.for %i {
      ^bb0(%j: index):
        %sum = arith.addi %i, %j : index
        schedule.dispatch 0 (%b) dims(%i, %j, %sum) grid(%c1, %c1, %c1) scratch %c0
      }
      schedule.copy %b to %a size %c64
    }
    schedule.copy %a to %a size %c0
  )");
  const schema::Program &program = read(built);
  EXPECT_THAT(kinds(program), ElementsAre(StepKind::For, StepKind::For, StepKind::Dispatch,
                                          StepKind::Copy, StepKind::Copy));
  const schema::Step &outer = *program.steps()->Get(0), &inner = *program.steps()->Get(1);
  EXPECT_EQ(outer.body(), 3u);
  EXPECT_EQ(inner.body(), 1u);
  EXPECT_EQ(inner.size(), outer.dim()) << "counts as far as the outer one has come";
  EXPECT_EQ(program.dims()->Get(outer.dim())->op(), DimOp::Read);
  EXPECT_THAT(lifetimes(program), ElementsAre(std::pair(1, 3), std::pair(0, 4)));
}

TEST(BuildProgram, BranchesMayShareMemory) {
  const BuiltProgram built = build(R"(
    %c64 = arith.constant 64 : index
    %flag = schedule.buffer %c1
    %result = schedule.buffer %c64
    schedule.if %flag {
      %a = schedule.buffer %c64
      schedule.dispatch 0 (%a, %result) grid(%c1, %c1, %c1) scratch %c0
    } else {
      %b = schedule.buffer %c64
      schedule.dispatch 1 (%b, %result) grid(%c1, %c1, %c1) scratch %c0
    }
    schedule.copy %result to %result size %c0
  )");
  const schema::Program &program = read(built);
  EXPECT_EQ(program.steps()->Get(0)->inner(), 1u);
  EXPECT_EQ(program.steps()->Get(0)->body(), 1u);
  EXPECT_THAT(lifetimes(program),
              ElementsAre(std::pair(0, 0), std::pair(1, 1), std::pair(1, 3), std::pair(2, 2)));
}

TEST(BuildProgram, SizesThatAreRead) {
  const BuiltProgram built = build(R"(
    %c8 = arith.constant 8 : index
    %count = schedule.buffer %c8
    %n = schedule.read %count 8 bound %c8
    %bytes = arith.muli %n, %c8 : index
    %values = schedule.buffer %bytes
    schedule.dispatch 0 (%values) dims(%n) grid(%c1, %c1, %c1) scratch %c0
  )");
  const schema::Program &program = read(built);
  const schema::Step &step = *program.steps()->Get(0);
  EXPECT_EQ(step.kind(), StepKind::ReadDim);
  EXPECT_EQ(step.width(), 8);
  const schema::Dim &slot = *program.dims()->Get(step.dim());
  EXPECT_EQ(slot.op(), DimOp::Read);
  EXPECT_EQ(program.dims()->Get(slot.a())->value(), 8);
  EXPECT_FALSE(built.isPlanned);
}

TEST(BuildProgram, GridsThatAreEqualAreOne) {
  const BuiltProgram built = build(R"(
    %c2 = arith.constant 2 : index
    %a = schedule.buffer %c2
    schedule.dispatch 0 (%a) grid(%c2, %c1, %c1, %c2, %c1, %c1, %c2, %c1, %c1) scratch %c0
    schedule.dispatch 0 (%a) grid(%c2, %c1, %c1, %c2, %c1, %c1, %c1, %c1, %c1) scratch %c0
  )");
  EXPECT_EQ(read(built).steps()->Get(0)->grid()->size(), 3u);
  EXPECT_EQ(read(built).steps()->Get(1)->grid()->size(), 9u);
}

TEST(BuildProgram, WhatIsNoProgramIsSaid) {
  EXPECT_THAT(messageOf(R"(
    %size = arith.shli %c1, %c1 : index
    %a = schedule.buffer %size
    schedule.copy %a to %a size %c1
  )"),
              HasSubstr("expected a size that a program can hold, got arith.shli"));
  EXPECT_THAT(messageOf(R"(
    %large = arith.constant 0x4000000000000000 : index
    %size = arith.muli %large, %large : index
    %a = schedule.buffer %size
    schedule.copy %a to %a size %c1
  )"),
              HasSubstr("a size overflows or is divided by zero: arith.muli"));
  EXPECT_THAT(messageOf(R"(
    %a = schedule.buffer %c1
    schedule.output "y:0" 1 %a : tensor<f32>
  )"),
              HasSubstr("expected a buffer that is an output's memory"));
  EXPECT_THAT(messageOf("%x = schedule.input \"x:0\" 7 : tensor<4xf32>\n"),
              HasSubstr("'x:0' has a dtype that no compiled model takes or gives: string"));
  EXPECT_THAT(messageOf(R"(
    %a = schedule.buffer %c1
    %n = schedule.read %a 1 bound %c1
  )"),
              HasSubstr("expected an integer of 4 or 8 bytes, got 1"));
}

} // namespace
} // namespace firn
