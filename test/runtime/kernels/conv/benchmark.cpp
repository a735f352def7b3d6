// The convolutions of well-known models, specialised, on one core.
#include "runtime/kernels/conv/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"

namespace firn::kernels {
namespace {

struct Shape {
  const char *name;
  ConvProblem problem;
};

const Shape kShapes[] = {
    {"resnet50/conv1", {224, 224, 3, 112, 112, 64, 7, 7, 2, 2, 1, 1, 3, 3}},
    {"resnet50/56x56/64", {56, 56, 64, 56, 56, 64, 3, 3, 1, 1, 1, 1, 1, 1}},
    {"resnet50/28x28/128", {28, 28, 128, 28, 28, 128, 3, 3, 1, 1, 1, 1, 1, 1}},
    {"resnet50/14x14/256", {14, 14, 256, 14, 14, 256, 3, 3, 1, 1, 1, 1, 1, 1}},
    {"resnet50/7x7/512", {7, 7, 512, 7, 7, 512, 3, 3, 1, 1, 1, 1, 1, 1}},
    {"resnet50/28x28/128/s2", {56, 56, 128, 28, 28, 128, 3, 3, 2, 2, 1, 1, 1, 1}},
    {"resnet50/14x14/256/s2", {28, 28, 256, 14, 14, 256, 3, 3, 2, 2, 1, 1, 1, 1}},
    {"resnet50/7x7/512/s2", {14, 14, 512, 7, 7, 512, 3, 3, 2, 2, 1, 1, 1, 1}},
    {"resnet50/28x28/256-512/1x1s2", {56, 56, 256, 28, 28, 512, 1, 1, 2, 2}},
    {"resnet50/14x14/512-1024/1x1s2", {28, 28, 512, 14, 14, 1024, 1, 1, 2, 2}},
    {"resnet50/7x7/1024-2048/1x1s2", {14, 14, 1024, 7, 7, 2048, 1, 1, 2, 2}},
    {"mobilenet/conv1", {224, 224, 3, 112, 112, 32, 3, 3, 2, 2}},
    {"inception/149x149/3-32", {299, 299, 3, 149, 149, 32, 3, 3, 2, 2}},
    {"inception/147x147/32-32", {149, 149, 32, 147, 147, 32, 3, 3}},
    {"inception/147x147/32-64", {147, 147, 32, 147, 147, 64, 3, 3, 1, 1, 1, 1, 1, 1}},
    {"inception/71x71/80-192", {73, 73, 80, 71, 71, 192, 3, 3}},
    {"inception/35x35/48-64/5x5", {35, 35, 48, 35, 35, 64, 5, 5, 1, 1, 1, 1, 2, 2}},
    {"inception/35x35/96-96", {35, 35, 96, 35, 35, 96, 3, 3, 1, 1, 1, 1, 1, 1}},
    {"inception/17x17/128/1x7", {17, 17, 128, 17, 17, 128, 1, 7, 1, 1, 1, 1, 0, 3}},
    {"inception/17x17/192/7x1", {17, 17, 192, 17, 17, 192, 7, 1, 1, 1, 1, 1, 3, 0}},
    {"inception/8x8/448-384", {8, 8, 448, 8, 8, 384, 3, 3, 1, 1, 1, 1, 1, 1}},
};

void conv(benchmark::State &state, const ConvProblem &problem, int level) {
  const ConvTiling tiling = tileConv(level, problem);
  const firn_conv_args &args = tiling.args;
  SpecialisedKernel kernel(level, tiling.kernel, argumentWords(args), kRelu);
  const int64_t depth = args.kernel_rows * args.kernel_columns * args.channels;
  const int64_t pixels = args.output_rows * args.output_columns;
  AlignedFloats input(args.input_rows * args.input_columns * args.input_pixel, 0.5f),
      filters(packedFloats(depth, args.filters), 0.25f), output(pixels * args.filters),
      scratch(tiling.scratchBytes / 4);
  void *const buffers[] = {input.data(), filters.data(), output.data()};
  state.SetLabel(tiling.kernel + ", grid " + std::to_string(tiling.gridX) + "x" +
                 std::to_string(tiling.gridY));
  measure(state, level, 2.0 * pixels * depth * args.filters,
          [&] { runWorkgroups(kernel, buffers, scratch.data(), tiling.gridX, tiling.gridY, 1); });
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
            [&shape, level](benchmark::State &state) { conv(state, shape.problem, level); })
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
