// The depthwise convolutions of MobileNet 1 and some others, specialised, on one core.
#include "runtime/kernels/depthwise/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"
#include "test/runtime/kernels/common/windows.h"

namespace firn::kernels {
namespace {

struct Shape {
  const char *name;
  int64_t size, channels;
  Square square;
};

const Shape kShapes[] = {
    {"mobilenet/112x112x32", 112, 32, {3, 1}},     {"mobilenet/112x112x64/2", 112, 64, {3, 2}},
    {"mobilenet/56x56x128", 56, 128, {3, 1}},      {"mobilenet/56x56x128/2", 56, 128, {3, 2}},
    {"mobilenet/28x28x256", 28, 256, {3, 1}},      {"mobilenet/28x28x256/2", 28, 256, {3, 2}},
    {"mobilenet/14x14x512", 14, 512, {3, 1}},      {"mobilenet/14x14x512/2", 14, 512, {3, 2}},
    {"mobilenet/7x7x1024", 7, 1024, {3, 1}},       {"efficientnet/56x56x144/5", 56, 144, {5, 2}},
    {"efficientnet/14x14x672/5", 14, 672, {5, 1}}, {"deeplab/33x33x256/rate2", 33, 256, {3, 1, 2}},
};

void depthwise(benchmark::State &state, const Shape &shape, int level) {
  const DepthwiseProblem problem = {sameWindow(shape.size, shape.size, shape.square),
                                    shape.channels};
  const firn_window_args &w = problem.window;
  const DepthwiseTiling tiling = tileDepthwise(problem);
  SpecialisedKernel kernel(level, tiling.kernel, argumentWords(tiling.args), kRelu);
  const int64_t in = w.in_height * w.in_width * shape.channels,
                out = w.out_height * w.out_width * shape.channels;
  AlignedFloats input(in, 0.5f), filter(49 * shape.channels, 0.25f), output(out),
      scratch(tiling.scratchBytes / 4);
  void *const buffers[] = {input.data(), filter.data(), output.data()};
  state.SetLabel(tiling.kernel + ", grid " + std::to_string(tiling.gridX));
  const double flops = 2.0 * out * w.kernel_height * w.kernel_width;
  measure(state, level, flops,
          [&] { runWorkgroups(kernel, buffers, scratch.data(), tiling.gridX, 1, 1); });
  countBytes(state, flops, 4.0 * (in + out));
}

} // namespace
} // namespace firn::kernels

int main(int argc, char **argv) {
  using namespace firn::kernels;
  registerShapes(kShapes, depthwise);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
