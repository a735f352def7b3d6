// Softmax as classifiers and attention have it, specialised, on one core.
#include "runtime/kernels/softmax/tiling.h"
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"

namespace firn::kernels {
namespace {

struct Shape {
  const char *name, *kernel;
  int64_t count, columns;
};

const Shape kShapes[] = {
    {"classes/1x1001", "softmax", 1, 1001},       {"digits/1000x10", "softmax", 1000, 10},
    {"attention/1536x128", "softmax", 1536, 128}, {"attention/4608x384", "softmax", 4608, 384},
    {"segments/66049x21", "softmax", 66049, 21},  {"words/20x30000/log", "log_softmax", 20, 30000},
};

void softmax(benchmark::State &state, const Shape &shape, int level) {
  const SoftmaxTiling tiling = tileSoftmax(level, shape.count, shape.columns);
  SpecialisedKernel kernel(level, shape.kernel, argumentWords(tiling.args), kIdentity);
  const int64_t size = shape.count * shape.columns;
  AlignedFloats input(size, 0.5f), output(size);
  void *const buffers[] = {input.data(), output.data()};
  state.SetLabel("grid " + std::to_string(tiling.gridX));
  const double elements = size; // not operations
  measure(state, level, elements,
          [&] { runWorkgroups(kernel, buffers, nullptr, tiling.gridX, 1, 1); });
  countBytes(state, elements, 8.0 * size);
}

} // namespace
} // namespace firn::kernels

int main(int argc, char **argv) {
  using namespace firn::kernels;
  registerShapes(kShapes, softmax);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
