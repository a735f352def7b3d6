// What the unit tests of all families share: inputs, a guarded output, and a run over a grid.
#pragma once

#include "runtime/abi/dispatch.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace firn::kernels {

/// Floats at a 64-byte boundary and 64 bytes more that may be read: all NaN, so that whoever uses
/// what lies behind the end is found out.
class AlignedFloats {
public:
  explicit AlignedFloats(int64_t size, float value = std::numeric_limits<float>::quiet_NaN())
      : count(size), storage(size + 32, std::numeric_limits<float>::quiet_NaN()) {
    begin = storage.data() + (64 - reinterpret_cast<uintptr_t>(storage.data()) % 64) / 4 % 16;
    std::fill_n(begin, size, value);
  }
  AlignedFloats(const AlignedFloats &) = delete;

  float *data() { return begin; }
  const float *data() const { return begin; }
  int64_t size() const { return count; }
  float &operator[](int64_t i) { return begin[i]; }
  float operator[](int64_t i) const { return begin[i]; }

private:
  int64_t count;
  std::vector<float> storage;
  float *begin;
};

/// Numbers between -1 and 1, always the same.
inline void fillRandom(AlignedFloats &floats, unsigned seed) {
  std::minstd_rand random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (int64_t i = 0; i < floats.size(); ++i)
    floats[i] = uniform(random);
}

/// Output elements that no kernel has written have this value.
constexpr float kUntouched = -12345.5f;

/// Runs all workgroups of a grid, last to first: order must not matter. Scratch is NaN before each.
template <class Run, class Args>
uint32_t runGrid(Run run, const Args &args, const std::vector<const float *> &operands,
                 int64_t scratchBytes, uint32_t gridX, uint32_t gridY, uint32_t gridZ) {
  std::vector<void *> buffers;
  for (const float *operand : operands)
    buffers.push_back(const_cast<float *>(operand));
  for (uint32_t z = gridZ; z-- > 0;)
    for (uint32_t y = gridY; y-- > 0;)
      for (uint32_t x = gridX; x-- > 0;) {
        AlignedFloats scratch(scratchBytes / 4);
        const firn_workgroup group = {buffers.data(), nullptr, scratch.data(), x, y, z};
        if (const uint32_t code = run(&group, &args))
          return code;
      }
  return FIRN_DISPATCH_OK;
}

} // namespace firn::kernels
