#include "compiler/pipeline/PeakFlops.h"

#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace firn {
namespace {

using Clock = std::chrono::steady_clock;

// Twelve independent sums hide the latency of an operation and fit into the registers of every level.
constexpr int kSums = 12;
constexpr int64_t kSteps = 20000;
constexpr auto kDuration = std::chrono::milliseconds(40);

// Else the sums would be seen to be alike after some steps.
inline void keep() { asm volatile("" ::: "memory"); }

__attribute__((target("avx512f"), noinline)) float spin4(float number) {
  const __m512 factor = _mm512_set1_ps(number * 1e-30f), term = _mm512_set1_ps(number * 1e-20f);
  __m512 sums[kSums];
  for (int i = 0; i < kSums; ++i)
    sums[i] = _mm512_set1_ps(float(i));
  for (int64_t step = 0; step < kSteps; ++step) {
    for (int i = 0; i < kSums; ++i)
      sums[i] = _mm512_fmadd_ps(sums[i], factor, term);
    keep();
  }
  for (int i = 1; i < kSums; ++i)
    sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}

__attribute__((target("avx2,fma"), noinline)) float spin3(float number) {
  const __m256 factor = _mm256_set1_ps(number * 1e-30f), term = _mm256_set1_ps(number * 1e-20f);
  __m256 sums[kSums];
  for (int i = 0; i < kSums; ++i)
    sums[i] = _mm256_set1_ps(float(i));
  for (int64_t step = 0; step < kSteps; ++step) {
    for (int i = 0; i < kSums; ++i)
      sums[i] = _mm256_fmadd_ps(sums[i], factor, term);
    keep();
  }
  for (int i = 1; i < kSums; ++i)
    sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}

__attribute__((noinline)) float spin2(float number) {
  const __m128 factor = _mm_set1_ps(number * 1e-30f), term = _mm_set1_ps(number * 1e-20f);
  __m128 sums[kSums];
  for (int i = 0; i < kSums; ++i)
    sums[i] = _mm_set1_ps(float(i));
  for (int64_t step = 0; step < kSteps; ++step) {
    for (int i = 0; i < kSums; ++i)
      sums[i] = _mm_add_ps(_mm_mul_ps(sums[i], factor), term);
    keep();
  }
  for (int i = 1; i < kSums; ++i)
    sums[0] = _mm_add_ps(sums[0], sums[i]);
  return _mm_cvtss_f32(sums[0]);
}

// The best of what a thread does again and again: what interrupts it is not the processor's doing.
double measureThread(int level) {
  const auto spin = level >= 4 ? spin4 : level == 3 ? spin3 : spin2;
  const double operations = 2.0 * kSums * kSteps * (level >= 4 ? 16 : level == 3 ? 8 : 4);
  volatile float sink = 0;
  double best = 0;
  for (const auto end = Clock::now() + kDuration; Clock::now() < end;) {
    const auto start = Clock::now();
    sink = spin(float(kSteps));
    const std::chrono::duration<double> time = Clock::now() - start;
    best = std::max(best, operations / time.count());
  }
  (void)sink;
  return best;
}

} // namespace

double measurePeakFlops(int level, unsigned threads) {
  std::vector<double> rates(std::max(1u, threads));
  std::vector<std::thread> others;
  for (size_t i = 1; i < rates.size(); ++i)
    others.emplace_back([&rates, i, level] { rates[i] = measureThread(level); });
  rates[0] = measureThread(level);
  for (std::thread &other : others)
    other.join();
  double sum = 0;
  for (double rate : rates)
    sum += rate;
  return sum;
}

} // namespace firn
