// What a math function costs in L1: over the scalar form in a loop, as generated code has it, over
// vectors, and on doubles.
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"
#include "test/runtime/kernels/math/arrays.h"

namespace firn::kernels {
namespace {

constexpr int64_t kSize = 2048;

template <typename T>
void time(benchmark::State &state, const MathFunction &function, Map<T> MathFunction::*form) {
  // Half a page lies between them: loads that look like the stores before them would wait.
  alignas(4096) static struct {
    T a[kSize], b[kSize], gap[2048 / sizeof(T)], y[kSize];
  } data;
  T *a = data.a, *b = data.b, *y = data.y;
  for (int64_t i = 0; i < kSize; ++i)
    a[i] = T(i % 97) / 97 + T(0.01), b[i] = T(1.5);
  measure(state, function.level, kSize, [&] { (function.*form)(a, b, y, kSize); });
  state.counters["Gelements/s"] = state.counters["GFLOP/s"];
}

template <typename T>
void enter(const MathFunction &function, const char *what, Map<T> MathFunction::*form) {
  const std::string name = "v" + std::to_string(function.level) + "/" + function.name + "/" + what;
  benchmark::RegisterBenchmark(
      name.c_str(), [&function, form](benchmark::State &state) { time(state, function, form); })
      ->UseManualTime()
      ->MinTime(0.01);
}

} // namespace
} // namespace firn::kernels

int main(int argc, char **argv) {
  using namespace firn::kernels;
  for (const MathFunction &function : kMathFunctions) {
    if (!machineHas(function.level))
      continue;
    enter(function, "f32", &MathFunction::ofFloats);
    enter(function, "f32v", &MathFunction::ofVectors);
    enter(function, "f64", &MathFunction::ofDoubles);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
