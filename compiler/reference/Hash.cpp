#include "compiler/reference/Hash.h"

#include <utility>

#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using llvm::StringRef;

namespace firn::reference {
namespace {

uint64_t read64(StringRef text, size_t at) {
  return llvm::support::endian::read64le(text.data() + at);
}
uint64_t read32(StringRef text, size_t at) {
  return llvm::support::endian::read32le(text.data() + at);
}
uint64_t byteAt(StringRef text, size_t at) { return static_cast<uint8_t>(text[at]); }
uint64_t turnRight(uint64_t x, unsigned bits) { return llvm::rotr(x, bits); }

// The last `text.size() % 8` bytes as a number.
uint64_t readTail(StringRef text) {
  uint64_t tail = 0;
  for (size_t at = text.size() / 8 * 8, shift = 0; at < text.size(); ++at, shift += 8)
    tail |= byteAt(text, at) << shift;
  return tail;
}

// FarmHash: its three multipliers.
constexpr uint64_t kFarm0 = 0xc3a5c85c97cb3127, kFarm1 = 0xb492b66fbe98f273,
                   kFarm2 = 0x9ae16a3b2f90404f;

uint64_t fold(uint64_t x) { return x ^ (x >> 47); }

uint64_t mixTwo(uint64_t a, uint64_t b, uint64_t factor) {
  uint64_t x = fold((a ^ b) * factor);
  return fold((b ^ x) * factor) * factor;
}

uint64_t farmUpTo16(StringRef text) {
  size_t size = text.size();
  uint64_t factor = kFarm2 + size * 2;
  if (size >= 8) {
    uint64_t a = read64(text, 0) + kFarm2, b = read64(text, size - 8);
    return mixTwo(turnRight(b, 37) * factor + a, (turnRight(a, 25) + b) * factor, factor);
  }
  if (size >= 4)
    return mixTwo(size + (read32(text, 0) << 3), read32(text, size - 4), factor);
  if (size == 0)
    return kFarm2;
  uint64_t y = byteAt(text, 0) + (byteAt(text, size / 2) << 8);
  uint64_t z = size + (byteAt(text, size - 1) << 2);
  return fold((y * kFarm2) ^ (z * kFarm0)) * kFarm2;
}

uint64_t farmUpTo32(StringRef text) {
  size_t size = text.size();
  uint64_t factor = kFarm2 + size * 2;
  uint64_t a = read64(text, 0) * kFarm1, b = read64(text, 8);
  uint64_t c = read64(text, size - 8) * factor, d = read64(text, size - 16) * kFarm2;
  return mixTwo(turnRight(a + b, 43) + turnRight(c, 30) + d, a + turnRight(b + kFarm2, 18) + c,
                factor);
}

uint64_t farmUpTo64(StringRef text) {
  size_t size = text.size();
  uint64_t factor = kFarm2 + size * 2;
  uint64_t a = read64(text, 0) * kFarm2, b = read64(text, 8);
  uint64_t c = read64(text, size - 8) * factor, d = read64(text, size - 16) * kFarm2;
  uint64_t y = turnRight(a + b, 43) + turnRight(c, 30) + d;
  uint64_t z = mixTwo(y, a + turnRight(b + kFarm2, 18) + c, factor);
  uint64_t e = read64(text, 16) * factor, f = read64(text, 24);
  uint64_t g = (y + read64(text, size - 32)) * factor, h = (z + read64(text, size - 24)) * factor;
  return mixTwo(turnRight(e + f, 43) + turnRight(g, 30) + h, e + turnRight(f + a, 18) + g, factor);
}

/// What FarmHash carries from one block of 64 bytes to the next.
struct FarmState {
  using Pair = std::pair<uint64_t, uint64_t>;
  uint64_t x, y, z;
  Pair v{0, 0}, w{0, 0};

