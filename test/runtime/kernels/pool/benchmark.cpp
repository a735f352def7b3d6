// The pools of well-known models, specialised, on one core.
#include "runtime/kernels/pool/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"
#include "test/runtime/kernels/common/windows.h"

namespace firn::kernels {
namespace {

struct Shape {
  const char *name;
  firn_window_args window;
  int64_t channels;
  bool average;
};

const Shape kShapes[] = {
    {"resnet/112x112x64/max", sameWindow(112, 112, {3, 2}), 64, false},
    {"vgg/56x56x256/max", validWindow(56, 56, {2, 2}), 256, false},
    {"inception/35x35x288/max", validWindow(35, 35, {3, 2}), 288, false},
    {"inception/35x35x192/average", sameWindow(35, 35, {3, 1}), 192, true},
    {"inception/17x17x768/average", sameWindow(17, 17, {3, 1}), 768, true},
    {"resnet/7x7x2048/mean", validWindow(7, 7, {7, 1}), 2048, true},
    {"mobilenet/7x7x1024/mean", validWindow(7, 7, {7, 1}), 1024, true},
};

void pool(benchmark::State &state, const Shape &shape, int level) {
  const firn_window_args &w = shape.window;
  const PoolTiling tiling = tilePool({w, shape.channels, shape.average});
  SpecialisedKernel kernel(level, tiling.kernel, argumentWords(tiling.args), kIdentity);
  const int64_t in = w.in_height * w.in_width * shape.channels,
                out = w.out_height * w.out_width * shape.channels;
  AlignedFloats input(in, 0.5f), output(out);
  void *const buffers[] = {input.data(), output.data()};
  state.SetLabel("grid " + std::to_string(tiling.gridX));
  const double flops = 1.0 * out * w.kernel_height * w.kernel_width;
  measure(state, level, flops,
          [&] { runWorkgroups(kernel, buffers, nullptr, tiling.gridX, 1, 1); });
  countBytes(state, flops, 4.0 * (in + out));
}

} // namespace
} // namespace firn::kernels

int main(int argc, char **argv) {
  using namespace firn::kernels;
  registerShapes(kShapes, pool);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
