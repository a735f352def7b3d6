// Philox 4x32-10, the counter-based generator of TensorFlow's random ops.
// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
#pragma once

#include <array>
#include <cstdint>

namespace firn::reference {

class Philox {
public:
  using Block = std::array<uint32_t, 4>;

  /// `seed` is the key, `stream` the upper half of the counter: an op's two seeds.
  Philox(uint64_t seed, uint64_t stream)
      : key{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)},
        counter{0, 0, static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)} {}
  Philox(const std::array<uint32_t, 2> &key, const Block &counter) : key(key), counter(counter) {}

  /// Passes over `blocks` blocks of four numbers.
  void skip(uint64_t blocks) {
    uint64_t low = (uint64_t(counter[1]) << 32 | counter[0]) + blocks;
    bool carry = low < blocks;
    counter[0] = static_cast<uint32_t>(low);
    counter[1] = static_cast<uint32_t>(low >> 32);
    if (carry && ++counter[2] == 0)
      ++counter[3];
  }

  /// The next four numbers.
  Block next() {
    Block state = counter;
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; ++round) {
      uint64_t a = uint64_t(0xD2511F53) * state[0], b = uint64_t(0xCD9E8D57) * state[2];
      state = {static_cast<uint32_t>(b >> 32) ^ state[1] ^ k0, static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ state[3] ^ k1, static_cast<uint32_t>(a)};
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    skip(1);
    return state;
  }

private:
  std::array<uint32_t, 2> key;
  Block counter;
};

} // namespace firn::reference
