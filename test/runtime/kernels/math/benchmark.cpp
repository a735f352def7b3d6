// What a math function costs in L1: over the scalar form in a loop, as generated code has it, over
// vectors, and on doubles.
#include "test/runtime/kernels/common/harness.h"
#include "test/runtime/kernels/common/measure.h"
#include "test/runtime/kernels/math/arrays.h"

#include <vector>

namespace firn::kernels {
namespace {

constexpr int64_t kSize = 2048;

template <typename T>
void time(benchmark::State &state, const MathFunction &function, Map<T> MathFunction::*form) {
  std::vector<T> a(kSize), b(kSize, T(1.5)), y(kSize);
  for (int64_t i = 0; i < kSize; ++i)
    a[i] = T(i % 97) / 97 + T(0.01);
  measure(state, function.level, kSize,
          [&] { (function.*form)(a.data(), b.data(), y.data(), kSize); });
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
