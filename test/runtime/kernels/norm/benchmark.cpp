// Normalisations of well-known models, specialised, on one core.
#include "runtime/kernels/norm/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"

namespace firn::kernels {
namespace {

/// `images` 0: layer norm.
struct Shape {
  const char *name;
  int64_t images, count, columns;
};

const Shape kShapes[] = {
    {"bert/128x256", 0, 128, 256},
    {"bert/384x768", 0, 384, 768},
    {"style/64x64x128", 1, 4096, 128},
    {"style/256x256x32", 1, 65536, 32},
};

template <class Args>
void run(benchmark::State &state, int level, const char *name, const NormTiling<Args> &tiling,
         int64_t size, int64_t images, bool operands) {
  SpecialisedKernel kernel(level, name, argumentWords(tiling.args), kIdentity);
  AlignedFloats input(size, 0.5f), gamma(4096, 1), beta(4096, 1), output(size),
      scratch(tiling.scratchBytes / 4);
  std::vector<void *> buffers = {input.data(), gamma.data(), beta.data(), output.data()};
  if (!operands)
    buffers = {input.data(), output.data()};
  state.SetLabel("grid " + std::to_string(tiling.gridX));
  const double elements = size; // not operations
  measure(state, level, elements,
          [&] { runWorkgroups(kernel, buffers.data(), scratch.data(), tiling.gridX, 1, images); });
  countBytes(state, elements, 8.0 * size);
}

void norm(benchmark::State &state, const Shape &shape, int level) {
  const NormProblem problem = {shape.count, shape.columns, true, true, 1e-3};
  const int64_t size = std::max<int64_t>(1, shape.images) * shape.count * shape.columns;
  if (shape.images)
    run(state, level, "instance_norm", tileInstanceNorm(level, problem), size, shape.images, true);
  else
    run(state, level, "layer_norm", tileLayerNorm(level, problem), size, 1, true);
}

const Shape kLrnShapes[] = {{"alexnet/55x55x96/lrn", 0, 3025, 96},
                            {"googlenet/56x56x192/lrn", 0, 3136, 192}};

void lrn(benchmark::State &state, const Shape &shape, int level) {
  const firn_lrn_args args = {shape.count, shape.columns, 0, 5, 1, 1e-4, 0.75};
  run(state, level, "lrn", tileLocalResponseNorm(level, args), shape.count * shape.columns, 1,
      false);
}

} // namespace
} // namespace firn::kernels

int main(int argc, char **argv) {
  using namespace firn::kernels;
  registerShapes(kShapes, norm);
  registerShapes(kLrnShapes, lrn);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