  // Two seeds and 32 bytes.
  static Pair mixHalf(StringRef half, uint64_t a, uint64_t b) {
    uint64_t last = read64(half, 24);
    a += read64(half, 0);
    b = turnRight(b + a + last, 21);
    uint64_t sum = a + read64(half, 8) + read64(half, 16);
    return {sum + last, b + turnRight(sum, 44) + a};
  }

  // `factor` and `weight` are different in the last block.
  void mixBlock(StringRef block, uint64_t factor, uint64_t weight) {
    x = turnRight(x + y + v.first + read64(block, 8), 37) * factor;
    y = turnRight(y + v.second + read64(block, 48), 42) * factor;
    x ^= w.second * weight;
    y += v.first * weight + read64(block, 40);
    z = turnRight(z + w.first, 33) * factor;
    v = mixHalf(block, v.second * factor, x + w.first);
    w = mixHalf(block.drop_front(32), z + w.second, y + read64(block, 16));
    std::swap(z, x);
  }
};

uint64_t farmBeyond64(StringRef text) {
  constexpr uint64_t kSeed = 81;
  FarmState state;
  state.y = kSeed * kFarm1 + 113;
  state.z = fold(state.y * kFarm2 + 113) * kFarm2;
  state.x = kSeed * kFarm2 + read64(text, 0);
  size_t left = (text.size() - 1) % 64;
  for (StringRef rest = text; rest.size() > 64; rest = rest.drop_front(64))
    state.mixBlock(rest, kFarm1, 1);
  uint64_t factor = kFarm1 + ((state.z & 0xff) << 1);
  state.w.first += left;
  state.v.first += state.w.first;
  state.w.first += state.v.first;
  state.mixBlock(text.take_back(64), factor, 9);
  return mixTwo(mixTwo(state.v.first, state.w.first, factor) + fold(state.y) * kFarm0 + state.z,
                mixTwo(state.v.second, state.w.second, factor) + state.x, factor);
}

struct SipState {
  uint64_t a, b, c, d;

  void round() {
    a += b;
    b = llvm::rotl(b, 13) ^ a;
    a = llvm::rotl(a, 32);
    c += d;
    d = llvm::rotl(d, 16) ^ c;
    a += d;
    d = llvm::rotl(d, 21) ^ a;
    c += b;
    b = llvm::rotl(b, 17) ^ c;
    c = llvm::rotl(c, 32);
  }

  void take(uint64_t word) {
    d ^= word;
    round();
    round();
    a ^= word;
  }
};

} // namespace

uint64_t farmFingerprint(StringRef text) {
  if (text.size() <= 16)
    return farmUpTo16(text);
  if (text.size() <= 32)
    return farmUpTo32(text);
  return text.size() <= 64 ? farmUpTo64(text) : farmBeyond64(text);
}

uint64_t murmurHash(StringRef text) {
  constexpr uint64_t kFactor = 0xc6a4a7935bd1e995, kSeed = 0xdecafcaffe;
  auto stir = [](uint64_t x) { return x ^ (x >> 47); };
  uint64_t hash = kSeed ^ (text.size() * kFactor);
  for (size_t at = 0; at + 8 <= text.size(); at += 8)
    hash = (hash ^ (stir(read64(text, at) * kFactor) * kFactor)) * kFactor;
  if (text.size() % 8)
    hash = (hash ^ readTail(text)) * kFactor;
  return stir(stir(hash) * kFactor);
}

uint64_t sipHash(uint64_t key0, uint64_t key1, StringRef text) {
  SipState state{key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d, key0 ^ 0x6c7967656e657261,
                 key1 ^ 0x7465646279746573};
  for (size_t at = 0; at + 8 <= text.size(); at += 8)
    state.take(read64(text, at));
  state.take(readTail(text) | (uint64_t(text.size()) << 56));
  state.c ^= 0xff;
  for (int i = 0; i < 4; ++i)
    state.round();
  return state.a ^ state.b ^ state.c ^ state.d;
}

} // namespace firn::reference
