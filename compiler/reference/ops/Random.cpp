// RandomUniform: TensorFlow's Philox streams.
#include <cmath>
#include <cstring>

#include "compiler/reference/Philox.h"
#include "compiler/reference/ops/Ops.h"

using namespace firn::graph;

namespace firn::reference {
namespace {

/// Where an op's stream stands: each execution goes on where the last one ended.
struct Stream : Object {
  explicit Stream(Philox generator) : generator(generator) {}
  llvm::StringRef kind() const override { return "random stream"; }
  Philox generator;
};

// Numbers that TensorFlow reserves for each number that an op yields.
constexpr uint64_t kReserved = 256;

Stream &streamOf(Evaluation &e) {
  std::shared_ptr<Object> &object = e.state().of(e.node().operation());
  if (!object) {
    uint64_t seed = e.integer("seed"), seed2 = e.integer("seed2");
    // TensorFlow draws a seed where there is none; here it is always the same.
    if (!seed && !seed2)
      seed = 0x8c4b9d21, seed2 = 0x5e1f07a3;
    object = std::make_shared<Stream>(Philox(seed, seed2));
  }
  return static_cast<Stream &>(*object);
}

// Numbers in [0, 1): random bits as the mantissa of a number in [1, 2).
float uniformFloat(uint32_t bits) { return floatOfBits(0x3f800000 | (bits & 0x7fffff)) - 1.0f; }
double uniformDouble(uint32_t low, uint32_t high) {
  uint64_t bits = 0x3ff0000000000000 | (uint64_t(low & 0xfffff) << 32) | high;
  double value;
  std::memcpy(&value, &bits, sizeof(value));
  return value - 1.0;
}
Half uniformHalf(uint32_t bits) {
  Half value;
  value.bits = 0x3c00 | (bits & 0x3ff);
  return Half(static_cast<float>(value) - 1.0f);
}
BFloat16 uniformBFloat16(uint32_t bits) {
  BFloat16 value;
  value.bits = 0x3f80 | (bits & 0x7f);
  return BFloat16(static_cast<float>(value) - 1.0f);
}

/// Fills `out` with what `sample` makes of each block; it yields `kEach` numbers of a block.
template <typename T, size_t kEach, typename F>
void fill(Philox generator, llvm::MutableArrayRef<T> out, F sample) {
  for (size_t i = 0; i < out.size(); i += kEach) {
    std::array<T, kEach> numbers = sample(generator.next());
    std::copy_n(numbers.begin(), std::min(kEach, out.size() - i), out.begin() + i);
  }
}

void fillUniform(Philox generator, Tensor &tensor) {
  switch (tensor.dtype()) {
  case DT_FLOAT:
    return fill<float, 4>(generator, tensor.mutableValues<float>(), [](Philox::Block b) {
      return std::array<float, 4>{uniformFloat(b[0]), uniformFloat(b[1]), uniformFloat(b[2]),
                                  uniformFloat(b[3])};
    });
  case DT_DOUBLE:
    return fill<double, 2>(generator, tensor.mutableValues<double>(), [](Philox::Block b) {
      return std::array<double, 2>{uniformDouble(b[0], b[1]), uniformDouble(b[2], b[3])};
    });
  case DT_HALF:
    return fill<Half, 4>(generator, tensor.mutableValues<Half>(), [](Philox::Block b) {
      return std::array<Half, 4>{uniformHalf(b[0]), uniformHalf(b[1]), uniformHalf(b[2]),
                                 uniformHalf(b[3])};
    });
  default:
    return fill<BFloat16, 4>(generator, tensor.mutableValues<BFloat16>(), [](Philox::Block b) {
      return std::array<BFloat16, 4>{uniformBFloat16(b[0]), uniformBFloat16(b[1]),
                                     uniformBFloat16(b[2]), uniformBFloat16(b[3])};
    });
  }
}

// Box and Muller's pairs of normal numbers.
std::array<float, 2> normalPair(uint32_t a, uint32_t b) {
  constexpr float kEpsilon = 1.0e-7f;
  float u = std::max(uniformFloat(a), kEpsilon);
  float angle = static_cast<float>(2.0 * M_PI * uniformFloat(b));
  float radius = std::sqrt(-2.0f * std::log(u));
  return {std::sin(angle) * radius, std::cos(angle) * radius};
}

std::array<float, 4> normalBlock(Philox::Block b) {
  auto first = normalPair(b[0], b[1]), second = normalPair(b[2], b[3]);
  return {first[0], first[1], second[0], second[1]};
}

void fillNormal(Philox generator, llvm::MutableArrayRef<float> out) {
  fill<float, 4>(generator, out, normalBlock);
}

/// An output of the shape that input 0 gives, of a floating-point type; null after a failure.
Tensor makeFloats(Evaluation &e, bool onlyFloat) {
  int dtype = e.type("dtype");
  bool known = dtype == DT_FLOAT ||
               (!onlyFloat && (dtype == DT_DOUBLE || dtype == DT_HALF || dtype == DT_BFLOAT16));
  if (!known) {
    e.failDtype(dtype);
    return {};
  }
  return e.make(0, dtype, integersOf(e.input(0)));
}

void randomUniform(Evaluation &e) {
  Tensor out = makeFloats(e, false);
  if (e.failed())
    return;
  Stream &stream = streamOf(e);
  fillUniform(stream.generator, out);
  stream.generator.skip((out.size() * kReserved + 3) / 4);
}

void randomStandardNormal(Evaluation &e) {
  Tensor out = makeFloats(e, true);
  if (e.failed())
    return;
  Stream &stream = streamOf(e);
  fillNormal(stream.generator, out.mutableValues<float>());
  stream.generator.skip((out.size() * kReserved + 3) / 4);
}

template <typename T, typename U> T inRange(uint64_t bits, T low, U range) {
  return static_cast<T>(static_cast<U>(low) + static_cast<U>(bits % range));
}

void randomUniformInt(Evaluation &e) {
  int dtype = e.dtype(1);
  int64_t low = integersOf(e.input(1))[0], high = integersOf(e.input(2))[0];
  if (low >= high)
    return e.fail("expected minval < maxval, got " + llvm::Twine(low) + " and " +
                  llvm::Twine(high));
  Tensor out = e.make(0, dtype, integersOf(e.input(0)));
  if (e.failed())
    return;
  Stream &stream = streamOf(e);
  if (dtype == DT_INT32) {
    uint32_t range = static_cast<uint32_t>(high) - static_cast<uint32_t>(low);
    fill<int32_t, 4>(stream.generator, out.mutableValues<int32_t>(), [&](Philox::Block b) {
      std::array<int32_t, 4> numbers;
      for (int i = 0; i < 4; ++i)
        numbers[i] = inRange<int32_t, uint32_t>(b[i], low, range);
      return numbers;
    });
  } else {
    uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    fill<int64_t, 2>(stream.generator, out.mutableValues<int64_t>(), [&](Philox::Block b) {
      std::array<int64_t, 2> numbers;
      for (int i = 0; i < 2; ++i)
        numbers[i] =
            inRange<int64_t, uint64_t>(b[2 * i] | uint64_t(b[2 * i + 1]) << 32, low, range);
      return numbers;
    });
  }
  stream.generator.skip((out.size() * kReserved + 3) / 4);
}

constexpr KernelEntry kKernels[] = {
    {"RandomUniform", randomUniform},
    {"RandomStandardNormal", randomStandardNormal},
    {"RandomUniformInt", randomUniformInt},
};

} // namespace

KernelList randomKernels() { return kKernels; }

} // namespace firn::reference
