// Random numbers: TensorFlow's Philox streams, each element from its place. Every run of a module
// is the first one of a session: the numbers are the same each time.
#include "compiler/conversion/graph_to_kernel/Place.h"
#include "compiler/conversion/graph_to_kernel/ops/Elementwise.h"
#include "dialects/graph/DataTypes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

#include <array>

using namespace mlir;
using namespace firn::graph;

namespace firn::kernel {
namespace {

using Block = std::array<Number, 4>;

Number word(ImplicitLocOpBuilder &b, uint32_t number) { return constantOf(b, DT_UINT32, number); }

/// The two halves of a product.
std::pair<Number, Number> wideProduct(const Number &x, uint32_t by) {
  Number product = convert(x, DT_UINT64) * static_cast<double>(by);
  Number high = shiftRight(product, like(product, 32));
  return {convert(high, DT_UINT32), convert(product, DT_UINT32)};
}

/// Philox 4x32-10, the counter-based generator of TensorFlow's random ops: an op's two seeds are
/// its key and the upper half of its counter.
/// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
class Philox {
public:
  explicit Philox(NodeLowering &n)
      : key(static_cast<uint64_t>(n.integer("seed"))),
        stream(static_cast<uint64_t>(n.integer("seed2"))) {
    // TensorFlow draws a seed where there is none; here it is always the same.
    if (!key && !stream)
      key = 0x8c4b9d21, stream = 0x5e1f07a3;
  }

  Block block(Place number) const {
    ImplicitLocOpBuilder &b = *number.b;
    Number counter = fromIndex(b, number.value, DT_UINT64);
    Block state{
        convert(counter, DT_UINT32), convert(shiftRight(counter, like(counter, 32)), DT_UINT32),
        word(b, static_cast<uint32_t>(stream)), word(b, static_cast<uint32_t>(stream >> 32))};
    auto k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9, k1 += 0xBB67AE85) {
      auto [highA, lowA] = wideProduct(state[0], 0xD2511F53);
      auto [highB, lowB] = wideProduct(state[2], 0xCD9E8D57);
      state = {highB ^ state[1] ^ word(b, k0), lowB, highA ^ state[3] ^ word(b, k1), lowA};
    }
    return state;
  }

private:
  uint64_t key, stream;
};

// Of the numbers in a block the one at a place, which is known at run time.
Number pick(Place lane, ArrayRef<Number> numbers) {
  Number picked = numbers.front();
  for (auto [i, number] : llvm::enumerate(numbers.drop_front()))
    picked = choose(Truth{lane.b, (lane == static_cast<int64_t>(i + 1)).value}, number, picked);
  return picked;
}

// Numbers in [0, 1): random bits as the mantissa of a number in [1, 2).
Number uniform(const Number &bits, int dtype) {
  if (dtype == DT_FLOAT)
    return fromBits((bits & like(bits, 0x7fffff)) | like(bits, 0x3f800000), DT_FLOAT) - 1;
  bool isHalf = dtype == DT_HALF;
  Number mantissa =
      (bits & like(bits, isHalf ? 0x3ff : 0x7f)) | like(bits, isHalf ? 0x3c00 : 0x3f80);
  return fromBits(convert(mantissa, DT_UINT16), dtype) - 1;
}

Number joined(const Number &low, const Number &high) {
  Number wide = convert(high, DT_UINT64);
  return shiftLeft(wide, like(wide, 32)) | convert(low, DT_UINT64);
}

Number uniformDouble(const Number &low, const Number &high) {
  Number mantissa = joined(high, low & like(low, 0xfffff));
  return fromBits(mantissa | like(mantissa, 0x3ff0000000000000), DT_DOUBLE) - 1;
}

// Box and Muller's pairs of normal numbers.
std::array<Number, 2> normalPair(const Number &a, const Number &b) {
  Number u = maximum(uniform(a, DT_FLOAT), static_cast<double>(1.0e-7f));
  Number angle =
      convert(convert(uniform(b, DT_FLOAT), DT_DOUBLE) * (2.0 * 3.14159265358979323846), DT_FLOAT);
  Number radius = sqrt(log(u) * -2);
  return {sin(angle) * radius, cos(angle) * radius};
}

using MakeNumbers = std::function<SmallVector<Number>(const Block &)>;

// Fills a tensor of the sizes that input 0 gives with what `make` makes of each block.
void fill(NodeLowering &n, unsigned each, const MakeNumbers &make) {
  std::optional<Sizes> wanted = n.elements(0);
  std::optional<Sizes> sizes = wanted ? n.outSizes(0, *wanted) : n.outSizes(0);
  if (!sizes)
    return;
  Philox philox(n);
  Tensor flat = n.generate(
      n.outDtype(), {n.product(*sizes)}, [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
        Place place = placeOf(b, at[0]);
        SmallVector<Number> numbers = make(philox.block(place / static_cast<int64_t>(each)));
        return convert(pick(place % static_cast<int64_t>(each), numbers), n.outDtype()).value;
      });
  if (flat)
    n.give(n.reshape(flat, *sizes));
}

void randomUniform(NodeLowering &n) {
  int dtype = n.outDtype();
  if (dtype == DT_DOUBLE)
    return fill(n, 2, [](const Block &x) {
      return SmallVector<Number>{uniformDouble(x[0], x[1]), uniformDouble(x[2], x[3])};
    });
  fill(n, 4, [=](const Block &x) {
    return llvm::to_vector(
        llvm::map_range(x, [=](const Number &bits) { return uniform(bits, dtype); }));
  });
}

void randomStandardNormal(NodeLowering &n) {
  if (n.outDtype() != DT_FLOAT)
    return n.fail("normal numbers of this dtype");
  fill(n, 4, [](const Block &x) {
    auto first = normalPair(x[0], x[1]), second = normalPair(x[2], x[3]);
    return SmallVector<Number>{first[0], first[1], second[0], second[1]};
  });
}

// Inputs 1 and 2: the least number, and the first beyond the greatest.
void randomUniformInt(NodeLowering &n) {
  Tensor low = n.in(1), high = n.in(2);
  if (!low || !high)
    return;
  bool isWide = n.outDtype() == DT_INT64;
  int bits = isWide ? DT_UINT64 : DT_UINT32;
  auto inRange = [=](const Number &number) {
    ImplicitLocOpBuilder &b = *number.b;
    Number least = convert({&b, NodeLowering::read(b, low, {}), low.dtype}, bits);
    Number range = convert({&b, NodeLowering::read(b, high, {}), high.dtype}, bits) - least;
    return least + remainder(number, range);
  };
  if (isWide)
    return fill(n, 2, [=](const Block &x) {
      return SmallVector<Number>{inRange(joined(x[0], x[1])), inRange(joined(x[2], x[3]))};
    });
  fill(n, 4, [=](const Block &x) { return llvm::to_vector(llvm::map_range(x, inRange)); });
}

const LoweringEntry kRandom[] = {
    {"RandomStandardNormal", randomStandardNormal},
    {"RandomUniform", randomUniform},
    {"RandomUniformInt", randomUniformInt},
};

} // namespace

Lowerings randomLowerings() { return kRandom; }

} // namespace firn::kernel
