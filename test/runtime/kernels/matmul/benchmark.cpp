// The products of well-known models, specialised, on one core.
#include "runtime/kernels/matmul/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"

namespace firn::kernels {
namespace {

struct Shape {
  const char *name;
  MatmulProblem problem;
};

const Shape kShapes[] = {
    {"resnet50/56x56/64-64", {3136, 64, 64}},
    {"resnet50/56x56/64-256", {3136, 256, 64}},
    {"resnet50/56x56/256-64", {3136, 64, 256}},
    {"resnet50/28x28/128-512", {784, 512, 128}},
    {"resnet50/28x28/512-128", {784, 128, 512}},
    {"resnet50/14x14/256-1024", {196, 1024, 256}},
    {"resnet50/14x14/1024-256", {196, 256, 1024}},
    {"resnet50/7x7/512-2048", {49, 2048, 512}},
    {"resnet50/7x7/2048-512", {49, 512, 2048}},
    {"resnet50/fc", {1, 1000, 2048}},
    {"mobilenet/112x112/32-64", {12544, 64, 32}},
    {"mobilenet/56x56/64-128", {3136, 128, 64}},
    {"mobilenet/28x28/128-256", {784, 256, 128}},
    {"mobilenet/14x14/512-512", {196, 512, 512}},
    {"mobilenet/7x7/1024-1024", {49, 1024, 1024}},
    {"mobilenet2/112x112/16-96", {12544, 96, 16}},
    {"mobilenet2/56x56/144-24", {3136, 24, 144}},
    {"mobilenet2/7x7/960-320", {49, 320, 960}},
    {"inception/35x35/192-64", {1225, 64, 192}},
    {"inception/17x17/768-192", {289, 192, 768}},
    {"inception/8x8/1280-320", {64, 320, 1280}},
    {"bert-mini/128/256-256", {128, 256, 256}},
    {"bert-mini/128/256-1024", {128, 1024, 256}},
    {"bert-mini/128/1024-256", {128, 256, 1024}},
    {"bert-mini/scores", {128, 128, 64, 4, false, FIRN_MATMUL_TRANSPOSED}},
    {"bert-mini/context", {128, 64, 128, 4, false, FIRN_MATMUL_ROWS}},
    {"dynamic/512-512", {196, 512, 512, 1, true}},
};

void matmul(benchmark::State &state, const Shape &shape, int level) {
  const MatmulProblem &problem = shape.problem;
  const int64_t rows = problem.rows, columns = problem.columns, depth = problem.depth;
  const int64_t batch = problem.batch;
  const MatmulTiling tiling = tileMatmul(level, problem);
  SpecialisedKernel kernel(level, tiling.kernel, argumentWords(tiling.args), kRelu);
  AlignedFloats a(batch * rows * depth, 0.5f), b(batch * packedFloats(depth, columns), 0.25f),
      c(batch * rows * columns), scratch(tiling.scratchBytes / 4);
  void *const buffers[] = {a.data(), b.data(), c.data()};
  const int64_t gridX = problem.dynamicRows ? ceilDiv(rows, tiling.rowsPerGroup) : tiling.gridX;
  state.SetLabel(tiling.kernel + ", grid " + std::to_string(gridX) + "x" +
                 std::to_string(tiling.gridY));
  measure(state, level, 2.0 * batch * rows * columns * depth,
          [&] { runWorkgroups(kernel, buffers, scratch.data(), gridX, tiling.gridY, batch); });
}

} // namespace
} // namespace firn::kernels

int main(int argc, char **argv) {
  using namespace firn::kernels;
  for (int level : {2, 3, 4})
    for (const Shape &shape : kShapes)
      if (machineHas(level))
        benchmark::RegisterBenchmark(
            ("v" + std::to_string(level) + "/" + shape.name).c_str(),
            [&shape, level](benchmark::State &state) { matmul(state, shape, level); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);

  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
